"""The lake follows the database: what changed is written, everything else stays, and readers notice nothing."""

import asyncio
import threading
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import delete, text

from gateway.errors import NotReady
from gateway.statistics.lake import Lake
from gateway.statistics.lake.writing import KINDS
from gateway.storage import Database
from tests.gateway.statistics.lake.store import (
    FACTS,
    MONTHS,
    Later,
    fact,
    held,
    lake_of,
    listed_files,
    number,
    parquet_files,
    put,
    read,
    stored,
    withdraw,
)

MARCH, APRIL = date(2026, 3, 14), date(2026, 4, 2)


async def test_an_empty_database_has_an_empty_lake(database: Database, tmp_path: Path) -> None:
    async with lake_of(database, tmp_path / "lake") as lake:
        first = lake.snapshot
        assert first.partitions == ()
        assert await lake.catch_up() == 0
        assert lake.snapshot is first


async def test_before_it_is_open_a_lake_says_that_it_is_not_ready(database: Database, tmp_path: Path) -> None:
    lake = Lake(database, tmp_path / "lake")
    with pytest.raises(NotReady, match="being prepared"):
        _ = lake.snapshot


async def test_only_months_that_changed_are_written(database: Database, tmp_path: Path) -> None:
    await put(database, fact(day=MARCH), fact(day=APRIL), fact("yuzhong", day=MARCH))
    async with lake_of(database, tmp_path / "lake") as lake:
        before = lake.snapshot
        await put(database, fact(day=APRIL, value="13"))
        assert await lake.catch_up() == 1
        after = lake.snapshot
        assert await lake.catch_up() == 0
        assert held(after) == await stored(database)
    assert [new == old for new, old in zip(after.partitions, before.partitions, strict=True)] == [True, True, False]
    assert listed_files(before) & listed_files(after) == listed_files(before) - {
        getattr(before.partitions[2], kind) for kind in KINDS
    }


async def test_generation_and_time_change_with_the_facts_and_not_otherwise(database: Database, tmp_path: Path) -> None:
    clock = Later()
    await put(database, fact())
    async with lake_of(database, tmp_path / "lake", clock) as lake:
        first = lake.snapshot
        clock.ahead = timedelta(hours=1)
        await lake.catch_up()
        assert lake.snapshot is first
        await put(database, fact(value="13"))
        await lake.catch_up()
        second = lake.snapshot
        assert second.generation != first.generation
        assert second.as_of - first.as_of >= timedelta(hours=1)
    clock.ahead = timedelta(hours=2)
    async with lake_of(database, tmp_path / "lake", clock) as lake:
        assert lake.snapshot == second


async def test_two_nodes_with_the_same_facts_have_the_same_generation(database: Database, tmp_path: Path) -> None:
    await put(database, fact(), fact("yuzhong"))
    async with lake_of(database, tmp_path / "one") as one, lake_of(database, tmp_path / "two") as two:
        assert one.snapshot.generation == two.snapshot.generation
        await put(database, fact(day=APRIL))
        await one.catch_up()
        assert one.snapshot.generation != two.snapshot.generation
        await two.catch_up()
        assert one.snapshot.generation == two.snapshot.generation


async def test_a_month_whose_last_fact_is_withdrawn_leaves_the_list(database: Database, tmp_path: Path) -> None:
    await put(database, fact(day=MARCH), fact(day=APRIL))
    async with lake_of(database, tmp_path / "lake") as lake:
        await withdraw(database, fact(day=MARCH))
        assert await lake.catch_up() == 1
        assert [each.month for each in lake.snapshot.partitions] == ["2026-04"]
        assert await lake.catch_up() == 0
        emptied = lake.snapshot
    async with lake_of(database, tmp_path / "lake") as lake:
        assert lake.snapshot == emptied
        await put(database, fact(day=MARCH))
        assert await lake.catch_up() == 1
        assert held(lake.snapshot) == await stored(database)


async def test_a_month_that_the_database_forgot_leaves_the_list(database: Database, tmp_path: Path) -> None:
    await put(database, fact(day=MARCH), fact(day=APRIL))
    async with lake_of(database, tmp_path / "lake") as lake:
        async with database.writing() as connection:
            await connection.execute(delete(FACTS).where(FACTS.c.day == APRIL))
            await connection.execute(delete(MONTHS).where(MONTHS.c.month == "2026-04"))
        assert await lake.catch_up() == 0
        assert [each.month for each in lake.snapshot.partitions] == ["2026-03"]


async def test_a_change_that_commits_later_is_taken_in_later(database: Database, tmp_path: Path) -> None:
    await put(database, fact())
    async with lake_of(database, tmp_path / "lake") as lake:
        async with database.writing() as connection:
            await connection.execute(FACTS.update().values(value=Decimal(77)))
            await number(connection, [fact()])
            assert await lake.catch_up() == 0
            assert [row[11] for row in held(lake.snapshot)] == [12]
        assert await lake.catch_up() == 1
        assert [row[11] for row in held(lake.snapshot)] == [77]


async def test_a_rebuild_writes_everything_anew_and_readers_go_on(database: Database, tmp_path: Path) -> None:
    clock = Later()
    await put(database, fact(day=MARCH), fact(day=APRIL))
    async with lake_of(database, tmp_path / "lake", clock) as lake:
        before = lake.snapshot
        clock.ahead = timedelta(minutes=2)
        await lake.rebuild()
        after = lake.snapshot
        assert listed_files(before).isdisjoint(listed_files(after))
        assert after.generation != before.generation
        assert after.as_of == before.as_of
        assert held(before) == held(after) == await stored(database)


async def test_files_that_left_the_list_stay_for_ten_minutes(database: Database, tmp_path: Path) -> None:
    clock = Later()
    await put(database, fact(day=MARCH), fact(day=APRIL))
    async with lake_of(database, tmp_path / "lake", clock) as lake:
        clock.ahead = timedelta(days=3)
        before = lake.snapshot
        await put(database, fact(day=MARCH, value="13"))
        await lake.catch_up()
        clock.ahead += timedelta(minutes=9)
        await lake.catch_up()
        assert parquet_files(tmp_path) == listed_files(before) | listed_files(lake.snapshot)
        clock.ahead += timedelta(minutes=2)
        await lake.catch_up()
        assert parquet_files(tmp_path) == listed_files(lake.snapshot)


async def test_a_reader_never_fails_while_months_are_rewritten(database: Database, tmp_path: Path) -> None:
    days = [date(2026, month, 14) for month in (1, 2, 3, 4)]
    await put(database, *(fact(day=day) for day in days))
    totals: list[int] = []
    stop = threading.Event()

    async with lake_of(database, tmp_path / "lake") as lake:

        def reads() -> None:
            while not stop.is_set():
                listed = [each.facts for each in lake.snapshot.partitions]
                totals.extend(count for (count,) in read(listed, "SELECT count(*) FROM read_parquet($files)"))

        reader = asyncio.create_task(asyncio.to_thread(reads))
        for turn in range(12):
            await put(database, *(fact(day=day, value=str(turn)) for day in days))
            await lake.catch_up()
            if turn % 4 == 3:
                await lake.rebuild()
        stop.set()
        await reader
    assert set(totals) == {4}
    assert len(totals) >= 4


async def test_a_lake_that_is_closed_while_it_is_written_publishes_nothing_more(
    database: Database, tmp_path: Path
) -> None:
    await put(database, *(fact(day=date(2025, month, 1)) for month in range(1, 13)))
    lake = Lake(database, tmp_path / "lake")
    await lake.open()
    before = lake.snapshot
    rebuilding = asyncio.create_task(lake.rebuild())
    for _ in range(100_000):
        await asyncio.sleep(0)
        if len(parquet_files(tmp_path)) > 12 * len(KINDS):
            break
    await lake.aclose()
    await rebuilding
    assert lake.snapshot is before
    assert len(parquet_files(tmp_path)) < 2 * 12 * len(KINDS)
    async with lake_of(database, tmp_path / "lake") as successor:
        assert successor.snapshot == before


async def test_following_takes_in_changes_until_told_to_stop(database: Database, tmp_path: Path) -> None:
    stopping = asyncio.Event()
    async with lake_of(database, tmp_path / "lake") as lake:
        following = asyncio.create_task(lake.follow(0.01, stopping))
        await put(database, fact())
        for _ in range(1_000):
            await asyncio.sleep(0.01)
            if lake.snapshot.partitions:
                break
        stopping.set()
        await following
        assert held(lake.snapshot) == await stored(database)


async def test_following_goes_on_after_a_failure(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stopping = asyncio.Event()
    async with lake_of(database, tmp_path / "lake") as lake:
        async with database.writing() as connection:
            await connection.execute(text("ALTER TABLE usage_partitions RENAME TO away"))
        following = asyncio.create_task(lake.follow(0.01, stopping))
        for _ in range(1_000):
            await asyncio.sleep(0.01)
            if caplog.records:
                break
        async with database.writing() as connection:
            await connection.execute(text("ALTER TABLE away RENAME TO usage_partitions"))
        await put(database, fact())
        for _ in range(1_000):
            await asyncio.sleep(0.01)
            if lake.snapshot.partitions:
                break
        stopping.set()
        await following
        assert held(lake.snapshot) == await stored(database)
    assert "the lake could not catch up" in caplog.text
