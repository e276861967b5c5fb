"""Whether a record earns hours: the rule that its award keeps, or else the one that fits, makes an award of it."""

from collections.abc import Collection, Mapping
from typing import Protocol

from gateway.training.credit.choosing import choose
from gateway.training.credit.claims import Claim
from gateway.training.credit.conversion import convert
from gateway.training.credit.rules import Rules
from gateway.training.credit.shares import Developers, share_of
from schema.credit import CreditRule


class Awarded(Protocol):
    """As much of an award in force as is needed here."""

    @property
    def rule_id(self) -> str:
        """The rule that gave the hours."""

    @property
    def inputs(self) -> str:
        """What the rule read of the record."""


class Earning:
    """Rules of records, found once each, beside what is in force for them by record."""

    def __init__(self, in_force: Mapping[str, Awarded], rules: Rules, known: Developers, *, samples: bool) -> None:
        self._in_force, self._rules, self._known, self._samples = in_force, rules, known, samples
        self._found: dict[str, CreditRule | None] = {}
        self._kept: set[str] = set()

    def rule(self, claim: Claim) -> CreditRule | None:
        """The rule of the award in force, while the record says what it said then; else the one that fits now."""
        if claim.id not in self._found:
            standing = self._in_force.get(claim.id)
            kept = self._rules.by_id.get(standing.rule_id) if standing and standing.inputs == claim.inputs else None
            if kept is not None:
                self._kept.add(claim.id)
            self._found[claim.id] = kept or self._fitting(claim)
        return self._found[claim.id]

    def earns(self, claim: Claim) -> bool:
        """Whether an award is due for it where no other report is preferred, be it of 0 hours because of a cap."""
        rule = self.rule(claim) if claim.counts else None
        return rule is not None and convert(claim, rule, {}, share_of(claim, rule, self._known)) is not None

    def take_back(self, claims: Collection[Claim]) -> bool:
        """Let go of the rules that awards of these keep, since they get none; answers whether there were any.

        Taken back, an award keeps no rule: what follows must be what follows once it is.
        """
        lost = [claim for claim in claims if claim.id in self._kept]
        for claim in lost:
            self._kept.discard(claim.id)
            self._found[claim.id] = self._fitting(claim)
        return bool(lost)

    def _fitting(self, claim: Claim) -> CreditRule | None:
        return choose(self._rules.in_force, claim, claim.region, samples=self._samples)
