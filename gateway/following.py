"""Doing something every so many seconds in the background, whatever happens, until told to stop."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable


async def follow(
    look: Callable[[], Awaitable[object]],
    interval: float,
    stopping: asyncio.Event,
    failed: Callable[[Exception], None],
) -> None:
    """Look now, and every so many seconds after, until `stopping` is set; what goes wrong is told and tried again.

    `failed` is called while the exception is handled, so that a logger knows where it comes from.
    """
    while not stopping.is_set():
        try:
            await look()
        except Exception as error:
            failed(error)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), interval)
