"""Opening a database: SQLite in WAL with honest write transactions, or PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

Outcome = TypeVar("Outcome")
_QUIET = {"hide_parameters": True}
"""What statements are given may be personal; errors and logs do not repeat it."""


class Database:
    """An engine with the ways to use it: `reading()`, `writing()`, and for bulk work `transact()`.

    A writing block is one transaction that starts as a writer (SQLite: BEGIN IMMEDIATE), so that a read-modify-write in
    it never loses an update; it commits at the end of the block and rolls back on an exception. A reading block sees
    one consistent state.
    """

    def __init__(self, engine: AsyncEngine, bulk_engine: Engine | None = None) -> None:
        self.engine = engine
        self._bulk_engine = bulk_engine

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self.engine.dialect.name == "sqlite"

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """One connection in one read transaction."""
        async with self.engine.connect() as connection:
            if not self.is_sqlite:
                await connection.execution_options(isolation_level="REPEATABLE READ")
            await connection.begin()
            yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """One connection in one write transaction."""
        async with self.engine.connect() as connection:
            await connection.execution_options(shanhai_writer=True)
            async with connection.begin():
                yield connection

    async def transact(self, work: Callable[[Connection], Outcome]) -> Outcome:
        """Do a piece of bulk work in one write transaction; cancellation waits for its end.

        On SQLite all of it runs in one thread: an asynchronous connection changes threads several times per statement,
        which costs more than the statements of a small page.
        """
        if self._bulk_engine is None:
            async with self.writing() as connection:
                return await connection.run_sync(work)
        running = asyncio.ensure_future(asyncio.to_thread(_transact, self._bulk_engine, work))
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            await asyncio.wait([running])
            raise

    async def checkpoint(self) -> None:
        """Let go of old pages: what was erased stands in SQLite's write-ahead log until then. Readers delay it."""
        if self._bulk_engine is not None:
            await asyncio.to_thread(_checkpoint, self._bulk_engine)

    async def aclose(self) -> None:
        """Close every connection."""
        await self.engine.dispose()
        if self._bulk_engine is not None:
            self._bulk_engine.dispose()


def open_database(url: str) -> Database:
    """Make the engine for a URL with an async driver; nothing connects before the first use."""
    if not url.startswith("sqlite"):
        return Database(create_async_engine(url, **_QUIET, pool_size=10, max_overflow=10, pool_pre_ping=True))
    engine = create_async_engine(url, **_QUIET)
    bulk_engine = create_engine(engine.url.set(drivername="sqlite"), **_QUIET)
    for each in (engine.sync_engine, bulk_engine):
        event.listen(each, "connect", _prepare_sqlite)
        event.listen(each, "begin", _begin_sqlite)
    return Database(engine, bulk_engine)


def _transact(engine: Engine, work: Callable[[Connection], Outcome]) -> Outcome:
    with engine.connect() as connection:
        connection.execution_options(shanhai_writer=True)
        with connection.begin():
            return work(connection)


def _checkpoint(engine: Engine) -> None:
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, see _begin_sqlite
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "busy_timeout=30000",
        "foreign_keys=ON",
        "cache_size=-32000",
        "wal_autocheckpoint=8000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    writer = connection.get_execution_options().get("shanhai_writer", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")
