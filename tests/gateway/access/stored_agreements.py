"""Agreements in a database as tests lay them down, and the service with a clock that is moved by hand."""

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import delete, insert, select

from gateway.access.service import AccessService, open_access
from gateway.identity import Purpose
from gateway.keyed import KeyedHash
from gateway.storage import Database
from gateway.storage.tables.access import AuditRow, SharingAgreementRow

KEYS = KeyedHash(b"k" * 32)
NOON = datetime(2026, 11, 10, 4, tzinfo=UTC)
"""Noon of a day in China."""
TODAY = date(2026, 11, 10)
SICHUAN, CHONGQING, YUZHONG, NEIJIANG, CHENGDU, ZIBO = "510000", "500000", "500103", "511000", "510100", "370300"
SHARED = ("Teacher.name", "TrainingRecord.title")
AGREEMENTS = SharingAgreementRow.metadata.tables["sharing_agreements"]
LOG = AuditRow.metadata.tables["audit_log"]


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: datetime = field(default=NOON)

    def __call__(self) -> datetime:
        return self.now


def service(database: Database, clock: Clock | None = None) -> AccessService:
    """Access over a database."""
    return open_access(database, KEYS, clock or Clock())


async def lay_down(database: Database, **changed: Any) -> str:
    """One agreement by which 四川 shows 重庆 two fields for the recognition of credit, in place of all there were."""
    row = {
        "id": "a" * 32,
        "from_region": SICHUAN,
        "to_region": CHONGQING,
        "purposes": json.dumps([Purpose.CREDIT_RECOGNITION]),
        "fields": json.dumps(SHARED),
        "valid_from": TODAY,
        "valid_to": TODAY,
        "basis": "单独同意",
        "state": "ACTIVE",
        "proposed_by": "office of 510000",
        "proposed_for": SICHUAN,
        "proposed_at": NOON,
    } | changed
    async with database.writing() as connection:
        await connection.execute(delete(AGREEMENTS))
        await connection.execute(insert(AGREEMENTS).values(row))
    return str(row["id"])


async def rows_of(database: Database) -> list[Any]:
    """Every agreement by id, with all its columns."""
    async with database.reading() as connection:
        return [tuple(row) for row in await connection.execute(select(AGREEMENTS).order_by(AGREEMENTS.c.id))]


async def audited(database: Database) -> list[tuple[str, ...]]:
    """Lines of the audit log, oldest first: who, action, outcome, subjects, detail."""
    columns = (LOG.c.principal, LOG.c.action, LOG.c.outcome, LOG.c.subjects, LOG.c.detail)
    async with database.reading() as connection:
        return [tuple(row) for row in await connection.execute(select(*columns).order_by(LOG.c.sequence))]
