"""The queue: runs are asked for and cancelled from anywhere, and found by whichever node has a hand free.

Every decision is made behind the lock of the platform's lease row, so that a request, a cancellation and the pages of a
running harvest never cross.
"""

import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, literal_column, select, update

from gateway.errors import InvalidInput
from gateway.harvesting import leases
from gateway.harvesting.errors import HarvestInProgress, RunEnded
from gateway.harvesting.runs import RESOURCES, HarvestKind, RunCounts, RunState
from gateway.harvesting.unfinished import UNFINISHED, end_cancelled, latest, resumable
from gateway.storage.tables import HarvestLease, HarvestRunRow, HarvestSeen

LONGEST_NAME = 200
_RUNS = HarvestRunRow.metadata.tables["harvest_runs"]
_SEEN = HarvestSeen.metadata.tables["harvest_seen"]
_LEASES = HarvestLease.metadata.tables["harvest_leases"]
_IS_UNFINISHED: ColumnElement[bool] = literal_column("state IN ('QUEUED', 'RUNNING')")
"""In the words of the index on unfinished runs, without parameters."""


@dataclass(frozen=True, slots=True)
class WaitingRun:
    """A run that nobody carries out at the moment: queued, or left behind by a process that ended."""

    id: str
    platform: str
    kind: HarvestKind


def request(
    connection: Connection, now: datetime, platform: str, kind: HarvestKind, version: int, by: str, *, join: bool = True
) -> str:
    """Queue a run and return its id; raises `HarvestInProgress` while the platform has an unfinished one.

    With `join`, a run of this kind that waits already is the one that is asked for. Where the last run left a
    checkpoint that can be used, it is that run which is queued again. An interrupted full run is also finished by who
    asks for an incremental one.
    """
    leases.lock(connection, now, platform)
    last = latest(connection, platform, kind)
    if join and last is not None and last["state"] == RunState.QUEUED and last["kind"] == kind:
        return str(last["id"])
    if last is not None and last["state"] in UNFINISHED:
        raise HarvestInProgress(
            f"platform {platform!r} has an unfinished run already: {last['id']} is {last['state']}", platform=platform
        )
    finishing = (kind, HarvestKind.FULL) if kind in RESOURCES else (kind,)
    if last is not None and any(resumable(last, each, version, now) for each in finishing):
        again = {"state": RunState.QUEUED, "finished_at": None, "error_code": None, "error": None}
        connection.execute(
            update(_RUNS).where(_RUNS.c.id == last["id"]).values(**again, requested_by=by[:LONGEST_NAME])
        )
        return str(last["id"])
    run_id = uuid.uuid4().hex
    row = {"id": run_id, "platform": platform, "manifest_version": version, "kind": kind, "state": RunState.QUEUED}
    counts = asdict(RunCounts())
    connection.execute(_RUNS.insert(), {**row, **counts, "started_at": now, "requested_by": by[:LONGEST_NAME]})
    return run_id


def cancel(connection: Connection, now: datetime, run_id: str, by: str) -> None:
    """End a queued run now and a running one at its next page; raises `RunEnded`, or InvalidInput for an unknown id."""
    platform = (connection.execute(select(_RUNS.c.platform).where(_RUNS.c.id == run_id))).scalar_one_or_none()
    if platform is None:
        raise InvalidInput(f"run: there is no run {run_id!r}")
    leases.lock(connection, now, platform)
    state = (connection.execute(select(_RUNS.c.state).where(_RUNS.c.id == run_id))).scalar_one()
    if state not in UNFINISHED:
        raise RunEnded(f"run {run_id} is over: {state}; only queued and running ones can be cancelled")
    if state == RunState.QUEUED:
        end_cancelled(connection, now, run_id, by[:LONGEST_NAME])
    else:
        asked = {"cancel_requested_by": by[:LONGEST_NAME]}
        connection.execute(update(_RUNS).where(_RUNS.c.id == run_id).values(asked))


def queued(connection: Connection, platform: str) -> WaitingRun | None:
    """The run that waits for a worker at a platform."""
    columns = (_RUNS.c.id, _RUNS.c.platform, _RUNS.c.kind)
    waits = (_RUNS.c.platform == platform, _RUNS.c.state == RunState.QUEUED)
    row = (connection.execute(select(*columns).where(*waits))).one_or_none()
    return None if row is None else WaitingRun(row.id, row.platform, HarvestKind(row.kind))


def waiting(connection: Connection, now: datetime) -> list[WaitingRun]:
    """Unfinished runs whose platform nobody harvests, oldest first."""
    columns = (_RUNS.c.id, _RUNS.c.platform, _RUNS.c.kind, _LEASES.c.holder, _LEASES.c.expires_at)
    leased = _RUNS.outerjoin(_LEASES, _RUNS.c.platform == _LEASES.c.platform)
    found = connection.execute(
        select(*columns).select_from(leased).where(_IS_UNFINISHED).order_by(_RUNS.c.started_at, _RUNS.c.id)
    )
    return [
        WaitingRun(row.id, row.platform, HarvestKind(row.kind))
        for row in found
        if row.holder is None or not leases.is_held(row.holder, row.expires_at, now)
    ]


def fail(connection: Connection, now: datetime, run: WaitingRun, code: str, message: str) -> None:
    """End a run that could not be started; nothing happens where it is over or somebody carries it out."""
    try:
        lease = leases.acquire(connection, now, run.platform)
    except HarvestInProgress:
        return
    of_run = (_RUNS.c.id == run.id) & _RUNS.c.state.in_(UNFINISHED)
    said: dict[str, Any] = {"error_code": code, "error": message, "failures": _RUNS.c.failures + 1}
    said |= {"finished_at": now, "checkpoint": None}
    connection.execute(update(_RUNS).where(of_run, _RUNS.c.seen > 0).values(state=RunState.PARTIAL, **said))
    connection.execute(update(_RUNS).where(of_run).values(state=RunState.FAILED, **said))
    connection.execute(delete(_SEEN).where(_SEEN.c.run_id == run.id))
    leases.release(connection, now, lease)
