"""The price list is complete, is printed in the SDL, and never promises less than what an operation really takes."""

import asyncio
from typing import Any

import pytest
from graphql import (
    DirectiveNode,
    GraphQLField,
    GraphQLObjectType,
    build_schema,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_list_type,
    is_non_null_type,
    parse,
    value_from_ast_untyped,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.graph.context import GraphContext
from gateway.graph.cost_plans import MOST_REMEMBERED
from gateway.graph.costs import PRICES, Price, default_size, field_at
from gateway.graph.execution import Executor
from gateway.graph.prepared import Prepared
from gateway.graph.pricing import FIELD_WEIGHT, Pricing
from gateway.graph.schema import schema_text
from gateway.identity import ADMINISTRATOR, Principal
from tests.gateway.graph.training.facts import CHONGQING, node_id
from tests.gateway.graph.world import EXECUTOR, World

SCHEMA = EXECUTOR.schema._schema
OBJECTS = {
    name: one
    for name, one in SCHEMA.type_map.items()
    if isinstance(one, GraphQLObjectType) and not name.startswith("__")
}
ALL = {f"{name}.{key}": field for name, one in OBJECTS.items() for key, field in one.fields.items()}


def is_list(field: GraphQLField) -> bool:
    return is_list_type(field.type.of_type if is_non_null_type(field.type) else field.type)


def below(field: GraphQLField) -> set[str]:
    """Names of the object types that a field may answer with."""
    named = get_named_type(field.type)
    if is_abstract_type(named):
        return {one.name for one in SCHEMA.get_possible_types(named)}
    return {named.name} & set(OBJECTS)


def leading_to_prices() -> set[str]:
    """Types below which something costs, directly or further down."""
    found = {coordinate.partition(".")[0] for coordinate, price in PRICES.items() if price.call or price.row}
    while True:
        more = {name for name, one in OBJECTS.items() for field in one.fields.values() if below(field) & found}
        if more <= found:
            return found
        found |= more


def test_every_price_is_of_a_field_there_is_and_of_arguments_and_children_it_has() -> None:
    for coordinate, price in PRICES.items():
        field = field_at(SCHEMA, coordinate)
        assert field is not None, coordinate
        assert {price.slicing, price.width} - {None} <= set(field.args), coordinate
        for name in below(field) if price.sized else ():
            assert set(price.sized) <= set(OBJECTS[name].fields), coordinate


def test_every_list_that_can_grow_has_a_price() -> None:
    """Pages, their entries by the price of their connection, and every list from which prices are reached."""
    costly = leading_to_prices()
    growing = {
        coordinate
        for coordinate, field in ALL.items()
        if "first" in field.args
        or (is_list(field) and is_composite_type(get_named_type(field.type)) and below(field) & costly)
    }
    sized = {
        f"{name}.{child}"
        for coordinate, price in PRICES.items()
        if price.sized
        for name in below(ALL[coordinate])
        for child in price.sized
    }
    assert growing - set(PRICES) - sized == set()


def test_every_action_has_a_price() -> None:
    assert {name for name in ALL if name.startswith("Mutation.")} <= set(PRICES)


def said(field: GraphQLField, name: str) -> dict[str, Any] | None:
    """The arguments of a directive as the published schema has them on a field."""
    found: list[DirectiveNode] = [
        one for one in (field.ast_node.directives if field.ast_node else ()) or () if one.name.value == name
    ]
    if not found:
        return None
    [directive] = found
    return {one.name.value: value_from_ast_untyped(one.value) for one in directive.arguments or ()}


def test_the_published_schema_says_every_price_and_no_other() -> None:
    published = build_schema(schema_text(EXECUTOR.schema))
    routers = {coordinate for coordinate in ALL if coordinate.startswith(("Query._", "_"))}
    assert routers == {"Query._entities", "Query._service", "_Service.sdl"}
    shown = {coordinate: one for coordinate, one in ALL.items() if coordinate not in routers}
    for coordinate, ours in shown.items():
        field, price = field_at(published, coordinate), PRICES.get(coordinate, Price())
        assert field is not None
        assert said(field, "cost") == ({"weight": price.call} if price.call else None), coordinate
        size = said(field, "listSize")
        assert (size is not None) == bool(price.slicing or price.size), coordinate
        if size is not None:
            assert size["assumedSize"] == default_size(ours, price), coordinate
            assert size.get("sizedFields", []) == list(price.sized), coordinate
            assert set(size.get("slicingArguments", [])) <= {price.slicing}, coordinate


def estimated(text: str, variables: dict[str, Any] | None = None, platforms: int = 3) -> tuple[int, str, int]:
    """Units, the dearest field and its part."""
    found = Pricing(SCHEMA).estimate(EXECUTOR.prepare(text), None, variables, platforms)
    assert found is not None
    return found.units, found.dearest, found.part


ONE_OF = '{ node(id: "a") { ... on Resource { copies { id } } ... on Teacher { transcript { cycle { from } } } } }'
TWICE = "{ search { totalCount } search { ...A } } fragment A on SearchConnection { totalCount }"
SPREAD = "{ search { nodes { ...R } } } fragment R on Resource { related(first: 2) { totalCount } }"
BOTH = "{ search(first: 5) { nodes { copies { id } } edges { node { copies { id } } } } }"
CELLS = '{ usage(measures: ["a", "b"], first: 10) { rows { period { from } } } }'


@pytest.mark.parametrize(
    ("text", "units", "dearest", "part"),
    [
        ("{ platforms { code } }", 0, "", 0),
        ("{ search { totalCount } }", 40, "search", 40),
        ("{ search(first: 0) { totalCount } }", 20, "search", 20),
        ("{ search(first: 1000000) { totalCount } }", 120, "search", 120),
        ("{ search(first: -1) { totalCount } }", 20, "search", 20),
        (BOTH, 75, "search", 25),
        ("{ a: search { totalCount } b: search(first: 50) { totalCount } }", 110, "b", 70),
        (TWICE, 40, "search", 40),
        (SPREAD, 480, "search.nodes.related", 440),
        ("{ search { nodes @skip(if: true) { related { totalCount } } } }", 40, "search", 40),
        ('{ nodes(ids: ["a", "b"]) { id } }', 2, "nodes", 2),
        (ONE_OF, 21, "node.transcript", 20),
        ('{ usage(measures: ["a", "b"], first: 10) { totalCount } }', 200, "usage", 200),
        (CELLS, 204, "usage", 204),
        ("{ trainingSummary { rows { period { from } } } }", 260, "trainingSummary", 260),
        ('{ validateManifest(manifest: "") { ok } }', 2_500, "validateManifest", 2_500),
        ("{ __schema { types { name } } }", 0, "", 0),
    ],
)
def test_an_operation_is_estimated_with_full_pages(text: str, units: int, dearest: str, part: int) -> None:
    assert estimated(text) == (units, dearest, part)


@pytest.mark.parametrize(
    ("variables", "units"),
    [
        ({}, 50),
        ({"f": 10}, 80),
        ({"f": None}, 140),
        ({"f": "many"}, 140),
        ({"f": 10, "more": True}, 280),
        ({"f": 10, "more": "yes"}, 280),
    ],
)
def test_variables_their_defaults_and_conditions_count_as_they_are_sent(variables: dict[str, Any], units: int) -> None:
    text = (
        "query($f: Int! = 5, $more: Boolean! = false) { search(first: $f) { nodes { "
        "copies { id } related(first: 0) @include(if: $more) { totalCount } } } }"
    )
    assert estimated(text, variables)[0] == units


@pytest.mark.parametrize(
    ("arguments", "variables", "units"),
    [
        ("mode: CATALOG", {}, 40),
        ("mode: LIVE", {}, 190),
        ("mode: AUTO", {}, 190),
        ("mode: $m", {"m": "LIVE"}, 190),
        ('mode: LIVE, filter: { platforms: ["zibo", "zibo"] }', {}, 90),
        ("mode: LIVE, filter: { platforms: $p }", {"p": ["zibo", "yuzhong"]}, 140),
        ("mode: LIVE, filter: $f", {"f": {"platforms": ["a", "b", "c", "d", "e"]}}, 190),
        ('mode: LIVE, filter: { platforms: "zibo" }', {}, 90),
        ("mode: LIVE, filter: { platforms: [] }", {}, 40),
    ],
)
def test_a_live_search_costs_a_call_of_every_platform_it_asks(
    arguments: str, variables: dict[str, Any], units: int
) -> None:
    assert live(f"{{ search({arguments}) {{ totalCount }} }}", variables) == units


def live(text: str, variables: dict[str, Any]) -> int:
    """Units of an operation as it was parsed, whether or not this schema has its mode already."""
    estimate = Pricing(SCHEMA).estimate(Prepared(parse(text)), None, variables, 3)
    assert estimate is not None
    return estimate.units


@pytest.mark.parametrize(
    ("arguments", "units"), [("", 190), ("first: 5", 175), ('filter: { platforms: ["zibo"] }', 90)]
)
def test_a_streamed_search_costs_a_call_of_every_platform_too(arguments: str, units: int) -> None:
    given = f"({arguments})" if arguments else ""
    assert live(f"subscription {{ searchStream{given} {{ edges {{ score }} }} }}", {}) == units


def test_entities_cost_by_their_number_up_to_the_most_that_a_router_may_send() -> None:
    text = "query($r: [_Any!]!) { _entities(representations: $r) { ... on Resource { title } } }"
    assert [live(text, {"r": [{}] * count}) for count in (0, 100, 1_000, 2_000)] == [0, 100, 1_000, 1_000]


def test_a_plan_is_made_once_and_goes_with_its_document_which_weighs_more() -> None:
    executor, pricing = Executor(EXECUTOR.schema, cached_characters=200), Pricing(SCHEMA)
    texts = [f"{{ {name}: search {{ totalCount }} }}" for name in "abc"]
    for text in texts:
        prepared = executor.prepare(text)
        first = pricing.estimate(prepared, None, None, 3)
        (plan,) = prepared.readings.values()
        assert pricing.estimate(executor.prepare(text), None, None, 3) == first
        assert list(prepared.readings.values()) == [plan]
        assert prepared.weight == len(text) + FIELD_WEIGHT * plan.fields + MOST_REMEMBERED
    assert list(executor._cache) == texts
    wide = "{ search { " + " ".join(f"a{at}: nodes {{ copies {{ id }} }}" for at in range(30)) + " } }"
    executor.cached_characters = len(wide) + 100
    pricing.estimate(executor.prepare(wide), None, None, 3)
    assert list(executor._cache) == [], "its plan alone is larger than all that may be kept"
    assert executor._characters == 0


def test_nothing_is_read_of_an_operation_that_is_not_there() -> None:
    prepared = EXECUTOR.prepare("query A { platforms { code } } query B { programs { code } }")
    pricing = Pricing(SCHEMA)
    assert [pricing.estimate(prepared, name, None, 3) for name in (None, "C", "")] == [None] * 3
    assert pricing.estimate(EXECUTOR.prepare("{ nothing }"), None, None, 3) is None
    assert prepared.readings == {}


REQUIRED: dict[str, list[Any]] = {
    "id": [node_id("Teacher", "teacher-1"), node_id("TrainingRecord", "joint-1"), node_id("LedgerEntry", "entry-1")],
    "ids": [[node_id("TrainingRecord", "joint-1"), node_id("Teacher", "teacher-1"), "x"]],
    "query": [""],
    "prefix": ["谢"],
    "code": ["chongqing", "chengyu", "500103"],
    "scheme": ["KIND"],
    "measures": [["views"], ["views", "active_teachers"]],
    "nativeId": ["YKT-0000000"],
    "dimensions": [["STAGE"]],
    "credential": ["a.b.c"],
    "format": ["CSV"],
    "manifest": ["a: 1"],
}
WORDS = {"scheme", "dimensions", "format"}


def written(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(written(name, one) for one in value) + "]"
    return value if name in WORDS else f'"{value}"'


def arguments_of(draw: st.DrawFn, field: GraphQLField) -> str:
    """Whatever arguments a field needs, and how many of its entries are wanted."""
    values = {
        name: written(name, draw(st.sampled_from(REQUIRED[name])))
        for name, argument in field.args.items()
        if name in REQUIRED and is_non_null_type(argument.type)
    }
    if "first" in field.args:
        values["first"] = str(draw(st.integers(0, 100)))
    return "(" + ", ".join(f"{name}: {value}" for name, value in values.items()) + ")" if values else ""


@st.composite
def selections(draw: st.DrawFn, name: str, depth: int) -> str:
    """A selection of up to three fields of a type; at the end of its depth of `__typename` alone."""
    if not depth:
        return "__typename"
    owner, parts = OBJECTS[name], []
    asked = [key for key in owner.fields if not key.startswith("_")]  # a router asks for those, with values of its own
    for at, key in enumerate(draw(st.lists(st.sampled_from(asked), min_size=1, max_size=3))):
        field, types = owner.fields[key], sorted(below(owner.fields[key]))
        inner = ""
        if types:
            chosen = draw(st.sampled_from(types))
            inner = draw(selections(chosen, depth - 1))
            inner = f" {{ {inner} }}" if len(types) == 1 else f" {{ ... on {chosen} {{ {inner} }} }}"
        parts.append(f"f{depth}_{at}: {key}{arguments_of(draw, field)}{inner}")
    return " ".join(parts)


@settings(max_examples=80, deadline=None)
@given(selections("Query", 5), st.sampled_from([ADMINISTRATOR, CHONGQING, Principal()]))
def test_no_operation_takes_more_than_it_was_estimated_at(selected: str, who: Principal) -> None:
    text = f"{{ {selected} }}"
    prepared = EXECUTOR.prepare(text)
    estimate = Pricing(SCHEMA).estimate(prepared, None, None, 3)
    if estimate is None:
        assert {error.message.split(" ")[0] for error in prepared.errors} <= {"a"}, prepared.errors  # beyond a limit
        return
    world = World()
    context = GraphContext(world.services, who, "trace", "https://gateway.example")
    asyncio.run(EXECUTOR.execute(text, context))
    assert context.budget.spent <= estimate.units, text
