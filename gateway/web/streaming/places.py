"""How many streams or downloads one process keeps open, and how many of them for one client."""

import asyncio
from collections import Counter

from gateway.web.refusals import Refusal

MOST_STREAMS = 1_000
"""Event streams and WebSockets together; each holds a socket, and the answer that its client is reading."""
MOST_OF_ONE = 20
"""Of them for one address, so that nobody holds all of them."""


class Places:
    """Room for so many streams at one time, and so many of one address; `what` they are is told with the `code`."""

    def __init__(
        self,
        most: int = MOST_STREAMS,
        most_of_one: int = MOST_OF_ONE,
        *,
        code: str = "STREAMS_BUSY",
        what: str = "streams{} are open",
    ) -> None:
        self._most, self._most_of_one = most, most_of_one
        self._code, self._what = code, what
        self._by_address = Counter[str]()
        self._empty = asyncio.Event()
        self._empty.set()
        self.taken = 0

    def take(self, address: str) -> None:
        """Take one for this address, to be given back by `free`; raises Refusal (503) when all are taken."""
        if self.taken >= self._most:
            raise busy(self._code, f"{self._most} {self._what.format('')}")
        if self._by_address[address] >= self._most_of_one:
            raise busy(self._code, f"{self._most_of_one} {self._what.format(' of your address')}")
        self.taken += 1
        self._by_address[address] += 1
        self._empty.clear()

    def free(self, address: str) -> None:
        """Give one of this address back."""
        self.taken -= 1
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]
        if not self.taken:
            self._empty.set()

    async def emptied(self) -> None:
        """Wait until none is taken."""
        await self._empty.wait()


def busy(code: str, told: str) -> Refusal:
    """The refusal of one more than there may be."""
    message = f"{told}, as many as there may be; try again in a moment"
    return Refusal(code, message, {"Retry-After": "10", "Cache-Control": "no-store"})
