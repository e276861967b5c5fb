"""Limits of one platform: how often, how many at once, how long, how large, how stubborn."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from time import monotonic
from typing import Annotated

from pydantic import Field

from connectors.errors import Timeout
from connectors.transport.deadline import Deadline
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
        deadline = Deadline.after(request.timeout, self._clock)
        try:
            async with asyncio.timeout(request.timeout):
                await self._slots.acquire()
        except TimeoutError:
            raise _no_turn(request) from None
        try:
            await self._turn(request, deadline)
            return await self._inner.send(replace(request, timeout=deadline.remaining()))
        finally:
            self._slots.release()

    async def aclose(self) -> None:
        """Close what is inside."""
        await self._inner.aclose()

    async def _turn(self, request: Request, deadline: Deadline) -> None:
        """Reserve the next instant the rate allows and wait for it (the bucket kept as one instant, as in GCRA)."""
        now = self._clock()
        due = max(self._due, now)
        wait = due - self._allowance - now
        if max(wait, 0.0) >= deadline.remaining():
            raise _no_turn(request)
        self._due = due + self._interval
        if wait > 0:
            await self._sleep(wait)


def _no_turn(request: Request) -> Timeout:
    return Timeout(
        f"{request.method} {without_query(request.url)}: its turn under the limits of the platform would come after "
        f"{request.timeout:g} seconds"
    )
