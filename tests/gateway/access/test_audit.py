"""The audit log: lines that are only added, each with its transaction, and listed newest first."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select, text

from gateway.access.audit import AuditLog
from gateway.access.audit_report import AuditHead, AuditReport
from gateway.errors import InvalidInput
from gateway.storage import Database
from tests.gateway.access.audit_lines import (
    LINES,
    RolledBack,
    at,
    event,
    written,
)
from tests.gateway.access.stored_agreements import KEYS, LOG, NOON, Clock


async def test_lines_are_numbered_without_gaps_and_their_chain_verifies(database: Database) -> None:
    empty = await AuditLog(database, KEYS, Clock()).verify()
    assert empty == AuditReport(0, f"0:{'0' * 64}", (), 0)
    log = await written(database)
    report = await log.verify(AuditHead.parse(empty.head))
    async with database.reading() as connection:
        [last] = await connection.execute(select(LOG.c.hash).where(at(LINES)))
    assert report == AuditReport(LINES, f"{LINES}:{last.hash.hex()}", (), 0)
    await log.note()
    assert await log.verify() == report
    await log.note(*(event(number) for number in range(2_500)))
    later = await log.verify(AuditHead.parse(report.head))
    assert (later.rows, later.problems) == (LINES + 2_500, ())


async def test_a_line_stands_and_falls_with_its_transaction(database: Database) -> None:
    log = await written(database, 2)

    def work(connection: Connection) -> None:
        log.append(connection, NOON, event(3))
        log.append(connection, NOON, event(4), event(5))
        raise RolledBack

    with pytest.raises(RolledBack):
        await database.transact(work)
    assert (await log.verify()).rows == 2
    await log.note(event(3))
    assert (await log.verify()).is_sound


async def test_lines_of_many_writers_at_once_make_one_chain(database: Database) -> None:
    log = AuditLog(database, KEYS, Clock())
    await asyncio.gather(*(log.note(*(event(number) for number in range(1 + number % 3))) for number in range(30)))
    report = await log.verify()
    assert (report.rows, report.problems) == (60, ())


async def test_text_that_a_database_refuses_or_a_column_cannot_hold_keeps_no_line_out(database: Database) -> None:
    log = AuditLog(database, KEYS, Clock())
    odd = "\ud800\x00" + "张" * 300
    await log.note(event(1, principal=odd, action=odd, trace_id=odd, subjects=(odd,), detail={"x": odd, "y": NOON}))
    assert (await log.verify()).is_sound
    [entry] = await log.entries(subject=odd)
    assert (entry.event.principal, entry.event.action) == ("??" + "张" * 198, "??" + "张" * 48)
    assert entry.event.detail == {"x": odd, "y": str(NOON)}


async def test_lines_are_listed_newest_first_by_subject_principal_and_instant(database: Database) -> None:
    log = await written(database)
    await log.note(event(13, subjects=('Teacher:"1"', "teacher:1", "Teacher:11")))

    async def listed(**asked: Any) -> list[int]:
        return [entry.sequence for entry in await log.entries(**asked)]

    assert await listed() == list(range(13, 0, -1))
    assert await listed(limit=3) == [13, 12, 11]
    assert await listed(subject="Teacher:1") == [11, 9, 7, 5, 3, 1]
    assert await listed(subject='Teacher:"1"') == [13]
    assert await listed(subject="Teacher:%") == []
    assert await listed(principal="office 2") == [11, 8, 5, 2]
    assert await listed(since=NOON + timedelta(seconds=10)) == [13, 12, 11]
    assert await listed(subject="Teacher:1", principal="office 2", limit=1) == [11]
    [entry] = await log.entries(subject="TrainingRecord:12")
    assert (entry.at, entry.event) == (datetime(2026, 11, 10, 4, 0, 11, 250, UTC), event(12))


UNREADABLE = {
    "subjects = '[', fields = '['": "line 4",
    "outcome = 'GIVEN'": "line 4",
    "detail = 'null'": "line 4",
    "at = '{instant}'": "a line",
}


@pytest.mark.parametrize("assignment", UNREADABLE)
async def test_a_line_that_cannot_be_read_any_more_is_told_in_a_list(database: Database, assignment: str) -> None:
    log = await written(database)
    instant = "never" if database.is_sqlite else "200000-01-01 00:00:00+00"
    async with database.writing() as connection:
        change = f"UPDATE audit_log SET {assignment.format(instant=instant)} WHERE sequence = 4"  # noqa: S608  # ours
        assert (await connection.execute(text(change))).rowcount == 1
    told = f"{UNREADABLE[assignment]} of the audit log was changed; see `shanhai audit verify`"
    with pytest.raises(InvalidInput, match=told):
        await log.entries()
    assert [entry.sequence for entry in await log.entries(subject="TrainingRecord:12")] == [12]
    assert not (await log.verify()).is_sound
