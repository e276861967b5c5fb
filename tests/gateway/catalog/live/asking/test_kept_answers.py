"""Answers from memory: fresh, stale while one call goes on behind, and in place of a failure."""

import asyncio
from dataclasses import replace

import pytest

from connectors.errors import Malformed, Throttled, Timeout, Unreachable
from connectors.records import LiveQuery
from gateway.catalog.live.asking import AskingRules, BreakerRules
from gateway.catalog.live.model import SourceOutcome, SourceState
from tests.gateway.catalog.live.asking.river import CODE, WORDS, World, answer, at
from tests.gateway.catalog.live.asking.virtual_time import virtual

RULES = AskingRules(fresh=10, revalidate=60, stale=900, negative=2, breaker=BreakerRules(in_a_row=100, least=100))


async def until(world: World, instant: float) -> None:
    """Wait for an instant of the virtual clock."""
    await asyncio.sleep(instant - world.clock())


@virtual
async def test_a_fresh_answer_is_given_from_memory_with_the_time_it_is_from() -> None:
    async with World(RULES) as world:
        first = await world.ask()
        await until(world, 10.9)
        assert await world.ask() == first
        assert first.outcome.as_of == at(1)
        assert world.clock() == 10.9
        assert len(world.river.asked) == 1


@virtual
async def test_a_stale_answer_is_given_at_once_and_one_call_goes_on_behind() -> None:
    async with World(RULES) as world:
        first = await world.ask()
        await until(world, 11)
        for _ in range(3):
            stale = await world.ask()
            assert stale == replace(first, outcome=replace(first.outcome, state=SourceState.STALE))
        assert world.clock() == 11
        assert len(world.river.asked) == 1
        await until(world, 12.1)
        renewed = await world.ask()
        assert (renewed.outcome.state, renewed.outcome.as_of) == (SourceState.OK, at(12))
        assert len(world.river.asked) == 2


@virtual
async def test_a_failure_behind_a_stale_answer_is_told_beside_it_and_not_repeated_at_once() -> None:
    async with World(RULES) as world:
        await world.ask()
        await until(world, 20)
        world.river.error = Unreachable("10.0.0.1 refused the connection")
        assert (await world.ask()).outcome.error_code is None
        await until(world, 21.5)
        stale = await world.ask()
        assert stale.outcome == SourceOutcome(
            CODE,
            SourceState.STALE,
            count=20,
            latency_ms=1000.0,
            as_of=at(1),
            error_code="UPSTREAM_UNREACHABLE",
            message="the platform could not be reached, or the connection broke",
        )
        assert len(stale.records) == 20
        assert len(world.river.asked) == 2


@virtual
async def test_past_revalidation_the_platform_is_waited_for() -> None:
    async with World(RULES) as world:
        await world.ask()
        await until(world, 71)
        renewed = await world.ask()
        assert (renewed.outcome.state, renewed.outcome.as_of) == (SourceState.OK, at(72))


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Timeout("late"), "UPSTREAM_TIMEOUT"),
        (Malformed("html"), "UPSTREAM_MALFORMED"),
        (Throttled("slow down", retry_after=1.0), "UPSTREAM_THROTTLED"),
        (ValueError("ours"), "INTERNAL"),
    ],
)
@virtual
async def test_a_failure_is_covered_by_an_earlier_answer(error: Exception, code: str) -> None:
    async with World(RULES) as world:
        first = await world.ask()
        world.river.error = error
        await until(world, 909)
        for _ in range(2):
            stale = await world.ask()
            assert (stale.outcome.state, stale.outcome.error_code) == (SourceState.STALE, code)
            assert (stale.outcome.as_of, stale.records) == (at(1), first.records)
        assert len(world.river.asked) == 2


@virtual
async def test_a_platform_that_is_too_late_is_covered_by_an_earlier_answer() -> None:
    async with World(RULES) as world:
        await world.ask()
        await until(world, 100)
        world.river.seconds = 4.0
        stale = await world.ask(seconds=2.0)
        assert world.clock() == 102
        assert (stale.outcome.state, stale.outcome.error_code) == (SourceState.STALE, "UPSTREAM_TIMEOUT")
        await until(world, 104)
        assert (await world.ask()).outcome.state is SourceState.OK
        assert len(world.river.asked) == 2


@virtual
async def test_an_answer_that_is_too_old_covers_nothing() -> None:
    async with World(RULES) as world:
        await world.ask()
        world.river.error = Unreachable("refused")
        await until(world, 911)
        failure = await world.ask()
        assert (failure.outcome.state, failure.outcome.error_code) == (SourceState.FAILED, "UPSTREAM_UNREACHABLE")
        assert failure.records == ()


@virtual
async def test_a_failure_is_remembered_for_a_moment_for_its_question_only() -> None:
    async with World(RULES) as world:
        world.river.error = Malformed("half a document")
        first = await world.ask()
        await until(world, 2.9)
        assert await world.ask() == first
        assert world.clock() == 2.9
        assert first.outcome.latency_ms == 1000.0
        await world.ask(LiveQuery("another"))
        assert len(world.river.asked) == 2
        world.river.error = None
        assert (await world.ask()).outcome.state is SourceState.OK


@pytest.mark.parametrize(("retry_after", "held"), [(None, 2), (0.5, 2), (7.0, 7), (3600.0, 60)])
@virtual
async def test_a_platform_that_asks_to_slow_down_is_asked_nothing_as_long_as_it_says(
    retry_after: float | None, held: float
) -> None:
    async with World(RULES) as world:
        world.river.error = Throttled("429", retry_after=retry_after)
        await world.ask()
        world.river.error = None
        for instant in (1.0, 1 + held - 0.001):
            await until(world, instant)
            refused = await world.ask(LiveQuery("another"))
            assert (refused.outcome.state, refused.outcome.error_code, refused.outcome.latency_ms) == (
                SourceState.REFUSED,
                "UPSTREAM_THROTTLED",
                None,
            )
        assert len(world.river.asked) == 1
        await until(world, 1 + held)
        assert (await world.ask(LiveQuery("another"))).outcome.state is SourceState.OK


@virtual
async def test_a_shorter_wish_to_be_left_alone_does_not_end_a_longer_one() -> None:
    async with World(RULES) as world:
        world.river.error = Throttled("429", retry_after=30.0)
        longer = asyncio.create_task(world.ask(LiveQuery("longer")))
        await asyncio.sleep(0.5)
        world.river.error = Throttled("429", retry_after=3.0)
        await world.ask(LiveQuery("shorter"))
        await longer
        world.river.error = None
        await until(world, 20)
        assert (await world.ask()).outcome.state is SourceState.REFUSED


@virtual
async def test_an_answer_to_more_serves_fewer_and_a_complete_one_serves_any_number() -> None:
    async with World(RULES) as world:
        await world.ask(replace(WORDS, first=40))
        fewer = await world.ask(replace(WORDS, first=15))
        assert (len(fewer.records), fewer.outcome.count, fewer.complete) == (15, 15, False)
        assert len(world.river.asked) == 1
        more = await world.ask(replace(WORDS, first=60))
        assert (len(more.records), len(world.river.asked)) == (60, 2)
        world.river.found = answer(7)
        rare = LiveQuery("罕见", first=20)
        assert (await world.ask(rare)).complete is True
        all_there_are = await world.ask(replace(rare, first=200))
        assert (len(all_there_are.records), all_there_are.complete, len(world.river.asked)) == (7, True, 3)
        some = await world.ask(replace(rare, first=5))
        assert (len(some.records), some.complete, len(world.river.asked)) == (5, False, 3)


@virtual
async def test_an_answer_to_fewer_does_not_take_the_place_of_a_fresh_one_to_more() -> None:
    async with World(RULES) as world:
        fewer = asyncio.create_task(world.ask(replace(WORDS, first=10)))
        await asyncio.sleep(0.1)
        world.river.seconds = 0.5
        await world.ask(replace(WORDS, first=40))
        await fewer
        await world.ask(replace(WORDS, first=40))
        assert len(world.river.asked) == 2


@virtual
async def test_an_answer_ends_the_memory_of_a_failure_to_the_same_question() -> None:
    async with World(RULES) as world:
        world.river.error = Malformed("half a document")
        fewer = asyncio.create_task(world.ask(replace(WORDS, first=10)))
        await asyncio.sleep(0.1)
        world.river.error = None
        assert (await world.ask(replace(WORDS, first=40))).outcome.state is SourceState.OK
        assert (await fewer).outcome.state is SourceState.FAILED
        assert (await world.ask(replace(WORDS, first=60))).outcome.state is SourceState.OK
