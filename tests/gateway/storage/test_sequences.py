"""Change numbers are given out once, in commit order, and a rolled-back writer leaves no hole."""

import asyncio

import pytest

from gateway.storage import CATALOG, Database, take_numbers


async def take(database: Database, count: int) -> range:
    async with database.writing() as connection:
        return await take_numbers(connection, CATALOG, count)


async def test_numbers_are_consecutive_and_start_at_one(database: Database) -> None:
    assert await take(database, 3) == range(1, 4)
    assert await take(database, 2) == range(4, 6)


async def test_concurrent_writers_never_get_the_same_number(database: Database) -> None:
    taken = await asyncio.gather(*(take(database, 5) for _ in range(8)))
    assert sorted(number for numbers in taken for number in numbers) == list(range(1, 41))


async def test_a_rolled_back_writer_gives_its_numbers_back(database: Database) -> None:
    async def fail() -> None:
        async with database.writing() as connection:
            await take_numbers(connection, CATALOG, 7)
            raise RuntimeError("rolled back")

    with pytest.raises(RuntimeError, match="rolled back"):
        await fail()
    assert await take(database, 1) == range(1, 2)
