"""Ending a run: what it did not meet is withdrawn, or what went wrong is written down."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncConnection

from connectors.errors import ConnectorError, Transient
from gateway.harvesting import quarantine, unmapped
from gateway.harvesting.leases import Lease, confirm
from gateway.harvesting.runs import HarvestKind, RunState
from gateway.harvesting.starting import ActiveRun
from gateway.harvesting.withdrawals import Refusal, withdraw_unmet
from gateway.storage import Database
from gateway.storage.tables import HarvestRunRow, HarvestSeen

LONGEST_ERROR = 2_000
_RUNS = HarvestRunRow.metadata.tables["harvest_runs"]
_SEEN = HarvestSeen.metadata.tables["harvest_seen"]


async def complete(database: Database, lease: Lease, run: ActiveRun, now: datetime) -> None:
    """End a run whose listing came to its end: withdrawals, settled findings and the final state commit together."""
    refusal: Refusal | None = None
    async with database.writing() as connection:
        await confirm(connection, lease, now)
        if run.kind is HarvestKind.FULL:
            outcome = await withdraw_unmet(connection, run.platform, run.id, run.counts.accepted, now)
            if isinstance(outcome, Refusal):
                refusal = outcome
            else:
                run.counts.withdrawn += outcome
                await quarantine.forget_others(connection, run.platform, run.id)
        if refusal is None:
            await unmapped.settle(connection, run.platform, run.id, run.kind)
        await connection.execute(delete(_SEEN).where(_SEEN.c.run_id == run.id))
        state = RunState.SUCCEEDED if refusal is None else RunState.PARTIAL
        said = {} if refusal is None else {"error_code": refusal.code, "error": refusal.message}
        await _close(connection, run, state, now, checkpoint=None, withdrawn=run.counts.withdrawn, **said)


async def stop(database: Database, lease: Lease, run: ActiveRun, error: ConnectorError, now: datetime) -> None:
    """End a run that its platform broke off; it can be resumed where a later attempt may succeed."""
    state = RunState.PARTIAL if run.counts.seen else RunState.FAILED
    said = {"error_code": error.code, "error": quarantine.storable(str(error))[:LONGEST_ERROR]}
    await _interrupt(database, lease, run, state, now, resumable=isinstance(error, Transient), **said)


async def cancel(database: Database, lease: Lease, run: ActiveRun, now: datetime) -> None:
    """End a run that was cancelled; the next one resumes it."""
    said = {"error_code": "CANCELLED", "error": "the run was cancelled; the next one resumes it"}
    await _interrupt(database, lease, run, RunState.CANCELLED, now, resumable=True, **said)


async def crash(database: Database, lease: Lease, run: ActiveRun, error: Exception, now: datetime) -> None:
    """End a run that met an error of our own; only its class is told, the log has the rest."""
    state = RunState.PARTIAL if run.counts.seen else RunState.FAILED
    said = {"error_code": "INTERNAL", "error": f"internal error: {type(error).__name__}"}
    await _interrupt(database, lease, run, state, now, resumable=False, **said)


async def _interrupt(
    database: Database, lease: Lease, run: ActiveRun, state: RunState, now: datetime, *, resumable: bool, **said: Any
) -> None:
    async with database.writing() as connection:
        await confirm(connection, lease, now)
        if resumable:
            await _close(connection, run, state, now, **said)
            return
        await connection.execute(delete(_SEEN).where(_SEEN.c.run_id == run.id))
        await _close(connection, run, state, now, checkpoint=None, **said)


async def _close(connection: AsyncConnection, run: ActiveRun, state: RunState, now: datetime, **values: Any) -> None:
    await connection.execute(update(_RUNS).where(_RUNS.c.id == run.id).values(state=state, finished_at=now, **values))
