"""Background work goes on whatever it raises, and ends when it is told to."""

import asyncio
import logging

import pytest

from gateway.following import follow

_log = logging.getLogger(__name__)


async def test_what_fails_is_told_with_its_trace_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    stopping, looks = asyncio.Event(), 0

    async def look() -> int:
        nonlocal looks
        looks += 1
        if looks == 3:
            stopping.set()
        raise ValueError(f"look {looks}")

    await follow(look, 0.001, stopping, lambda error: _log.exception("told: %s", error))
    assert [record.getMessage() for record in caplog.records] == ["told: look 1", "told: look 2", "told: look 3"]
    assert all(record.exc_info and record.exc_info[0] is ValueError for record in caplog.records)


async def test_it_ends_while_it_waits_and_never_begins_when_it_was_told_before() -> None:
    stopping, looks = asyncio.Event(), []

    async def look() -> None:
        looks.append(1)
        asyncio.get_running_loop().call_soon(stopping.set)

    await asyncio.wait_for(follow(look, 3_600, stopping, _log.error), 5)
    assert len(looks) == 1
    await follow(look, 3_600, stopping, _log.error)
    assert len(looks) == 1


async def test_a_cancellation_is_no_failure() -> None:
    told: list[Exception] = []
    following = asyncio.create_task(follow(asyncio.Event().wait, 1, asyncio.Event(), told.append))
    await asyncio.sleep(0)
    following.cancel()
    with pytest.raises(asyncio.CancelledError):
        await following
    assert told == []
