"""Migrations bring an empty database of either kind to exactly what the tables declare."""

import importlib.resources

import pytest
import sqlalchemy

from gateway.storage import Database, is_current, open_database, upgrade
from gateway.storage.schema import differences

FRESH = [("audit", 0), ("catalog", 0), ("ledger", 0), ("training", 0), ("usage", 0)]


async def counters(database: Database) -> list[tuple[str, int]]:
    async with database.reading() as connection:
        rows = await connection.execute(sqlalchemy.text("SELECT name, value FROM change_counters ORDER BY name"))
        return [(name, value) for name, value in rows]


async def test_an_empty_database_is_upgraded_to_what_the_tables_declare(empty_database_url: str) -> None:
    database = open_database(empty_database_url)
    assert await is_current(database) is False
    await upgrade(database)
    assert await is_current(database) is True
    assert await differences(database) == []
    assert await counters(database) == FRESH
    await database.aclose()


async def test_a_second_upgrade_changes_nothing(database: Database) -> None:
    async with database.writing() as connection:
        await connection.execute(sqlalchemy.text("UPDATE change_counters SET value = 41 WHERE name = 'catalog'"))
    await upgrade(database)
    assert await counters(database) == [(name, 41 if name == "catalog" else 0) for name, _ in FRESH]


async def test_a_failing_upgrade_leaves_nothing_behind(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = open_database(empty_database_url)
    with monkeypatch.context() as patched:
        patched.setattr("alembic.op.bulk_insert", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            await upgrade(database)
    async with database.reading() as connection:
        assert await connection.run_sync(lambda sync: sqlalchemy.inspect(sync).get_table_names()) == []
    await database.aclose()


async def test_a_difference_between_tables_and_migrations_is_noticed(database: Database) -> None:
    async with database.writing() as connection:
        await connection.execute(sqlalchemy.text("DROP TABLE harvest_seen"))
    assert [difference[0] for difference in await differences(database)] == ["add_table"]


def test_the_template_of_new_revisions_is_packaged() -> None:
    template = importlib.resources.files("gateway.storage").joinpath("migrations", "script.py.mako").read_text("utf-8")
    assert "import sqlmodel" in template
