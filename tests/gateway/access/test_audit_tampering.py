"""The chain of the audit log, in which every tampering shows."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, select, text, update

from gateway.access.audit import AuditLog
from gateway.access.audit_report import MOST_PROBLEMS, AuditHead
from gateway.errors import InvalidInput
from gateway.identity import Purpose
from gateway.keyed import KeyedHash
from gateway.storage import Database
from gateway.storage.sequences import AUDIT
from tests.gateway.access.audit_lines import (
    COUNTERS,
    LINES,
    at,
    counter,
    event,
    executing,
    verified_after,
    written,
)
from tests.gateway.access.stored_agreements import LOG, NOON, Clock


def mutated(column: str, value: Any, chance: random.Random) -> Any:
    """Another value that the column takes."""
    if column == "purpose":
        return chance.choice([each for each in (None, "", *map(str, Purpose)) if each != value])
    if isinstance(value, bytes):
        place = chance.randrange(len(value))
        return value[:place] + bytes([value[place] ^ 1 << chance.randrange(8)]) + value[place + 1 :]
    if isinstance(value, datetime):
        return value + chance.choice((-1, 1)) * timedelta(microseconds=10 ** chance.randrange(12))
    if isinstance(value, int):
        return value + chance.choice((-1, 1)) * chance.choice((100, 10**6))
    longer = "".join(chance.choice("aA0 张") for _ in range(chance.randrange(1, 4)))
    place = chance.randrange(len(value) + 1)
    return chance.choice([value[:place] + longer + value[place:], value[:-1], value.swapcase(), ""])[:10_000]


async def test_a_change_of_any_column_of_any_line_is_found_where_it_was_made(database: Database) -> None:
    await written(database)
    async with database.reading() as connection:
        rows = (await connection.execute(select(LOG).order_by(LOG.c.sequence))).mappings().all()
    for seed in range(20 * len(LOG.columns)):
        chance = random.Random(seed)  # noqa: S311  # repeatable
        row, column = chance.choice(rows), list(LOG.columns)[seed % len(LOG.columns)]
        value = mutated(column.name, row[column.name], chance)
        if value == row[column.name]:
            continue
        if (length := getattr(column.type, "length", None)) and isinstance(value, str):
            value = value[-length:]
        change = update(LOG).where(at(row["sequence"])).values({column.name: value})
        report = await verified_after(database, executing(change))
        places = {problem.sequence for problem in report.problems}
        assert row["sequence"] in places, (seed, column.name, value)
        if column.name != "sequence":
            assert places <= {row["sequence"], row["sequence"] + 1}, (seed, column.name, value)


ODD_VALUES = {
    "sqlite": [
        ("at = 'never'", "at holds no instant"),
        ("at = at || ' '", "at holds no instant"),
        ("detail = x'00ff'", "detail holds bytes in place of str"),
        ("previous = 7", "previous holds int in place of bytes"),
        ("hash = 'text'", "its hash does not fit"),
        ("action = CAST(x'ff' AS TEXT)", "the database cannot read"),
    ],
    "postgresql": [
        ("at = 'infinity'", "at holds no instant"),
        ("at = '-infinity'", "at holds no instant"),
        ("at = '0044-03-15 12:00:00+00 BC'", "its hash does not fit"),
        ("at = '200000-01-01 00:00:00+00'", "its hash does not fit"),
    ],
}
"""What one of the databases takes and Python or the columns' types do not."""


async def test_values_that_only_the_database_takes_are_told_and_stop_no_verification(database: Database) -> None:
    await written(database)
    for assignment, what in ODD_VALUES[database.engine.dialect.name]:
        change = text(f"UPDATE audit_log SET {assignment} WHERE sequence = 3")  # noqa: S608  # our own text
        report = await verified_after(database, executing(change))
        assert report.problems[0].sequence == (1 if "cannot read" in what else 3), assignment
        assert what in " ".join(problem.what for problem in report.problems), assignment


@pytest.mark.parametrize(
    ("gone", "told"),
    [
        ([1], [(1, "line 1 is missing")]),
        ([6], [(6, "line 6 is missing")]),
        ([5, 6, 7, 9], [(5, "lines 5 to 7 are missing"), (9, "line 9 is missing")]),
        ([LINES], [(LINES, f"line {LINES} is missing at the end: the counter says {LINES}")]),
        ([11, 12], [(11, f"lines 11 to 12 are missing at the end: the counter says {LINES}")]),
        (list(range(1, LINES + 1)), [(1, f"lines 1 to 12 are missing at the end: the counter says {LINES}")]),
    ],
)
async def test_missing_lines_are_told(database: Database, gone: list[int], told: list[tuple[int, str]]) -> None:
    await written(database)
    report = await verified_after(database, executing(delete(LOG).where(LOG.c.sequence.in_(gone))))
    assert [(problem.sequence, problem.what) for problem in report.problems] == told
    assert report.rows == LINES - len(gone)


async def test_lines_that_were_swapped_moved_up_added_or_not_counted_are_told(database: Database) -> None:
    await written(database)

    def move(connection: Connection, old: int, new: int) -> None:
        connection.execute(update(LOG).where(at(old)).values(sequence=new))

    def swap(connection: Connection) -> None:
        for old, new in ((4, 99), (8, 4), (99, 8)):
            move(connection, old, new)

    def close_gap(connection: Connection) -> None:
        connection.execute(delete(LOG).where(at(5)))
        for number in range(6, LINES + 1):
            move(connection, number, number - 1)
        connection.execute(counter(LINES - 1))

    def copy(connection: Connection, place: int) -> None:
        row = dict(connection.execute(select(LOG).where(at(7))).mappings().one())
        connection.execute(insert(LOG).values(row | {"sequence": place}))

    async def places(tamper: Callable[[Connection], object]) -> list[int | None]:
        found = {problem.sequence for problem in (await verified_after(database, tamper)).problems}
        return sorted(found, key=lambda place: -1 if place is None else place)

    assert await places(swap) == [4, 5, 8, 9]
    assert await places(close_gap) == [5, 6, 7, 8, 9, 10, 11]
    assert await places(lambda connection: copy(connection, 0)) == [0]
    assert await places(lambda connection: copy(connection, -1)) == [-1]
    assert await places(lambda connection: copy(connection, LINES + 1)) == [LINES + 1]
    assert await places(executing(counter(9))) == [10]
    assert await places(executing(counter(20))) == [13]
    assert await places(executing(delete(COUNTERS).where(COUNTERS.c.name == AUDIT))) == [None]


async def test_a_head_kept_elsewhere_shows_what_was_cut_off_or_rewritten_even_with_the_key(database: Database) -> None:
    log = await written(database)
    head = AuditHead.parse((await log.verify()).head)

    def cut(connection: Connection) -> None:
        connection.execute(delete(LOG).where(LOG.c.sequence > 9))
        connection.execute(counter(9))

    def rewrite(connection: Connection) -> None:
        cut(connection)
        log.append(connection, NOON, *(event(number, principal="nobody") for number in (10, 11, 12)))

    assert (await verified_after(database, cut)).is_sound
    assert (await verified_after(database, rewrite)).is_sound
    for tamper, said in ((cut, "is not in the log"), (rewrite, "was rewritten")):
        [problem] = (await verified_after(database, tamper, head)).problems
        assert problem.sequence == LINES
        assert said in problem.what
    for wrong in ("", "12", f"12:{'g' * 64}", f"-1:{'0' * 64}", f"12:{'0' * 63}"):
        with pytest.raises(InvalidInput, match="--head: give <sequence>:<64 hexadecimal digits>"):
            AuditHead.parse(wrong)


async def test_with_another_key_no_line_verifies_and_the_first_problems_are_listed(database: Database) -> None:
    log = await written(database)
    await log.note(*(event(number) for number in range(MOST_PROBLEMS)))
    report = await AuditLog(database, KeyedHash(b"other" * 8), Clock()).verify()
    assert (report.rows, report.found) == (LINES + MOST_PROBLEMS, LINES + MOST_PROBLEMS)
    assert [problem.sequence for problem in report.problems] == list(range(1, MOST_PROBLEMS + 1))


async def test_a_log_whose_end_was_cut_off_is_written_on_and_goes_on_telling_the_gap(database: Database) -> None:
    log = await written(database)
    async with database.writing() as connection:
        await connection.execute(delete(LOG).where(LOG.c.sequence >= LINES - 1))
    await log.note(event(13), event(14))
    [problem] = (await log.verify()).problems
    assert (problem.sequence, problem.what) == (11, "lines 11 to 12 are missing")
