"""Usage of single resources: one question to the statistics for a whole page."""

from schema.identifiers import resource_id
from tests.gateway.graph.world import World

PAGE = 'query($n: Int!) { search(first: $n) { nodes { id usage(measures: ["views"]) { status } } } }'


async def test_a_page_of_twenty_asks_the_statistics_once() -> None:
    world = World()
    nodes = (await world.data(PAGE, {"n": 20}))["search"]["nodes"]
    assert [one["usage"] for one in nodes] == [[{"status": "OK"}]] * 20
    assert world.usage.calls == {"resource_cells": 1}
    ((keys, measures),) = world.usage.asked
    assert [resource_id(*key) for key in keys] == [one["id"] for one in nodes]
    assert measures == ("views",)


async def test_a_longer_page_asks_no_oftener() -> None:
    world = World()
    await world.data(PAGE, {"n": 80})
    assert world.usage.calls == {"resource_cells": 1}


async def test_without_measures_a_resource_tells_all_that_it_has() -> None:
    query = (
        "query($id: ID!) { resource(id: $id) { all: usage { measure { code } } none: usage(measures: []) { status } } }"
    )
    world = World()
    used = await world.data(query, {"id": resource_id("chongqing", "L-3")})
    assert used["resource"] == {"all": [{"measure": {"code": "views"}}], "none": []}
    assert [measures for _, measures in world.usage.asked] == [None, ()]
    unused = await world.data(query, {"id": resource_id("yuzhong", "L-3")})
    assert unused["resource"] == {"all": [], "none": []}


async def test_a_cell_of_a_resource_is_like_one_of_a_report() -> None:
    data = await World().data(
        'query($id: ID!) { resource(id: $id) { usage(measures: ["views", "plays"])'
        " { measure { code name } status method asOf complete quantity { value display } platforms { code } } } }",
        {"id": resource_id("chongqing", "L-3")},
    )
    views, plays = data["resource"]["usage"]
    assert views["quantity"]["value"] == 40.0
    assert views["platforms"] == [{"code": "chongqing"}]
    assert (plays["measure"]["code"], plays["status"], plays["quantity"]) == ("plays", "NOT_PUBLISHED", None)


async def test_measures_that_are_refused_blank_their_own_field_only() -> None:
    world = World()
    body = await world.answer(
        '{ search(first: 2) { nodes { title wrong: usage(measures: ["view"]) { status }'
        ' right: usage(measures: ["views"]) { status } } } }'
    )
    nodes = body["data"]["search"]["nodes"]
    assert [(one["wrong"], one["right"]) for one in nodes] == [(None, [{"status": "OK"}])] * 2
    assert [error["extensions"]["code"] for error in body["errors"]] == ["MEASURE_UNKNOWN"] * 2
    assert {tuple(error["path"][-1:]) for error in body["errors"]} == {("wrong",)}
    assert world.usage.calls == {"resource_cells": 1}


async def test_the_same_usage_asked_twice_is_fetched_once() -> None:
    world = World()
    await world.data("{ search(first: 5) { nodes { a: usage { status } b: usage { status } } } }")
    ((keys, _),) = world.usage.asked
    assert len(keys) == 5
