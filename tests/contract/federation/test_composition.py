"""The gateway composes with another subgraph by tools that are not ours, and answers what a router asks of it."""

from pathlib import Path

import pytest
from graphql import GraphQLObjectType, build_schema
from strawberry import federation

from gateway.graph.federation.text import subgraph_text
from gateway.graph.schema import schema_text
from schema.identifiers import resource_id
from tests.architecture.source import ROOT
from tests.contract.federation.composition import composed
from tests.contract.federation.opinions import opinions_schema
from tests.gateway.graph.world import EXECUTOR, World

IDS = [resource_id("chongqing", name) for name in ("L-1", "L-2", "R-1")] + [resource_id("zibo", "unknown")]


async def sdl_of(subgraph: federation.Schema) -> str:
    """The text that a subgraph tells of itself."""
    result = await subgraph.execute("{ _service { sdl } }")
    assert result.data is not None
    return str(result.data["_service"]["sdl"])


def fields_of(api: str, name: str) -> set[str]:
    found = build_schema(api).type_map[name]
    assert isinstance(found, GraphQLObjectType)
    return set(found.fields)


@pytest.mark.slow
async def test_the_gateway_composes_alone_and_with_a_subgraph_that_extends_it(composer: Path) -> None:
    ours, theirs = subgraph_text(EXECUTOR.schema), await sdl_of(opinions_schema(IDS))
    alone, both = composed(composer, gateway=ours), composed(composer, gateway=ours, opinions=theirs)
    assert (alone["errors"], both["errors"]) == ([], [])
    assert "opinions" in fields_of(both["api"], "Resource") - fields_of(alone["api"], "Resource")
    assert "hotline" in fields_of(both["api"], "Platform") - fields_of(alone["api"], "Platform")
    assert fields_of(both["api"], "Query") == fields_of(alone["api"], "Query") | {"opinions"}
    published = build_schema(schema_text(EXECUTOR.schema))
    assert set(build_schema(alone["api"]).type_map) >= set(published.type_map) - {"Mutation"}
    assert "Mutation" in build_schema(alone["api"]).type_map, "a router passes actions on"
    assert '@join__type(graph: GATEWAY, key: "code")' in both["supergraph"]


@pytest.mark.slow
async def test_a_subgraph_that_contradicts_the_gateway_does_not_compose(composer: Path) -> None:
    wrong = (await sdl_of(opinions_schema(IDS))).replace("  hotline: String!", "  hotline: String!\n  name: Int!")
    outcome = composed(composer, gateway=subgraph_text(EXECUTOR.schema), opinions=wrong)
    assert outcome["supergraph"] is None
    assert any("Platform.name" in error for error in outcome["errors"])


async def test_what_a_router_fetches_is_joined_by_keys_in_both_directions() -> None:
    """The two fetches that a router plans for `{ opinions { nodes { text about { title platform { hotline } } } } }`,
    and its third one back to the other subgraph."""
    world, opinions = World(), opinions_schema(IDS)
    first = await opinions.execute("{ opinions { nodes { text about { __typename id } } } }")
    assert first.data is not None
    nodes = first.data["opinions"]["nodes"]
    asked = """query($representations: [_Any!]!) { _entities(representations: $representations) {
      ... on Resource { title platform { __typename code name } } } }"""
    second = await world.data(asked, {"representations": [node["about"] for node in nodes]})
    assert [entity and entity["platform"]["code"] for entity in second["_entities"]] == ["chongqing"] * 3 + [None]
    assert world.catalog.calls == {"resources": 1}
    platforms = [{"__typename": "Platform", "code": entity["platform"]["code"]} for entity in second["_entities"][:3]]
    third = await opinions.execute(
        "query($r: [_Any!]!) { _entities(representations: $r) { ... on Platform { hotline } } }", {"r": platforms}
    )
    assert third.data == {"_entities": [{"hotline": "12345-chongqing"}] * 3}


async def test_the_schema_that_a_router_asks_for_has_keys_and_that_for_clients_has_none() -> None:
    served = (await World().data("{ _service { sdl } }"))["_service"]["sdl"]
    assert served == subgraph_text(EXECUTOR.schema)
    assert "_entities" not in served
    assert "@key" not in (ROOT / "schema" / "gateway.graphql").read_text("utf-8")
