"""A stream tells each platform's answer as it comes."""

import asyncio
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest

from gateway.catalog import ResourceFilter, SearchRequest
from gateway.catalog.live.model import LiveEvent, SourceState
from gateway.errors import LimitExceeded
from tests.gateway.catalog.live.test_fanout import Stubborn
from tests.gateway.catalog.live.world import Platform, World, lessons, named, run, service

REQUEST = SearchRequest("勾股", first=3)


async def streamed(
    world: World, request: SearchRequest = REQUEST, seconds: float = 2.0
) -> list[tuple[float, LiveEvent]]:
    clock = asyncio.get_running_loop().time
    began = clock()
    return [(clock() - began, event) async for event in service(world).stream(request, seconds=seconds)]


def world_of(**seconds: float) -> World:
    return World({code: Platform(lessons(9), seconds=each) for code, each in seconds.items()})


def test_events_come_fastest_first_and_the_last_is_done() -> None:
    events = run(streamed(world_of(a=0.3, b=0.1, c=0.2)))
    assert [(event.source.platform, event.done) for _, event in events] == [("b", False), ("c", False), ("a", True)]
    assert [when for when, _ in events] == pytest.approx([0.1, 0.2, 0.3])
    for _, event in events:
        assert len(event.hits) == event.source.count == 3
        assert [hit.score for hit in event.hits] == sorted((hit.score or 0 for hit in event.hits), reverse=True)


def test_scores_are_those_of_a_search() -> None:
    world = world_of(a=0.1, b=0.2)
    page = run(service(world).search(replace(REQUEST, first=20), seconds=1))
    scores = {(hit.resource.platform, hit.resource.record.native_id): hit.score for hit in page.hits}
    for _, event in run(streamed(world)):
        for hit in event.hits:
            assert hit.score == scores[hit.resource.platform, hit.resource.record.native_id]


def test_who_is_not_asked_comes_first() -> None:
    world = world_of(a=0.1)
    world.platforms["mute"] = Platform(searches=False)
    events = [event for _, event in run(streamed(world))]
    assert [(each.source.platform, each.source.state, each.done) for each in events] == [
        ("mute", SourceState.SKIPPED, False),
        ("a", SourceState.OK, True),
    ]


def test_a_stream_of_skipped_platforms_is_done_as_well() -> None:
    world = World({"a": Platform(searches=False), "b": Platform(searches=False)})
    assert [event.done for _, event in run(streamed(world))] == [False, True]
    assert run(streamed(World({}))) == []


def test_a_stream_over_no_platform_is_done_as_well() -> None:
    world = world_of(a=0.1, b=0.2)
    events = [event for _, event in run(streamed(world, replace(REQUEST, filter=ResourceFilter(platforms=()))))]
    assert [(event.source.platform, event.source.state, event.done) for event in events] == [
        ("a", SourceState.SKIPPED, False),
        ("b", SourceState.SKIPPED, True),
    ]
    assert {event.source.message for event in events} == {"filter.platforms is an empty list, which matches nothing"}
    assert world.asked == []


@pytest.mark.parametrize("kind", [World, Stubborn])
def test_a_stream_ends_at_the_deadline_whoever_hangs(kind: type[World]) -> None:
    world = kind(world_of(a=0.1, b=0.2, c=1_000.0, d=1_000.0).platforms)
    events = run(streamed(world))
    assert [event.source.platform for _, event in events[:2]] == ["a", "b"]
    assert {event.source.platform for _, event in events[2:]} == {"c", "d"}
    assert {event.source.state for _, event in events[2:]} == {SourceState.TIMEOUT}
    assert [event.done for _, event in events] == [False, False, False, True]
    assert 1.9 < events[-1][0] <= 2.0
    assert world.waiting == 0


def test_closing_a_stream_ends_the_waiting() -> None:
    world = world_of(a=0.1, b=1_000.0, c=1_000.0)

    async def leave() -> None:
        stream: Any = service(world).stream(REQUEST, seconds=100.0)
        async with aclosing(stream) as events:
            async for event in events:
                assert event.source.platform == "a"
                assert world.waiting == 2
                break
        await asyncio.sleep(0)
        assert world.waiting == 0

    run(leave())


def test_a_search_goes_on_behind_the_hits_of_a_stream() -> None:
    world = world_of(a=0.0)
    [(_, event)] = run(streamed(world))
    page = run(service(world).search(replace(REQUEST, first=20, after=event.hits[-1].cursor), seconds=1))
    seen = [hit.resource.record.native_id for hit in event.hits]
    assert sorted([*seen, *(native_id for _, native_id in named(page))]) == [f"n{number}" for number in range(9)]


def test_a_stream_is_judged_as_a_search_is() -> None:
    with pytest.raises(LimitExceeded):
        run(streamed(world_of(a=0.0), SearchRequest(first=101)))
