"""How many streams one process keeps open."""

import asyncio

from gateway.web.refusals import Refusal

MOST_STREAMS = 1_000
"""Event streams and WebSockets together; each holds a socket, and the answer that its client is reading."""


class Places:
    """Room for so many streams at one time."""

    def __init__(self, most: int = MOST_STREAMS) -> None:
        self._most = most
        self._empty = asyncio.Event()
        self._empty.set()
        self.taken = 0

    def take(self) -> None:
        """Take one, to be given back by `free`; raises Refusal (503) when all are taken."""
        if self.taken >= self._most:
            message = f"{self._most} streams are open, as many as there may be; try again in a moment"
            raise Refusal("STREAMS_BUSY", message, {"Retry-After": "10", "Cache-Control": "no-store"})
        self.taken += 1
        self._empty.clear()

    def free(self) -> None:
        """Give one back."""
        self.taken -= 1
        if not self.taken:
            self._empty.set()

    async def emptied(self) -> None:
        """Wait until none is taken."""
        await self._empty.wait()
