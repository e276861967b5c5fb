"""Waiting for an event, but no longer than so many seconds."""

import asyncio
import contextlib


async def happens(event: asyncio.Event, seconds: float) -> bool:
    """Whether the event is set within so many seconds."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
    return event.is_set()
