"""Who is no administrator is refused, and nothing happens; where a service is not open its fields say so."""

from dataclasses import dataclass

import pytest

from gateway.graph.context import GraphServices
from gateway.identity import ADMINISTRATOR
from tests.gateway.graph.connectors.partner import ACTIONS, CALLS, PLANTED, ZIBO, document, serving, variables
from tests.gateway.graph.world import MemoryPlatforms, MemoryPrograms, World
from tests.gateway.web.client import KEY, application, client_of

QUERIES = [
    "{ connectors { totalCount } }",
    '{ connectors(health: [DOWN], after: "x") { totalCount } }',
    f'{{ connector(id: "{ZIBO}") {{ id }} }}',
    "{ harvestRuns { totalCount } }",
]


def test_every_action_is_tried() -> None:
    assert tuple(CALLS) == ACTIONS


@pytest.mark.parametrize("query", QUERIES)
async def test_a_query_without_the_key_is_forbidden_and_its_siblings_are_answered(query: str) -> None:
    world = await serving()
    body = await world.answer(query.replace("{", "{ programs { code } ", 1))
    assert [error["extensions"]["code"] for error in body["errors"]] == ["FORBIDDEN"]
    assert "Authorization: Bearer" in body["errors"][0]["message"]
    name, hidden = next((name, value) for name, value in body["data"].items() if name != "programs")
    assert hidden is None, name
    assert body["data"]["programs"] == [{"code": "chengyu"}]
    assert not world.connectors.calls
    assert not world.harvests.calls


async def test_platforms_hide_their_connector_without_an_error() -> None:
    world = await serving()
    data = await world.data('{ platform(code: "zibo") { code connector { id } } }')
    assert data["platform"] == {"code": "zibo", "connector": None}
    assert not world.connectors.calls


@pytest.mark.parametrize("action", ACTIONS)
async def test_an_action_without_the_key_is_forbidden_and_changes_nothing(action: str) -> None:
    world = await serving()
    before = dict(world.connectors.entries), [*world.harvests.stored], dict(world.connectors.sealed)
    body = await world.answer(document(action), variables())
    assert [error["extensions"]["code"] for error in body["errors"]] == ["FORBIDDEN"]
    assert body["data"] == {action: None}
    assert (world.connectors.entries, world.harvests.stored, world.connectors.sealed) == before
    assert world.connectors.done == []
    assert not world.connectors.calls
    assert PLANTED not in str(body)


@dataclass
class Unopened(World):
    """A world without a registry and without harvesting."""

    @property
    def services(self) -> GraphServices:
        return GraphServices(self.catalog, MemoryPlatforms(), self.states, MemoryPrograms())


@pytest.mark.parametrize(
    "query",
    [
        *QUERIES[:1],
        *QUERIES[2:],
        "{ harvestRuns { totalCount } }",
        '{ validateManifest(manifest: "") { ok } }',
        '{ platform(code: "zibo") { connector { id } } }',
        *(document(action) for action in ACTIONS),
    ],
)
async def test_without_a_service_its_fields_are_not_ready(query: str) -> None:
    used = {name: value for name, value in variables().items() if f"${name}" in query}
    code, _ = await Unopened().refusal(query, used, principal=ADMINISTRATOR)
    assert code == "NOT_READY"


async def test_an_action_is_carried_out_over_post_with_the_key_and_never_over_get() -> None:
    world = await serving()
    call = f'mutation {{ suspendConnector(connectorId: "{ZIBO}", reason: "tests") {{ connector {{ state }} }} }}'
    authorization = {"authorization": f"Bearer {KEY}"}
    async with client_of(application(world)) as client:
        refused = await client.get("/graphql", params={"query": call}, headers=authorization)
        assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
        assert refused.json()["errors"][0]["extensions"]["code"] == "METHOD_NOT_ALLOWED"
        assert world.connectors.done == []
        anonymous = await client.post("/graphql", json={"query": call})
        assert anonymous.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        assert world.connectors.done == []
        answered = await client.post("/graphql", json={"query": call}, headers=authorization)
    assert answered.json() == {"data": {"suspendConnector": {"connector": {"state": "SUSPENDED"}}}}
    assert world.connectors.done == [("suspend", "zibo", "administrator")]
