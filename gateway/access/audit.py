"""The audit log: lines that are only ever added, each with a keyed hash over itself and the line before."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from gateway.access.audit_chain import COLUMNS, GENESIS, TABLE, digest_of, instant_as_stored
from gateway.access.audit_report import AuditHead, AuditReport, verify_chain
from gateway.clock import Clock
from gateway.errors import GatewayError, InvalidInput
from gateway.identity import Principal, Purpose
from gateway.keyed import KeyedHash
from gateway.personal import Action, AuditEvent, AuditOutcome
from gateway.storage import Database
from gateway.storage.sequences import AUDIT, reserve_numbers

_VERIFY = "see `shanhai audit verify`"
_LONGEST = {"principal": 200, "action": 50, "trace_id": 64}


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the log with its place and instant (UTC)."""

    sequence: int
    at: datetime
    event: AuditEvent


class AuditLog:
    """Writes, reads and verifies the log; without the key nobody can write a line that verifies."""

    def __init__(self, database: Database, keys: KeyedHash, clock: Clock) -> None:
        self._database, self._keys, self._clock = database, keys, clock

    def append(self, connection: Connection, now: datetime, *events: AuditEvent) -> None:
        """Write lines within a transaction; call it late, the log is locked to the end of it."""
        if not events:
            return
        numbers = reserve_numbers(connection, AUDIT, len(events))
        before = select(COLUMNS.hash).where(COLUMNS.sequence == numbers[0] - 1)
        previous: bytes = connection.execute(before).scalar() or GENESIS
        lines = []
        for number, event in zip(numbers, events, strict=True):
            line = {**_line(event), "sequence": number, "at": instant_as_stored(now), "previous": previous}
            previous = digest_of(self._keys, line)
            lines.append({**line, "at": now, "hash": previous})
        connection.execute(insert(TABLE), lines)

    async def note(self, *events: AuditEvent) -> None:
        """Write lines in a transaction of their own; without events nothing is done."""
        if events:
            now = self._clock()
            await self._database.transact(lambda connection: self.append(connection, now, *events))

    async def note_refusal(
        self, who: Principal, action: Action, refusal: GatewayError, subjects: tuple[str, ...] = (), **detail: Any
    ) -> None:
        """Write that an action was refused, and by which code; the caller raises it.

        Who asks without credentials is refused without a line: it would name nobody, and anybody could fill the log.
        """
        if who.is_anonymous:
            return
        told = {**detail, "code": refusal.code}
        await self.note(AuditEvent(who.name, who.purpose, action, AuditOutcome.REFUSED, subjects, detail=told))

    async def verify(self, head: AuditHead | None = None) -> AuditReport:
        """Check every line and the counter, and that the log still holds a head that was noted elsewhere."""
        async with self._database.reading() as connection:
            return await connection.run_sync(verify_chain, self._keys, head)

    async def entries(
        self,
        *,
        subject: str | None = None,
        principal: str | None = None,
        since: datetime | None = None,
        limit: int = 50,
    ) -> list[AuditEntry]:
        """At most so many lines, newest first: about one subject, of one principal, from an instant on.

        Raises InvalidInput for a line that was tampered with so that it cannot be read.
        """
        statement = select(TABLE).order_by(COLUMNS.sequence.desc()).limit(limit)
        if subject is not None:
            named = json.dumps(subject)
            statement = statement.where(func.replace(COLUMNS.subjects, named, "") != COLUMNS.subjects)
        if principal is not None:
            statement = statement.where(COLUMNS.principal == principal)
        if since is not None:
            statement = statement.where(COLUMNS.at >= since)
        async with self._database.reading() as connection:
            try:
                return [_entry(row) for row in await connection.execute(statement)]
            except (ValueError, TypeError, OverflowError):  # from the types of the columns
                raise InvalidInput(f"a line of the audit log was changed; {_VERIFY}") from None


def _line(event: AuditEvent) -> dict[str, Any]:
    """What stands in the columns of an event; JSON is ASCII, which every database takes."""
    return {
        "principal": _kept("principal", event.principal),
        "purpose": None if event.purpose is None else event.purpose.value,
        "action": _kept("action", event.action),
        "outcome": event.outcome.value,
        "subjects": _json(event.subjects),
        "fields": _json(event.fields),
        "detail": _json(event.detail),
        "trace_id": _kept("trace_id", event.trace_id),
    }


def _kept(column: str, text: str) -> str:
    """Text as long as its column, without what PostgreSQL refuses: a name from outside must not keep a line out."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "?")[: _LONGEST[column]]


def _json(value: Sequence[str] | Mapping[str, Any]) -> str:
    return json.dumps(dict(value) if isinstance(value, Mapping) else list(value), sort_keys=True, default=str)


def _entry(row: Row[Any]) -> AuditEntry:
    try:
        return AuditEntry(row.sequence, row.at, _event(row))
    except (ValueError, TypeError):
        raise InvalidInput(f"line {row.sequence} of the audit log was changed; {_VERIFY}") from None


def _event(row: Row[Any]) -> AuditEvent:
    return AuditEvent(
        principal=row.principal,
        purpose=None if row.purpose is None else Purpose(row.purpose),
        action=row.action,
        outcome=AuditOutcome(row.outcome),
        subjects=tuple(json.loads(row.subjects)),
        fields=tuple(json.loads(row.fields)),
        detail=dict(json.loads(row.detail)),
        trace_id=row.trace_id,
    )
