"""Fixtures of the whole suite: real databases, SQLite and PostgreSQL, and Redis."""

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from redis import Redis

from gateway.storage import Database, open_database, upgrade
from tests.services.postgres import PostgresServer, outside_the_loop, postgres_server
from tests.services.redis import redis_database

# pytest-xdist tells its workers the width of a terminal, by which tables for people would be folded
os.environ.pop("COLUMNS", None)


async def prepare(url: str) -> None:
    """Create every table."""
    database = open_database(url)
    await upgrade(database)
    await database.aclose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with every table, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    outside_the_loop(prepare(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """PostgreSQL with a template database."""
    with postgres_server(prepare) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The URL of a fresh database with every table, on each of the two databases."""
    if request.param == "sqlite":
        path = tmp_path / "shanhai.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite+aiosqlite:///{path}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        async with server.database() as url:
            yield url


@pytest.fixture(params=["sqlite", "postgresql"])
async def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """The URL of a database without any table, on each of the two databases."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        async with server.database(empty=True) as url:
            yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A fresh, open database with every table; a test that takes it runs on SQLite and on PostgreSQL."""
    opened = open_database(database_url)
    yield opened
    await opened.aclose()


@pytest.fixture(scope="session")
def redis_session_url() -> Iterator[str]:
    """A Redis database that this session has for itself."""
    with redis_database() as url:
        yield url


@pytest.fixture
def redis_url(redis_session_url: str) -> str:
    """The URL of an empty Redis database."""
    with Redis.from_url(redis_session_url) as client:
        client.flushdb()
    return redis_session_url
