"""The services of the suite are what their fixtures promise."""

import shutil
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import sqlalchemy
from redis import Redis

from gateway.storage import Database, open_database
from tests.services import availability, redis
from tests.services import postgres as servers
from tests.services.postgres import PostgresServer


async def test_a_database_has_every_table_and_a_change_counter(database: Database) -> None:
    async with database.reading() as connection:
        tables = await connection.run_sync(lambda sync: sqlalchemy.inspect(sync).get_table_names())
        counters = (
            await connection.execute(sqlalchemy.text("SELECT name, value FROM change_counters ORDER BY name"))
        ).all()
    assert {"resources", "resource_links", "harvest_runs", "harvest_seen"} <= set(tables)
    assert {row.name: row.value for row in counters} == dict.fromkeys(
        ("audit", "catalog", "ledger", "training", "usage"), 0
    )


@pytest.mark.parametrize("round_", [1, 2])
async def test_every_test_starts_with_a_fresh_database(database: Database, round_: int) -> None:
    async with database.writing() as connection:
        changed = await connection.execute(
            sqlalchemy.text("UPDATE change_counters SET value = :value WHERE name = 'catalog' AND value = 0"),
            {"value": round_},
        )
    assert changed.rowcount == 1


async def test_a_used_database_is_as_new_or_not_used_again(postgres: PostgresServer) -> None:
    async def do(url: str, *statements: str) -> Any:
        database = open_database(url)
        async with database.writing() as connection:
            answers = [await connection.execute(sqlalchemy.text(statement)) for statement in statements]
            found = [tuple(row) for row in answers[-1]] if answers[-1].returns_rows else None
        await database.aclose()
        return found

    everything = "SELECT name, value, (SELECT count(*) FROM teachers), nextval('resources_id_seq') FROM change_counters"
    async with postgres.database() as url, postgres.database() as other:
        assert url != other
        before = await do(url, f"{everything} ORDER BY name LIMIT 1")
        add = "INSERT INTO teachers (id, created_at) VALUES ('t', now())"
        await do(url, add, "UPDATE change_counters SET value = 7", "DELETE FROM alembic_version")
        await do(other, "ALTER TABLE teachers ADD extra integer")
        held = await asyncpg.connect(url.replace("+asyncpg", ""))
    async with postgres.database() as again:
        assert again == url
        assert await do(again, f"{everything} ORDER BY name LIMIT 1") == before
        assert await do(again, "SELECT count(*) FROM alembic_version") == [(1,)]
    assert held.is_closed()
    assert other.rpartition("/")[2] not in postgres.idle


async def test_an_empty_database_has_no_table(empty_database_url: str) -> None:
    database = open_database(empty_database_url)
    async with database.reading() as connection:
        assert await connection.run_sync(lambda sync: sqlalchemy.inspect(sync).get_table_names()) == []
    await database.aclose()


@pytest.mark.parametrize("round_", [1, 2])
def test_redis_answers_and_is_empty(redis_url: str, round_: int) -> None:
    with Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        assert client.set("round", round_)


async def test_a_silent_postgresql_is_replaced_by_our_own() -> None:
    binaries = servers.postgres_binaries()
    if binaries is None:
        availability.missing("PostgreSQL", "initdb is not installed")
    with servers.own_server(binaries) as (host, port):
        await PostgresServer(host, port).run("SELECT 1")
    assert not availability.answers(host, port)


def test_a_silent_redis_is_replaced_by_our_own() -> None:
    binary = shutil.which("redis-server")
    if binary is None:
        availability.missing("Redis", "redis-server is not installed")
    with redis.own_server(binary) as (host, port), redis.claimed_database(host, port) as url:
        assert Redis.from_url(url).ping() is True
    assert not availability.answers(host, port)


def test_a_missing_service_is_a_skip_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="Redis is not available: not installed"):
        availability.missing("Redis", "not installed")


def test_a_missing_service_is_a_failure_under_ci(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="may not be skipped"):
        availability.missing("Redis", "not installed")
