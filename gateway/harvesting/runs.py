"""What a harvest run is: its kind, its state and its counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any


class HarvestKind(StrEnum):
    """What is harvested; FULL and INCREMENTAL are of resources."""

    FULL = "FULL"
    INCREMENTAL = "INCREMENTAL"
    USAGE = "USAGE"
    TRAINING = "TRAINING"


RESOURCES = (HarvestKind.FULL, HarvestKind.INCREMENTAL)


def alike(kind: HarvestKind) -> tuple[HarvestKind, ...]:
    """Kinds of run that list the same as this one: only those carry on, replace and delay each other."""
    return RESOURCES if kind in RESOURCES else (kind,)


class RunState(StrEnum):
    """Where a run stands.

    QUEUED: asked for, or interrupted by the end of its process and to be resumed. PARTIAL: it ended early or withdrew
    nothing, and what it stored stays.
    """

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    PARTIAL = "PARTIAL"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


@dataclass(slots=True)
class RunCounts:
    """Counts of a run so far.

    `seen` counts distinct records and is `created + updated + unchanged + quarantined`; a record that comes again
    counts as a duplicate only. `withdrawn` are records that left the catalog. Of usage the records are facts.
    """

    pages: int = 0
    seen: int = 0
    expected: int | None = None
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    quarantined: int = 0
    duplicates: int = 0

    @property
    def accepted(self) -> int:
        """Distinct records that validated."""
        return self.created + self.updated + self.unchanged


@dataclass(frozen=True, slots=True)
class RunProgress:
    """A running harvest after a page was committed; `resumed` says that it continues an interrupted run."""

    run_id: str
    platform: str
    kind: HarvestKind
    resumed: bool
    pages: int
    seen: int
    expected: int | None
    created: int
    updated: int
    unchanged: int
    withdrawn: int
    quarantined: int
    duplicates: int


@dataclass(frozen=True, slots=True)
class HarvestRun:
    """One run as it is reported; `started_at` of a queued one that never ran is when it was asked for."""

    id: str
    platform: str
    manifest_version: int
    kind: HarvestKind
    state: RunState
    since: datetime | None
    started_at: datetime
    finished_at: datetime | None
    pages: int
    seen: int
    expected: int | None
    created: int
    updated: int
    unchanged: int
    withdrawn: int
    quarantined: int
    duplicates: int
    error_code: str | None
    error: str | None
    requested_by: str | None = None
    """Who asked for it; None where it was carried out without being queued."""
    cancel_requested_by: str | None = None
    first_day: date | None = None
    """Of a run of usage that has begun: the first of the days it asks for."""
    last_day: date | None = None

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> "HarvestRun":
        """Read a row of `harvest_runs`."""
        values = {name: row[name] for name in cls.__slots__}
        return cls(**{**values, "kind": HarvestKind(row["kind"]), "state": RunState(row["state"])})
