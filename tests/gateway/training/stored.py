"""Teachers, accounts and records in a real database, written directly, and resources as a test wants them to stand."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, insert, select

from gateway.keyed import KeyedHash
from gateway.storage.tables import TeacherAccountRow, TeacherRow, TrainingRecordRow
from gateway.training.credit.activities import activity_key
from gateway.training.ports import ResourceName, ResourceState

NOON = datetime(2026, 11, 1, 4, tzinfo=UTC)
"""Noon in China."""
KEYS = KeyedHash(b"k" * 32)
TITLE = "同步教研"

_TEACHERS = TeacherRow.metadata.tables["teachers"]
_ACCOUNTS = TeacherAccountRow.metadata.tables["teacher_accounts"]
_RECORDS = TrainingRecordRow.metadata.tables["training_records"]


@dataclass
class Resources:
    """The catalog as a test wants it; `moved` are names and their catalog sequences."""

    known: dict[ResourceName, ResourceState] = field(default_factory=dict)
    moved: list[tuple[ResourceName, int]] = field(default_factory=list)

    def put(self, name: ResourceName, state: ResourceState) -> None:
        """Change a resource, at the next sequence."""
        self.known[name] = state
        self.moved.append((name, len(self.moved) + 1))

    def states(self, _connection: Connection, names: Collection[ResourceName]) -> Mapping[ResourceName, ResourceState]:
        """One entry for each name."""
        return {name: self.known.get(name, ResourceState.UNKNOWN) for name in names}

    def changed(self, _connection: Connection, after: int, most: int) -> tuple[list[ResourceName], int]:
        """Resources after a sequence, and the last sequence."""
        newer = [(name, sequence) for name, sequence in self.moved if sequence > after][:most]
        return [name for name, _ in newer], newer[-1][1] if newer else after


def add_teacher(connection: Connection, teacher: str, *, at: datetime = NOON) -> str:
    """A person, unless there is one of this id; answers the id."""
    found = connection.execute(select(_TEACHERS.c.id).where(_TEACHERS.c.id == teacher)).first()
    if found is None:
        connection.execute(insert(_TEACHERS), {"id": teacher, "created_at": at})
    return teacher


def add_account(connection: Connection, account: str, *, teacher: str = "", **fields: Any) -> str:
    """An account and its person, whose id is `teacher` or else that of the account; answers the account's id.

    On platform chongqing in region 500103 unless the fields (columns of `teacher_accounts`) say otherwise.
    """
    person = add_teacher(connection, teacher or account)
    row = {"platform": "chongqing", "native_id": f"native-{account}", "region": "500103", "updated_at": NOON, **fields}
    hashed = KEYS.hex("teacher", row["platform"], row["native_id"] or account)
    whose = {"teacher_id": person, "origin_id": person}
    connection.execute(insert(_ACCOUNTS), {"id": account, "native_key": hashed, **whose, **row})
    return account


def record_values(record: str, account: str, **fields: Any) -> dict[str, Any]:
    """The row of a recognized course of 8 hours in 渝中, with any column said otherwise.

    `activity_key` follows the title, and `region` the platform sichuan to 510000.
    """
    platform = fields.get("platform", "chongqing")
    row: dict[str, Any] = {
        "id": record,
        "platform": platform,
        "native_id": record if platform == "" else f"native-{record}",
        "account_id": account,
        "region": "510000" if platform == "sichuan" else "500103",
        "title": TITLE,
        "kind": "COURSE",
        "level": "DISTRICT",
        "form": "ONLINE",
        "role": "PARTICIPANT",
        "starts_on": date(2026, 3, 1),
        "ends_on": date(2026, 3, 1),
        "quantity": Decimal(8),
        "unit": "HOUR",
        "outcome": "COMPLETED",
        "state": "RECOGNIZED",
        "version": 1,
        "digest": "0" * 64,
        "fetched_at": NOON,
        "created_at": NOON,
        "updated_at": NOON,
        **fields,
    }
    row.setdefault("reported_state", row["state"])
    row.setdefault("activity_key", activity_key(KEYS, row["title"] or ""))
    return row


def add_record(connection: Connection, record: str, account: str, **fields: Any) -> str:
    """Store what `record_values` says; answers the record's id."""
    values = record_values(record, account, **fields)
    connection.execute(insert(_RECORDS), values)
    return record
