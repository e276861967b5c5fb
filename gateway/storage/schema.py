"""Bringing a database to the newest schema, and asking whether it is there."""

from collections.abc import Callable
from typing import Any, TypeVar

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from gateway.storage.engine import Database
from gateway.storage.tables import ChangeCounter

Answer = TypeVar("Answer")
UPGRADE_LOCK = 7_311_650_021
"""Key of the PostgreSQL advisory lock that lets one process migrate at a time; SQLite has its write lock."""


def _configuration(connection: Connection) -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", "gateway.storage:migrations")
    configuration.attributes["connection"] = connection
    return configuration


async def upgrade(database: Database) -> None:
    """Create or migrate every table in one transaction; harmless when nothing is to be done."""
    async with database.writing() as connection:
        if not database.is_sqlite:
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
        await connection.run_sync(lambda sync: command.upgrade(_configuration(sync), "head"))


async def is_current(database: Database) -> bool:
    """Whether the database has the newest revision; False for an empty one."""
    return await _inspect(database, lambda sync: _revision(sync) == _newest(sync))


async def differences(database: Database) -> list[Any]:
    """What `alembic check` would report: how the tables differ from their declarations."""
    return await _inspect(database, _differences)


async def _inspect(database: Database, question: Callable[[Connection], Answer]) -> Answer:
    async with database.reading() as connection:
        return await connection.run_sync(question)


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _newest(connection: Connection) -> str | None:
    return ScriptDirectory.from_config(_configuration(connection)).get_current_head()


def _differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, ChangeCounter.metadata))
