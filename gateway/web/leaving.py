"""Whether the client of a request is still there, which servers tell to who waits for it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.types import Receive


async def left(receive: Receive) -> None:
    """Return when the client of a request has left whose body has been read."""
    while (await receive())["type"] != "http.disconnect":
        pass


@contextmanager
def leaving(receive: Receive) -> Iterator[asyncio.Task[None]]:
    """What is done once the client has left; granian tells it to nobody who only looks, as starlette does."""
    task = asyncio.create_task(left(receive))
    try:
        yield task
    finally:
        task.cancel()
