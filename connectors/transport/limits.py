"""Limits of one platform: how often, how many at once, how long, how large, how stubborn."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Annotated

from pydantic import Field

from connectors.errors import Timeout
from connectors.transport.exchange import MAX_BYTES
from connectors.transport.seam import Request, Response, Transport
from connectors.transport.urls import without_query
from schema.records import Record


class Limits(Record):
    """The `limits:` of a manifest. Seconds are wall-clock seconds; sizes are bytes after decompression."""

    requests_per_second: Annotated[float, Field(gt=0, le=10_000)] = 10.0
    burst: Annotated[int, Field(ge=1, le=1000)] = 1
    concurrency: Annotated[int, Field(ge=1, le=1_024)] = 4
    timeout_seconds: Annotated[float, Field(gt=0, le=600)] = 60.0
    """One request as the connector sees it: waiting for its turn, all attempts and the pauses between them."""
    attempt_seconds: Annotated[float, Field(gt=0, le=600)] = 20.0
    """One attempt of it."""
    retries: Annotated[int, Field(ge=0, le=10)] = 3
    backoff_seconds: Annotated[float, Field(gt=0, le=60)] = 0.5
    """The first pause is random between nothing and this, every further bound is twice the last."""
    max_backoff_seconds: Annotated[float, Field(gt=0, le=300)] = 20.0
    """The longest pause, also where the platform asks for a longer one: then its answer stands."""
    retry_ratio: Annotated[float, Field(ge=0, le=1)] = 0.2
    """Retries allowed per request over time, so that a platform in trouble is not asked several times as often."""
    max_bytes: Annotated[int, Field(ge=1024, le=256 * 1024 * 1024)] = MAX_BYTES


class Limited:
    """Keeps to a rate (a token bucket of `burst` tokens) and to a number of requests at once, in the order of asking.

    Raises `Timeout`, without asking the platform, when a request's turn would come after its time.
    """

    def __init__(
        self,
        inner: Transport,
        limits: Limits,
        *,
        clock: Callable[[], float] = monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._inner = inner
        self._interval = 1.0 / limits.requests_per_second
        self._allowance = (limits.burst - 1) * self._interval
        self._slots = asyncio.Semaphore(limits.concurrency)
        self._clock = clock
        self._sleep = sleep
        self._due = clock()

    async def send(self, request: Request) -> Response:
        """Wait for a slot and for the rate, then send in the time that is left."""
        ends_at = self._clock() + request.timeout
        crowded = self._slots.locked()
        if crowded:
            await self._slot(request)
        else:
            await self._slots.acquire()  # does not wait, so that it needs no deadline
        try:
            wait = self._turn(request, ends_at)
            if wait > 0:
                await self._sleep(wait)
            if wait > 0 or crowded:
                request = request.within(max(0.0, ends_at - self._clock()))
            return await self._inner.send(request)
        finally:
            self._slots.release()

    async def aclose(self) -> None:
        """Close what is inside."""
        await self._inner.aclose()

    async def _slot(self, request: Request) -> None:
        try:
            async with asyncio.timeout(request.timeout):
                await self._slots.acquire()
        except TimeoutError:
            raise _no_turn(request) from None

    def _turn(self, request: Request, ends_at: float) -> float:
        """Reserve the next instant the rate allows and say how long it is until then (the bucket kept as in GCRA)."""
        now = self._clock()
        due = max(self._due, now)
        wait = max(0.0, due - self._allowance - now)
        if wait >= ends_at - now:
            raise _no_turn(request)
        self._due = due + self._interval
        return wait


def _no_turn(request: Request) -> Timeout:
    return Timeout(
        f"{request.method} {without_query(request.url)}: its turn under the limits of the platform would come after "
        f"{request.timeout:g} seconds"
    )
