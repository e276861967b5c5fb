"""Many rows in one statement end as if each had been written by itself."""

import pytest
from sqlalchemy import select

from gateway.harvesting.bulk import SQLITE_ROWS, insert_new, upsert
from gateway.storage import Database
from gateway.storage.tables import ResourceLink

LINKS = ResourceLink.metadata.tables["resource_links"]
KEY = ["platform", "source", "relation", "target"]
COUNTS = [1, SQLITE_ROWS - 1, SQLITE_ROWS, SQLITE_ROWS + 1, 3 * SQLITE_ROWS, 3 * SQLITE_ROWS + 7]


def links(count: int, position: int) -> list[dict[str, str | int]]:
    """So many links at one position, whose texts hold all that could be mistaken for SQL."""
    shared = {"platform": "?, (?)", "relation": "VALUES (?, ?)", "target": "'?'"}
    return [{**shared, "source": f"r{number}", "position": position} for number in range(count)]


async def positions(database: Database) -> dict[str, int]:
    """The position of every link by its source."""
    async with database.reading() as connection:
        found = await connection.execute(select(LINKS.c.source, LINKS.c.position))
        return {row.source: row.position for row in found}


@pytest.mark.parametrize("count", COUNTS)
async def test_all_rows_are_written_whatever_their_number(database: Database, count: int) -> None:
    await database.transact(lambda connection: insert_new(connection, LINKS, links(count, 1)))
    assert await positions(database) == {f"r{number}": 1 for number in range(count)}


@pytest.mark.parametrize("count", COUNTS)
async def test_rows_that_exist_are_left_or_replaced_as_is_asked(database: Database, count: int) -> None:
    await database.transact(lambda connection: insert_new(connection, LINKS, links(count, 1)))
    await database.transact(lambda connection: insert_new(connection, LINKS, links(count + 1, 2)))
    left = {**{f"r{number}": 1 for number in range(count)}, f"r{count}": 2}
    assert await positions(database) == left
    await database.transact(lambda connection: upsert(connection, LINKS, links(count, 3), key=KEY))
    assert await positions(database) == {**{f"r{number}": 3 for number in range(count)}, f"r{count}": 2}
