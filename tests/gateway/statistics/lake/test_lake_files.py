"""A lake that is missing, damaged, foreign, ahead of the database, or in use by another process."""

import json
import random
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from gateway.errors import NotReady
from gateway.statistics.lake import Lake
from gateway.statistics.lake.writing import KINDS
from gateway.storage import Database, open_database
from tests.gateway.statistics.lake.store import (
    Later,
    fact,
    held,
    lake_of,
    listed_files,
    parquet_files,
    put,
    read,
    stored,
)

MARCH, APRIL = date(2026, 3, 14), date(2026, 4, 2)


@pytest.fixture
async def closed(database: Database, tmp_path: Path) -> Path:
    """The folder of a sound lake of three months, closed."""
    await put(database, fact(day=MARCH), fact(day=APRIL), fact("yuzhong", day=MARCH, region="500103"))
    async with lake_of(database, tmp_path / "lake"):
        return tmp_path / "lake"


async def test_a_sound_lake_is_opened_as_it_is(database: Database, closed: Path) -> None:
    before = parquet_files(closed)
    async with lake_of(database, closed) as lake:
        assert held(lake.snapshot) == await stored(database)
    assert parquet_files(closed) == before


async def test_a_stale_lake_is_caught_up(database: Database, closed: Path) -> None:
    before = parquet_files(closed)
    await put(database, fact(day=MARCH, value="99"))
    async with lake_of(database, closed) as lake:
        assert held(lake.snapshot) == await stored(database)
        assert len(listed_files(lake.snapshot) & before) == 2 * len(KINDS)


async def test_a_missing_lake_is_built(database: Database, closed: Path) -> None:
    shutil.rmtree(closed)
    async with lake_of(database, closed) as lake:
        assert held(lake.snapshot) == await stored(database)


async def test_garbage_in_any_file_is_noticed_and_that_month_written_anew(database: Database, closed: Path) -> None:
    sound = closed.with_name("sound")
    shutil.copytree(closed, sound)
    inside = sorted(path.relative_to(sound) for path in sound.rglob("*") if path.suffix in (".parquet", ".json"))
    assert len(inside) == 3 * len(KINDS) + 1
    for name in inside:
        shutil.rmtree(closed)
        shutil.copytree(sound, closed)
        content = bytearray((closed / name).read_bytes())
        place = random.Random(str(name)).randrange(len(content))  # noqa: S311 - repeatable, nothing secret
        content[place : place + 20] = bytes(255 - byte for byte in content[place : place + 20])
        (closed / name).write_bytes(bytes(content))
        async with lake_of(database, closed) as lake:
            assert held(lake.snapshot) == await stored(database), name
            assert closed / name not in listed_files(lake.snapshot)
            assert {each.sequence for each in lake.snapshot.partitions} == {1, 2, 3}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [None, 0, 5])
async def test_a_file_that_is_missing_or_cut_off_is_written_anew(
    database: Database, closed: Path, size: int | None, kind: str
) -> None:
    for path in [each for each in parquet_files(closed / "zibo") if each.name.endswith(f"{kind}.parquet")]:
        if size is None:
            path.unlink()
        else:
            path.write_bytes(path.read_bytes()[:size])
    before = parquet_files(closed / "yuzhong")
    async with lake_of(database, closed) as lake:
        assert held(lake.snapshot) == await stored(database)
        assert len(read([each.rollup for each in lake.snapshot.partitions])) == 3
        assert before < listed_files(lake.snapshot)


@pytest.mark.parametrize("changed", [{"format": -1}, {"database": 1}, {"as_of": "yesterday"}, {"partitions": [{}]}])
async def test_a_list_that_does_not_fit_leads_to_a_new_lake(
    database: Database, closed: Path, changed: dict[str, object]
) -> None:
    before = parquet_files(closed)
    state = json.loads((closed / "current.json").read_text())
    (closed / "current.json").write_text(json.dumps(state | changed))
    async with lake_of(database, closed) as lake:
        assert held(lake.snapshot) == await stored(database)
        assert before.isdisjoint(listed_files(lake.snapshot))


async def test_the_lake_of_another_database_is_thrown_away(sqlite_template: Path, closed: Path, tmp_path: Path) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "other.db")
    other = open_database(f"sqlite+aiosqlite:///{tmp_path / 'other.db'}")
    clock = Later()
    for month in (1, 2, 3):
        await put(other, fact(day=date(2026, month, 1), value="5"))
    async with lake_of(other, closed, clock) as lake:
        assert held(lake.snapshot) == await stored(other)
        clock.ahead = timedelta(minutes=11)
        await lake.catch_up()
        assert parquet_files(closed) == listed_files(lake.snapshot)
    await other.aclose()


async def test_a_database_that_was_put_back_is_noticed(database: Database, closed: Path) -> None:
    async with database.writing() as connection:
        await connection.execute(text("UPDATE change_counters SET value = 2 WHERE name = 'usage'"))
        await connection.execute(text("DELETE FROM usage_partitions WHERE sequence = 3"))
        await connection.execute(text("UPDATE usage_facts SET value = '4.000000'"))
        await connection.execute(text("DELETE FROM usage_facts WHERE day = '2026-04-02'"))
    async with lake_of(database, closed) as lake:
        assert {str(row[11]) for row in held(lake.snapshot)} == {"4.000000"}
        assert [each.sequence for each in lake.snapshot.partitions] == [1, 2]


async def test_facts_that_cannot_be_written_keep_no_other_month_back(
    database: Database, closed: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await put(database, fact(day=MARCH, value="99"), fact(day=APRIL, value="98"))
    async with database.writing() as connection:
        await connection.execute(text("UPDATE usage_facts SET value = 'NaN' WHERE value = '99.000000'"))
    async with lake_of(database, closed) as lake:
        assert [(row[0], str(row[2]), str(row[11])) for row in held(lake.snapshot)] == [
            ("yuzhong", "2026-03-14", "12.000000"),
            ("zibo", "2026-03-14", "12.000000"),
            ("zibo", "2026-04-02", "98.000000"),
        ]
        assert "the facts of zibo in 2026-03 cannot be written" in caplog.text
        assert await lake.catch_up() == 0
        await put(database, fact(day=MARCH, value="100"))
        assert await lake.catch_up() == 1
        assert held(lake.snapshot) == await stored(database)


async def test_a_second_process_sees_what_the_first_writes_and_takes_over_after_it(
    database: Database, tmp_path: Path
) -> None:
    first = Lake(database, tmp_path / "lake")
    await first.open()
    async with lake_of(database, tmp_path / "lake") as second:
        await put(database, fact(), fact("yuzhong"))
        assert await second.catch_up() == 0
        assert second.snapshot.partitions == ()
        assert await first.catch_up() == 2
        await second.catch_up()
        assert second.snapshot == first.snapshot
        await second.rebuild()
        assert second.snapshot == first.snapshot
        await first.rebuild()
        await second.catch_up()
        assert second.snapshot == first.snapshot
        await first.aclose()
        await put(database, fact(value="13"))
        assert await second.catch_up() == 1
        assert held(second.snapshot) == await stored(database)


async def test_a_reader_before_there_is_a_list_says_so_and_sees_the_first_one(
    database: Database, tmp_path: Path
) -> None:
    async with lake_of(database, tmp_path / "lake") as first:
        (tmp_path / "lake" / "current.json").unlink()
        async with lake_of(database, tmp_path / "lake") as second:
            with pytest.raises(NotReady):
                _ = second.snapshot
            await put(database, fact())
            await first.catch_up()
            await second.catch_up()
            assert second.snapshot == first.snapshot


async def test_a_reader_never_takes_the_list_of_another_database(
    sqlite_template: Path, database: Database, closed: Path, tmp_path: Path
) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "other.db")
    other = open_database(f"sqlite+aiosqlite:///{tmp_path / 'other.db'}")
    async with lake_of(database, closed), lake_of(other, closed) as wrong:
        with pytest.raises(NotReady):
            _ = wrong.snapshot
    await other.aclose()
