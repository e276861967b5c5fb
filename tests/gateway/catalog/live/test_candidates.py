"""Records are read when they are shown, once, and those that turn out not to be valid are no hits."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.catalog import FacetDimension, ResourceFilter, ResourceSort, SearchRequest
from gateway.catalog.live.model import LivePage
from tests.gateway.catalog.live.world import Platform, World, lessons, named, run, service

REQUEST = SearchRequest("勾股", first=5)


def world(**invalid: list[str]) -> World:
    """Three platforms of eight lessons each."""
    return World({code: Platform(lessons(8, code), invalid=invalid.get(code, ())) for code in "abc"})


def search(where: World, request: SearchRequest = REQUEST) -> LivePage:
    return run(service(where).search(request, seconds=1.0))


def test_only_what_is_shown_is_read() -> None:
    where = world()
    page = search(where)
    assert len(page.hits) == 5
    assert sorted(where.read) == sorted(named(page))


@pytest.mark.parametrize("sort", [sort for sort in ResourceSort if sort is not ResourceSort.STARTS_AT])
def test_most_orders_read_no_more(sort: ResourceSort) -> None:
    where = world()
    search(where, replace(REQUEST, sort=sort))
    # of platforms that were read to their end one more is read, to see whether anything follows
    assert len(where.read) == (5 if sort is ResourceSort.RELEVANCE else 6)


def test_starts_are_not_seen_at_first_sight() -> None:
    where = world()
    search(where, replace(REQUEST, sort=ResourceSort.STARTS_AT))
    assert len(where.read) == 24  # everything, as these platforms cannot sort


def test_records_are_read_where_the_words_stand_elsewhere_than_in_the_title() -> None:
    where = World({"a": Platform(lessons(8, "a", summary="直角三角形"))})
    search(where, replace(REQUEST, query="勾股 直角"))
    assert len(where.read) == 5
    where = World({"a": Platform(lessons(8, "a", summary="直角三角形"))})
    search(where, replace(REQUEST, query="勾股 直角", first=2))
    assert len(where.read) == 2


def test_filters_and_facets_read_all_and_no_record_twice() -> None:
    where = world()
    live = service(where)
    page = run(live.search(replace(REQUEST, filter=ResourceFilter(languages=("en",))), seconds=1.0))
    assert page.hits == ()
    assert set(where.read) == {(code, f"{code}{number}") for code in "abc" for number in range(8)}
    where = world()
    live = service(where)
    page = run(live.search(REQUEST, seconds=1.0))
    [facet] = live.facets(page, [FacetDimension.PLATFORM], 10)
    assert {bucket.value: bucket.count for bucket in facet.buckets} == {"a": 5, "b": 5, "c": 5}
    assert len(where.read) == len(set(where.read)) == 15


def test_a_page_is_filled_up_behind_records_that_are_not_valid() -> None:
    where = world(a=["a0", "a1"], b=["b0"])
    page = search(where, replace(REQUEST, first=20))
    assert (len(page.hits), page.total, page.has_next) == (20, 21, True)
    assert {("a", "a0"), ("a", "a1"), ("b", "b0")}.isdisjoint(named(page))


def test_a_platform_is_asked_for_more_where_those_it_gave_are_not_valid() -> None:
    where = World({"a": Platform(lessons(30), invalid=[f"n{number}" for number in range(5)])})
    page = search(where)
    assert named(page) == [("a", f"n{number}") for number in range(5, 10)]
    assert [query.first for _, query in where.asked] == [5, 200]


def test_it_is_not_asked_again_when_the_time_is_over() -> None:
    where = World({"a": Platform(lessons(30), seconds=0.96, invalid=["n0"])})
    assert len(search(where).hits) == 4
    assert len(where.asked) == 1


def test_where_none_is_valid_nothing_is_shown_and_nothing_follows() -> None:
    where = World({"a": Platform(lessons(3), invalid=["n0", "n1", "n2"])})
    page = search(where)
    assert (page.hits, page.total, page.has_next) == ((), 0, False)


def told(page: LivePage) -> list[int | None]:
    return [source.total for source in page.sources]


def test_nothing_follows_where_only_records_that_are_not_valid_stand_behind_the_page() -> None:
    invalid = ["n0", *(f"n{number}" for number in range(11, 15))]
    page = search(World({"a": Platform(lessons(15), invalid=invalid)}), replace(REQUEST, first=10))
    assert named(page) == [("a", f"n{number}") for number in range(1, 11)]
    assert (page.total, page.total_is_exact, page.has_next) == (10, True, False)
    assert told(page) == [10]


def test_behind_a_page_no_more_is_read_than_to_the_next_valid_record() -> None:
    where = World({"a": Platform(lessons(8, "a"), invalid=["a5"]), "b": Platform(lessons(8, "b"), invalid=["b0"])})
    page = search(where, replace(REQUEST, first=8))
    assert page.has_next
    assert len(where.read) == len(page.hits) + 2  # one that is not valid, before or behind, and the next one


def test_a_total_is_not_exact_while_records_that_it_counts_are_unread() -> None:
    totals = []
    for first in (8, 10, 23, 24):
        page = search(world(a=["a5", "a6"], b=["b7"]), replace(REQUEST, first=first))
        totals.append((page.total, page.total_is_exact))
    assert totals[0][1] is totals[1][1] is False
    assert totals[2:] == [(21, True), (21, True)]


def test_records_that_are_not_valid_are_taken_off_what_a_platform_says() -> None:
    page = search(World({"a": Platform(lessons(500), invalid=[f"n{number}" for number in range(3)])}))
    assert (page.total, page.total_is_exact, page.has_next, told(page)) == (497, False, True, [497])
    page = search(World({"a": Platform(lessons(500), invalid=[f"n{number}" for number in range(200)])}))
    assert (page.hits, page.total, page.total_is_exact, page.has_next) == ((), 300, False, False)
    page = search(World({"a": Platform(lessons(12), invalid=[f"n{number}" for number in range(12)])}))
    assert (page.total, page.total_is_exact, told(page)) == (0, True, [0])
    page = search(World({"a": Platform(lessons(12), invalid=["n1"])}), replace(REQUEST, first=0))
    assert (page.total, page.total_is_exact) == (12, False)


def test_records_that_a_filter_finds_not_to_be_valid_are_taken_off_too() -> None:
    where = World({"a": Platform(lessons(300, program="alliance"), invalid=[f"n{number}" for number in range(50)])})
    page = search(where, replace(REQUEST, filter=ResourceFilter(programs=("alliance",)), first=60))
    assert (len(page.hits), told(page), page.total, page.total_is_exact) == (60, [250], 250, False)


@settings(max_examples=60, deadline=None)
@given(st.sets(st.integers(0, 7)), st.sets(st.integers(0, 7)), st.integers(1, 7), st.sampled_from(list(ResourceSort)))
def test_a_walk_gives_each_valid_record_once(one: set[int], other: set[int], first: int, sort: ResourceSort) -> None:
    where = world(a=[f"a{number}" for number in one], b=[f"b{number}" for number in other])
    request, given_out = replace(REQUEST, first=first, sort=sort), []
    for _ in range(30):
        page = search(where, request)
        given_out += named(page)
        if not page.has_next:
            break
        request = replace(request, after=page.hits[-1].cursor)
    due = [("a", f"a{number}") for number in range(8) if number not in one]
    due += [("b", f"b{number}") for number in range(8) if number not in other]
    assert sorted(given_out) == sorted([*due, *(("c", f"c{number}") for number in range(8))])
