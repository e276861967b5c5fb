"""Arrays of operations, where the operator takes them."""

import asyncio
from typing import Any

import httpx
import pytest

from gateway.access.authentication import Credentials
from gateway.access.quotas import Allowance, Quotas
from gateway.web import Authenticator, Gate, Rules
from gateway.web.refusals import Refusal
from tests.gateway.graph.connectors.partner import ZIBO, serving
from tests.gateway.graph.world import World
from tests.gateway.web.client import KEY, application, client_of, code_of
from tests.gateway.web.streaming.served import reached
from tests.gateway.web.streaming.served import serving as serving_by

COUNT = {"query": '{ search(query: "x") { totalCount } }'}
CODES = {"query": "{ platforms { code } }"}
SUSPEND = {"query": f'mutation {{ suspendConnector(connectorId: "{ZIBO}", reason: "t") {{ connector {{ state }} }} }}'}


async def ask(documents: list[Any], world: World | None = None, most: int = 3, **headers: str) -> httpx.Response:
    async with client_of(application(world or World(), rules=Rules(batching=most))) as client:
        return await client.post("/graphql", json=documents, headers=headers)


def codes(response: httpx.Response) -> list[str | None]:
    return [one["errors"][0]["extensions"]["code"] if "errors" in one else None for one in response.json()]


async def test_each_operation_is_answered_in_its_place_by_itself() -> None:
    response = await ask([COUNT, {"query": "{"}, CODES])
    assert response.status_code == 200
    assert codes(response) == [None, "GRAPHQL_PARSE_FAILED", None]
    assert response.json()[0] == {"data": {"search": {"totalCount": 0}}}
    assert len(response.json()[2]["data"]["platforms"]) == 3
    traces = {one["extensions"]["traceId"] for body in response.json() for one in body.get("errors", [])}
    assert traces == {response.headers["x-request-id"]}


@pytest.mark.parametrize("documents", [[], [COUNT] * 4])
async def test_an_array_that_is_empty_or_too_long_is_refused_as_a_whole(documents: list[Any]) -> None:
    world = World()
    response = await ask(documents, world)
    assert (response.status_code, code_of(response)) == (422, "BATCHING_UNSUPPORTED")
    assert not world.catalog.calls


async def test_an_array_is_not_answered_with_events() -> None:
    world = World()
    response = await ask([COUNT], world, accept="text/event-stream")
    assert (response.status_code, code_of(response)) == (406, "NOT_ACCEPTABLE")
    assert not world.catalog.calls
    for accept in ("text/event-stream, application/json;q=0.1", "*/*", "application/graphql-response+json"):
        assert (await ask([COUNT], accept=accept)).status_code == 200


async def test_what_is_no_request_within_an_array_is_refused_alone() -> None:
    response = await ask([1, [COUNT], {"query": "{a}", "variables": []}])
    assert codes(response) == ["INVALID_REQUEST"] * 3


async def test_each_operation_counts_for_the_quotas() -> None:
    world = World()
    allowance = Allowance(Quotas(2, ticks=lambda: 0), Quotas(100, ticks=lambda: 0))
    authenticator = Authenticator(Credentials(KEY), anonymous=allowance)
    app = application(world, authenticator=authenticator, rules=Rules(batching=5))
    async with client_of(app) as client:
        response = await client.post("/graphql", json=[COUNT, CODES, COUNT])
    assert codes(response) == [None, None, "QUOTA_EXCEEDED"]
    assert response.headers["ratelimit"].startswith('"minute";r=0;t=60')
    assert world.catalog.calls["search"] == 1


async def test_each_operation_is_limited_and_acts_by_itself() -> None:
    world = await serving()
    dear = {"query": "{ search(first: 100) { nodes { related(first: 100) { totalCount } } } }"}
    cheap = Rules(batching=3, cost_limit=100)
    async with client_of(application(world, rules=cheap)) as client:
        client.headers["authorization"] = f"Bearer {KEY}"
        response = await client.post("/graphql", json=[dear, SUSPEND, SUSPEND])
    assert codes(response) == ["LIMIT_EXCEEDED", None, None]
    assert len(world.connectors.done) == 2


class Waiting:
    """Searches that wait until a test lets them go."""

    def __init__(self, world: World) -> None:
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()
        self._search = world.catalog.search
        world.catalog.search = self  # type: ignore[method-assign]

    async def __call__(self, *asked: Any, **more: Any) -> Any:
        self.begun.set()
        await self.go_on.wait()
        return await self._search(*asked, **more)


def messages(response: httpx.Response) -> list[str]:
    return [one["errors"][0]["message"].partition("together")[2] for one in response.json()]


async def test_all_operations_have_one_deadline_and_none_is_begun_after_it() -> None:
    world = await serving()
    Waiting(world)
    allowance = Allowance(Quotas(9, ticks=lambda: 0), Quotas(100, ticks=lambda: 0))
    authenticator = Authenticator(Credentials(KEY), allowance)
    rules = Rules(batching=3, gate=Gate(seconds=0.05))
    async with client_of(application(world, authenticator=authenticator, rules=rules)) as client:
        client.headers["authorization"] = f"Bearer {KEY}"
        response = await client.post("/graphql", json=[COUNT, SUSPEND, CODES])
    assert response.status_code == 200
    assert codes(response) == ["OPERATION_TIMEOUT"] * 3
    assert messages(response) == [", this one took longer and was ended", *["; this one was not begun"] * 2]
    assert [one["errors"][0]["extensions"]["retryable"] for one in response.json()] == [True] * 3
    assert world.connectors.done == []
    assert response.headers["ratelimit"].startswith('"minute";r=8;'), "what is not begun is not counted"


async def test_an_action_that_is_begun_in_time_goes_on_and_the_next_one_is_not_begun() -> None:
    world, go_on = await serving(), asyncio.Event()
    suspend = world.connectors.suspend

    async def slowly(**asked: Any) -> Any:
        await go_on.wait()
        return await suspend(**asked)

    world.connectors.suspend = slowly  # type: ignore[method-assign]
    gate = Gate(seconds=0.05)
    async with client_of(application(world, rules=Rules(batching=3, gate=gate))) as client:
        client.headers["authorization"] = f"Bearer {KEY}"
        response = await client.post("/graphql", json=[SUSPEND, SUSPEND])
    assert codes(response) == ["OPERATION_TIMEOUT"] * 2
    assert "goes on" in messages(response)[0]
    go_on.set()
    await gate.aclose()
    assert len(world.connectors.done) == 1


async def test_an_operation_that_has_its_turn_after_the_deadline_is_not_begun_and_gives_the_turn_back() -> None:
    gate, leave, begun = Gate(concurrency=1, seconds=0.05, patience=60), asyncio.Event(), list[str]()

    async def work() -> None:
        begun.append("work")

    deadline = gate.deadline()
    holding = asyncio.create_task(gate.action(leave.wait, deadline + 60))
    await asyncio.sleep(0)
    for act in (gate.query, gate.action):
        late = asyncio.create_task(act(work, deadline))
        await asyncio.sleep(0.1)
        leave.set()
        with pytest.raises(Refusal, match="was not begun"):
            await late
    await holding
    assert begun == []
    await gate.action(work)
    assert begun == ["work"]


@pytest.mark.parametrize("server", ["uvicorn", "granian"])
async def test_nothing_more_is_begun_for_a_client_that_has_left(server: str) -> None:
    async with serving_by(server, rules=Rules(batching=3)) as served:
        waiting, asked = Waiting(served.world), list[str]()

        async def suspend(**_asked: Any) -> Any:
            asked.append("suspend")
            raise RuntimeError("nobody may ask this")

        served.world.connectors.suspend = suspend  # type: ignore[method-assign]
        async with httpx.AsyncClient(base_url=served.url, trust_env=False) as client:
            client.headers["authorization"] = f"Bearer {KEY}"
            stayed = asyncio.create_task(client.post("/graphql", json=[CODES, SUSPEND]))
            assert codes(await stayed) == [None, "INTERNAL"]
            left = asyncio.create_task(client.post("/graphql", json=[COUNT, SUSPEND]))
            await asyncio.wait_for(waiting.begun.wait(), 20)
            left.cancel()
            await asyncio.wait({left})
        await asyncio.sleep(0.3)  # until the server knows
        waiting.go_on.set()
        await reached(lambda: served.world.catalog.calls["search"], 1)
        await asyncio.sleep(0.3)
        assert asked == ["suspend"]
