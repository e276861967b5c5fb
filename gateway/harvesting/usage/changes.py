"""What a page of facts changes: revision and number decide which are new, corrected or the same."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal

from connectors.records import Accepted, HarvestPage, Rejected
from gateway.harvesting.quarantine import usage_key
from gateway.harvesting.reach import Days
from gateway.harvesting.runs import RunCounts
from gateway.harvesting.usage.facts import PreparedFact, prepare
from schema.usage import UsageFact

Place = tuple[date, str]
"""Day and key of a fact within its platform."""


@dataclass(frozen=True, slots=True)
class StoredFact:
    """What is stored of a fact."""

    value: Decimal
    weight: Decimal | None
    sketch: bytes | None
    revision: int
    run_id: str
    fetched_at: datetime

    def differs(self, fact: PreparedFact) -> bool:
        """Whether another number would take its place."""
        return (self.value, self.weight, self.sketch) != (fact.value, fact.weight, fact.sketch)


@dataclass(frozen=True, slots=True)
class DistinctFacts:
    """A page without its duplicates: one fact for each place, one reject for each raw row."""

    facts: Mapping[Place, PreparedFact]
    rejected: Mapping[str, Rejected]
    duplicates: int


@dataclass(slots=True)
class FactChanges:
    """What one page changes."""

    created: list[PreparedFact] = field(default_factory=list)
    replaced: list[tuple[PreparedFact, StoredFact]] = field(default_factory=list)
    """New numbers with what they replace."""
    confirmed: list[tuple[PreparedFact, int]] = field(default_factory=list)
    """What stays as it is stored, with the highest revision it was reported under."""
    first_met: list[Accepted[UsageFact]] = field(default_factory=list)
    """Facts that the run had not met before, changed or not."""
    counts: RunCounts = field(default_factory=RunCounts)

    @property
    def written(self) -> list[PreparedFact]:
        """Facts to store as a whole."""
        return [*self.created, *(fact for fact, _ in self.replaced)]


def distinct(page: HarvestPage[UsageFact], days: Days) -> DistinctFacts:
    """Resolve duplicates within one page as if they came one by one; days that were not asked for are left out.

    A row that is refused for several measures is one reject with all of its findings.
    """
    facts: dict[Place, PreparedFact] = {}
    broken: list[Rejected] = []
    duplicates = 0
    for accepted in page.accepted:
        if accepted.record.day not in days:
            continue
        fact = prepare(accepted)
        if isinstance(fact, Rejected):
            broken.append(fact)
            continue
        place = fact.day, fact.key
        earlier = facts.get(place)
        duplicates += earlier is not None
        if earlier is None or fact.revision >= earlier.revision:
            facts[place] = fact
    return DistinctFacts(facts, _joined([*page.rejected, *broken]), duplicates)


def decide(page: DistinctFacts, stored: Mapping[Place, StoredFact], met: Set[str], run_id: str) -> FactChanges:
    """Compare a page with what is stored; `met` are keys of its rejects that the run has met before.

    A lower revision than the stored one changes nothing. What the run has met before is a duplicate.
    """
    changes = FactChanges()
    counts = changes.counts
    counts.pages, counts.duplicates = 1, page.duplicates
    for place, fact in page.facts.items():
        known = stored.get(place)
        changed = False
        if known is None:
            changes.created.append(fact)
        elif changed := fact.revision >= known.revision and known.differs(fact):
            changes.replaced.append((fact, known))
        else:
            changes.confirmed.append((fact, max(fact.revision, known.revision)))
        if known is not None and known.run_id == run_id:
            counts.duplicates += 1
            continue
        changes.first_met.append(fact.accepted)
        counts.created += known is None
        counts.updated += changed
    again = len(page.rejected.keys() & met)
    counts.quarantined = len(page.rejected) - again
    counts.duplicates += again
    counts.unchanged = len(changes.first_met) - counts.created - counts.updated
    counts.seen = len(changes.first_met) + counts.quarantined
    return changes


def _joined(rejects: Iterable[Rejected]) -> dict[str, Rejected]:
    joined: dict[str, Rejected] = {}
    for reject in rejects:
        key = usage_key(reject)
        before = joined[key].findings if key in joined else ()
        joined[key] = replace(reject, findings=tuple(dict.fromkeys([*before, *reject.findings])))
    return joined
