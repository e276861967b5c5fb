"""Walks over live pages: nothing twice, nothing lost that stays put, and an end."""

import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.catalog import ResourceFilter, ResourceSort, SearchRequest
from gateway.catalog.cursors import Cursor, fingerprint
from gateway.catalog.live.model import LiveEvent, LivePage, SourceState
from gateway.catalog.live.service import LiveSearchService
from gateway.catalog.live.walks import DEEPEST, MOST_GIVEN, OF_CATALOG, Kind, Walk, entry, mark, read_walk
from gateway.catalog.matching import Relaxation
from gateway.errors import CursorInvalid
from schema.resources import ResourceRecord
from tests.gateway.catalog.live.world import Platform, World, lessons, named, run, service
from tests.gateway.catalog.store import record, seeded

FAILURES = [SourceState.FAILED, SourceState.REFUSED, SourceState.CIRCUIT_OPEN]


async def walked(world: World, request: SearchRequest, between: Any = None) -> list[LivePage]:
    """Every page, as a client reads them that goes on where `hasNextPage` says so, from its `endCursor`."""
    live, pages = service(world), []
    while True:
        pages.append(await live.search(request, seconds=1.0))
        assert len(pages) < 2_000
        assert pages[-1].has_previous is (len(pages) > 1)
        if not pages[-1].has_next:
            return pages
        request = replace(request, after=pages[-1].hits[-1].cursor)
        if between:
            between()


def everything(pages: list[LivePage]) -> list[tuple[str, str]]:
    return [key for page in pages for key in named(page)]


@pytest.mark.parametrize("sort", list(ResourceSort))
@pytest.mark.parametrize("first", [1, 7, 100])
def test_a_walk_over_sound_platforms_sees_everything_once(sort: ResourceSort, first: int) -> None:
    chance = seeded(1)
    world = World({code: Platform(lessons(size)) for code, size in (("a", 40), ("b", 0), ("c", 13), ("d", 1))})
    for platform in world.platforms.values():
        chance.shuffle(platform.records)  # type: ignore[arg-type]
    pages = run(walked(world, SearchRequest("勾股", sort=sort, first=first)))
    expected = {(code, one.native_id) for code, platform in world.platforms.items() for one in platform.records}
    assert len(everything(pages)) == 54
    assert set(everything(pages)) == expected
    assert all(len(page.hits) == first for page in pages[:-1])


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([2, 7, 40]), st.sampled_from(list(ResourceSort)))
def test_no_record_comes_twice_however_platforms_fail_recover_reorder_and_insert(
    seed: int, first: int, sort: ResourceSort
) -> None:
    chance = seeded(seed)
    steady = {code: lessons(chance.randrange(45), "s") for code in "abc"}
    world = World({code: Platform(list(steady[code])) for code in "abc"})
    broken = {code for code in "abc" if chance.random() < 0.3}

    def disturb() -> None:
        for code, platform in world.platforms.items():
            platform.fails = chance.choice(FAILURES) if code in broken and chance.random() < 0.5 else None
            platform.records = disturbed(chance, steady[code])

    pages = run(walked(world, SearchRequest("勾股", sort=sort, first=first), disturb))
    seen = everything(pages)
    assert len(seen) == len(set(seen))
    for code in set("abc") - broken:
        assert {(code, one.native_id) for one in steady[code]} <= set(seen)


def disturbed(chance: random.Random, steady: list[ResourceRecord]) -> list[ResourceRecord]:
    """The steady records in another order with up to twenty others between them."""
    records = [*steady, *lessons(chance.randrange(20), chance.choice("xyz"))]
    chance.shuffle(records)
    return records


def test_a_platform_that_recovers_contributes_what_it_has_on_the_next_page() -> None:
    world = World({"a": Platform(lessons(10)), "b": Platform(lessons(10), fails=SourceState.FAILED)})

    def recover() -> None:
        world.platforms["b"].fails = None

    pages = run(walked(world, SearchRequest("勾股", first=5), recover))
    assert {code for code, _ in named(pages[0])} == {"a"}
    assert sorted(everything(pages)) == sorted((code, f"n{number}") for code in "ab" for number in range(10))


def test_nobody_is_sent_on_for_a_platform_that_fails() -> None:
    world = World({"a": Platform(lessons(5)), "b": Platform(lessons(50), fails=SourceState.FAILED)})
    [page] = run(walked(world, SearchRequest("勾股", first=5)))
    assert len(page.hits) == 5
    assert not page.has_next


def test_a_page_may_start_behind_any_hit() -> None:
    world = World({"a": Platform(lessons(10)), "b": Platform(lessons(10))})
    request = SearchRequest("勾股", first=8)
    whole = run(service(world).search(replace(request, first=20), seconds=1))
    for place, hit in enumerate(run(service(world).search(request, seconds=1)).hits, start=1):
        rest = run(service(world).search(replace(request, first=20, after=hit.cursor), seconds=1))
        assert sorted(named(rest)) == sorted(named(whole)[place:])


def test_a_walk_asks_no_platform_for_more_than_200_and_ends_there() -> None:
    world = World({"a": Platform(lessons(1_000)), "b": Platform(lessons(3))})
    pages = run(walked(world, SearchRequest("勾股", first=30)))
    assert len(everything(pages)) == DEEPEST + 3
    assert max(query.first for _, query in world.asked) == DEEPEST
    assert world.asked[0][1].first == 30


def test_a_walk_ends_after_a_thousand_records_with_cursors_below_4_kb() -> None:
    world = World({f"platform-{number}": Platform(lessons(400)) for number in range(9)})
    pages = run(walked(world, SearchRequest("勾股", first=100)))
    assert len(everything(pages)) == MOST_GIVEN
    assert len(set(everything(pages))) == MOST_GIVEN
    assert max(len(hit.cursor) for page in pages for hit in page.hits) < 4_096
    assert len(pages[0].hits[0].cursor) < 80


def test_records_that_a_filter_drops_here_never_end_a_walk_early() -> None:
    records = [record(f"n{number}", "勾股", program="alliance" if number % 9 == 0 else None) for number in range(199)]
    request = SearchRequest("勾股", ResourceFilter(programs=("alliance",)), first=4)
    pages = run(walked(World({"a": Platform(records)}), request))
    assert everything(pages) == [("a", f"n{number}") for number in range(0, 199, 9)]


def test_a_page_without_hits_is_the_last_though_there_may_be_more_beyond_the_depth() -> None:
    world = World({"a": Platform(lessons(500))})
    [page] = run(walked(world, SearchRequest("勾股", ResourceFilter(programs=("alliance",)))))
    assert page.hits == ()
    assert not page.has_next
    assert not page.total_is_exact


FORGED = World({"a": Platform(lessons(300)), "b": Platform(lessons(300)), "c": Platform(lessons(3))})


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 1_300),
    st.integers(0, 300),
    st.sampled_from([0, 1, 20, 100]),
    st.sampled_from(["a", "ab", "abc", "xyz"]),
    st.booleans(),
    st.integers(0, 200),
)
def test_a_cursor_that_was_made_up_brings_no_more_than_a_page_and_no_other_error(
    given_out: int, of_catalog: int, first: int, listed: str, known: bool, seed: int
) -> None:
    chance = seeded(seed)
    request = SearchRequest("勾股", first=first)
    marks = [mark(f"n{number}") if known else chance.getrandbits(24) for number in range(given_out)]
    entries = [entry(chance.randrange(len(listed)), found) for found in marks]
    entries += [entry(OF_CATALOG, chance.getrandbits(24)) for _ in range(of_catalog)]
    chance.shuffle(entries)
    forged = replace(Walk.begin(Kind.LIVE, request, list(listed)), entries=b"".join(entries))
    going_on = replace(request, after=str(forged))
    far = given_out > MOST_GIVEN or given_out + of_catalog > MOST_GIVEN + 100
    try:
        page = run(service(FORGED).search(going_on, seconds=1))
        streamed = run(events(service(FORGED), going_on))
    except CursorInvalid:
        assert far
        return
    assert not far
    assert len(page.hits) <= min(first, MOST_GIVEN - given_out)
    assert all(len(event.hits) <= min(first, MOST_GIVEN - given_out) for event in streamed)
    for cursor in {hit.cursor for hits in (page.hits, *(event.hits for event in streamed)) for hit in hits}:
        assert read_walk(replace(request, after=cursor), Kind.LIVE) is not None


async def events(live: LiveSearchService, request: SearchRequest) -> list[LiveEvent]:
    return [event async for event in live.stream(request, seconds=1)]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"query": "函数"}, "another query or filter"),
        ({"filter": ResourceFilter(reviewed=True)}, "another query or filter"),
        ({"visible": frozenset()}, "another query or filter"),
        ({"sort": ResourceSort.TITLE}, "sorted by RELEVANCE, this one is sorted by TITLE"),
    ],
)
def test_a_cursor_of_another_search_is_refused(changed: dict[str, Any], message: str) -> None:
    world = World({"a": Platform(lessons(9))})
    request = SearchRequest("勾股", first=2)
    page = run(service(world).search(request, seconds=1))
    asked = len(world.asked)
    with pytest.raises(CursorInvalid, match=message):
        run(service(world).search(replace(request, **changed, after=page.hits[-1].cursor), seconds=1))
    assert len(world.asked) == asked


def test_cursors_of_other_modes_are_refused() -> None:
    request = SearchRequest("勾股", first=2)
    of_catalog = str(Cursor(request.sort, fingerprint(request), Relaxation.NONE, 2, "generation"))
    with pytest.raises(CursorInvalid, match="is no cursor of a live search"):
        run(service(World({})).search(replace(request, after=of_catalog), seconds=1))
    mixed = str(Walk.begin(Kind.MIXED, request, ["a"]))
    with pytest.raises(CursorInvalid, match="belongs to a search of another mode"):
        run(service(World({})).search(replace(request, after=mixed), seconds=1))


def test_the_page_size_may_change_on_the_way() -> None:
    world = World({"a": Platform(lessons(30))})
    request = SearchRequest("勾股", first=2)
    one = run(service(world).search(request, seconds=1))
    two = run(service(world).search(replace(request, first=50, after=one.hits[-1].cursor), seconds=1))
    assert len({*named(one), *named(two)}) == 30
    assert not two.has_next
