"""What is counted: every question by how it was answered and with what, and every call by how it ended."""

import asyncio
from collections import Counter

from connectors.errors import Unreachable
from connectors.records import LiveQuery
from gateway.catalog.live.asking import Asking, AskingRules, BreakerRules, Way
from schema.access import Access
from tests.gateway.catalog.live.asking.river import CODE, World
from tests.gateway.catalog.live.asking.virtual_time import virtual

RULES = AskingRules(negative=2.0, flights=2, breaker=BreakerRules(in_a_row=2, pause=5.0))


class Counts:
    """An observer that keeps what it is told."""

    def __init__(self) -> None:
        self.asks: Counter[tuple[str, str]] = Counter()
        self.calls: Counter[str] = Counter()

    def observe_ask(self, platform: str, way: str, state: str) -> None:
        assert platform == CODE
        self.asks[way, state] += 1

    def observe_call(self, platform: str, state: str, seconds: float) -> None:
        assert (platform, seconds) == (CODE, 1.0)
        self.calls[state] += 1


def observed(world: World) -> Counts:
    """Let the world's questions be counted."""
    counts = Counts()
    world.asking = Asking(world.platforms, RULES, clock=world.clock, observer=counts)
    return counts


@virtual
async def test_kept_answers_shared_calls_and_calls_behind_are_told_apart() -> None:
    async with World() as world:
        counts = observed(world)
        await asyncio.gather(world.ask(), world.ask(), world.ask())
        await world.ask()
        assert counts.asks == {("called", "OK"): 1, ("shared", "OK"): 2, ("fresh", "OK"): 1}
        await asyncio.sleep(RULES.fresh)
        await world.ask()
        await asyncio.sleep(2)
        assert counts.asks["stale", "STALE"] == 1
        assert counts.calls == {"OK": 2}


@virtual
async def test_failures_are_told_by_how_they_came() -> None:
    async with World() as world:
        counts = observed(world)
        world.river.error = Unreachable("refused")
        await world.ask()
        await world.ask()
        assert counts.asks == {("called", "FAILED"): 1, ("negative", "FAILED"): 1}
        await world.ask(LiveQuery("another"))
        await world.ask(LiveQuery("a third"))
        assert counts.asks["breaker", "CIRCUIT_OPEN"] == 1
        assert counts.calls == {"FAILED": 2}


@virtual
async def test_questions_that_nobody_was_asked_are_told_by_the_reason() -> None:
    async with World() as world:
        counts = observed(world)
        await asyncio.gather(*(world.ask(LiveQuery(str(number))) for number in range(3)))
        assert counts.asks == {("called", "OK"): 2, ("full", "TIMEOUT"): 1}
        world.river.restrict(Access.SCHOOL)
        await world.ask(LiveQuery("hidden"))
        world.platforms.served = None
        await world.ask(LiveQuery("gone"))
        assert counts.asks["skipped", "SKIPPED"] == 2
        assert counts.calls == {"OK": 2}


@virtual
async def test_a_late_platform_is_a_timeout_for_the_asker_and_an_answer_of_the_call() -> None:
    async with World() as world:
        counts = observed(world)
        await world.ask(seconds=0.5)
        await asyncio.sleep(2)
        assert counts.asks == {("called", "TIMEOUT"): 1}
        assert counts.calls == {"OK": 1}


def test_ways_are_words_for_a_label() -> None:
    assert all(way.isalpha() and way.islower() for way in Way)
