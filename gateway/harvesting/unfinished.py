"""The one run of a platform that waits or is under way, and how it ends when nobody carries it out any more."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, or_, select, update

from gateway.harvesting.runs import HarvestKind, RunState, alike
from gateway.storage.tables import HarvestRunRow, HarvestSeen

UNFINISHED = (RunState.QUEUED, RunState.RUNNING)
RESUMABLE_FOR = timedelta(hours=24)
_RUNS = HarvestRunRow.metadata.tables["harvest_runs"]
_SEEN = HarvestSeen.metadata.tables["harvest_seen"]


def latest(connection: Connection, platform: str, kind: HarvestKind) -> Mapping[str, Any] | None:
    """The platform's unfinished run, whatever its kind, else the one that began last of those that list the same."""
    unfinished = _RUNS.c.state.in_(UNFINISHED)
    order = (unfinished.desc(), _RUNS.c.started_at.desc(), _RUNS.c.id)
    sought = (_RUNS.c.platform == platform, or_(unfinished, _RUNS.c.kind.in_(alike(kind))))
    query = select(_RUNS).where(*sought).order_by(*order).limit(1)
    row = (connection.execute(query)).mappings().one_or_none()
    return None if row is None else dict(row)


def resumable(run: Mapping[str, Any], kind: HarvestKind, version: int, now: datetime) -> bool:
    """Whether a run of this kind and manifest version may go on behind the checkpoint that another one left."""
    fits = run["kind"] == kind and run["manifest_version"] == version
    return fits and run["checkpoint"] is not None and now - run["started_at"] < RESUMABLE_FOR


def cancel_requested(connection: Connection, run_id: str) -> str | None:
    """Who asked that a run end; exact for who holds the lock of the platform's lease."""
    asked = select(_RUNS.c.cancel_requested_by).where(_RUNS.c.id == run_id)
    by: str | None = (connection.execute(asked)).scalar_one_or_none()
    return by


def end_dead(connection: Connection, now: datetime, condition: ColumnElement[bool]) -> None:
    """End the running ones among some runs whose platform's lease we hold: nobody carries them out any more."""
    dead = condition & (_RUNS.c.state == RunState.RUNNING)
    reason = {"error_code": "INTERRUPTED", "error": "the process ended before the run did", "finished_at": now}
    connection.execute(update(_RUNS).where(dead, _RUNS.c.seen > 0).values(state=RunState.PARTIAL, **reason))
    connection.execute(update(_RUNS).where(dead).values(state=RunState.FAILED, **reason))


def end_cancelled(connection: Connection, now: datetime, run_id: str, by: str) -> None:
    """End a run because somebody asked for it: what it stored stays, and no later run resumes it."""
    connection.execute(delete(_SEEN).where(_SEEN.c.run_id == run_id))
    said = {"error_code": "CANCELLED", "error": f"cancelled by {by}", "cancel_requested_by": by}
    ended = {"state": RunState.CANCELLED, "finished_at": now, "checkpoint": None, **said}
    connection.execute(update(_RUNS).where(_RUNS.c.id == run_id).values(ended))
