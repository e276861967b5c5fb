"""Starting a run: resume the interrupted one where that is possible, else begin a new one."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from connectors.contract import Connector
from connectors.records import Checkpoint
from gateway.harvesting.errors import HarvestInProgress
from gateway.harvesting.leases import Lease, confirm
from gateway.harvesting.reach import Days, Reach
from gateway.harvesting.runs import HarvestKind, RunCounts, RunState, alike
from gateway.harvesting.unfinished import UNFINISHED, end_cancelled, end_dead, latest, resumable
from gateway.harvesting.unmapped import Key, known_values
from gateway.storage.tables import HarvestRunRow, HarvestSeen, UnmappedValueRow, UsageFactRow
from schema.access import Access
from schema.platforms import Capability

_RUNS = HarvestRunRow.metadata.tables["harvest_runs"]
_SEEN = HarvestSeen.metadata.tables["harvest_seen"]
_VALUES = UnmappedValueRow.metadata.tables["unmapped_values"]
_FACTS = UsageFactRow.metadata.tables["usage_facts"]
ALL_AGAIN = timedelta(days=7)
_COUNTS = tuple(RunCounts.__slots__)


@dataclass(slots=True)
class ActiveRun:
    """The run that is being carried out; its counts are those of all committed pages."""

    id: str
    platform: str
    access: Access
    version: int
    region: str
    kind: HarvestKind
    since: datetime | None
    started_at: datetime
    days: Days | None = None
    """What a run of usage asks for."""
    checkpoint: Checkpoint | None = None
    resumed: bool = False
    counts: RunCounts = field(default_factory=RunCounts)
    unmapped: set[Key] = field(default_factory=set)
    """Unmapped values counted so far."""
    cancelled: bool = False
    """Somebody asked that it end; it did with the last committed page."""


@dataclass(frozen=True, slots=True)
class _Scope:
    """What a new run would ask for."""

    kind: HarvestKind
    since: datetime | None = None
    days: Days | None = None

    def covered_by(self, run: Mapping[str, Any]) -> bool:
        """Whether an interrupted run asks for no day less."""
        return self.days is None or run["first_day"] <= self.days.first


def begin(
    connection: Connection,
    now: datetime,
    lease: Lease,
    connector: Connector,
    kind: HarvestKind,
    reach: Reach,
    only: str | None = None,
) -> ActiveRun | None:
    """Carry on with the platform's queued or interrupted run where that fits, else start anew and give the old one up.

    A queued run is always taken along: a full one makes this one full; one that lists something else stands in the way
    and raises `HarvestInProgress`. With `only`, the id of an unfinished run, that one is carried out, from its
    beginning if need be; None is returned where it is over by now.
    """
    confirm(connection, now, lease)
    platform = lease.platform
    last = _last(connection, now, platform, kind)
    if only is not None and (last is None or last["id"] != only or last["state"] not in UNFINISHED):
        return None
    own = last if last is not None and (only is not None or last["state"] == RunState.QUEUED) else None
    if own is not None:
        _check_alike(own, kind)
        kind = HarvestKind.FULL if own["kind"] == HarvestKind.FULL else kind
    scope = _scope(connection, now, platform, connector, kind, reach)
    if last is not None and resumable(last, scope.kind, connector.version, now) and scope.covered_by(last):
        return _resume(connection, connector, last)
    _give_up(connection, now, platform, kind)
    run = ActiveRun(
        id=own["id"] if own else uuid.uuid4().hex,
        platform=platform,
        access=connector.platform.access,
        version=connector.version,
        region=connector.platform.region,
        kind=scope.kind,
        since=scope.since,
        started_at=now,
        days=scope.days,
    )
    return _start(connection, run, own)


def _last(connection: Connection, now: datetime, platform: str, kind: HarvestKind) -> Mapping[str, Any] | None:
    """The run to build on, once a dead one that was cancelled or lists something else is closed; the latter resumes."""
    last = latest(connection, platform, kind)
    if last is None or last["state"] != RunState.RUNNING:
        return last
    if last["cancel_requested_by"] is not None:
        end_cancelled(connection, now, last["id"], last["cancel_requested_by"])
    elif last["kind"] not in alike(kind):
        end_dead(connection, now, _RUNS.c.id == last["id"])
    else:
        return last
    return latest(connection, platform, kind)


def _check_alike(queued: Mapping[str, Any], kind: HarvestKind) -> None:
    if queued["kind"] not in alike(kind):
        raise HarvestInProgress(
            f"a {queued['kind']} run of platform {queued['platform']!r} waits: {queued['id']}",
            platform=queued["platform"],
        )


def _scope(
    connection: Connection, now: datetime, platform: str, connector: Connector, kind: HarvestKind, reach: Reach
) -> _Scope:
    """What to ask for: an incremental run needs an earlier success to build on, a later one of usage asks for less."""
    if kind is HarvestKind.USAGE:
        last = _last_success(connection, platform, connector, kind)
        return _Scope(kind, days=reach.days(now, None if last is None else last["last_day"]))
    if kind is HarvestKind.TRAINING:
        return _Scope(kind, since=_training_since(connection, now, platform, connector, reach))
    if kind is HarvestKind.INCREMENTAL and Capability.INCREMENTAL in connector.capabilities:
        last = _last_success(connection, platform, connector, kind)
        if last is not None:
            return _Scope(kind, since=last["started_at"] - reach.changes)
    return _Scope(HarvestKind.FULL)


def _training_since(
    connection: Connection, now: datetime, platform: str, connector: Connector, reach: Reach
) -> datetime | None:
    """After which changes of training records are due; None for all of them.

    Only a listing of all tells what is gone, so that one is due where the last of this mapping is older than a week.
    """
    last = _last_success(connection, platform, connector, HarvestKind.TRAINING)
    if last is None or Capability.INCREMENTAL not in connector.capabilities:
        return None
    complete = (_RUNS.c.platform == platform, _RUNS.c.kind == HarvestKind.TRAINING, _RUNS.c.since.is_(None))
    of_mapping = (_RUNS.c.state == RunState.SUCCEEDED, _RUNS.c.manifest_version == connector.version)
    newest = select(func.max(_RUNS.c.started_at)).where(*complete, *of_mapping)
    listed: datetime | None = connection.execute(newest).scalar_one()
    since: datetime = last["started_at"] - reach.changes
    return None if listed is None or now - listed >= ALL_AGAIN else since


def _last_success(
    connection: Connection, platform: str, connector: Connector, kind: HarvestKind
) -> Mapping[str, Any] | None:
    """The last successful run that lists the same; None where that was of another mapping, so that all is due."""
    succeeded = (_RUNS.c.state == RunState.SUCCEEDED, _RUNS.c.kind.in_(alike(kind)))
    query = select(_RUNS).where(_RUNS.c.platform == platform, *succeeded).order_by(_RUNS.c.started_at.desc()).limit(1)
    last = (connection.execute(query)).mappings().one_or_none()
    return None if last is None or last["manifest_version"] != connector.version else dict(last)


def _resume(connection: Connection, connector: Connector, row: Mapping[str, Any]) -> ActiveRun:
    again = {"state": RunState.RUNNING, "finished_at": None, "error_code": None, "error": None}
    connection.execute(update(_RUNS).where(_RUNS.c.id == row["id"]).values(**again))
    return ActiveRun(
        id=row["id"],
        platform=row["platform"],
        access=connector.platform.access,
        version=row["manifest_version"],
        region=connector.platform.region,
        kind=HarvestKind(row["kind"]),
        since=row["since"],
        started_at=row["started_at"],
        days=None if row["first_day"] is None else Days(row["first_day"], row["last_day"]),
        checkpoint=json.loads(row["checkpoint"]),
        resumed=True,
        counts=RunCounts(**{name: row[name] for name in _COUNTS}),
        unmapped=known_values(connection, row["id"]),
    )


def _give_up(connection: Connection, now: datetime, platform: str, kind: HarvestKind) -> None:
    """Close every unfinished run of a platform whose lease we hold; those that list the same cannot be resumed."""
    end_dead(connection, now, _RUNS.c.platform == platform)
    replaced = (_RUNS.c.platform == platform) & _RUNS.c.kind.in_(alike(kind))
    connection.execute(delete(_SEEN).where(_SEEN.c.run_id.in_(select(_RUNS.c.id).where(replaced))))
    connection.execute(update(_RUNS).where(replaced, _RUNS.c.checkpoint.is_not(None)).values(checkpoint=None))


def _start(connection: Connection, run: ActiveRun, own: Mapping[str, Any] | None) -> ActiveRun:
    """Write the row of a run that begins with nothing, and return the run; `own` is the row it has from before."""
    row = {
        "platform": run.platform,
        "manifest_version": run.version,
        "kind": run.kind,
        "state": RunState.RUNNING,
        "since": run.since,
        "first_day": run.days and run.days.first,
        "last_day": run.days and run.days.last,
        "started_at": run.started_at,
        "finished_at": None,
        "error_code": None,
        "error": None,
        **asdict(run.counts),
    }
    if own is None:
        connection.execute(_RUNS.insert(), {"id": run.id, **row})
        return run
    connection.execute(update(_RUNS).where(_RUNS.c.id == run.id).values(row))
    connection.execute(delete(_VALUES).where(_VALUES.c.run_id == run.id))
    if own["first_day"] is not None:  # what an earlier attempt under this id has met is not met yet
        asked = _FACTS.c.day.between(own["first_day"], own["last_day"]) & (_FACTS.c.run_id == run.id)
        connection.execute(update(_FACTS).where(_FACTS.c.platform == run.platform, asked).values(run_id=""))
    return run
