"""Reading runs and quarantine back, newest first and page by page."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.errors import CursorInvalid, LimitExceeded
from gateway.harvesting.quarantine import QuarantinedRecord, from_row
from gateway.harvesting.runs import HarvestKind, HarvestRun, RunState
from gateway.storage.tables import HarvestRunRow, QuarantinedRow, UsageFactRow, UsagePartitionRow, UsageRevisionRow

MOST_FIRST = 100
_RUNS = HarvestRunRow.metadata.tables["harvest_runs"]
_QUARANTINE = QuarantinedRow.metadata.tables["quarantined_records"]
_FACTS = UsageFactRow.metadata.tables["usage_facts"]
_REVISIONS = UsageRevisionRow.metadata.tables["usage_revisions"]
_PARTITIONS = UsagePartitionRow.metadata.tables["usage_partitions"]


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Conditions on runs that all must hold; None asks nothing."""

    platforms: Collection[str] | None = None
    kinds: Collection[HarvestKind] | None = None
    states: Collection[RunState] | None = None
    since: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """The conditions as SQL."""
        found: list[ColumnElement[bool]] = []
        for column, values in (
            (_RUNS.c.platform, self.platforms),
            (_RUNS.c.kind, self.kinds),
            (_RUNS.c.state, self.states),
        ):
            if values is not None:
                found.append(column.in_(list(values)))
        if self.since is not None:
            found.append(_RUNS.c.started_at >= self.since)
        return found


@dataclass(frozen=True, slots=True)
class RunPage:
    """One page of runs; the id of its last one is the cursor of the next page."""

    runs: tuple[HarvestRun, ...]
    total: int
    has_next: bool


@dataclass(frozen=True, slots=True)
class QuarantinePage:
    """One page of rejects; the id of its last one is the cursor of the next page."""

    records: tuple[QuarantinedRecord, ...]
    total: int
    has_next: bool


@dataclass(frozen=True, slots=True)
class PastRun:
    """What has to be known of a run to tell when the next one is due."""

    state: RunState
    finished_at: datetime | None
    failures: int


async def read_runs(connection: AsyncConnection, wanted: RunFilter, first: int, after: str | None) -> RunPage:
    """Runs by start, newest first; `after` is the id of a run."""
    rows, total = await _page(connection, _RUNS, _RUNS.c.started_at, wanted.conditions(), first, after)
    return RunPage(tuple(HarvestRun.from_row(row) for row in rows[:first]), total, len(rows) > first)


async def read_run(connection: AsyncConnection, run_id: str) -> HarvestRun | None:
    """One run, or None."""
    row = (await connection.execute(select(_RUNS).where(_RUNS.c.id == run_id))).mappings().one_or_none()
    return None if row is None else HarvestRun.from_row(dict(row))


async def read_last_runs(
    connection: AsyncConnection,
    platforms: Collection[str],
    kinds: Collection[HarvestKind],
    states: Collection[RunState],
) -> Mapping[str, HarvestRun]:
    """The latest run of each platform, of those of the given kinds in the given states."""
    conditions = RunFilter(platforms, kinds, states).conditions()
    place = func.row_number().over(partition_by=_RUNS.c.platform, order_by=(_RUNS.c.started_at.desc(), _RUNS.c.id))
    ranked = select(_RUNS, place.label("place")).where(*conditions).subquery()
    rows = (await connection.execute(select(ranked).where(ranked.c.place == 1))).mappings()
    return {row["platform"]: HarvestRun.from_row(dict(row)) for row in rows}


async def read_latest_end(connection: AsyncConnection) -> datetime | None:
    """When the run that ended last did."""
    latest: datetime | None = (await connection.execute(select(func.max(_RUNS.c.finished_at)))).scalar()
    return latest


async def read_histories(
    connection: AsyncConnection, platforms: Collection[str], kinds: Collection[HarvestKind], most: int
) -> Mapping[str, Sequence[PastRun]]:
    """The latest so many runs of these kinds of each platform that has any, newest first."""
    place = func.row_number().over(partition_by=_RUNS.c.platform, order_by=(_RUNS.c.started_at.desc(), _RUNS.c.id))
    ranked = select(_RUNS, place.label("place")).where(*RunFilter(platforms, kinds).conditions()).subquery()
    query = select(ranked).where(ranked.c.place <= most).order_by(ranked.c.platform, ranked.c.place)
    histories: dict[str, list[PastRun]] = {}
    for row in await connection.execute(query):
        past = PastRun(RunState(row.state), row.finished_at, row.failures)
        histories.setdefault(row.platform, []).append(past)
    return histories


async def read_counting_platforms(connection: AsyncConnection) -> list[str]:
    """Platforms of which facts are stored, or what they said before."""
    counted = select(_PARTITIONS.c.platform).distinct().subquery()
    stored = [exists().where(table.c.platform == counted.c.platform) for table in (_FACTS, _REVISIONS)]
    query = select(counted.c.platform).where(or_(*stored)).order_by(counted.c.platform)
    return list((await connection.execute(query)).scalars())


async def read_quarantined(connection: AsyncConnection, record_id: str) -> QuarantinedRecord | None:
    """One reject, or None."""
    query = select(_QUARANTINE).where(_QUARANTINE.c.id == record_id)
    row = (await connection.execute(query)).mappings().one_or_none()
    return None if row is None else from_row(dict(row))


async def read_quarantine(
    connection: AsyncConnection,
    platform: str,
    code: str | None,
    since: datetime | None,
    first: int,
    after: str | None,
) -> QuarantinePage:
    """Rejects of a platform, newest first; `after` is the id of one."""
    conditions = [_QUARANTINE.c.platform == platform]
    if code is not None:
        conditions.append(_QUARANTINE.c.code == code)
    if since is not None:
        conditions.append(_QUARANTINE.c.seen_at >= since)
    rows, total = await _page(connection, _QUARANTINE, _QUARANTINE.c.seen_at, conditions, first, after)
    return QuarantinePage(tuple(from_row(row) for row in rows[:first]), total, len(rows) > first)


async def _page(
    connection: AsyncConnection,
    table: Table,
    time: ColumnElement[datetime],
    conditions: list[ColumnElement[bool]],
    first: int,
    after: str | None,
) -> tuple[list[Mapping[str, Any]], int]:
    """At most `first + 1` rows after a cursor, and the number of rows in all."""
    if not 0 <= first <= MOST_FIRST:
        raise LimitExceeded(f"first: {first} is not between 0 and {MOST_FIRST}")
    total: int = (await connection.execute(select(func.count()).select_from(table).where(*conditions))).scalar_one()
    query = select(table).where(*conditions).order_by(time.desc(), table.c.id).limit(first + 1)
    if after is not None:
        start = (await connection.execute(select(time).where(table.c.id == after))).scalar_one_or_none()
        if start is None:
            raise CursorInvalid(f"{after!r} is no cursor of this list")
        query = query.where(or_(time < start, and_(time == start, table.c.id > after)))
    return [dict(row) for row in (await connection.execute(query)).mappings()], total
