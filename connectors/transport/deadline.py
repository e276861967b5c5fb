"""Deadlines: a budget of seconds that everything done for one request shares."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from time import monotonic

from connectors.errors import Timeout
from connectors.transport.seam import Request, Response, Transport
from connectors.transport.urls import without_query


@dataclass(frozen=True, slots=True)
class Deadline:
    """An instant on a monotonic clock after which no work for a request makes sense."""

    ends_at: float
    clock: Callable[[], float] = monotonic

    @classmethod
    def after(cls, seconds: float, clock: Callable[[], float] = monotonic) -> "Deadline":
        """The deadline `seconds` from now."""
        return cls(clock() + seconds, clock)

    def remaining(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self.ends_at - self.clock())

    @property
    def expired(self) -> bool:
        """Whether nothing is left."""
        return self.remaining() <= 0.0


class Bounded:
    """Ends every request with `Timeout` after its own `timeout` or `seconds`, whichever is less, waiting included."""

    def __init__(self, inner: Transport, seconds: float) -> None:
        self._inner = inner
        self._seconds = seconds

    async def send(self, request: Request) -> Response:
        """Send within the bound."""
        seconds = min(request.timeout, self._seconds)
        try:
            async with asyncio.timeout(seconds):
                return await self._inner.send(replace(request, timeout=seconds))
        except TimeoutError:
            raise timed_out(request, seconds) from None

    async def aclose(self) -> None:
        """Close what is inside."""
        await self._inner.aclose()


def timed_out(request: Request, seconds: float) -> Timeout:
    """The error for a request that was not answered within `seconds`."""
    return Timeout(f"{request.method} {without_query(request.url)}: no complete answer within {seconds:g} seconds")
