"""Ending a run: what it did not meet is withdrawn, or what went wrong is written down."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, update

from connectors.errors import ConnectorError, Transient
from gateway.harvesting import quarantine, unmapped
from gateway.harvesting.leases import Lease, confirm
from gateway.harvesting.ports import TrainingIntake
from gateway.harvesting.runs import HarvestKind, RunState
from gateway.harvesting.starting import ActiveRun
from gateway.harvesting.training.withdrawals import withdraw_unlisted
from gateway.harvesting.unfinished import cancel_requested, end_cancelled
from gateway.harvesting.usage.withdrawals import withdraw_unreported
from gateway.harvesting.withdrawals import Refusal, withdraw_unmet
from gateway.storage.tables import HarvestRunRow, HarvestSeen

LONGEST_ERROR = 2_000
_RUNS = HarvestRunRow.metadata.tables["harvest_runs"]
_SEEN = HarvestSeen.metadata.tables["harvest_seen"]
_FAILED = {"failures": _RUNS.c.failures + 1}


def complete(
    connection: Connection, now: datetime, lease: Lease, run: ActiveRun, intake: TrainingIntake | None = None
) -> bool:
    """End a run whose listing came to its end: withdrawals, settled findings and the final state commit together.

    Returns False where it was cancelled instead, which withdraws nothing.
    """
    confirm(connection, now, lease)
    if (by := cancel_requested(connection, run.id)) is not None:
        end_cancelled(connection, now, run.id, by)
        return False
    withdrawn = _withdraw(connection, run, now, intake)
    connection.execute(delete(_SEEN).where(_SEEN.c.run_id == run.id))
    if isinstance(withdrawn, Refusal):
        said = {"error_code": withdrawn.code, "error": withdrawn.message}
        _close(connection, run, RunState.PARTIAL, now, checkpoint=None, **_FAILED, **said)
        return True
    if run.days is not None:
        quarantine.forget_other_usage(connection, run.platform, run.id, run.days)
    elif run.kind is HarvestKind.FULL:
        quarantine.forget_others(connection, run.platform, run.id)
    elif run.kind is HarvestKind.TRAINING and run.since is None:
        quarantine.forget_other_training(connection, run.platform, run.id)
    unmapped.settle(connection, run.platform, run.id, run.kind, complete=run.since is None)
    total = run.counts.withdrawn + withdrawn
    _close(connection, run, RunState.SUCCEEDED, now, checkpoint=None, withdrawn=total)
    return True


def _withdraw(connection: Connection, run: ActiveRun, now: datetime, intake: TrainingIntake | None) -> int | Refusal:
    """Withdraw what a complete listing no longer holds; an incremental one tells nothing of what it leaves out."""
    if run.days is not None:
        return withdraw_unreported(connection, run, run.days, now)
    if run.kind is HarvestKind.FULL:
        return withdraw_unmet(connection, run.platform, run.id, run.counts.accepted, now)
    if intake is not None and run.kind is HarvestKind.TRAINING and run.since is None:
        return withdraw_unlisted(connection, now, run, intake)
    return 0


def stop(connection: Connection, now: datetime, lease: Lease, run: ActiveRun, error: ConnectorError) -> None:
    """End a run that its platform broke off; it can be resumed where a later attempt may succeed."""
    state = RunState.PARTIAL if run.counts.seen else RunState.FAILED
    said = {"error_code": error.code, "error": quarantine.storable(str(error))[:LONGEST_ERROR], **_FAILED}
    _interrupt(connection, lease, run, state, now, resumable=isinstance(error, Transient), **said)


def cancel(connection: Connection, now: datetime, lease: Lease, run: ActiveRun) -> None:
    """End a run that was cancelled; the next one resumes it."""
    said = {"error_code": "CANCELLED", "error": "the run was cancelled; the next one resumes it"}
    _interrupt(connection, lease, run, RunState.CANCELLED, now, resumable=True, **said)


def pause(connection: Connection, now: datetime, lease: Lease, run: ActiveRun) -> None:
    """Put a run back in the queue because this process ends; whoever takes it goes on behind its last page."""
    confirm(connection, now, lease)
    if (by := cancel_requested(connection, run.id)) is not None:
        end_cancelled(connection, now, run.id, by)
    else:
        running = (_RUNS.c.id == run.id) & (_RUNS.c.state == RunState.RUNNING)
        connection.execute(update(_RUNS).where(running).values(state=RunState.QUEUED))


def crash(connection: Connection, now: datetime, lease: Lease, run: ActiveRun, error: Exception) -> None:
    """End a run that met an error of our own; only its class is told, the log has the rest."""
    state = RunState.PARTIAL if run.counts.seen else RunState.FAILED
    said = {"error_code": "INTERNAL", "error": f"internal error: {type(error).__name__}", **_FAILED}
    _interrupt(connection, lease, run, state, now, resumable=False, **said)


def _interrupt(
    connection: Connection,
    lease: Lease,
    run: ActiveRun,
    state: RunState,
    now: datetime,
    *,
    resumable: bool,
    **said: Any,
) -> None:
    confirm(connection, now, lease)
    if (by := cancel_requested(connection, run.id)) is not None:
        end_cancelled(connection, now, run.id, by)
        return
    if not resumable:
        connection.execute(delete(_SEEN).where(_SEEN.c.run_id == run.id))
        said["checkpoint"] = None
    _close(connection, run, state, now, **said)


def _close(connection: Connection, run: ActiveRun, state: RunState, now: datetime, **values: Any) -> None:
    """Write the end of a run, unless the transaction that its interruption met has ended it."""
    running = (_RUNS.c.id == run.id) & (_RUNS.c.state == RunState.RUNNING)
    connection.execute(update(_RUNS).where(running).values(state=state, finished_at=now, **values))
