"""Keeping the lake up with the database: month by month where something changed, or all anew."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar, TypeVarTuple

import duckdb

from gateway.clock import Clock, utc_now
from gateway.errors import NotReady
from gateway.following import follow
from gateway.statistics.lake.changes import Month, database_identity, month_sequences
from gateway.statistics.lake.extraction import copy_from_postgresql, copy_from_sqlite
from gateway.statistics.lake.files import LakeFiles
from gateway.statistics.lake.snapshots import Snapshot
from gateway.statistics.lake.state import EmptyMonth, ListedMonth
from gateway.storage import Database

_Value = TypeVar("_Value")
_Arguments = TypeVarTuple("_Arguments")
_log = logging.getLogger(__name__)
_UNABLE = "the lake could not catch up; trying again in %s s"


class Lake:
    """One directory of files: one process writes it, in one thread; the others only see what that one did."""

    def __init__(self, database: Database, directory: Path, clock: Clock = utc_now) -> None:
        self._database = database
        self._files = LakeFiles(directory)
        self._clock = clock
        self._identity: int | None = None
        self._turn = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="lake")
        self._closing = asyncio.Event()

    @property
    def snapshot(self) -> Snapshot:
        """The files to read now; `NotReady` before there are any."""
        if self._files.snapshot is None:
            raise NotReady("the usage statistics are being prepared; try again in a moment")
        return self._files.snapshot

    async def open(self) -> None:
        """Use what files are sound and belong to this database, write those that are not, and catch up."""
        await self.catch_up()

    async def catch_up(self) -> int:
        """Write the months that changed and publish them together; returns how many.

        A month that cannot be written is logged, keeps its old files and is tried again the next time.
        """
        async with self._turn:
            return await self._write(anew=False)

    async def rebuild(self) -> None:
        """Write every month anew; readers go on with the old files until all are there."""
        async with self._turn:
            await self._write(anew=True)
        await self.catch_up()

    async def follow(self, interval: float, stopping: asyncio.Event) -> None:
        """Catch up every so many seconds; what goes wrong is logged and tried again."""
        await follow(self.catch_up, interval, stopping, lambda _: _log.exception(_UNABLE, interval))

    async def aclose(self) -> None:
        """Give the writer's place away after the month that is being written; an unfinished pass publishes nothing."""
        self._closing.set()
        async with self._turn:
            await self._in_thread(self._files.close)
        self._thread.shutdown()

    async def _write(self, *, anew: bool) -> int:
        if self._closing.is_set():
            return 0
        if self._identity is None:
            self._identity = await database_identity(self._database)
        if not await self._in_thread(self._files.look, self._identity):
            return 0
        as_of = self._clock()
        wanted, newest = await month_sequences(self._database)
        held = self._files.months
        if any(each.sequence > newest for each in held.values()):
            _log.warning("the lake is ahead of the database, which was put back to an earlier state; it is built anew")
            held = {}
        sound = wanted.keys() - self._files.damaged
        months = {month: each for month, each in held.items() if month in sound}
        due = [
            month
            for month, sequence in sorted(wanted.items())
            if anew or month not in months or months[month].sequence != sequence
        ]
        made = {}
        for month in due:
            if self._closing.is_set():
                return 0
            try:
                made[month] = await self._make(month)
            except duckdb.Error:
                _log.exception("the facts of %s in %s cannot be written to the lake", *month)
        await self._in_thread(self._files.publish, self._identity, months | made, as_of, self._clock())
        return len(made)

    async def _make(self, month: Month) -> ListedMonth | EmptyMonth:
        if self._database.is_sqlite:
            sequence = await self._in_thread(copy_from_sqlite, self._database, month, self._files.source)
        else:
            sequence = await copy_from_postgresql(self._database, month, self._files.source)
        return await self._in_thread(self._files.make, month, sequence)

    async def _in_thread(self, work: Callable[[*_Arguments], _Value], *arguments: *_Arguments) -> _Value:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)
