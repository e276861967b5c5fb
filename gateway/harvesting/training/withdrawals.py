"""Training records that a complete listing no longer holds; an implausible share of them is kept."""

from datetime import datetime

from sqlalchemy import Connection

from gateway.harvesting.ports import TrainingIntake
from gateway.harvesting.starting import ActiveRun
from gateway.harvesting.training.pages import facts
from gateway.harvesting.withdrawals import EMPTY_LISTING, Refusal, implausible


def withdraw_unlisted(connection: Connection, now: datetime, run: ActiveRun, intake: TrainingIntake) -> int | Refusal:
    """Withdraw what a complete run of everything has not met; returns how many records, or why none."""
    leaving, stored = intake.unlisted(connection, facts(run))
    if run.counts.accepted == 0:
        if stored == 0:
            return 0
        return Refusal(EMPTY_LISTING, f"the listing holds no valid record, {stored} stored ones are kept")
    refusal = implausible(leaving, stored, "training records are no longer listed")
    return intake.withdraw(connection, now, facts(run)) if refusal is None else refusal
