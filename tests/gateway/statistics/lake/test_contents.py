"""The files hold what the table holds: every fact, unchanged, sorted, and summed up by month."""

import os
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.storage import Database
from tests.gateway.statistics.lake.store import (
    DIMENSIONS,
    Fact,
    fact,
    held,
    lake_of,
    names,
    put,
    read,
    stored,
    withdraw,
)

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
Batch = tuple[list[Fact], list[Fact]]
ROLLUP = """
    SELECT * EXCLUDE (
        stage, subject, kind, teaching_mode, classroom_kind, program, closing_total, closing_high, closing_facts
    ) FROM read_parquet($files)
"""


def columns(path: Path) -> str:
    """Columns of a file with their types."""
    described = read([path], "DESCRIBE SELECT * FROM read_parquet($files)")
    return ", ".join(f"{name} {kind}" for name, kind, *_ in described)


async def test_the_columns_are_those_that_readers_count_on(database: Database, tmp_path: Path) -> None:
    await put(database, fact(sketch=b"\x00\xff"))
    async with lake_of(database, tmp_path / "lake") as lake:
        [month] = lake.snapshot.partitions
    texts = ", ".join(f"{name} VARCHAR" for name in DIMENSIONS[:-1])
    assert columns(month.facts) == (
        f"platform VARCHAR, measure VARCHAR, day DATE, {texts}, resource VARCHAR, "
        "value DECIMAL(30,6), weight DECIMAL(30,6), sketch BLOB"
    )
    assert columns(month.rollup) == (
        f"platform VARCHAR, measure VARCHAR, month DATE, {texts}, "
        "total DECIMAL(38,6), high DECIMAL(30,6), facts BIGINT, sketched BIGINT, first_day DATE, last_day DATE, "
        "closing_total DECIMAL(38,6), closing_high DECIMAL(30,6), closing_facts BIGINT"
    )


async def test_a_partition_says_what_its_files_hold(database: Database, tmp_path: Path) -> None:
    await put(
        database,
        fact(day=date(2026, 3, 30)),
        fact(day=date(2026, 3, 2), measure="visits"),
        fact(day=date(2026, 3, 2), measure="visits", region="500103"),
        fact(day=APRIL),
        fact("yuzhong", day=date(2025, 12, 31)),
    )
    async with lake_of(database, tmp_path / "lake") as lake:
        found = lake.snapshot.partitions
    assert [(each.platform, each.month, each.rows, each.first_day, each.last_day, each.measures) for each in found] == [
        ("yuzhong", "2025-12", 1, date(2025, 12, 31), date(2025, 12, 31), ("views",)),
        ("zibo", "2026-03", 3, date(2026, 3, 2), date(2026, 3, 30), ("views", "visits")),
        ("zibo", "2026-04", 1, APRIL, APRIL, ("views",)),
    ]
    assert [each.sequence for each in found] == [1, 2, 3]
    assert [each.facts.parent.name for each in found] == ["yuzhong", "zibo", "zibo"]


async def test_the_rollup_sums_up_a_month_by_measure_and_dimensions(database: Database, tmp_path: Path) -> None:
    await put(
        database,
        fact(value="10.5", day=date(2026, 3, 1)),
        fact(value="0.000001", day=date(2026, 3, 9), sketch=b"s"),
        fact(value="4", day=date(2026, 3, 31), resource="R-1"),
        fact(value="7", region="500103"),
        fact(value="8", measure="visits"),
    )
    async with lake_of(database, tmp_path / "lake") as lake:
        rows = read([lake.snapshot.partitions[0].rollup], ROLLUP)
    place, day = ("zibo", "views", MARCH), date(2026, 3, 14)
    assert [(*row[:4], *map(str, row[4:6]), *row[6:]) for row in rows] == [
        (*place, "500103", "7.000000", "7.000000", 1, 0, day, day),
        (*place, None, "14.500001", "10.500000", 3, 1, MARCH, date(2026, 3, 31)),
        ("zibo", "visits", MARCH, None, "8.000000", "8.000000", 1, 0, day, day),
    ]


async def test_facts_are_sorted_through_all_row_groups_which_long_sketches_make_shorter(
    database: Database, tmp_path: Path
) -> None:
    sketch = os.urandom(24_000)
    rows = [
        fact(measure=f"m{n % 3}", day=date(2026, 3, 1 + n % 7), region=[None, "é", "z", "Z"][n % 4], resource=str(n))
        for n in range(1_000)
    ]
    await put(database, *(dict(one, sketch=sketch) for one in rows))
    order = """
        SELECT * EXCLUDE (platform, value, weight, sketch, file_row_number)
        FROM read_parquet($files, file_row_number = true) ORDER BY
    """
    async with lake_of(database, tmp_path / "lake") as lake:
        [month] = lake.snapshot.partitions
        found = read([month.facts], order + "file_row_number")
        groups = read([month.facts], "SELECT DISTINCT row_group_id FROM parquet_metadata($files)")
    assert len(groups) == 2
    assert found == read([month.facts], order + "ALL NULLS LAST")
    assert len(found) == 1_000


async def test_the_largest_and_smallest_numbers_arrive_exactly(database: Database, tmp_path: Path) -> None:
    numbers = ["999999999999999999999999.999999", "0.000001", "0", "123456789012345678901234.5"]
    rows = [fact(value=value, weight=Decimal(value), resource=value) for value in numbers]
    await put(database, *rows)
    async with lake_of(database, tmp_path / "lake") as lake:
        assert {(str(row[11]), str(row[12])) for row in held(lake.snapshot)} == {
            (f"{Decimal(value):.6f}", f"{Decimal(value):.6f}") for value in numbers
        }


async def test_an_empty_text_and_an_empty_sketch_are_not_missing(database: Database, tmp_path: Path) -> None:
    await put(database, fact(program="", sketch=b""), fact(), fact(program='x",\r\n\\N'))
    async with lake_of(database, tmp_path / "lake") as lake:
        assert {(row[9], row[13]) for row in held(lake.snapshot)} == {
            ("", b""),
            (None, None),
            ('x",\r\n\\N', None),
        }


some_texts = st.none() | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=6)
some_facts = st.builds(
    fact,
    platform=st.sampled_from(["zibo", "yuzhong"]),
    day=st.dates(date(2026, 1, 30), date(2026, 3, 2)),
    value=st.decimals(0, 10**23, allow_nan=False, places=6).map(str),
    measure=st.sampled_from(["views", "visits"]),
    weight=st.none() | st.decimals(0, 1000, allow_nan=False, places=6),
    sketch=st.none() | st.binary(max_size=40),
    **dict.fromkeys(("region", "subject", "program", "resource"), some_texts),
)


@st.composite
def batches(draw: st.DrawFn) -> list[Batch]:
    """Transactions one after the other: what each puts, new or over an old one, and what the next withdraws."""
    known: dict[tuple[Any, ...], Fact] = {}
    found = []
    for _ in range(draw(st.integers(1, 4))):
        old = list(known.values())
        corrected = draw(st.lists(st.sampled_from(old), max_size=3)) if old else []
        fresh = draw(st.lists(some_facts, max_size=5))
        new = {_name(one): one for one in [*fresh, *(dict(one, value=Decimal(3)) for one in corrected)]}
        known |= new
        all_ = list(known.values())
        gone = {_name(one): one for one in draw(st.lists(st.sampled_from(all_), max_size=5))} if all_ else {}
        known = {name: one for name, one in known.items() if name not in gone}
        found.append((list(new.values()), list(gone.values())))
    return found


def _name(one: Fact) -> tuple[Any, ...]:
    return one["platform"], one["day"], one["key"]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=batches(), data=st.data())
async def test_the_files_equal_the_table_after_any_history(
    database: Database, tmp_path_factory: pytest.TempPathFactory, history: list[Batch], data: st.DataObject
) -> None:
    await withdraw(database, *await names(database))
    changed: set[tuple[str, str]] = set()
    async with lake_of(database, tmp_path_factory.mktemp("lake")) as lake:
        for new, gone in history:
            await put(database, *new)
            await withdraw(database, *gone)
            changed |= {(one["platform"], f"{one['day']:%Y-%m}") for one in [*new, *gone]}
            if data.draw(st.booleans()):
                assert await lake.catch_up() == len(changed)
                assert held(lake.snapshot) == await stored(database)
                changed.clear()
        assert await lake.catch_up() == len(changed)
        assert held(lake.snapshot) == await stored(database)
        assert sum(each.rows for each in lake.snapshot.partitions) == len(await stored(database))
        assert all(each.rows for each in lake.snapshot.partitions)
