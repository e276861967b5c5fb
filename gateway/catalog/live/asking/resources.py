"""From what a connector found to what a viewer may see: tiers, provenance, and a total that tells of nothing hidden."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial

from connectors.records import Accepted, LiveAnswer, Sighting
from gateway.catalog.live.candidates import Candidate
from gateway.catalog.live.model import SourceAnswer, SourceOutcome, SourceState
from schema.access import Access
from schema.records import assembled
from schema.resources import CatalogResource, Provenance

DEEPEST = 200
"""Records that a platform is asked for at most where the viewer may not see some of them."""
_PROVENANCE, _RESOURCE = set(Provenance.model_fields), set(CatalogResource.model_fields)
"""Shared by all, since records never change."""


@cache
def shown_tiers(platform: Access, visible: frozenset[Access]) -> Mapping[Access, Access]:
    """Effective tiers by the record's own, as far as a viewer may see them."""
    narrowed = {tier: platform.narrower(tier) for tier in Access}
    return {tier: effective for tier, effective in narrowed.items() if effective in visible}


def answer_of(
    platform: str,
    found: LiveAnswer,
    *,
    first: int,
    asked: int,
    version: int,
    tiers: Mapping[Access, Access],
    fetched_at: datetime,
    latency_ms: float,
    note: Callable[[CatalogResource], None],
) -> SourceAnswer:
    """What the platform found when `asked` records were asked for, as a viewer of these tiers may know it.

    To whom some tier is hidden no total is told, since it would tell of what is hidden, unless everything was read. Who
    gets fewer than `first` records is told that there are no more, so that nobody asks forever for what is hidden.
    `note` is told of every record that is made whole.
    """
    maker = _Maker(platform, version, fetched_at, note)
    makes = {own: partial(maker.make, tier) for own, tier in tiers.items()}
    records = [
        Candidate(platform, outline, make, one)
        for one in found.found
        if (make := makes.get((outline := one.outline).access)) is not None
    ]
    exact = all_was_read(found, asked)
    total = None
    if found.total is not None and len(tiers) == len(Access):
        total = max(0, found.total - len(found.rejected))
    outcome = SourceOutcome(
        platform,
        SourceState.OK,
        count=len(records),
        total=len(records) if total is None and exact else total,
        latency_ms=latency_ms,
        as_of=fetched_at,
        filtered_here=found.filtered_here,
    )
    return SourceAnswer(outcome, tuple(records), complete=exact, ends=not exact and len(records) < first)


def all_was_read(found: LiveAnswer, asked: int) -> bool:
    """Whether the platform has no more than it gave when so many records were asked for."""
    read = len(found.found) + len(found.rejected)
    return found.complete and (len(found.found) < asked or (found.total is not None and found.total <= read))


def second_look(found: LiveAnswer, first: int, tiers: Mapping[Access, Access]) -> int | None:
    """For how many records the platform is asked once more, since the viewer may not see some; None where it is not.

    As many as should hold `first` that may be seen, by the share of those in the answer, and room to spare.
    """
    if len(tiers) == len(Access) or first >= DEEPEST or all_was_read(found, first):
        return None
    seen = sum(one.outline.access in tiers for one in found.found)
    if seen == len(found.found):
        return None
    return min(DEEPEST, max(4 * first, 2 * first * first // seen if seen else 0))


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the records of one answer whole."""

    platform: str
    version: int
    fetched_at: datetime
    note: Callable[[CatalogResource], None]

    def make(self, tier: Access, sighting: Sighting) -> CatalogResource | None:
        """The whole record as viewers of this tier may see it; None where it is not valid."""
        found = sighting.read()
        if found is None:
            return None
        resource = _resource(self.platform, found, tier, self.version, self.fetched_at)
        self.note(resource)
        return resource


def _resource(platform: str, found: Accepted, access: Access, version: int, fetched_at: datetime) -> CatalogResource:
    record = found.record
    if record.access is not access:
        record = record.model_copy(update={"access": access})
    provenance = {
        "fetched_at": fetched_at,
        "digest": found.digest,
        "manifest_version": version,
        "modified_upstream_at": found.modified_upstream_at,
        "unmapped": tuple(f"{note.field}: {note.value}" for note in found.unmapped) if found.unmapped else (),
    }
    whole = {"platform": platform, "record": record, "provenance": assembled(Provenance, provenance, _PROVENANCE)}
    return assembled(CatalogResource, whole, _RESOURCE)
