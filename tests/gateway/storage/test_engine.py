"""Transactions of both databases keep their promises."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy

from gateway.storage import Database
from gateway.storage.tables import HarvestLease


async def value(database: Database) -> int:
    async with database.reading() as connection:
        return int(
            (
                await connection.execute(sqlalchemy.text("SELECT value FROM change_counters WHERE name = 'catalog'"))
            ).scalar_one()
        )


async def test_an_exception_rolls_a_writing_block_back(database: Database) -> None:
    async def fail() -> None:
        async with database.writing() as connection:
            await connection.execute(sqlalchemy.text("UPDATE change_counters SET value = 9"))
            raise KeyError

    with pytest.raises(KeyError):
        await fail()
    assert await value(database) == 0


async def test_a_reading_block_sees_one_state_while_others_write(database: Database) -> None:
    statement = sqlalchemy.text("SELECT value FROM change_counters WHERE name = 'catalog'")
    async with database.reading() as reader:
        before = (await reader.execute(statement)).scalar_one()
        async with database.writing() as writer:
            await writer.execute(sqlalchemy.text("UPDATE change_counters SET value = 5"))
        assert (await reader.execute(statement)).scalar_one() == before == 0
    assert await value(database) == 5


async def test_read_modify_write_in_concurrent_writers_loses_nothing(database: Database) -> None:
    async def increment() -> None:
        async with database.writing() as connection:
            await connection.execute(sqlalchemy.text("UPDATE change_counters SET value = value + 1"))
            await asyncio.sleep(0)

    await asyncio.gather(*(increment() for _ in range(10)))
    assert await value(database) == 10


async def test_instants_are_refused_without_zone_and_come_back_in_utc(database: Database) -> None:
    leases = HarvestLease.metadata.tables["harvest_leases"]
    row = {"platform": "p", "holder": "", "token": 1}
    with pytest.raises(sqlalchemy.exc.StatementError, match="has no zone"):
        async with database.writing() as connection:
            await connection.execute(leases.insert(), {**row, "expires_at": datetime(2026, 1, 1)})  # noqa: DTZ001
    instant = datetime(2026, 1, 1, 8, tzinfo=UTC)
    async with database.writing() as connection:
        await connection.execute(leases.insert(), {**row, "expires_at": instant})
    async with database.reading() as connection:
        assert (await connection.execute(sqlalchemy.select(leases.c.expires_at))).scalar_one() == instant


async def test_a_checkpoint_empties_the_write_ahead_log(database: Database, tmp_path: Path) -> None:
    async with database.writing() as connection:
        await connection.execute(sqlalchemy.text("UPDATE change_counters SET value = 7 WHERE name = 'usage'"))
    await database.checkpoint()
    log = tmp_path / "shanhai.db-wal"
    assert not database.is_sqlite or log.stat().st_size == 0
    async with database.reading() as connection:
        kept = await connection.execute(sqlalchemy.text("SELECT value FROM change_counters WHERE name = 'usage'"))
        assert kept.scalar_one() == 7
