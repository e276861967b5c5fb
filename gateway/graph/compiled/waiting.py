"""What resolvers left to await: everything of one moment at once, each put into its place as it arrives."""

import asyncio
from asyncio import Future, Task
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from inspect import iscoroutine
from typing import Any, cast

from graphql import GraphQLError, located_error

from gateway.graph.compiled.positions import Indices, Position
from gateway.graph.compiled.shapes import Container, Continue


@dataclass(slots=True, eq=False)
class Entry:
    """A value to come: what completes it, its place in the answer, and the container that holds the place."""

    awaitable: Awaitable[Any]
    then: Continue
    position: Position
    at: Indices
    container: Container
    key: Any


class Waiting:
    """The values to come of one execution; errors are collected in the given list.

    A value is completed in the task that awaited it, and what its fields await begins there and then, as in
    graphql-core. Nulls spread as there, too: a failure takes the nearest place above that may be null, and what is
    awaited below that is canceled. `abandoned` takes awaitables that a failure beside them has left behind.
    """

    def __init__(self, errors: list[GraphQLError], abandoned: Callable[[list[Awaitable[Any]]], None]) -> None:
        self.entries: list[Entry] = []
        """What was added and has not begun."""
        self.lost = False
        """Whether there are nulls that errors left, so that a place may have gone."""
        self._errors = errors
        self._abandoned = abandoned
        self._data: dict[str, Any] | None = None
        self._open: dict[_Strand, Entry] = {}
        self._heeded: dict[Future[Any], list[_Strand]] = {}
        self._spreading: list[tuple[Entry, GraphQLError]] = []
        self._fatal: BaseException | None = None
        self._alarm: Future[None] | None = None

    def add(
        self, awaitable: Awaitable[Any], then: Continue, position: Position, at: Indices, container: Container, key: Any
    ) -> None:
        """Await this too."""
        self.entries.append(Entry(awaitable, then, position, at, container, key))

    def abandon(self) -> None:
        """Let go of everything that has not begun."""
        if self.entries:
            self._abandoned([entry.awaitable for entry in self.entries])

    async def settled(self, data: dict[str, Any]) -> dict[str, Any] | None:
        """The answer with every value in its place; None where a null has reached the whole of it."""
        self._data = data
        try:
            first = self._begun()
            if first is not None:
                await self._follow(first, None)
            while self._open or self._spreading or self._fatal:
                await self._listen()
        finally:
            await self._cancel(list(self._open))
            _close(self.entries)
        return self._data

    def _begun(self) -> Entry | None:
        """Begin what was added, each in a task; a single entry is answered instead, to be awaited by who asks."""
        entries, self.entries = self.entries, []
        if self.lost and (gone := [entry for entry in entries if not self._reachable(entry)]):
            self._abandoned([entry.awaitable for entry in gone])
            entries = [entry for entry in entries if entry not in gone]
        if len(entries) == 1:
            return entries[0]
        for entry in entries:
            self._start(entry)
        return None

    def _start(self, entry: Entry) -> None:
        """Await an entry beside others: in a task, or by heeding a future, which needs none."""
        strand = _Strand()
        self._open[strand] = entry
        if isinstance(entry.awaitable, Future):
            heeding = self._heeded.get(entry.awaitable)
            if heeding is None:
                heeding = self._heeded[entry.awaitable] = []
                entry.awaitable.add_done_callback(self._heard)
            heeding.append(strand)
        else:
            strand.task = asyncio.ensure_future(self._follow(entry, strand))
            strand.task.add_done_callback(partial(self._ended, strand))

    def _heard(self, future: Future[Any]) -> None:
        """Take in what a future brings for all who wait for it, such as the fields of a page by one loader."""
        strands = self._heeded.pop(future)
        entries = [entry for strand in strands if (entry := self._open.pop(strand, None))]
        if future.cancelled():
            self._fatal = asyncio.CancelledError() if entries else self._fatal
        elif not entries:
            future.exception()  # asked for, so that nobody is told it never was
        else:
            for entry in entries:
                self._fill(entry, future.result)
                following = self._begun()
                if following is not None:
                    self._start(following)
        self._ring()

    def _fill(self, entry: Entry, result: Callable[[], Any]) -> None:
        """Put what has arrived into its place."""
        try:
            self._put(entry, entry.then(result()))
        except Exception as error:
            if failure := self._judged(entry, error):
                self._spreading.append((entry, failure))

    def _put(self, entry: Entry, value: Any) -> None:
        cast("dict[Any, Any]", entry.container)[entry.key] = value

    async def _follow(self, entry: Entry | None, strand: "_Strand | None") -> None:
        """Await an entry, complete it, and go on with what that led to."""
        while entry is not None:
            try:
                self._put(entry, entry.then(await entry.awaitable))
            except Exception as error:
                if failure := self._judged(entry, error):
                    self._spreading.append((entry, failure))
            entry = self._begun()
            if entry is not None and strand is not None:
                self._open[strand] = entry

    def _judged(self, entry: Entry, error: Exception) -> GraphQLError | None:
        """Collect an error whose place may be null; answers one that spreads."""
        located = located_error(error, entry.position.nodes, entry.position.path(entry.at))
        spreads = not entry.position.nullable
        if not spreads and (not self.lost or self._reachable(entry)):
            self._errors.append(located)
        if not spreads:
            self._put(entry, None)
        self.lost = True
        return located if spreads else None

    def _ended(self, strand: "_Strand", task: Task[None]) -> None:
        mine = self._open.pop(strand, None) is not None
        if mine and task.cancelled():
            self._fatal = asyncio.CancelledError()
        elif mine and (failure := task.exception()):
            self._fatal = failure
        self._ring()

    def _ring(self) -> None:
        """Wake who listens, where there is something to hear."""
        if self._alarm is not None and not self._alarm.done() and (self._spreading or self._fatal or not self._open):
            self._alarm.set_result(None)

    async def _listen(self) -> None:
        """Wait until a failure spreads or everything is there."""
        if not self._spreading and self._fatal is None:
            self._alarm = asyncio.get_running_loop().create_future()
            await self._alarm
        if self._fatal is not None:
            raise self._fatal
        spreading, self._spreading = self._spreading, []
        for entry, failure in spreading:
            await self._spread(entry, failure)

    async def _spread(self, entry: Entry, error: GraphQLError) -> None:
        """Null the nearest place above that may be null, and cancel what is awaited below it."""
        if self._data is None or (self.lost and not self._reachable(entry)):
            return
        self._errors.append(error)
        self.lost = True
        nearest = entry.position.nearest_nullable(entry.at)
        if nearest is None:
            self._data = None
        else:
            position, at = nearest
            *above, key = position.path(at)
            _walk(self._data, above)[key] = None
        await self._cancel([strand for strand, one in self._open.items() if not self._reachable(one)])

    async def _cancel(self, strands: "list[_Strand]") -> None:
        entries = [self._open.pop(strand) for strand in strands]
        tasks = [strand.task for strand in strands if strand.task]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.gather(*tasks, return_exceptions=True)
        _close(entries)

    def _reachable(self, entry: Entry) -> bool:
        """Whether no null has taken the place of an entry."""
        return _walk(self._data, entry.position.path(entry.at)[:-1]) is entry.container


class _Strand:
    """What goes from entry to entry: a task, or no more than a future that is heeded."""

    __slots__ = ("task",)

    def __init__(self) -> None:
        self.task: Task[None] | None = None


def _walk(data: Any, path: list[str | int]) -> Any:
    """The container at a path; None where a null lies on the way, or what is still to come."""
    for key in path:
        if not isinstance(data, dict | list):
            return None
        data = cast("dict[Any, Any]", data)[key]
    return data


def _close(entries: list[Entry]) -> None:
    """Tell coroutines that never began that they never will, and ask futures for what nobody asks any more."""
    for entry in entries:
        if iscoroutine(entry.awaitable):
            entry.awaitable.close()
        elif isinstance(entry.awaitable, Future) and entry.awaitable.done() and not entry.awaitable.cancelled():
            entry.awaitable.exception()
