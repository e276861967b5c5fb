"""Harvest runs: their counts, and the filter that finds them."""

from datetime import datetime
from typing import Self

import strawberry

from gateway.graph.nodes.types import Node
from gateway.graph.pagination import given
from gateway.harvesting import HarvestKind, RunFilter, RunState
from gateway.harvesting import HarvestRun as RunRow
from gateway.registry import canary_code
from schema.identifiers import GlobalId


def lanes(platform: str) -> tuple[str, str]:
    """The names under which the active version of a connector and its canary are harvested."""
    return platform, canary_code(platform)


@strawberry.type
class DescribedRun(Node):
    """A harvest run without what leads on to its connector."""

    row: strawberry.Private[RunRow]
    manifest_version: int
    kind: HarvestKind
    state: RunState
    started_at: datetime
    finished_at: datetime | None
    pages: int
    seen: int
    expected: int | None = strawberry.field(description="Records to come in all, where the platform says so.")
    created: int
    updated: int
    unchanged: int
    withdrawn: int
    quarantined: int
    error_code: str | None
    error: str | None

    @classmethod
    def of(cls, row: RunRow) -> Self:
        """The run as harvesting reports it."""
        return cls(
            id=strawberry.ID(str(GlobalId("HarvestRun", (row.id,)))),
            row=row,
            manifest_version=row.manifest_version,
            kind=row.kind,
            state=row.state,
            started_at=row.started_at,
            finished_at=row.finished_at,
            pages=row.pages,
            seen=row.seen,
            expected=row.expected,
            created=row.created,
            updated=row.updated,
            unchanged=row.unchanged,
            withdrawn=row.withdrawn,
            quarantined=row.quarantined,
            error_code=row.error_code,
            error=row.error,
        )


@strawberry.input
class HarvestRunFilter:
    """Conditions that all must hold; within one condition any value will do."""

    platforms: list[str] | None = strawberry.UNSET
    kinds: list[HarvestKind] | None = strawberry.UNSET
    states: list[RunState] | None = strawberry.UNSET
    since: datetime | None = strawberry.UNSET


def parse_run_filter(wanted: HarvestRunFilter | None) -> RunFilter:
    """Harvesting's filter; absent and null conditions ask nothing."""
    if wanted is None:
        return RunFilter()
    platforms = given(wanted.platforms)
    return RunFilter(
        platforms=None if platforms is None else [lane for one in platforms for lane in lanes(one)],
        kinds=given(wanted.kinds),
        states=given(wanted.states),
        since=given(wanted.since),
    )
