"""Requests that belong together: in their order, and none goes on behind the error of another."""

import asyncio

import pytest

from connectors.errors import UpstreamFailure
from connectors.protocols.exchange import together


async def test_results_come_in_the_order_of_the_requests() -> None:
    gate = asyncio.Event()

    async def late() -> str:
        await gate.wait()
        return "first"

    async def soon() -> str:
        gate.set()
        return "second"

    assert await together([late(), soon()]) == ["first", "second"]
    assert await together([]) == []


async def test_when_one_fails_the_others_end() -> None:
    ended: list[str] = []
    started = asyncio.Event()

    async def waits() -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("waits")

    async def fails() -> None:
        await started.wait()
        raise UpstreamFailure("no")

    with pytest.raises(UpstreamFailure, match="no"):
        await together([waits(), fails()])
    assert ended == ["waits"]
