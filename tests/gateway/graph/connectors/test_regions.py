"""Which connectors administrators and partners of a region manage: every other is as if it did not exist."""

from typing import Any

import pytest

from gateway.access.managing import managed_regions, manages, manages_everything
from gateway.harvesting import RunState
from gateway.identity import ADMINISTRATOR, ANONYMOUS, Grant, Principal, Role
from schema.identifiers import GlobalId
from tests.gateway.graph.connectors.partner import (
    ACTIONS,
    CALLS,
    PLANTED,
    ZIBO,
    connector_id,
    document,
    run_id,
    serving,
    variables,
)
from tests.gateway.graph.harvests import run_of
from tests.gateway.graph.registry import manifest
from tests.gateway.graph.world import World

CITY, PROVINCE, ELSEWHERE = "370300", "370000", "500000"
"""淄博, 山东 and 重庆."""


def holding(*grants: Grant) -> Principal:
    return Principal("somebody", grants=grants, client="shk_x")


PARTNER = holding(Grant(Role.PARTNER, CITY))
FOREIGN = holding(Grant(Role.PARTNER, ELSEWHERE))


def moved(region: str, **more: Any) -> str:
    """A manifest whose platform lies in another region."""
    text = manifest(**more)
    assert CITY in text
    return text.replace(CITY, region)


@pytest.mark.parametrize(
    ("grant", "region", "managed"),
    [
        (Grant(Role.ADMIN), CITY, True),
        (Grant(Role.ADMIN), None, True),
        (Grant(Role.PARTNER), ELSEWHERE, True),
        (Grant(Role.ADMIN, PROVINCE), CITY, True),
        (Grant(Role.PARTNER, CITY), CITY, True),
        (Grant(Role.PARTNER, CITY), PROVINCE, False),
        (Grant(Role.PARTNER, CITY), ELSEWHERE, False),
        (Grant(Role.PARTNER, CITY), None, False),
        (Grant(Role.PARTNER, CITY), "nonsense", False),
        *((Grant(role), CITY, False) for role in Role if role not in (Role.ADMIN, Role.PARTNER)),
        *((Grant(role, CITY), CITY, False) for role in Role if role not in (Role.ADMIN, Role.PARTNER)),
    ],
)
def test_a_grant_covers_its_region_and_all_inside_it(grant: Grant, region: str | None, managed: bool) -> None:
    assert manages(holding(grant), region) is managed


def test_the_regions_somebody_manages_are_those_of_their_grants() -> None:
    assert managed_regions(ANONYMOUS) == ()
    assert managed_regions(ADMINISTRATOR) == (None,)
    several = holding(Grant(Role.PARTNER, CITY), Grant(Role.ADMIN, ELSEWHERE), Grant(Role.ANALYST))
    assert managed_regions(several) == (CITY, ELSEWHERE)
    assert (manages_everything(ADMINISTRATOR), manages_everything(several)) == (True, False)


def state(world: World) -> Any:
    return dict(world.connectors.entries), [*world.harvests.stored], dict(world.connectors.sealed)


def errors_of(body: dict[str, Any], action: str) -> tuple[str, str]:
    """How the action was refused: as a GraphQL error, or in its payload."""
    if "errors" in body:
        (error,) = body["errors"]
        assert body["data"] == {action: None}
        return "request", error["extensions"]["code"]
    (error,) = body["data"][action]["errors"]
    return "payload", error["code"]


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.ADMIN, Role.PARTNER)])
async def test_other_roles_may_do_nothing_even_where_they_were_granted(role: Role, action: str) -> None:
    world = await serving()
    before = state(world)
    body = await world.answer(document(action), variables(), principal=holding(Grant(role), Grant(role, CITY)))
    assert errors_of(body, action) == ("request", "FORBIDDEN")
    assert state(world) == before
    assert not world.connectors.calls


OWN = {
    "registerConnector": "CONNECTOR_EXISTS",
    "publishConnectorVersion": "VERSION_NOT_GREATER",
    "rollbackConnector": "INVALID_STATE",
    "cancelHarvest": "INVALID_STATE",
}
"""What speaks against an action on one's own connector in the world of these tests."""
OTHERS = {
    "registerConnector": ("request", "FORBIDDEN"),
    "startHarvest": ("payload", "INVALID_INPUT"),
    "cancelHarvest": ("payload", "INVALID_INPUT"),
}


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("role", [Role.ADMIN, Role.PARTNER])
@pytest.mark.parametrize("region", [CITY, PROVINCE, None])
async def test_every_action_reaches_ones_own_connector(region: str | None, role: Role, action: str) -> None:
    body = await (await serving()).answer(document(action), variables(), principal=holding(Grant(role, region)))
    assert "errors" not in body, body
    assert [error["code"] for error in body["data"][action]["errors"]] == ([OWN[action]] if action in OWN else [])


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("role", [Role.ADMIN, Role.PARTNER])
async def test_no_action_reaches_anothers_connector_which_is_as_if_it_did_not_exist(role: Role, action: str) -> None:
    world = await serving()
    before, principal = state(world), holding(Grant(role, ELSEWHERE))
    body = await world.answer(document(action), variables(), principal=principal)
    assert errors_of(body, action) == OTHERS.get(action, ("payload", "CONNECTOR_NOT_FOUND"))
    assert state(world) == before
    assert world.connectors.done == []
    assert "test_read" not in world.connectors.calls
    assert PLANTED not in str(body)
    if action != "registerConnector":
        unknown = variables(id=connector_id("nobody"), run=run_id(99))
        answer = await world.answer(document(action), unknown, principal=principal)
        same = str(answer).replace("nobody", "zibo").replace("run-99", "run-1")
        assert same == str(body)


async def test_a_connector_is_registered_in_ones_own_regions_only() -> None:
    world = World()
    text = document("registerConnector")
    refused = await world.answer(text, variables(m=moved(ELSEWHERE)), principal=PARTNER)
    (error,) = refused["errors"]
    assert error["message"] == "manifest: the platform would belong to region 500000; yours to manage: 370300"
    assert state(world)[0] == {}
    assert (await world.data(text, variables(), principal=PARTNER))["registerConnector"]["errors"] == []
    assert world.connectors.done == [("register", "zibo", "somebody")]


async def test_a_broken_manifest_is_refused_with_its_report() -> None:
    world = World()
    body = await world.answer(document("registerConnector"), variables(m="version: 1"), principal=PARTNER)
    assert errors_of(body, "registerConnector") == ("payload", "MANIFEST_INVALID")
    assert world.connectors.entries == {}


async def test_anothers_retired_platform_cannot_be_taken_by_registering_it_elsewhere() -> None:
    world = await serving()
    await world.connectors.retire(platform="zibo", by="setup")
    before = state(world)
    body = await world.answer(
        document("registerConnector"), variables(m=moved(ELSEWHERE, version=2)), principal=FOREIGN
    )
    assert errors_of(body, "registerConnector") == ("payload", "CONNECTOR_EXISTS")
    assert state(world) == before


@pytest.mark.parametrize("canary", [True, False])
async def test_no_version_moves_a_platform_out_of_the_region(canary: bool) -> None:
    world = await serving()
    before = state(world)
    call = (
        "mutation($id: ID!, $m: String!, $canary: Boolean!) { publishConnectorVersion(connectorId: $id, manifest: $m, "
        "canary: $canary) { errors { code } } }"
    )
    given = {"id": ZIBO, "m": moved(ELSEWHERE, version=2), "canary": canary}
    body = await world.answer(call, given, principal=PARTNER)
    assert errors_of(body, "publishConnectorVersion") == ("request", "FORBIDDEN")
    assert state(world) == before
    within = await world.data(call, {**given, "m": manifest(version=2)}, principal=PARTNER)
    assert within == {"publishConnectorVersion": {"errors": []}}


@pytest.mark.parametrize("action", ["activateConnector", "rollbackConnector"])
async def test_a_version_of_another_region_that_an_administrator_published_is_not_served_by_a_partner(
    action: str,
) -> None:
    world = await serving(2)
    await world.connectors.publish(platform="zibo", manifest=moved(ELSEWHERE, version=3), canary=False, by="setup")
    before = state(world)
    body = await world.answer(document(action), variables(), principal=PARTNER)
    assert errors_of(body, action) == ("request", "FORBIDDEN")
    assert state(world) == before
    call = f'mutation {{ activateConnector(connectorId: "{ZIBO}", version: 1) {{ errors {{ code }} }} }}'
    assert await world.data(call, principal=PARTNER) == {"activateConnector": {"errors": []}}


LISTS = """{ connectors { totalCount nodes { id runs { totalCount } quarantine { totalCount } } }
  down: connectors(health: [UNKNOWN]) { totalCount } harvestRuns { totalCount nodes { id connector { id } } }
  named: harvestRuns(filter: { platforms: ["zibo", "other"] }) { totalCount } }"""


async def two() -> World:
    """淄博 with two runs, and a platform of 重庆 with one, and one of its canary."""
    world = await serving()
    await world.connectors.register(manifest=moved(ELSEWHERE, code="other"), credentials={}, by="setup")
    world.harvests.stored += [run_of(3, "other"), run_of(4, "other@canary", RunState.RUNNING)]
    return world


@pytest.mark.parametrize(
    ("principal", "own", "runs"),
    [(PARTNER, "zibo", (1, 2)), (FOREIGN, "other", (3, 4)), (holding(Grant(Role.ADMIN, PROVINCE)), "zibo", (1, 2))],
)
async def test_lists_hold_what_one_manages(principal: Principal, own: str, runs: tuple[int, ...]) -> None:
    data = await (await two()).data(LISTS, principal=principal)
    [connector] = data["connectors"]["nodes"]
    assert (connector["id"], data["connectors"]["totalCount"], data["down"]["totalCount"]) == (connector_id(own), 1, 1)
    assert connector["runs"]["totalCount"] == 2
    assert data["harvestRuns"] == {
        "totalCount": 2,
        "nodes": [{"id": run_id(number), "connector": {"id": connector_id(own)}} for number in runs],
    }
    assert data["named"] == {"totalCount": 2}


async def test_who_manages_a_region_without_connectors_sees_empty_lists() -> None:
    data = await (await two()).data(LISTS, principal=holding(Grant(Role.PARTNER, "510000")))
    assert data["connectors"] == {"totalCount": 0, "nodes": []}
    assert data["harvestRuns"] == {"totalCount": 0, "nodes": []}
    assert data["named"] == {"totalCount": 0}


async def test_pages_of_ones_own_connectors_lead_on() -> None:
    world = World()
    for code, region in (("a", CITY), ("b", ELSEWHERE), ("c", CITY), ("d", CITY)):
        await world.connectors.register(manifest=moved(region, code=code), credentials={}, by="setup")
    query = "query($a: String) { connectors(first: 2, after: $a) { totalCount nodes { id } pageInfo { hasNextPage } } }"
    first = (await world.data(query, principal=PARTNER))["connectors"]
    assert first == {
        "totalCount": 3,
        "nodes": [{"id": connector_id("a")}, {"id": connector_id("c")}],
        "pageInfo": {"hasNextPage": True},
    }
    second = (await world.data(query, {"a": connector_id("c")}, principal=PARTNER))["connectors"]
    assert (second["nodes"], second["pageInfo"]) == ([{"id": connector_id("d")}], {"hasNextPage": False})


NODES = """query($ids: [ID!]!, $id: ID!) { nodes(ids: $ids) { id } connector(id: $id) { id }
  platform(code: "zibo") { connector { id } } }"""
IDS = [
    ZIBO,
    str(GlobalId("ManifestVersion", ("zibo", "1"))),
    run_id(1),
    str(GlobalId("QuarantinedRecord", ("reject-1",))),
]


async def test_ones_own_are_found_by_their_ids() -> None:
    data = await (await two()).data(NODES, {"ids": IDS, "id": ZIBO}, principal=PARTNER)
    assert [node["id"] for node in data["nodes"]] == IDS
    assert data["connector"] == data["platform"]["connector"] == {"id": ZIBO}


async def test_anothers_are_null_without_an_error() -> None:
    data = await (await two()).data(NODES, {"ids": IDS, "id": ZIBO}, principal=FOREIGN)
    assert data == {"nodes": [None] * 4, "connector": None, "platform": {"connector": None}}


def test_every_action_stands_in_the_table() -> None:
    assert set(CALLS) == set(ACTIONS)
    assert set(OWN) | set(OTHERS) <= set(ACTIONS)
