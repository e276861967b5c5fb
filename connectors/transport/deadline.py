"""The deadline of a request: one bound in seconds around everything that is done for it."""

import asyncio

from connectors.errors import Timeout
from connectors.transport.seam import Request, Response, Transport
from connectors.transport.urls import without_query


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
                return await self._inner.send(request.within(seconds))
        except TimeoutError:
            raise timed_out(request, seconds) from None

    async def aclose(self) -> None:
        """Close what is inside."""
        await self._inner.aclose()


def timed_out(request: Request, seconds: float) -> Timeout:
    """The error for a request that was not answered within `seconds`."""
    return Timeout(f"{request.method} {without_query(request.url)}: no complete answer within {seconds:g} seconds")
