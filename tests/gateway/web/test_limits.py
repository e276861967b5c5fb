"""What an operation may cost, how long it may take, and how many are executed at once."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from gateway.catalog.query import SearchRequest
from gateway.catalog.results import SearchPage
from gateway.web import Gate, Rules
from gateway.web.refusals import Refusal
from tests.gateway.graph.connectors.partner import ZIBO, serving
from tests.gateway.graph.registry import MemoryConnectors
from tests.gateway.graph.world import MemoryCatalog, World
from tests.gateway.web.client import KEY, application, client_of, code_of, post

SEARCH = "{ search { totalCount } }"
DEAR = "{ search(first: 100) { nodes { related(first: 100) { nodes { id } } } } }"
SUSPEND = f'mutation {{ suspendConnector(connectorId: "{ZIBO}", reason: "tests") {{ connector {{ state }} }} }}'


@dataclass
class SlowCatalog(MemoryCatalog):
    """Answers a search when it is told to, and remembers what was ended before."""

    released: asyncio.Event = field(default_factory=asyncio.Event)
    begun: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    ended: int = 0

    async def search(self, request: SearchRequest, **along: Any) -> SearchPage:
        self.begun.release()
        try:
            await self.released.wait()
        except asyncio.CancelledError:
            self.ended += 1
            raise
        return await super().search(request, **along)


async def test_an_operation_that_may_cost_too_much_is_refused_before_anything_is_asked() -> None:
    world = World()
    response = await post(DEAR, world)
    assert (response.status_code, code_of(response)) == (422, "LIMIT_EXCEEDED")
    message = response.json()["errors"][0]["message"]
    assert "may cost 12120 units, 10000 are allowed" in message
    assert "search.nodes.related with 12000" in message
    assert not world.catalog.calls


async def test_the_limit_of_cost_is_the_operators() -> None:
    async with client_of(application(World(), rules=Rules(cost_limit=39))) as client:
        response = await client.post("/graphql", json={"query": SEARCH})
        assert code_of(response) == "LIMIT_EXCEEDED"
    async with client_of(application(World(), rules=Rules(cost_limit=40))) as client:
        assert (await client.post("/graphql", json={"query": SEARCH})).status_code == 200


async def test_who_asks_what_an_operation_costs_is_told_beside_its_answer() -> None:
    response = await post("{ search(first: 2) { nodes { copies { id } } } }", None, **{"shanhai-cost": "1"})
    told = response.json()["extensions"]["cost"]
    assert told == {"estimated": 32, "limit": 10_000, "spent": 22, "dearest": {"field": "search", "units": 22}}
    free = await post("{ platforms { code } }", None, **{"shanhai-cost": "1"})
    assert free.json()["extensions"]["cost"] == {"estimated": 0, "limit": 10_000, "spent": 0, "dearest": None}
    assert "extensions" not in (await post(SEARCH)).json()


@pytest.mark.parametrize("ids", ["1" * 5_001, "[" + "1" * 5_001 + "]", '"one"'])
async def test_a_single_value_for_a_list_is_priced_as_one_entry_however_it_is_written(ids: str) -> None:
    response = await post(f"{{ nodes(ids: {ids}) {{ id }} }}", None, **{"shanhai-cost": "1"})
    assert (response.status_code, response.json()["data"]) == (200, {"nodes": [None]})
    assert response.json()["extensions"]["cost"]["estimated"] == 1


@pytest.mark.parametrize("variables", [{"ids": "one"}, {"ids": 1}, {"ids": ["one"]}])
async def test_a_single_value_of_a_variable_is_priced_as_one_entry(variables: dict[str, Any]) -> None:
    body = {"query": "query($ids: [ID!]!) { nodes(ids: $ids) { id } }", "variables": variables}
    async with client_of(application(World())) as client:
        told = (await client.post("/graphql", json=body, headers={"shanhai-cost": "1"})).json()
    assert (told["data"], told["extensions"]["cost"]["estimated"]) == ({"nodes": [None]}, 1)


async def test_a_query_that_takes_too_long_is_ended_with_all_that_it_does() -> None:
    world = World(catalog=SlowCatalog())
    async with client_of(application(world, rules=Rules(gate=Gate(seconds=0.05)))) as client:
        query = "{ a: search { totalCount } b: search { totalCount } platforms { code } }"
        response = await client.post("/graphql", json={"query": query})
    assert (response.status_code, code_of(response)) == (504, "OPERATION_TIMEOUT")
    assert response.json()["errors"][0]["extensions"]["retryable"] is True
    assert "data" not in response.json()
    assert isinstance(world.catalog, SlowCatalog)
    assert world.catalog.ended == 2
    assert not world.catalog.calls


async def test_an_action_that_takes_too_long_goes_on_to_its_end() -> None:
    released = asyncio.Event()

    class SlowConnectors(MemoryConnectors):
        async def suspend(self, *, platform: str, reason: str, by: str) -> Any:
            await released.wait()
            return await super().suspend(platform=platform, reason=reason, by=by)

    world = await serving()
    world.connectors.__class__ = SlowConnectors
    gate = Gate(concurrency=1, seconds=0.05, patience=0.05)
    async with client_of(application(world, rules=Rules(gate=gate))) as client:
        client.headers["authorization"] = f"Bearer {KEY}"
        response = await client.post("/graphql", json={"query": SUSPEND})
        assert (response.status_code, code_of(response)) == (504, "OPERATION_TIMEOUT")
        assert "goes on" in response.json()["errors"][0]["message"]
        assert world.connectors.done == []
        busy = await client.post("/graphql", json={"query": SEARCH})
        assert code_of(busy) == "OVERLOADED", "it still has its place"
        released.set()
        await gate.aclose()
        assert len(world.connectors.done) == 1
        assert (await client.post("/graphql", json={"query": SEARCH})).status_code == 200


async def test_no_more_operations_are_executed_at_once_than_there_are_places() -> None:
    world = World(catalog=SlowCatalog())
    assert isinstance(world.catalog, SlowCatalog)
    async with client_of(application(world, rules=Rules(gate=Gate(concurrency=2, patience=0.05)))) as client:
        first = [asyncio.create_task(client.post("/graphql", json={"query": SEARCH})) for _ in range(2)]
        for _ in first:
            await world.catalog.begun.acquire()
        refused = await client.post("/graphql", json={"query": SEARCH})
        assert (refused.status_code, code_of(refused), refused.headers["retry-after"]) == (503, "OVERLOADED", "1")
        world.catalog.released.set()
        assert [(await one).status_code for one in first] == [200, 200]
        assert (await client.post("/graphql", json={"query": SEARCH})).status_code == 200
    assert world.catalog.calls["search"] == 3


async def test_an_operation_waits_for_a_place_that_becomes_free_in_time() -> None:
    gate, order = Gate(concurrency=1, patience=60), list[str]()
    inside, leave = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        inside.set()
        await leave.wait()
        order.append("first")

    async def second() -> None:
        order.append("second")

    running = asyncio.create_task(gate.query(first))
    await inside.wait()
    waiting = asyncio.create_task(gate.query(second))
    await asyncio.sleep(0)
    with pytest.raises(Refusal, match="as many as there may be"):
        await gate.query(second)  # as many wait as may be executed
    leave.set()
    await asyncio.gather(running, waiting)
    assert order == ["first", "second"]


async def test_a_place_is_given_back_whatever_happened() -> None:
    gate = Gate(concurrency=1, patience=0.05)

    async def fails() -> None:
        raise TimeoutError("of something inside")

    for act in (gate.query, gate.action):
        with pytest.raises(TimeoutError, match="of something inside"):
            await act(fails)
        task = asyncio.ensure_future(act(lambda: asyncio.sleep(0.01)))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await gate.aclose()
    await gate.query(lambda: asyncio.sleep(0))


async def test_an_action_that_fails_behind_its_answer_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    gate, released = Gate(seconds=0.01), asyncio.Event()

    async def fails() -> None:
        await released.wait()
        raise RuntimeError("planted-secret")

    with pytest.raises(Refusal) as refused:
        await gate.action(fails)
    assert refused.value.code == "OPERATION_TIMEOUT"
    released.set()
    await gate.aclose()
    await asyncio.sleep(0)
    assert [record.getMessage() for record in caplog.records] == ["an action that went on failed: RuntimeError"]


async def test_the_end_waits_for_actions_for_a_while_and_says_what_it_leaves_behind(
    caplog: pytest.LogCaptureFixture,
) -> None:
    gate, released = Gate(), asyncio.Event()
    acting = asyncio.create_task(gate.action(released.wait))
    await asyncio.sleep(0)
    await gate.aclose(grace=0.01)
    assert "1 actions were still going on after 0.01 s" in caplog.text
    released.set()
    await acting
    await gate.aclose()
