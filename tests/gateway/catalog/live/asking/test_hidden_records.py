"""Records that the viewer may not see: the platform is asked for more of the others, once, and nobody loops."""

from dataclasses import replace

import pytest

from connectors.records import Accepted, LiveAnswer, LiveQuery
from gateway.catalog.live.model import SourceState
from schema.access import Access
from tests.gateway.catalog.live.asking.river import EVERYTHING, WORDS, River, World, record
from tests.gateway.catalog.live.asking.virtual_time import virtual


class MixedRiver(River):
    """A platform with 500 records of which every n-th is open to all, none for 0, and the others to one school."""

    def __init__(self, nth: int) -> None:
        super().__init__()
        self.nth = nth

    def accepted(self, number: int) -> Accepted:
        return record(number, Access.PUBLIC if self.nth and number % self.nth == 0 else Access.SCHOOL)

    async def search(self, context: object, query: LiveQuery) -> LiveAnswer:
        self.asked.append(query)
        return LiveAnswer(tuple(self.accepted(number) for number in range(min(query.first, 500))), total=500)


class MixedWorld(World):
    """Asking it."""

    def __init__(self, nth: int) -> None:
        super().__init__()
        self.river = MixedRiver(nth)
        self.platforms.world = replace(self.platforms.world, connector=self.river)


@virtual
async def test_where_some_are_hidden_the_platform_is_asked_once_more_for_more() -> None:
    async with MixedWorld(2) as world:
        found = await world.ask()
        assert [query.first for query in world.river.asked] == [20, 80]
        assert [one.native_id for one in found.records] == [f"R-{2 * number}" for number in range(20)]
        assert (found.complete, found.outcome.count, found.outcome.total) == (False, 20, None)
        further = await world.ask(replace(WORDS, first=40))
        assert (len(further.records), len(world.river.asked)) == (40, 2)


@virtual
async def test_who_may_see_everything_needs_no_second_look() -> None:
    async with MixedWorld(2) as world:
        found = await world.ask(visible=EVERYTHING)
        assert [query.first for query in world.river.asked] == [20]
        assert (len(found.records), found.outcome.total, found.complete) == (20, 500, False)


@pytest.mark.parametrize(("nth", "deeper", "seen"), [(10, 200, 20), (24, 200, 9), (501, 200, 1)])
@virtual
async def test_who_gets_fewer_than_they_asked_for_is_told_that_there_are_no_more(
    nth: int, deeper: int, seen: int
) -> None:
    async with MixedWorld(nth) as world:
        found = await world.ask(replace(WORDS, first=25))
        assert [query.first for query in world.river.asked] == [25, deeper]
        assert len(found.records) == seen
        assert (found.outcome.state, found.complete, found.ends) == (SourceState.OK, False, True)
        assert found.outcome.total is None


@virtual
async def test_where_nothing_may_be_seen_the_second_look_is_a_short_one() -> None:
    async with MixedWorld(0) as world:
        found = await world.ask()
        assert [query.first for query in world.river.asked] == [20, 80]
        assert (found.records, found.complete, found.ends, found.outcome.total) == ((), False, True, None)


class LateRiver(MixedRiver):
    """The same with the first ten hidden from all but one school, and the others open."""

    def accepted(self, number: int) -> Accepted:
        return record(number, Access.SCHOOL if number < 10 else Access.PUBLIC)


@virtual
async def test_an_answer_in_which_all_was_hidden_serves_nobody_who_asks_for_more() -> None:
    async with MixedWorld(0) as world:
        world.river = LateRiver(0)
        world.platforms.world = replace(world.platforms.world, connector=world.river)
        one = await world.ask(replace(WORDS, first=1))
        assert (one.records, one.complete, one.ends) == ((), False, True)
        assert (await world.ask(replace(WORDS, first=1))).records == ()
        assert [query.first for query in world.river.asked] == [1, 4]
        many = await world.ask(replace(WORDS, first=20))
        assert [found.native_id for found in many.records] == [f"R-{number}" for number in range(10, 30)]
        assert [query.first for query in world.river.asked] == [1, 4, 20, 80]


@virtual
async def test_nobody_is_asked_for_more_than_the_deepest_page() -> None:
    async with MixedWorld(2) as world:
        await world.ask(replace(WORDS, first=90))
        await world.ask(replace(WORDS, first=200))
        assert [query.first for query in world.river.asked] == [90, 200, 200]


@virtual
async def test_a_walk_that_asks_deeper_while_there_is_more_comes_to_an_end() -> None:
    for nth in (1, 2, 3, 7, 600):
        async with MixedWorld(nth) as world:
            given: set[str] = set()
            for _ in range(40):
                found = await world.ask(replace(WORDS, first=min(len(given) + 20, 200)))
                fresh = {one.native_id for one in found.records} - given
                given |= fresh
                if found.complete or found.ends or not fresh:
                    break
            assert found.complete or found.ends or len(given) == 200
            assert len(given) == len(range(0, 200, nth))
