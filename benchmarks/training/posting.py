"""Postings into a database: records of many teachers are stored and posted a page at a time, then all is reconciled."""

import asyncio
import time
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert

from benchmarks.training.conversions import Pace, claims
from gateway.storage import Database
from gateway.storage.tables import TeacherAccountRow, TeacherRow, TrainingRecordRow
from gateway.training.credit.posting import Posting
from gateway.training.credit.rules import builtin_rules, synchronize_rules
from gateway.training.ports import ResourceName, ResourceState

NOW = datetime(2026, 11, 1, 4, tzinfo=UTC)
WRITERS = 8
"""Officers who enter records at the same time."""
_TEACHERS = TeacherRow.metadata.tables["teachers"]
_ACCOUNTS = TeacherAccountRow.metadata.tables["teacher_accounts"]
_RECORDS = TrainingRecordRow.metadata.tables["training_records"]
_NOT_STORED = {"person", "resource", "withdrawn", "erased", "resource_state"}


class NoResources:
    """A catalog without any resource."""

    def states(self, _connection: Connection, names: Collection[ResourceName]) -> Mapping[ResourceName, ResourceState]:
        """Unknown, all of them."""
        return dict.fromkeys(names, ResourceState.UNKNOWN)

    def changed(self, _connection: Connection, after: int, _most: int) -> tuple[list[ResourceName], int]:
        """None."""
        return [], after


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured: records posted in pages, one by one, by several writers at once, and a reconciliation."""

    pages: Pace
    singles: Pace
    contended: Pace
    reconciled: Pace
    lines: int


async def measure(database: Database, people: int, records: int, page: int) -> Figures:
    """Post so many records of each of so many teachers, in pages of so many records."""
    posting = Posting(NoResources(), samples=True)
    await synchronize_rules(database, NOW, builtin_rules())
    await database.transact(lambda connection: _add_people(connection, people))
    rows = [row for number in range(people) for row in _rows(records, f"p{number}")]
    rows.sort(key=lambda row: row["starts_on"])
    ones, crowd, rows = rows[:200], rows[200:400], rows[400:]
    lines, began = 0, time.perf_counter()
    for start in range(0, len(rows), page):
        lines += await _store(database, posting, rows[start : start + page])
    pages = Pace(len(rows), time.perf_counter() - began)
    began = time.perf_counter()
    for row in ones:
        lines += await _store(database, posting, [row])
    singles = Pace(len(ones), time.perf_counter() - began)
    began = time.perf_counter()
    lines += sum(await asyncio.gather(*(_one_by_one(database, posting, crowd[own::WRITERS]) for own in range(WRITERS))))
    contended = Pace(len(crowd), time.perf_counter() - began)
    began = time.perf_counter()
    if await posting.repost_all(database, lambda: NOW):
        raise RuntimeError("a reconciliation of a complete ledger wrote lines")
    return Figures(pages, singles, contended, Pace(people * records, time.perf_counter() - began), lines)


async def _one_by_one(database: Database, posting: Posting, rows: list[dict[str, Any]]) -> int:
    return sum([await _store(database, posting, [row]) for row in rows])


async def _store(database: Database, posting: Posting, rows: list[dict[str, Any]]) -> int:
    def work(connection: Connection) -> int:
        connection.execute(insert(_RECORDS), rows)
        return posting.post(connection, NOW, {row["account_id"] for row in rows})

    return await database.transact(work)


def _add_people(connection: Connection, people: int) -> None:
    names = [f"p{number}" for number in range(people)]
    connection.execute(insert(_TEACHERS), [{"id": name, "created_at": NOW} for name in names])
    said = {"platform": "chongqing", "region": "500103", "updated_at": NOW}
    rows = [{"id": name, "native_key": name, "teacher_id": name, "origin_id": name, **said} for name in names]
    connection.execute(insert(_ACCOUNTS), rows)


def _rows(records: int, person: str) -> list[dict[str, Any]]:
    filled = {"version": 1, "digest": "0" * 64, "fetched_at": NOW, "updated_at": NOW, "reported_state": "RECOGNIZED"}
    return [
        {name: value for name, value in asdict(claim).items() if name not in _NOT_STORED}
        | {"native_id": claim.id, "title": claim.activity_key, **filled}
        for claim in claims(records, person)
    ]
