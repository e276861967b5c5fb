"""Starting a run: resume the interrupted one where that is possible, else begin a new one."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, select, update

from connectors.contract import Harvests
from connectors.records import Checkpoint
from gateway.harvesting.leases import Lease, confirm
from gateway.harvesting.runs import HarvestKind, RunCounts, RunState
from gateway.harvesting.unmapped import Key, known_values
from gateway.storage.tables import HarvestRunRow, HarvestSeen
from schema.access import Access
from schema.platforms import Capability

RESUMABLE_FOR = timedelta(hours=24)
_RUNS = HarvestRunRow.metadata.tables["harvest_runs"]
_SEEN = HarvestSeen.metadata.tables["harvest_seen"]
_COUNTS = tuple(RunCounts.__slots__)


@dataclass(slots=True)
class ActiveRun:
    """The run that is being carried out; its counts are those of all committed pages."""

    id: str
    platform: str
    access: Access
    version: int
    kind: HarvestKind
    since: datetime | None
    started_at: datetime
    checkpoint: Checkpoint | None = None
    resumed: bool = False
    counts: RunCounts = field(default_factory=RunCounts)
    unmapped: set[Key] = field(default_factory=set)
    """Unmapped values counted so far."""


def begin(
    connection: Connection, now: datetime, lease: Lease, connector: Harvests, kind: HarvestKind, lookback: timedelta
) -> ActiveRun:
    """Resume the platform's last run if it was interrupted and fits, else start a new one and give the old one up."""
    confirm(connection, now, lease)
    platform = connector.platform.code
    since = None
    if kind is HarvestKind.INCREMENTAL:
        since = _last_success(connection, connector)
        kind = HarvestKind.FULL if since is None else kind
    latest_first = select(_RUNS).where(_RUNS.c.platform == platform).order_by(_RUNS.c.started_at.desc(), _RUNS.c.id)
    row = (connection.execute(latest_first.limit(1))).mappings().one_or_none()
    last = None if row is None else dict(row)
    if last is not None and _resumable(last, kind, connector.version, now):
        return _resume(connection, connector, last)
    _give_up(connection, platform, now)
    run = ActiveRun(
        id=uuid.uuid4().hex,
        platform=platform,
        access=connector.platform.access,
        version=connector.version,
        kind=kind,
        since=None if since is None else since - lookback,
        started_at=now,
    )
    connection.execute(_RUNS.insert(), _new_row(run))
    return run


def _last_success(connection: Connection, connector: Harvests) -> datetime | None:
    """Start of the last successful run of this mapping; None where a full run is needed first."""
    if Capability.INCREMENTAL not in connector.capabilities:
        return None
    query = select(_RUNS.c.started_at, _RUNS.c.manifest_version).where(
        _RUNS.c.platform == connector.platform.code, _RUNS.c.state == RunState.SUCCEEDED
    )
    last = (connection.execute(query.order_by(_RUNS.c.started_at.desc()).limit(1))).one_or_none()
    if last is None or last.manifest_version != connector.version:
        return None
    started_at: datetime = last.started_at
    return started_at


def _resumable(last: Mapping[str, Any], kind: HarvestKind, version: int, now: datetime) -> bool:
    fits = last["kind"] == kind and last["manifest_version"] == version
    return fits and last["checkpoint"] is not None and now - last["started_at"] < RESUMABLE_FOR


def _resume(connection: Connection, connector: Harvests, row: Mapping[str, Any]) -> ActiveRun:
    again = {"state": RunState.RUNNING, "finished_at": None, "error_code": None, "error": None}
    connection.execute(update(_RUNS).where(_RUNS.c.id == row["id"]).values(**again))
    return ActiveRun(
        id=row["id"],
        platform=row["platform"],
        access=connector.platform.access,
        version=row["manifest_version"],
        kind=HarvestKind(row["kind"]),
        since=row["since"],
        started_at=row["started_at"],
        checkpoint=json.loads(row["checkpoint"]),
        resumed=True,
        counts=RunCounts(**{name: row[name] for name in _COUNTS}),
        unmapped=known_values(connection, row["id"]),
    )


def _give_up(connection: Connection, platform: str, now: datetime) -> None:
    """Close every unfinished run of a platform whose lease we hold: nobody carries it out any more."""
    of_platform = _RUNS.c.platform == platform
    dead = of_platform & (_RUNS.c.state == RunState.RUNNING)
    reason = {"error_code": "INTERRUPTED", "error": "the process ended before the run did", "finished_at": now}
    connection.execute(update(_RUNS).where(dead, _RUNS.c.seen > 0).values(state=RunState.PARTIAL, **reason))
    connection.execute(update(_RUNS).where(dead).values(state=RunState.FAILED, **reason))
    runs = select(_RUNS.c.id).where(of_platform)
    connection.execute(delete(_SEEN).where(_SEEN.c.run_id.in_(runs)))
    connection.execute(update(_RUNS).where(of_platform, _RUNS.c.checkpoint.is_not(None)).values(checkpoint=None))


def _new_row(run: ActiveRun) -> dict[str, Any]:
    return {
        "id": run.id,
        "platform": run.platform,
        "manifest_version": run.version,
        "kind": run.kind,
        "state": RunState.RUNNING,
        "since": run.since,
        "started_at": run.started_at,
        **asdict(run.counts),
    }
