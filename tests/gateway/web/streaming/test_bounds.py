"""What nobody may hold for long, or all of: places, turns and time."""

import asyncio
from contextlib import AsyncExitStack

from gateway.web import Gate, Rules
from gateway.web.streaming.conversation import Patience
from gateway.web.streaming.places import MOST_OF_ONE
from tests.gateway.web.streaming.served import begin, closed, greet, hear, say, serving
from tests.gateway.web.streaming.test_events import EVENTS, streaming


async def test_one_address_holds_so_many_places_and_others_still_find_theirs() -> None:
    own = {"x-forwarded-for": "203.0.113.7"}
    async with serving(held=True, rules=Rules(trusted_proxies=1)) as served, AsyncExitStack() as opened:
        for _ in range(MOST_OF_ONE):
            await greet(await opened.enter_async_context(served.connect(additional_headers=own)))
        async with served.connect(additional_headers=own) as beyond:
            code, reason = await closed(beyond)
            assert code == 1013
            assert reason.startswith(f"{MOST_OF_ONE} streams of your address are open")
        async with streaming(served, headers={**EVENTS, **own}) as response:
            assert response.status_code == 503
        async with streaming(served, headers={**EVENTS, "x-forwarded-for": "203.0.113.8"}) as response:
            assert (response.status_code, served.places.taken) == (200, MOST_OF_ONE + 1)
        await opened.aclose()
        await served.left()
        async with served.connect(additional_headers=own) as again:
            await greet(again)


async def test_a_connection_without_an_operation_is_closed_whatever_signs_of_life_it_gives() -> None:
    patience = Patience(keep_alive=0.02, idle=0.8)
    async with serving(held=True, patience=patience) as served, served.connect() as socket:
        await greet(socket)
        await begin(socket, "a")
        await asyncio.sleep(1)
        assert served.places.taken == 1
        await say(socket, type="complete", id="a")
        code, reason = await closed(socket)
        assert (code, reason[:12]) == (1000, "no operation")
        await served.left()


async def test_subscriptions_have_turns_of_their_own_and_no_more_than_these() -> None:
    rules = Rules(gate=Gate(concurrency=2))
    async with serving(held=True, rules=rules) as served, served.connect() as socket:
        await greet(socket)
        for identifier in ("a", "b"):
            await begin(socket, identifier)
        await served.begun(2)
        await begin(socket, "c")
        refused = await hear(socket)
        assert (refused["id"], refused["payload"][0]["extensions"]["code"]) == ("c", "OVERLOADED")
        await begin(socket, "q", "{ __typename }")
        assert (await hear(socket))["type"] == "next", "queries do not wait for streams"
        assert (await hear(socket))["type"] == "complete"
        await begin(socket, "a2")
        assert (await hear(socket))["type"] == "error"
    await served.ended(2)


async def test_a_stream_whose_time_is_over_ends_without_complete_and_may_be_asked_for_again() -> None:
    async with serving(held=True, seconds=0.1) as served:
        for _ in range(2):
            async with streaming(served) as response:
                assert (await response.aread()).decode() == ":\n\nretry: 2000\n\n"
        await served.ended(2)
