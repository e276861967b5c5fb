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
from gateway.harvesting.unfinished import UNFINISHED, end_cancelled, latest, resumable
from gateway.harvesting.unmapped import Key, known_values
from gateway.storage.tables import HarvestRunRow, HarvestSeen, UnmappedValueRow
from schema.access import Access
from schema.platforms import Capability

_RUNS = HarvestRunRow.metadata.tables["harvest_runs"]
_SEEN = HarvestSeen.metadata.tables["harvest_seen"]
_VALUES = UnmappedValueRow.metadata.tables["unmapped_values"]
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
    cancelled: bool = False
    """Somebody asked that it end; it did with the last committed page."""


def begin(
    connection: Connection,
    now: datetime,
    lease: Lease,
    connector: Harvests,
    kind: HarvestKind,
    lookback: timedelta,
    only: str | None = None,
) -> ActiveRun | None:
    """Carry on with the platform's queued or interrupted run where that fits, else start anew and give the old one up.

    A queued run is always taken along: a full one makes this one full. With `only`, the id of an unfinished run, that
    one is carried out, from its beginning if need be; None is returned where it is over by now.
    """
    confirm(connection, now, lease)
    platform = lease.platform
    last = latest(connection, platform)
    if last is not None and last["state"] == RunState.RUNNING and last["cancel_requested_by"] is not None:
        end_cancelled(connection, now, last["id"], last["cancel_requested_by"])
        last = None
    if only is not None and (last is None or last["id"] != only or last["state"] not in UNFINISHED):
        return None
    own = last if last is not None and (only is not None or last["state"] == RunState.QUEUED) else None
    if own is not None and own["kind"] == HarvestKind.FULL:
        kind = HarvestKind.FULL
    since, kind = _scope(connection, platform, connector, kind)
    if last is not None and resumable(last, kind, connector.version, now):
        return _resume(connection, connector, last)
    _give_up(connection, platform, now)
    run = ActiveRun(
        id=own["id"] if own else uuid.uuid4().hex,
        platform=platform,
        access=connector.platform.access,
        version=connector.version,
        kind=kind,
        since=None if since is None else since - lookback,
        started_at=now,
    )
    _start(connection, run, again=own is not None)
    return run


def _scope(
    connection: Connection, platform: str, connector: Harvests, kind: HarvestKind
) -> tuple[datetime | None, HarvestKind]:
    """Since when, and of which kind: an incremental run needs an earlier success to build on."""
    since = _last_success(connection, platform, connector) if kind is HarvestKind.INCREMENTAL else None
    return since, HarvestKind.FULL if since is None else HarvestKind.INCREMENTAL


def _last_success(connection: Connection, platform: str, connector: Harvests) -> datetime | None:
    """Start of the last successful run of this mapping; None where a full run is needed first."""
    if Capability.INCREMENTAL not in connector.capabilities:
        return None
    query = select(_RUNS.c.started_at, _RUNS.c.manifest_version).where(
        _RUNS.c.platform == platform, _RUNS.c.state == RunState.SUCCEEDED
    )
    last = (connection.execute(query.order_by(_RUNS.c.started_at.desc()).limit(1))).one_or_none()
    if last is None or last.manifest_version != connector.version:
        return None
    started_at: datetime = last.started_at
    return started_at


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


def _start(connection: Connection, run: ActiveRun, *, again: bool) -> None:
    """Write the row of a run that begins with nothing; `again` says that it has one from before."""
    row = {
        "platform": run.platform,
        "manifest_version": run.version,
        "kind": run.kind,
        "state": RunState.RUNNING,
        "since": run.since,
        "started_at": run.started_at,
        "finished_at": None,
        "error_code": None,
        "error": None,
        **asdict(run.counts),
    }
    if again:
        connection.execute(update(_RUNS).where(_RUNS.c.id == run.id).values(row))
        connection.execute(delete(_VALUES).where(_VALUES.c.run_id == run.id))
    else:
        connection.execute(_RUNS.insert(), {"id": run.id, **row})
