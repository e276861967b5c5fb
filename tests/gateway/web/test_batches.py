"""Arrays of operations, where the operator takes them."""

from typing import Any

import httpx
import pytest

from gateway.access.authentication import Credentials
from gateway.access.quotas import Allowance, Quotas
from gateway.web import Authenticator, Rules
from tests.gateway.graph.connectors.partner import ZIBO, serving
from tests.gateway.graph.world import World
from tests.gateway.web.client import KEY, application, client_of, code_of

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
