"""The audit log as operators' commands need it: one line in the transaction of what was done."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection

from gateway.personal import AuditEvent, AuditOutcome


class Log(Protocol):
    """What a guard offers, and the audit log by itself."""

    def append(self, connection: Connection, now: datetime, event: AuditEvent) -> None:
        """Write a line; call it late, the log is locked to the end of the transaction."""
        ...


def done(action: str, by: str, teachers: Collection[str] = (), detail: Mapping[str, Any] | None = None) -> AuditEvent:
    """That an operator did something to teachers, by ids of ours."""
    subjects = tuple(f"Teacher:{teacher}" for teacher in teachers)
    return AuditEvent(by, None, action, AuditOutcome.ALLOWED, subjects=subjects, detail=detail or {})
