"""Forgetting old runs, and everything about a platform that leaves the gateway."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, case, delete, func, select, update

from gateway.harvesting.bulk import among
from gateway.harvesting.leases import seize
from gateway.harvesting.runs import RESOURCES, RunState
from gateway.harvesting.unfinished import UNFINISHED
from gateway.harvesting.usage.withdrawals import forget_facts
from gateway.harvesting.withdrawals import withdraw_all
from gateway.storage.tables import (
    HarvestRunRow,
    HarvestSeen,
    QuarantinedRow,
    ResourceCopyKey,
    ResourceLink,
    ResourceRow,
    UnmappedValueRow,
)

KEPT_FOR = timedelta(days=90)
KEPT_RUNS = 20
"""Runs that list the same of each platform that are kept however old they are."""
_RUNS = HarvestRunRow.metadata.tables["harvest_runs"]
_SEEN = HarvestSeen.metadata.tables["harvest_seen"]
_VALUES = UnmappedValueRow.metadata.tables["unmapped_values"]
_QUARANTINE = QuarantinedRow.metadata.tables["quarantined_records"]
_RESOURCES = ResourceRow.metadata.tables["resources"]
_LINKS = ResourceLink.metadata.tables["resource_links"]
_COPY_KEYS = ResourceCopyKey.metadata.tables["resource_copy_keys"]


def prune(connection: Connection, now: datetime, kept_for: timedelta = KEPT_FOR) -> int:
    """Delete old runs with their unmapped values and anonymous rejects; returns how many runs.

    Kept are unfinished runs, the last 20 of resources and the last 20 of usage of each platform, and the last
    successful one of each kind, which later runs and the unmapped values build on. A reject that has an id tells how a
    record stands and outlives its run.
    """
    newest = (_RUNS.c.started_at.desc(), _RUNS.c.id)
    material = case((_RUNS.c.kind.in_(RESOURCES), "resources"), else_=_RUNS.c.kind)
    place = func.row_number().over(partition_by=(_RUNS.c.platform, material), order_by=newest)
    of_kind = func.row_number().over(partition_by=(_RUNS.c.platform, _RUNS.c.kind, _RUNS.c.state), order_by=newest)
    ranked = select(
        _RUNS.c.id, _RUNS.c.state, _RUNS.c.finished_at, place.label("place"), of_kind.label("of_kind")
    ).subquery()
    last_success = and_(ranked.c.state == RunState.SUCCEEDED, ranked.c.of_kind == 1)
    old = and_(ranked.c.place > KEPT_RUNS, ranked.c.finished_at < now - kept_for)
    query = select(ranked.c.id).where(old, ~last_success, ranked.c.state.not_in(UNFINISHED))
    gone = list((connection.execute(query)).scalars())
    if gone:
        _forget_runs(connection, gone)
    return len(gone)


def remove_platform(connection: Connection, now: datetime, platform: str) -> int:
    """Withdraw and empty a platform's records and delete all that its harvests left; returns how many were live.

    What remains of a record is its tombstone, by which every search index drops it, and of its usage the months and
    their numbers, by which derived data drops them. A harvest that is under way is fenced off.
    """
    seize(connection, now, platform)
    runs = select(_RUNS.c.id).where(_RUNS.c.platform == platform)
    connection.execute(delete(_SEEN).where(_SEEN.c.run_id.in_(runs)))
    for table in (_VALUES, _QUARANTINE, _RUNS, _LINKS, _COPY_KEYS):
        connection.execute(delete(table).where(table.c.platform == platform))
    emptied = {"body": b"", "content_hash": b"", "unmapped": "[]"}
    connection.execute(update(_RESOURCES).where(_RESOURCES.c.platform == platform).values(emptied))
    forget_facts(connection, platform)
    return withdraw_all(connection, platform, now)


def _forget_runs(connection: Connection, run_ids: list[str]) -> None:
    for table in (_SEEN, _VALUES):
        connection.execute(delete(table).where(among(table.c.run_id, run_ids, connection)))
    anonymous = _QUARANTINE.c.native_id.is_(None)
    connection.execute(delete(_QUARANTINE).where(anonymous, among(_QUARANTINE.c.run_id, run_ids, connection)))
    connection.execute(delete(_RUNS).where(among(_RUNS.c.id, run_ids, connection)))
