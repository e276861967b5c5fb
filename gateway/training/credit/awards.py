"""Which lines the ledger lacks: what each record of one teacher earns, beside what is in force for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from gateway.training.credit.activities import activities
from gateway.training.credit.caps import Tally
from gateway.training.credit.claims import NOT_DONE, Claim
from gateway.training.credit.conversion import convert, weight_of
from gateway.training.credit.earning import Earning
from gateway.training.credit.explaining import explain
from gateway.training.credit.rules import Rules
from gateway.training.credit.shares import Developers, share_of
from schema.credit import CreditAccount, CreditCap, CreditRule
from schema.training import TrainingKind

RECOMPUTED = "冲销：重新换算，另记新行"
_NOT_CREDITED = "冲销：同一活动由另一份报告计入"
_NO_RULE = "冲销：没有适用的规则，或无可计入的学时"


@dataclass(frozen=True, slots=True)
class Award:
    """An award as the ledger has it, or is to have it; `id` is empty before it is written."""

    account_id: str
    record_id: str
    account: CreditAccount
    hours: Decimal
    uncapped_hours: Decimal
    rule_id: str
    inputs: str
    caps_hit: tuple[CreditCap, ...]
    kind: TrainingKind
    activity_on: date
    explanation: tuple[str, ...] = ()
    id: str = ""

    @property
    def matter(self) -> tuple[object, ...]:
        """All that makes two awards different; words may be put otherwise without that."""
        return (
            self.account_id, self.record_id, self.account, self.hours, self.uncapped_hours, self.rule_id, self.inputs,
            self.caps_hit, self.kind, self.activity_on,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """Awards to be reversed, each with the reason, and then awards to be written in the fixed order."""

    reversals: tuple[tuple[Award, str], ...] = ()
    awards: tuple[Award, ...] = ()


def plan(
    claims: Iterable[Claim], in_force: Mapping[str, Award], rules: Rules, known: Developers, *, samples: bool
) -> Plan:
    """What the ledger lacks of one teacher; `in_force` are awards by record, `known` who developed which resource.

    Records are taken by first day, then as they came, then by id. An award whose inputs are what they were keeps its
    rule; all others get the one that fits the day of the activity now. Awards of erased records stay and fill caps.
    """
    ordered = sorted(claims, key=lambda claim: claim.order)
    earning = Earning(in_force, rules, known, samples=samples)
    chosen = _chosen(ordered, earning)
    while earning.take_back([claim for claim in ordered if claim.id not in chosen]):
        chosen = _chosen(ordered, earning)
    tally, reversals, awards = Tally(), [], []
    for claim in ordered:
        standing = in_force.get(claim.id)
        due = standing if claim.erased else _award(claim, chosen.get(claim.id), tally, known, standing)
        if due is not None:
            tally.add(due.account, due.kind, due.activity_on, due.hours)
        if due is standing:
            continue
        if standing is not None:
            reversals.append((standing, RECOMPUTED if due is not None else _reason(claim, chosen)))
        if due is not None:
            awards.append(due)
    return Plan(tuple(reversals), tuple(awards))


def _chosen(ordered: list[Claim], earning: Earning) -> dict[str, CreditRule | None]:
    """The rule, or that there is none, of every record that is to be converted."""
    credited = {found.credited.id for found in activities(ordered, earning.earns) if found.credited is not None}
    found = {claim.id: earning.rule(claim) for claim in ordered if claim.counts and claim.id in credited}
    for second in _second_parts(ordered, found):
        del found[second]
    return found


def _second_parts(ordered: list[Claim], chosen: Mapping[str, CreditRule | None]) -> list[str]:
    """Records beside a heavier one of the same teacher for the same resource: nobody gets two shares of it."""
    best: dict[object, tuple[Decimal, str]] = {}
    seconds = []
    for claim in ordered:
        rule = chosen.get(claim.id)
        if not claim.develops or rule is None:
            continue
        weight, name = weight_of(rule, claim.role), claim.resource
        if name in best and best[name][0] >= weight:
            seconds.append(claim.id)
            continue
        if name in best:
            seconds.append(best[name][1])
        best[name] = weight, claim.id
    return seconds


def _award(
    claim: Claim, rule: CreditRule | None, tally: Tally, known: Developers, standing: Award | None
) -> Award | None:
    """What is due for a record beside what came before it: the award that stands, where it is the same."""
    if rule is None:
        return None
    got = tally.got(rule.account, claim.kind, claim.starts_on)
    share = share_of(claim, rule, known)
    made = convert(claim, rule, got, share)
    if made is None:
        return None
    due = Award(
        account_id=claim.account_id,
        record_id=claim.id,
        account=rule.account,
        hours=made.hours,
        uncapped_hours=made.uncapped_hours,
        rule_id=rule.id,
        inputs=claim.inputs,
        caps_hit=made.caps_hit,
        kind=claim.kind,
        activity_on=claim.starts_on,
    )
    if standing is not None and standing.matter == due.matter:
        return standing
    return replace(due, explanation=explain(claim, rule, got, share, made))


def _reason(claim: Claim, chosen: Mapping[str, CreditRule | None]) -> str:
    """Why an award is taken back without another in its place."""
    if not claim.is_recognized:
        return "冲销：记录未处于认定状态"
    if claim.outcome in NOT_DONE:
        return "冲销：结果为不合格或进行中"
    if not claim.counts:
        return "冲销：资源未通过审核或已下架"
    return _NO_RULE if claim.id in chosen else _NOT_CREDITED
