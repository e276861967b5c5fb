"""An audit log with lines in it, and tampering that is undone afterwards."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Executable, update

from gateway.access.audit import AuditLog
from gateway.access.audit_report import AuditHead, AuditReport, verify_chain
from gateway.identity import Purpose
from gateway.personal import AuditEvent, AuditOutcome
from gateway.storage import Database
from gateway.storage.sequences import AUDIT
from gateway.storage.tables import ChangeCounter
from tests.gateway.access.stored_agreements import KEYS, LOG, NOON, Clock

COUNTERS = ChangeCounter.metadata.tables["change_counters"]
LINES = 12


class RolledBack(Exception):
    """Ends a transaction that must leave no trace."""


def event(number: int, **changed: Any) -> AuditEvent:
    kept: dict[str, Any] = {
        "principal": f"office {number % 3}",
        "purpose": (None, *Purpose)[number % 6],
        "action": "trainingRecords",
        "outcome": AuditOutcome.ALLOWED if number % 4 else AuditOutcome.REFUSED,
        "subjects": (f"TrainingRecord:{number}", f"Teacher:{number % 2}"),
        "fields": ("TrainingRecord.title",),
        "detail": {"version": number},
        "trace_id": f"{number:032x}",
    }
    return AuditEvent(**kept | changed)


async def written(database: Database, count: int = LINES) -> AuditLog:
    """A log of so many lines, a second apart."""
    clock = Clock(NOON + timedelta(microseconds=250))
    log = AuditLog(database, KEYS, clock)
    for number in range(1, count + 1):
        await log.note(event(number))
        clock.now += timedelta(seconds=1)
    return log


async def verified_after(
    database: Database, tamper: Callable[[Connection], object], head: AuditHead | None = None
) -> AuditReport:
    """What verification says while the log is tampered with, which is undone afterwards."""
    reports: list[AuditReport] = []

    def work(connection: Connection) -> None:
        tamper(connection)
        reports.append(verify_chain(connection, KEYS, head))
        raise RolledBack

    with pytest.raises(RolledBack):
        await database.transact(work)
    return reports[0]


def executing(statement: Executable) -> Callable[[Connection], object]:
    """Tampering by one statement."""
    return lambda connection: connection.execute(statement)


def at(sequence: int) -> Any:
    return LOG.c.sequence == sequence


def counter(value: int) -> Any:
    return update(COUNTERS).where(COUNTERS.c.name == AUDIT).values(value=value)
