"""Entities are what `node` finds: by their keys, a page in one call, under the same rights, and into the same log."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.graph.federation.entities import KEYS
from gateway.graph.pagination import MOST_ENTITIES
from gateway.identity import ADMINISTRATOR, ANONYMOUS, Principal
from schema.identifiers import GlobalId, resource_id
from tests.gateway.graph.training.facts import CHONGQING, SICHUAN, THEMSELVES, node_id
from tests.gateway.graph.world import World

SHOWN = """{ __typename ... on Resource { id title } ... on Platform { id code } ... on Region { id code name }
  ... on Teacher { id called: name } }"""
QUERY = "query($r: [_Any!]!) { _entities(representations: $r) " + SHOWN + " }"
NODES = "query($ids: [ID!]!) { nodes(ids: $ids) " + SHOWN + " }"
SECRET = resource_id("chongqing", "S-1")
FOUND = {
    "Resource": resource_id("chongqing", "L-1"),
    "Platform": str(GlobalId("Platform", ("zibo",))),
    "Region": str(GlobalId("Region", ("500103",))),
    "Teacher": node_id("Teacher", "teacher-1"),
}


async def entities(world: World, *representations: Any, **options: Any) -> list[Any]:
    """The entities of these representations, none of which may be an error."""
    found: list[Any] = (await world.data(QUERY, {"r": list(representations)}, **options))["_entities"]
    return found


def by_id(name: str, text: str) -> dict[str, Any]:
    """A representation."""
    return {"__typename": name, "id": text}


async def test_every_entity_is_found_by_each_of_its_keys_in_the_order_asked() -> None:
    asked = [by_id(name, text) for name, text in FOUND.items()]
    asked += [{"__typename": "Region", "code": "500103"}, {"__typename": "Platform", "code": "zibo"}]
    found = await entities(World(), *asked, principal=CHONGQING)
    assert [one["__typename"] for one in found] == [*FOUND, "Region", "Platform"]
    assert [one["id"] for one in found] == [*FOUND.values(), FOUND["Region"], FOUND["Platform"]]
    assert set(KEYS) == set(FOUND)


async def test_a_page_of_a_hundred_representations_costs_one_call_of_each_service() -> None:
    world = World()
    asked = [by_id("Resource", resource_id("chongqing", f"L-{number}")) for number in range(1, 101)]
    asked += [by_id("Teacher", node_id("Teacher", f"teacher-{number}")) for number in range(1, 51)]
    found = await entities(world, *asked, principal=CHONGQING)
    assert sum(one is not None for one in found[:100]) == 60
    assert world.catalog.calls == {"resources": 1}
    assert world.training.calls["teachers_by_id"] == 1


@pytest.mark.parametrize("who", [ANONYMOUS, ADMINISTRATOR, CHONGQING, SICHUAN, THEMSELVES], ids=lambda who: who.name)
async def test_whoever_asks_is_shown_what_node_shows_and_the_log_says_so(who: Principal) -> None:
    ids = [*FOUND.values(), SECRET, resource_id("zibo", "unknown"), node_id("Teacher", "nobody"), "nonsense"]
    names = [*FOUND, "Resource", "Resource", "Teacher", "Teacher"]
    one, other = World(), World()
    body = await one.answer(
        QUERY, {"r": [by_id(name, text) for name, text in zip(names, ids, strict=True)]}, principal=who
    )
    expected = await other.answer(NODES, {"ids": ids}, principal=who)
    assert body["data"]["_entities"] == expected["data"]["nodes"]
    assert [error["extensions"]["code"] for error in body.get("errors", ())] == [
        error["extensions"]["code"] for error in expected.get("errors", ())
    ]
    assert one.audit.shown == other.audit.shown
    teacher = body["data"]["_entities"][3]
    assert bool(one.audit.shown) is (teacher is not None and teacher["called"] is not None)


async def test_an_id_of_another_type_finds_nothing() -> None:
    asked = [by_id("Platform", FOUND["Region"]), by_id("Region", FOUND["Resource"])]
    assert await entities(World(), *asked) == [None, None]


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": FOUND["Region"]},
        {"__typename": "Program", "id": "x"},
        {"__typename": "Query"},
        {"__typename": "Resource"},
        {"__typename": "Resource", "code": "x"},
        {"__typename": "Resource", "id": 5},
        {"__typename": ["Resource"], "id": "x"},
        "Resource",
        None,
        [],
    ],
)
async def test_what_is_no_key_is_a_coded_error_beside_the_others(wrong: Any) -> None:
    body = await World().answer(QUERY, {"r": [by_id("Region", FOUND["Region"]), wrong or {}]})
    assert body["data"]["_entities"][0]["name"] == "渝中区"
    assert body["data"]["_entities"][1] is None
    (error,) = body["errors"]
    assert (error["extensions"]["code"], error["path"]) == ("INVALID_INPUT", ["_entities", 1])


async def test_what_another_subgraph_adds_to_a_key_does_not_matter() -> None:
    asked = {**by_id("Region", FOUND["Region"]), "population": 5, "info": None}
    assert [one["code"] for one in await entities(World(), asked)] == ["500103"]


async def test_more_representations_than_the_limit_are_refused_and_nothing_is_asked() -> None:
    world = World()
    asked = [by_id("Resource", FOUND["Resource"])] * (MOST_ENTITIES + 1)
    code, message = await world.refusal(QUERY, {"r": asked})
    assert (code, str(MOST_ENTITIES) in message) == ("LIMIT_EXCEEDED", True)
    assert not world.catalog.calls


async def test_resources_cost_the_budget_what_they_cost_elsewhere() -> None:
    world = World()
    context = world.context()
    asked = [by_id("Resource", FOUND["Resource"])] * 100
    await world.executor.execute(QUERY, context, {"r": asked})
    assert context.budget.spent == 100


@pytest.mark.parametrize("name", ["Platform", "Region"])
async def test_what_costs_nothing_elsewhere_costs_a_unit_where_a_thousand_may_be_sent(name: str) -> None:
    world = World()
    context = world.context()
    await world.executor.execute(QUERY, context, {"r": [by_id(name, FOUND[name])] * 100})
    assert context.budget.spent == 100


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
_REPRESENTATIONS = st.lists(
    st.fixed_dictionaries(
        {}, optional={"__typename": st.sampled_from([*KEYS, "Node"]) | _JSON, "id": _JSON, "code": _JSON, "x": _JSON}
    ),
    max_size=5,
)


@given(asked=_REPRESENTATIONS)
async def test_no_representation_is_an_internal_error(asked: list[Any]) -> None:
    body = await World().answer(QUERY, {"r": asked})
    assert {error["extensions"]["code"] for error in body.get("errors", ())} <= {"INVALID_INPUT"}
    assert len(body["data"]["_entities"]) == len(asked)
