"""Keeping the index up with the database: change by change, or all anew."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from typing import TypeVar, TypeVarTuple

from gateway.catalog.changes import changes_after, database_identity, newest_change
from gateway.catalog.documents import DocumentBuilder, StoredRow
from gateway.catalog.index import CatalogIndex, OpenIndex
from gateway.clock import Clock
from gateway.following import follow
from gateway.storage import Database

_Value = TypeVar("_Value")
_Arguments = TypeVarTuple("_Arguments")
_log = logging.getLogger(__name__)
_UNABLE = "the search index could not catch up; trying again in %s s"
READ_AT_ONCE, COMMIT_AFTER = 2_000, 50_000
"""Changes per statement, and per commit of the index."""


class IndexKeeper:
    """Writes one index, in one thread; where another process is the writer it only sees what that one did."""

    def __init__(self, database: Database, index: CatalogIndex, clock: Clock) -> None:
        self.index = index
        self._database = database
        self._clock = clock
        self._turn = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="catalog-index")

    async def open(self) -> None:
        """Open the index or put an empty one in its place, and take in every change it lacks."""
        identity = await database_identity(self._database)
        newest = await newest_change(self._database)
        await self._in_thread(self.index.open, identity, newest)
        await self.catch_up()

    async def catch_up(self) -> int:
        """Take in every change after the last one; returns how many."""
        async with self._turn:
            await self._in_thread(self.index.refresh)
            if not await self._in_thread(self.index.writes):
                return 0
            taken = pending = 0
            last = self.index.sequence
            async with aclosing(self._batches(last)) as batches:
                async for rows in batches:
                    await self._in_thread(self.index.write, rows, self._clock())
                    last = rows[-1].sequence
                    taken += len(rows)
                    pending += len(rows)
                    if pending >= COMMIT_AFTER:
                        await self._in_thread(self.index.commit, last)
                        pending = 0
            if pending:
                await self._in_thread(self.index.commit, last)
            return taken

    async def rebuild(self) -> None:
        """Fill a new index beside the present one and put it in its place, then take in what came meanwhile."""
        async with self._turn:
            if not await self._in_thread(self.index.writes):
                return
            identity = await database_identity(self._database)
            newest = await newest_change(self._database)
            new, state = await self._in_thread(self.index.beside, identity)
            try:
                last = await self._fill(new, newest)
            except BaseException:
                await self._in_thread(new.close)
                raise
            await self._in_thread(self.index.swap, new, state.upto(last))
        await self.catch_up()

    async def follow(self, interval: float, stopping: asyncio.Event) -> None:
        """Catch up every so many seconds; what goes wrong is logged and tried again."""
        await follow(self.catch_up, interval, stopping, lambda _: _log.exception(_UNABLE, interval))

    async def aclose(self) -> None:
        """Close the index after the running write."""
        await self._in_thread(self.index.close)
        self._thread.shutdown()

    async def _fill(self, new: OpenIndex, newest: int) -> int:
        last = 0
        builder = DocumentBuilder(self.index.platforms, self._clock())
        async with aclosing(self._batches(0)) as batches:
            async for rows in batches:
                await self._in_thread(new.write, rows, builder, newest)
                last = rows[-1].sequence
        await self._in_thread(new.commit)
        return last

    async def _batches(self, last: int) -> AsyncGenerator[Sequence[StoredRow], None]:
        """Changes after a sequence number; the next batch is read while this one is indexed."""
        rows = await changes_after(self._database, last, READ_AT_ONCE)
        while rows:
            following = asyncio.create_task(changes_after(self._database, rows[-1].sequence, READ_AT_ONCE))
            try:
                yield rows
            except BaseException:
                following.cancel()
                raise
            rows = await following

    async def _in_thread(self, work: Callable[[*_Arguments], _Value], *arguments: *_Arguments) -> _Value:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)
