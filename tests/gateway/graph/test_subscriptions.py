"""Subscriptions carried out: events one by one, refusals, masked failures, and an end that is prompt."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import Any

import pytest

from gateway.application.stopping import GRACE_SECONDS as SERVER_GRACE_SECONDS
from gateway.catalog.query import ResourceSort
from gateway.errors import LimitExceeded, NotReady
from gateway.graph.budget import CATALOG_CALL, PLATFORM_CALL, UNITS, Budget
from gateway.graph.execution import Executor
from gateway.graph.subscriptions import GRACE_SECONDS, Bounds, Interrupted, subscribe, until
from gateway.identity import ADMINISTRATOR, PUBLIC_TIERS
from schema.access import Access
from schema.kinds import ResourceKind
from tests.gateway.graph.connectors.partner import serving
from tests.gateway.graph.live import ANSWERS, MemoryLive
from tests.gateway.graph.records import RECORDS
from tests.gateway.graph.world import EXECUTOR, World

STREAM = "subscription { searchStream { source { platform { code } state } edges { score node { title } } done } }"


def gated(**options: Any) -> tuple[World, MemoryLive]:
    """A world whose live search sends nothing until the gate is opened."""
    live = MemoryLive(gate=asyncio.Semaphore(0), **options)
    return World(live=live), live


async def test_each_platform_is_one_event_and_the_last_is_done() -> None:
    world = World(live=MemoryLive())
    assert await world.events(STREAM) == [
        {
            "data": {
                "searchStream": {
                    "source": {"platform": {"code": "chongqing"}, "state": "OK"},
                    "edges": [
                        {"score": 0.9, "node": {"title": "勾股定理 新1"}},
                        {"score": 0.9, "node": {"title": "勾股定理 新2"}},
                    ],
                    "done": False,
                }
            }
        },
        {
            "data": {
                "searchStream": {
                    "source": {"platform": {"code": "yuzhong"}, "state": "TIMEOUT"},
                    "edges": [],
                    "done": False,
                }
            }
        },
        {
            "data": {
                "searchStream": {
                    "source": {"platform": {"code": "zibo"}, "state": "SKIPPED"},
                    "edges": [],
                    "done": True,
                }
            }
        },
    ]


async def test_arguments_and_the_viewer_reach_live_search() -> None:
    world = World(live=(live := MemoryLive()))
    text = (
        "subscription($q: String!, $f: ResourceFilter) {"
        " searchStream(query: $q, filter: $f, first: 7, timeoutMs: 1500) { done } }"
    )
    await world.events(text, {"q": "直播", "f": {"kinds": ["LESSON"]}})
    await world.events("subscription { searchStream { done } }", principal=ADMINISTRATOR)
    (asked, seconds), (default, patience) = live.requests
    assert (asked.query, asked.first, asked.filter.kinds, seconds) == ("直播", 7, (ResourceKind.LESSON,), 1.5)
    assert (asked.sort, asked.after, asked.visible) == (ResourceSort.RELEVANCE, None, PUBLIC_TIERS)
    assert (default.query, default.first, default.visible, patience) == ("", 20, frozenset(Access), 5.0)
    assert live.begun == live.ended == 2


async def test_an_event_is_told_before_the_next_one_is_known() -> None:
    world, live = gated()
    async with aclosing(subscribe(world.executor, STREAM, world.context())) as bodies:
        for code in ("chongqing", "yuzhong"):
            live.gate.release()
            body = await anext(bodies)
            assert body["data"]["searchStream"]["source"]["platform"]["code"] == code
        assert live.ended == 0
    assert live.ended == 1


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("subscription { searchStream { don } }", "GRAPHQL_VALIDATION_FAILED", "don"),
        ("subscription { searchStream { done ", "GRAPHQL_PARSE_FAILED", "Syntax Error"),
        ("subscription { searchStream { done } harvestProgress { id } }", "GRAPHQL_VALIDATION_FAILED", "one top level"),
        ("subscription { __typename }", "GRAPHQL_VALIDATION_FAILED", "introspection"),
        (
            "subscription($s: Boolean = true) { searchStream @skip(if: $s) { done } }",
            "GRAPHQL_VALIDATION_FAILED",
            "directive",
        ),
        ("subscription { searchStream(first: 101) { done } }", "LIMIT_EXCEEDED", "first: 101 is not between 0 and 100"),
        ("subscription { searchStream(timeoutMs: 0) { done } }", "LIMIT_EXCEEDED", "timeoutMs: 0 is not between"),
        ('subscription { searchStream(filter: {platforms: ["nowhere"]}) { done } }', "INVALID_INPUT", "nowhere"),
        ("subscription($q: String!) { searchStream(query: $q) { done } }", "GRAPHQL_VARIABLES_INVALID", "$q"),
        ("subscription { harvestProgress { id } }", "FORBIDDEN", "administrators and partners"),
        (
            f"subscription {{ searchStream {{ {' '.join(f'd{at}: done' for at in range(51))} }} }}",
            "LIMIT_EXCEEDED",
            "50 aliases",
        ),
    ],
)
async def test_what_is_refused_is_one_body_without_data(text: str, code: str, says: str) -> None:
    live = MemoryLive()
    (body,) = await World(live=live).events(text)
    (error,) = body["errors"]
    assert "data" not in body
    assert error["extensions"] == {"code": code, "platform": None, "retryable": False, "traceId": "trace-1"}
    assert says in error["message"]
    assert live.begun == 0


async def test_without_live_search_the_answer_is_not_ready_and_names_the_field() -> None:
    text = "subscription S { ...Deep } fragment Deep on Subscription { s: searchStream { done } }"
    (body,) = await World().events(text)
    (error,) = body["errors"]
    assert (error["extensions"]["code"], error["extensions"]["retryable"]) == ("NOT_READY", True)
    assert error["path"] == ["s"]
    assert error["locations"] == [{"line": 1, "column": 60}]


async def test_a_source_that_fails_ends_the_stream_with_one_masked_error() -> None:
    world = World(live=MemoryLive(failure=RuntimeError("password=hunter2")))
    first, last = await world.events(STREAM)
    assert first["data"]["searchStream"]["source"]["state"] == "OK"
    (error,) = last["errors"]
    assert set(last) == {"errors"}
    assert error["extensions"]["code"] == "INTERNAL"
    assert error["path"] == ["searchStream"]
    assert "hunter2" not in str(last)


async def test_a_source_that_fails_on_purpose_says_why() -> None:
    world = World(live=MemoryLive(failure=NotReady("the index is being rebuilt")))
    *_, last = await world.events(STREAM)
    assert [(one["extensions"]["code"], one["message"]) for one in last["errors"]] == [
        ("NOT_READY", "the index is being rebuilt")
    ]


async def test_a_field_that_fails_in_one_event_fails_there_alone() -> None:
    world = World(live=MemoryLive())

    async def unheard_of(*_arguments: object) -> list[object]:
        raise RuntimeError("password=hunter2")

    world.catalog.copies = unheard_of  # type: ignore[assignment]
    bodies = await world.events("subscription { searchStream { edges { node { title copies { id } } } done } }")
    first, second, third = bodies
    assert [one["extensions"]["code"] for one in first["errors"]] == ["INTERNAL", "INTERNAL"]
    assert first["errors"][0]["path"] == ["searchStream", "edges", 0, "node", "copies"]
    assert [edge["node"]["title"] for edge in first["data"]["searchStream"]["edges"]] == [
        "勾股定理 新1",
        "勾股定理 新2",
    ]
    assert "hunter2" not in str(bodies)
    assert "errors" not in second
    assert third == {"data": {"searchStream": {"edges": [], "done": True}}}


async def test_each_event_has_loaders_and_a_budget_of_its_own() -> None:
    """Fields of one event are loaded together, and all events together may spend what no request may."""
    lessons = tuple(one for one in RECORDS if one.platform == "chongqing" and one.record.native_id.startswith("L-"))
    events = UNITS // (len(lessons) * (1 + CATALOG_CALL)) + 1
    world = World(live=MemoryLive(hits=lessons, sources=ANSWERS[:1] * events))
    bodies = await world.events(
        "subscription { searchStream(first: 60) {"
        " edges { node { related(first: 0) { totalCount } copies { id } platform { health { state } } } } } }"
    )
    shown = [("errors" in body, len(body["data"]["searchStream"]["edges"])) for body in bodies]
    assert shown == [(False, 60)] * events
    assert world.catalog.calls["copies"] == world.states.calls["states"] == events == 8


async def test_a_stream_is_paid_for_by_every_platform_it_may_ask() -> None:
    world = World(live=(live := MemoryLive()))
    price = CATALOG_CALL + 2 * PLATFORM_CALL
    for left, refused in ((price, False), (price - 1, True)):
        context = world.context()
        context.budget.spend(UNITS - left)
        bodies = [body async for body in subscribe(world.executor, STREAM, context)]
        assert ["errors" in body for body in bodies] == ([True] if refused else [False] * 3)
    assert live.begun == 1


async def test_each_event_has_the_limit_of_its_request_and_nothing_of_what_was_made_before() -> None:
    context = replace(World().context(), budget=Budget(50))
    context.made["platforms"] = object()
    context.budget.spend(30)
    renewed = context.renewed()
    assert (renewed.budget.spent, renewed.made) == (0, {})
    renewed.budget.spend(50)
    with pytest.raises(LimitExceeded):
        renewed.budget.spend(1)


async def test_personal_data_of_each_event_is_settled_before_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(live=MemoryLive())
    settled: list[int] = []

    async def settle(context: Any) -> None:
        settled.append(id(context))
        if len(settled) == 2:
            raise OSError("disk full")

    monkeypatch.setattr("gateway.graph.context.GraphContext.settle", settle)
    first, last = await world.events(STREAM)
    assert "errors" not in first
    assert set(last) == {"errors"}
    assert last["errors"][0]["extensions"]["code"] == "NOT_READY"
    assert "withheld" in last["errors"][0]["message"]
    assert len(set(settled)) == 2
    assert world.live is not None
    assert world.live.ended == 1


async def test_suggestions_are_hidden_with_introspection() -> None:
    world = World(live=MemoryLive(), executor=Executor(EXECUTOR.schema, introspection=False))
    (body,) = await world.events("subscription { searchStream { don } }")
    assert "Did you mean" not in body["errors"][0]["message"]


async def test_values_are_not_repeated_where_the_document_also_has_an_action() -> None:
    text = (
        "subscription S($f: ResourceFilter) { searchStream(filter: $f) { done } }"
        " mutation M($id: ID!) { retireConnector(connectorId: $id) { errors { code } } }"
    )
    world = World(live=MemoryLive())
    context = world.context()
    (body,) = [one async for one in subscribe(world.executor, text, context, {"f": {"publishedTo": "hunter2"}}, "S")]
    assert body["errors"][0]["extensions"]["code"] == "GRAPHQL_VARIABLES_INVALID"
    assert "hunter2" not in str(body)


@pytest.mark.parametrize("own", [False, True], ids=["process", "connection"])
async def test_the_end_of_the_process_or_of_its_connection_interrupts_a_waiting_stream(own: bool) -> None:
    world, live = gated()
    live.gate.release()
    stopping = asyncio.Event() if own else world.stopping
    bounds = Bounds(stopping if own else None, grace=0)
    bodies = subscribe(world.executor, STREAM, world.context(), bounds=bounds)
    assert (await anext(bodies))["data"]["searchStream"]["done"] is False
    waiting = asyncio.ensure_future(anext(bodies, None))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    stopping.set()
    with pytest.raises(Interrupted):
        await asyncio.wait_for(waiting, 20)
    assert (live.begun, live.ended) == (1, 1)


async def test_a_stream_whose_time_is_over_is_interrupted() -> None:
    world, live = gated()
    with pytest.raises(Interrupted):
        await anext(subscribe(world.executor, STREAM, world.context(), bounds=Bounds(seconds=0.01)))
    assert (live.begun, live.ended) == (1, 1)


async def test_a_stream_that_begins_when_the_process_ends_tells_nothing() -> None:
    world = World(live=(live := MemoryLive()))
    world.stopping.set()
    with pytest.raises(Interrupted):
        await anext(subscribe(world.executor, STREAM, world.context(), bounds=Bounds(grace=0)))
    assert live.begun == 0


@pytest.mark.parametrize(
    "text", [STREAM, "subscription { ...Deep } fragment Deep on Subscription { s: searchStream { done } }"]
)
async def test_a_brief_stream_goes_on_to_its_end_when_the_process_is_told_to_end(text: str) -> None:
    world, live = gated()
    live.gate.release()
    bodies = subscribe(world.executor, text, world.context())
    told = [await anext(bodies)]
    world.stopping.set()
    for _ in range(2):
        live.gate.release()
    told += [body async for body in bodies]
    assert [next(iter(body["data"].values()))["done"] for body in told] == [False, False, True]
    assert live.ended == 1


async def test_a_brief_stream_is_interrupted_when_its_grace_is_over() -> None:
    world, live = gated()
    world.stopping.set()
    with pytest.raises(Interrupted):
        await anext(subscribe(world.executor, STREAM, world.context(), bounds=Bounds(grace=0.01)))
    assert (live.begun, live.ended) == (1, 1)


async def test_a_stream_without_end_has_no_grace() -> None:
    world = await serving()
    world.harvests.stored = []
    bounds = Bounds(grace=3600)
    text = "subscription { harvestProgress { id } }"
    bodies = subscribe(world.executor, text, world.context(ADMINISTRATOR), bounds=bounds)
    waiting = asyncio.ensure_future(anext(bodies))
    await asyncio.sleep(0.01)
    assert not waiting.done()
    world.stopping.set()
    with pytest.raises(Interrupted):
        await asyncio.wait_for(waiting, 20)


def test_grace_is_over_before_the_server_is_no_longer_kept_waiting() -> None:
    assert GRACE_SECONDS < SERVER_GRACE_SECONDS


async def test_a_client_that_leaves_ends_the_source_once() -> None:
    world, live = gated()
    live.gate.release()

    async def read() -> None:
        async with aclosing(subscribe(world.executor, STREAM, world.context())) as bodies:
            async for _ in bodies:
                pass

    reading = asyncio.create_task(read())
    await asyncio.sleep(0.01)
    assert (live.begun, live.ended) == (1, 0)
    reading.cancel()
    with suppress(asyncio.CancelledError):
        await reading
    assert live.ended == 1


async def test_a_stream_leaves_no_task_behind() -> None:
    world = World(live=MemoryLive())
    before = asyncio.all_tasks()
    await world.events(STREAM)
    async with aclosing(subscribe(world.executor, STREAM, world.context())) as bodies:
        await anext(bodies)
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before


async def test_an_item_that_has_come_is_given_even_when_the_end_has_come_too() -> None:
    stopping = asyncio.Event()

    async def source() -> AsyncGenerator[int, None]:
        stopping.set()
        yield 1
        yield 2

    items = until(stopping, source())
    assert await anext(items) == 1
    with pytest.raises(Interrupted):
        await anext(items)
