"""What resolvers left to await: everything of one moment at once, each put into its place as it arrives."""

import asyncio
from asyncio import Future
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from inspect import iscoroutine
from typing import Any, cast

from graphql import GraphQLError, located_error

from gateway.graph.compiled.positions import Indices, Position
from gateway.graph.compiled.shapes import Container, Continue


@dataclass(frozen=True, slots=True, eq=False)
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

    Nulls spread as in graphql-core: a failure takes the nearest place above that may be null, and whatever was awaited
    below it is canceled. `abandoned` takes awaitables that a failure beside them has left behind.
    """

    def __init__(self, errors: list[GraphQLError], abandoned: Callable[[list[Awaitable[Any]]], None]) -> None:
        self.entries: list[Entry] = []
        self.lost = False
        """Whether there are nulls that errors left, so that a place may have gone."""
        self._errors = errors
        self._abandoned = abandoned
        self._open: dict[Entry, Future[Any]] = {}
        self._arrived: list[Entry] = []
        self._alarm: Future[None] | None = None
        self._data: dict[str, Any] | None = None

    def add(
        self, awaitable: Awaitable[Any], then: Continue, position: Position, at: Indices, container: Container, key: Any
    ) -> None:
        """Await this too."""
        self.entries.append(Entry(awaitable, then, position, at, container, key))

    def abandon(self) -> None:
        """Let go of everything; what has been begun by a resolver comes to its end."""
        if self.entries:
            self._abandoned([entry.awaitable for entry in self.entries])

    async def settled(self, data: dict[str, Any]) -> dict[str, Any] | None:
        """The answer with every value in its place; None where a null has reached the whole of it."""
        self._data = data
        try:
            while self.entries or self._open:
                if len(self.entries) == 1 and not self._open:
                    await self._alone(self.entries.pop())
                else:
                    self._begin()
                    await self._arrivals()
        finally:
            await self._cancel(list(self._open))
        return self._data

    async def _alone(self, entry: Entry) -> None:
        """Await what nothing else is awaited beside, without a task."""
        if self.lost and not self._reachable(entry):
            self._abandoned([entry.awaitable])
            return
        failure: GraphQLError | None = None
        try:
            self._put(entry, entry.then(await entry.awaitable))
        except Exception as error:
            failure = self._judge(entry, error)
        if failure is not None:
            await self._spread(entry, failure)

    def _begin(self) -> None:
        """Begin what was added since; what an error has left behind comes to its end in the background."""
        entries, self.entries = self.entries, []
        if self.lost:
            gone = [entry.awaitable for entry in entries if not self._reachable(entry)]
            if gone:
                self._abandoned(gone)
                entries = [entry for entry in entries if self._reachable(entry)]
        for entry in entries:
            future = asyncio.ensure_future(entry.awaitable)
            self._open[entry] = future
            future.add_done_callback(partial(self._arrive, entry))

    def _arrive(self, entry: Entry, _future: Future[Any]) -> None:
        self._arrived.append(entry)
        if self._alarm is not None and not self._alarm.done():
            self._alarm.set_result(None)

    async def _arrivals(self) -> None:
        """Take in what arrives in one moment; failures that spread come last, as they are heard of later."""
        if not self._arrived and self._open:
            self._alarm = asyncio.get_running_loop().create_future()
            await self._alarm
        arrived, self._arrived = self._arrived, []
        spreading: list[tuple[Entry, GraphQLError]] = []
        for entry in arrived:
            future = self._open.pop(entry, None)
            if future is None:
                continue
            try:
                self._put(entry, entry.then(future.result()))
            except Exception as error:
                if failure := self._judge(entry, error):
                    spreading.append((entry, failure))
        for entry, failure in spreading:
            await self._spread(entry, failure)

    def _put(self, entry: Entry, value: Any) -> None:
        cast("dict[Any, Any]", entry.container)[entry.key] = value

    def _judge(self, entry: Entry, error: Exception) -> GraphQLError | None:
        """Collect an error whose place may be null; answers one that spreads."""
        located = located_error(error, entry.position.nodes, entry.position.path(entry.at))
        if not entry.position.nullable:
            return located
        self._put(entry, None)
        if not self.lost or self._reachable(entry):
            self._errors.append(located)
        self.lost = True
        return None

    async def _spread(self, entry: Entry, error: GraphQLError) -> None:
        """Null the nearest place above that may be null, and cancel what was awaited below it."""
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
        _close([one for one in self.entries if not self._reachable(one)])
        self.entries = [one for one in self.entries if self._reachable(one)]
        await self._cancel([one for one in self._open if not self._reachable(one)])

    async def _cancel(self, entries: list[Entry]) -> None:
        futures = [future for entry in entries if (future := self._open.pop(entry, None))]
        for future in futures:
            future.cancel()
        if futures:
            await asyncio.gather(*futures, return_exceptions=True)

    def _reachable(self, entry: Entry) -> bool:
        """Whether no null has taken the place of an entry."""
        container = _walk(self._data, entry.position.path(entry.at)[:-1])
        return container is entry.container


def _walk(data: Any, path: list[str | int]) -> Any:
    """The container at a path; None where a null lies on the way."""
    for key in path:
        if data is None:
            return None
        data = data[key]
    return data


def _close(entries: list[Entry]) -> None:
    for entry in entries:
        if iscoroutine(entry.awaitable):
            entry.awaitable.close()
