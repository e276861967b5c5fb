"""The deadline of a request: one bound in seconds around everything that is done for it."""

import asyncio
from collections.abc import Callable
from time import monotonic
from types import TracebackType

from connectors.errors import Timeout
from connectors.transport.seam import Request, Response, Transport
from connectors.transport.urls import without_query

# event loops may ring a little early, uvloop by half of its millisecond
EARLY_SECONDS = 0.001


class Deadlines:
    """Ends blocks of code after their time as `asyncio.timeout` does, all of them with one timer.

    A timer of the event loop for each of many short requests costs more than the other layers around them together.
    """

    def __init__(self) -> None:
        self._bounds: set[_Bound] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._rings_at = float("inf")

    def within(self, seconds: float) -> "_Bound":
        """A context that raises `TimeoutError` in place of the cancellation by which it ends its block."""
        return _Bound(self, seconds)

    def add(self, bound: "_Bound") -> float:
        """Watch over a block from now on, and say when its time is over on the clock of the event loop."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self.clear()
            self._loop = loop
        ends_at = loop.time() + bound.seconds
        self._bounds.add(bound)
        if ends_at < self._rings_at:
            self._set(loop, ends_at)
        return ends_at

    def discard(self, bound: "_Bound") -> None:
        """Watch over a block no longer; the timer is left to ring, since most often the next block is there by then."""
        self._bounds.discard(bound)

    def clear(self) -> None:
        """Watch over nothing."""
        self._bounds.clear()
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._rings_at = None, float("inf")

    def _set(self, loop: asyncio.AbstractEventLoop, rings_at: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._rings_at = loop.call_at(rings_at, self._ring, loop), rings_at

    def _ring(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer, self._rings_at = None, float("inf")
        over = loop.time() + EARLY_SECONDS
        for bound in [bound for bound in self._bounds if bound.ends_at <= over]:
            self._bounds.discard(bound)
            bound.expire()
        if self._bounds:
            self._set(loop, min(bound.ends_at for bound in self._bounds))


class _Bound:
    __slots__ = ("_before", "_deadlines", "_expired", "_task", "ends_at", "seconds")

    def __init__(self, deadlines: Deadlines, seconds: float) -> None:
        self._deadlines = deadlines
        self._expired = False
        self.seconds = seconds

    def __enter__(self) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a deadline ends a task, and there is none")
        self._task, self._before = task, task.cancelling()
        self.ends_at = self._deadlines.add(self)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._deadlines.discard(self)
        # one that others cancel too at the same time is canceled
        if self._expired and self._task.uncancel() <= self._before and isinstance(error, asyncio.CancelledError):
            raise TimeoutError from error

    def expire(self) -> None:
        """End the block."""
        self._expired = True
        self._task.cancel()


class Bounded:
    """Ends every request with `Timeout` after its own `timeout` or `seconds`, whichever is less, waiting included."""

    def __init__(self, inner: Transport, seconds: float) -> None:
        self._inner = inner
        self._seconds = seconds
        self._deadlines = Deadlines()

    async def send(self, request: Request) -> Response:
        """Send within the bound."""
        seconds = min(request.timeout, self._seconds)
        try:
            with self._deadlines.within(seconds):
                return await self._inner.send(request.within(seconds))
        except TimeoutError:
            raise timed_out(request, seconds) from None

    async def aclose(self) -> None:
        """Close what is inside."""
        self._deadlines.clear()
        await self._inner.aclose()


class Until:
    """Gives requests no more time than is left of `seconds` from now, and ends none itself: what is inside does.

    What several requests do for one question shares its deadline so. Closing it closes nothing, since the next
    question has another one around the same transport.
    """

    def __init__(self, inner: Transport, seconds: float, clock: Callable[[], float] = monotonic) -> None:
        self._inner, self._seconds, self._clock = inner, seconds, clock
        self._ends_at = clock() + seconds

    async def send(self, request: Request) -> Response:
        """Send if there is time left."""
        left = self._ends_at - self._clock()
        if left <= 0:
            raise timed_out(request, self._seconds)
        return await self._inner.send(request.within(min(request.timeout, left)))

    async def aclose(self) -> None:
        """Leave what is inside open."""


def timed_out(request: Request, seconds: float) -> Timeout:
    """The error for a request that was not answered within `seconds`."""
    return Timeout(f"{request.method} {without_query(request.url)}: no complete answer within {seconds:g} seconds")
