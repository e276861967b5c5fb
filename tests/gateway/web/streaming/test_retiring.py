"""How a connection ends by no doing of its client: what is asked once is answered, the rest is to be asked again."""

import asyncio
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection

from tests.gateway.web.streaming.served import CODES, STREAM, Served, begin, closed, greet, hear, say, serving

SERVERS = pytest.mark.parametrize("server", ["uvicorn", "granian"])
ENDING = 1012, "this process is ending; connect and subscribe again"
OVER = 1012, "a subscription lasted as long as it may; connect and subscribe again"


class Held:
    """A query that is answered when the test says so."""

    def __init__(self, served: Served) -> None:
        self._begun, self._go_on = asyncio.Event(), asyncio.Event()
        served.world.catalog.suggest = self._suggest  # type: ignore[method-assign, assignment]

    async def _suggest(self, *_arguments: Any) -> list[Any]:
        self._begun.set()
        await self._go_on.wait()
        return []

    async def ask(self, socket: ClientConnection) -> None:
        await begin(socket, "slow", '{ suggest(prefix: "x") { text } }')
        await asyncio.wait_for(self._begun.wait(), 20)

    async def answered(self, socket: ClientConnection) -> None:
        self._go_on.set()
        assert await hear(socket) == {"id": "slow", "type": "next", "payload": {"data": {"suggest": []}}}
        assert await hear(socket) == {"id": "slow", "type": "complete"}


async def unanswered(socket: ClientConnection, query: str) -> None:
    """Ask for something of which nothing is heard: neither a result nor an end."""
    await begin(socket, "late", query)
    await say(socket, type="ping")
    assert await hear(socket) == {"type": "pong"}


@SERVERS
async def test_the_end_of_the_process_closes_the_connection_and_completes_no_subscription(server: str) -> None:
    async with serving(server, held=True) as served, served.connect() as socket, served.connect() as idle:
        await greet(socket)
        await greet(idle)
        await begin(socket, "a")
        await served.begun(1)
        served.world.stopping.set()
        assert await closed(socket) == await closed(idle) == ENDING
        assert served.live.ended == 1


@SERVERS
async def test_a_search_is_told_to_its_end_and_completed_when_the_process_is_told_to_end(server: str) -> None:
    async with serving(server, held=True, grace=60) as served, served.connect() as socket:
        await greet(socket)
        await begin(socket, "a")
        await served.begun(1)
        served.world.stopping.set()
        for code in CODES:
            served.live.gate.release()
            told = await hear(socket)
            assert told["payload"]["data"]["searchStream"]["source"]["platform"]["code"] == code
        assert await hear(socket) == {"id": "a", "type": "complete"}
        assert await closed(socket) == ENDING


async def test_a_query_under_way_is_answered_at_the_end_of_the_process_and_no_other_is_begun() -> None:
    async with serving() as served, served.connect() as socket:
        held = Held(served)
        await greet(socket)
        await held.ask(socket)
        served.world.stopping.set()
        await unanswered(socket, "{ __typename }")
        await held.answered(socket)
        assert await closed(socket) == ENDING


@SERVERS
async def test_a_subscription_whose_time_is_over_closes_its_connection_after_what_is_asked_once(server: str) -> None:
    async with serving(server, held=True, seconds=0.5) as served, served.connect() as socket:
        held = Held(served)
        await greet(socket)
        await held.ask(socket)
        await begin(socket, "a")
        await served.ended(1)
        await unanswered(socket, STREAM)
        await held.answered(socket)
        assert await closed(socket) == OVER
        assert served.live.begun == 1
        async with served.connect() as again:
            await greet(again)
            await begin(again, "a")
            await served.begun(2)


async def test_a_subscription_whose_time_is_over_takes_those_beside_it_along() -> None:
    async with serving(held=True, seconds=0.5) as served, served.connect() as socket:
        await greet(socket)
        await begin(socket, "a")
        await served.begun(1)
        await asyncio.sleep(0.2)
        await begin(socket, "b")
        await served.begun(2)
        assert await closed(socket) == OVER
        assert served.live.ended == 2
