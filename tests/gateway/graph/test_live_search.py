"""Searches that ask the platforms themselves, as a client sees them."""

from typing import Any

import pytest

from gateway.graph.budget import CATALOG_CALL, PLATFORM_CALL, UNITS
from gateway.identity import ADMINISTRATOR, PUBLIC_TIERS
from schema.access import Access
from schema.identifiers import resource_id
from tests.gateway.graph.live import MemoryLive, fresh
from tests.gateway.graph.world import World

NEW = resource_id("chongqing", "NEW-1")
SOURCES = "sources { platform { code name } state count total latencyMs asOf filteredHere errorCode message }"


def live_world(**options: Any) -> tuple[World, MemoryLive]:
    live = MemoryLive(**options)
    return World(live=live), live


@pytest.mark.parametrize(("mode", "call"), [("LIVE", "search"), ("AUTO", "top_up")])
async def test_both_modes_are_answered_by_the_same_connection_as_the_catalog(mode: str, call: str) -> None:
    world, live = live_world()
    data = await world.data(
        f'{{ search(query: "勾股定理", mode: {mode}, first: 1, timeoutMs: 750) {{ totalCount totalIsExact didYouMean'
        " edges { cursor score highlights { field fragment } node { id title platform { code } } } nodes { id }"
        " pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"
    )
    assert data["search"] == {
        "totalCount": 41,
        "totalIsExact": False,
        "didYouMean": None,
        "edges": [
            {
                "cursor": "live-0",
                "score": 0.9,
                "highlights": [{"field": "title", "fragment": "<em>勾股定理</em> 新1"}],
                "node": {"id": NEW, "title": "勾股定理 新1", "platform": {"code": "chongqing"}},
            }
        ],
        "nodes": [{"id": NEW}],
        "pageInfo": {"hasNextPage": True, "hasPreviousPage": False, "startCursor": "live-0", "endCursor": "live-0"},
    }
    ((request, seconds),) = live.requests
    assert (request.query, request.first, seconds, request.visible) == ("勾股定理", 1, 0.75, PUBLIC_TIERS)
    assert live.calls == {call: 1}
    assert world.catalog.calls["search"] == 0


async def test_the_catalog_alone_is_asked_where_no_mode_is_named() -> None:
    world, live = live_world()
    data = await world.data("{ search { totalIsExact } }")
    assert data == {"search": {"totalIsExact": True}}
    assert (world.catalog.calls["search"], sum(live.calls.values())) == (1, 0)


async def test_every_platform_tells_how_it_took_part() -> None:
    world, _ = live_world()
    data = await world.data(f"{{ search(mode: LIVE) {{ {SOURCES} }} }}")
    assert data["search"]["sources"] == [
        {
            "platform": {"code": "chongqing", "name": "重庆云课堂"},
            "state": "OK",
            "count": 2,
            "total": 41,
            "latencyMs": 12.5,
            "asOf": "2026-03-01T04:00:00+00:00",
            "filteredHere": ["sort"],
            "errorCode": None,
            "message": None,
        },
        {
            "platform": {"code": "yuzhong", "name": "渝中区数字教育云平台"},
            "state": "TIMEOUT",
            "count": 0,
            "total": None,
            "latencyMs": None,
            "asOf": None,
            "filteredHere": [],
            "errorCode": "UPSTREAM_TIMEOUT",
            "message": "no answer in 2 s",
        },
        {
            "platform": {"code": "zibo", "name": "淄博交互式在线教学系统"},
            "state": "SKIPPED",
            "count": 0,
            "total": None,
            "latencyMs": None,
            "asOf": None,
            "filteredHere": [],
            "errorCode": None,
            "message": "it has no search",
        },
    ]
    assert world.states.calls["states"] == 0


async def test_facets_count_what_was_read_live() -> None:
    world, live = live_world()
    data = await world.data(
        "{ search(mode: LIVE) {"
        " facets(dimensions: [PLATFORM, STAGE], limit: 1) { dimension buckets { value count } } } }"
    )
    assert data["search"]["facets"] == [
        {"dimension": "PLATFORM", "buckets": [{"value": "chongqing", "count": 2}]},
        {"dimension": "STAGE", "buckets": []},
    ]
    assert (live.calls["facets"], world.catalog.calls["facets"]) == (1, 0)
    refused = await world.refusal("{ search(mode: LIVE) { facets(dimensions: [STAGE], limit: 1001) { dimension } } }")
    assert refused == ("LIMIT_EXCEEDED", "limit: 1001 is not between 0 and 1000")
    assert live.calls["facets"] == 1


@pytest.mark.parametrize("milliseconds", [1, 10_000])
async def test_the_bounds_of_the_deadline_are_allowed(milliseconds: int) -> None:
    world, live = live_world()
    await world.data(f"{{ search(mode: LIVE, timeoutMs: {milliseconds}) {{ totalCount }} }}")
    assert [seconds for _, seconds in live.requests] == [milliseconds / 1_000]


@pytest.mark.parametrize("milliseconds", [-1, 0, 10_001])
async def test_a_deadline_out_of_bounds_asks_nobody(milliseconds: int) -> None:
    world, live = live_world()
    refused = await world.refusal(f"{{ search(mode: LIVE, timeoutMs: {milliseconds}) {{ totalCount }} }}")
    assert refused == ("LIMIT_EXCEEDED", f"timeoutMs: {milliseconds} is not between 1 and 10000")
    assert sum(live.calls.values()) == 0


async def test_a_foreign_cursor_is_refused_by_live_search_itself() -> None:
    world, _ = live_world()
    refused = await world.refusal('{ search(mode: LIVE, after: "c1") { totalCount } }')
    assert refused == ("CURSOR_INVALID", "after: 'c1' is no cursor of this list")


async def test_a_live_search_is_paid_for_by_every_platform_it_may_ask() -> None:
    """重庆 and 渝中 have a search of their own, 淄博 has none."""
    world, live = live_world(hits=())
    dear, cheap = CATALOG_CALL + 2 * PLATFORM_CALL, CATALOG_CALL + PLATFORM_CALL
    for filtered, price in (("", dear), (', filter: {platforms: ["yuzhong"]}', cheap)):
        for searches, refused in ((UNITS // price, False), (UNITS // price + 1, True)):
            context = world.context()
            for _ in range(max(searches - 40, 0)):
                context.budget.spend(price)
            fields = " ".join(f"s{at}: search(mode: LIVE{filtered}) {{ totalCount }}" for at in range(40))
            body = (await world.executor.execute(f"{{ {fields} }}", context)).body
            codes = [error["extensions"]["code"] for error in body.get("errors", [])]
            assert codes == (["LIMIT_EXCEEDED"] if refused else [])
    assert live.calls["search"] == 40 + 39 + 40 + 39


async def test_a_live_hit_that_was_never_harvested_can_be_fetched_again() -> None:
    world, live = live_world()
    data = await world.data(
        "query($id: ID!, $ids: [ID!]!) { node(id: $id) { id ... on Resource { title } } resource(id: $id) { title }"
        " nodes(ids: $ids) { id }"
        ' platform(code: "chongqing") { resource(nativeId: "NEW-2") { title } } }',
        {"id": NEW, "ids": [resource_id("chongqing", "L-1"), NEW, resource_id("chongqing", "unheard-of")]},
    )
    assert data == {
        "node": {"id": NEW, "title": "勾股定理 新1"},
        "resource": {"title": "勾股定理 新1"},
        "nodes": [{"id": resource_id("chongqing", "L-1")}, {"id": NEW}, None],
        "platform": {"resource": {"title": "勾股定理 新2"}},
    }
    assert world.catalog.calls["resources"] == live.calls["recent"] == 1


async def test_what_the_catalog_holds_is_not_looked_up_among_live_hits() -> None:
    world, live = live_world()
    await world.data("query($id: ID!) { resource(id: $id) { title } }", {"id": resource_id("chongqing", "L-1")})
    assert live.calls["recent"] == 0


async def test_a_live_hit_of_a_narrow_tier_is_shown_to_the_administrator_only() -> None:
    world, _ = live_world(hits=(fresh("chongqing", 1, Access.SCHOOL),))
    query = "query($id: ID!) { search(mode: LIVE) { nodes { id } } resource(id: $id) { id } }"
    assert await world.data(query, {"id": NEW}) == {"search": {"nodes": []}, "resource": None}
    shown = await world.data(query, {"id": NEW}, principal=ADMINISTRATOR)
    assert shown == {"search": {"nodes": [{"id": NEW}]}, "resource": {"id": NEW}}
