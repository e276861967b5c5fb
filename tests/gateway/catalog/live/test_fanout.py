"""Everybody is asked at once, under one deadline, and every status tells the truth."""

import asyncio
import logging
from datetime import date
from typing import Any

import pytest

from connectors.manifest.searching import FILTERS
from connectors.records import LiveQuery
from gateway.catalog import ResourceFilter, ResourceKey, ResourceSort, SearchRequest
from gateway.catalog.live.candidates import candidates
from gateway.catalog.live.model import LivePage, SourceAnswer, SourceOutcome, SourceState
from gateway.catalog.live.questions import MOST_ASKED, SPOKEN
from gateway.catalog.query import FacetDimension
from gateway.errors import InvalidInput, LimitExceeded
from gateway.graph.search.ports import LiveSearch
from gateway.identity import PUBLIC_TIERS
from schema.access import Access
from schema.resources import CodedTerm, ResourceRecord
from tests.gateway.catalog.live.world import Platform, World, lessons, named, resource, run, service
from tests.gateway.catalog.store import record

REQUEST = SearchRequest("勾股", first=20)


def search(world: World, request: SearchRequest = REQUEST, seconds: float = 2.0) -> tuple[LivePage, float]:
    """The page, and how long it took on the jumping clock."""

    async def timed() -> tuple[LivePage, float]:
        clock = asyncio.get_running_loop().time
        began = clock()
        page = await service(world).search(request, seconds=seconds)
        return page, clock() - began

    page, took = run(timed())
    assert world.waiting == 0
    return page, took


def states(page: LivePage) -> dict[str, SourceState]:
    return {source.platform: source.state for source in page.sources}


def test_the_service_is_what_the_graph_asks_for() -> None:
    live: LiveSearch = service(World({}))
    assert run(live.search(REQUEST, seconds=1.0)).sources == ()
    assert live.recent([ResourceKey("a", "n1")], PUBLIC_TIERS) == [None]


def five(**behavior: Any) -> World:
    platforms = {code: Platform(lessons(4), seconds=0.1 * place) for place, code in enumerate("abcde", start=1)}
    for code, seconds in behavior.items():
        platforms[code].seconds = seconds
    return World(platforms)


def test_all_are_asked_at_once_and_the_slowest_decides() -> None:
    page, took = search(five())
    assert took == pytest.approx(0.5)
    assert len(page.hits) == 20
    assert page.total == 20
    assert page.total_is_exact
    assert [source.latency_ms for source in page.sources] == pytest.approx([100, 200, 300, 400, 500])
    assert [source.count for source in page.sources] == [4] * 5


def test_a_hanging_platform_costs_the_deadline_and_nothing_else() -> None:
    page, took = search(five(c=1_000.0))
    assert 1.9 < took <= 2.0
    assert len(page.hits) == 16
    assert states(page) == {**dict.fromkeys("abde", SourceState.OK), "c": SourceState.TIMEOUT}
    assert not page.total_is_exact
    assert not page.has_next


def test_when_all_hang_the_page_is_empty_and_says_why() -> None:
    page, took = search(five(**dict.fromkeys("abcde", 1_000.0)))
    assert 1.9 < took <= 2.0
    assert page.hits == ()
    assert set(states(page).values()) == {SourceState.TIMEOUT}
    assert {source.error_code for source in page.sources} == {"UPSTREAM_TIMEOUT"}
    assert (page.total, page.total_is_exact, page.has_next) == (0, False, False)


class Stubborn(World):
    """Answers long after its time, whatever it was told."""

    async def ask(self, platform: str, query: LiveQuery, visible: frozenset[Access], seconds: float) -> SourceAnswer:
        return await super().ask(platform, query, visible, seconds if platform != "c" else 1_000_000.0)


def test_who_does_not_keep_its_time_is_left_behind() -> None:
    world = Stubborn(five(c=1_000.0).platforms)
    page, took = search(world)
    assert took == pytest.approx(2.0)
    assert states(page)["c"] is SourceState.TIMEOUT
    assert len(page.hits) == 16


class Broken(World):
    async def ask(self, platform: str, query: LiveQuery, visible: frozenset[Access], seconds: float) -> SourceAnswer:
        if platform == "b":
            raise ZeroDivisionError("secret")
        return await super().ask(platform, query, visible, seconds)


def test_an_error_of_ours_is_one_platforms_failure(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        page, _ = search(Broken(five().platforms))
    [failed] = [source for source in page.sources if source.state is SourceState.FAILED]
    assert (failed.platform, failed.error_code) == ("b", "INTERNAL")
    assert "secret" not in str(failed.message)
    assert len(page.hits) == 16
    assert len(caplog.records) == 1


def test_a_search_that_is_given_up_leaves_nobody_waiting() -> None:
    world = five(**dict.fromkeys("abcde", 1_000.0))

    async def give_up() -> None:
        task = asyncio.create_task(service(world).search(REQUEST, seconds=2.0))
        await asyncio.sleep(0.5)
        assert world.waiting == 5
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0)
        assert world.waiting == 0

    run(give_up())


def test_who_is_not_asked_is_skipped_with_the_reason() -> None:
    world = World(
        {
            "asked": Platform(lessons(1)),
            "mute": Platform(searches=False),
            "resting": Platform(suspended=True),
            "zibo": Platform(region="370300"),
            "nation": Platform(region="100000"),
            "nowhere": Platform(region=None),
            "city": Platform(access=Access.CITY),
        }
    )
    page, _ = search(world, SearchRequest("勾股", ResourceFilter(regions=("500103",))))
    skipped = {source.platform: source.message for source in page.sources if source.state is SourceState.SKIPPED}
    assert skipped == {
        "mute": "it has no search of its own",
        "resting": "it is suspended",
        "zibo": "its region 370300 and those of filter.regions lie apart",
        "city": "its resources may not be shown to this viewer",
    }
    assert [code for code, _ in world.asked] == ["asked", "nation", "nowhere"]
    assert page.total_is_exact


def test_platforms_that_the_filter_does_not_name_are_no_part_of_the_search() -> None:
    world = five()
    page, _ = search(world, SearchRequest("勾股", ResourceFilter(platforms=("d", "gone", "a"))))
    assert states(page) == {"a": SourceState.OK, "d": SourceState.OK, "gone": SourceState.SKIPPED}
    assert {code for code, _ in named(page)} == {"a", "d"}


@pytest.mark.parametrize(
    "request_",
    [
        SearchRequest("，。"),
        SearchRequest("勾股", ResourceFilter(stages=())),
        SearchRequest("勾股", ResourceFilter(access=(Access.SCHOOL,))),
        SearchRequest("勾股", visible=frozenset()),
    ],
)
def test_nobody_is_asked_where_nothing_can_match(request_: SearchRequest) -> None:
    world = five()
    page, took = search(world, request_)
    assert (world.asked, took, page.hits, page.total) == ([], 0.0, (), 0)
    assert set(states(page).values()) == {SourceState.SKIPPED}
    assert all(source.message for source in page.sources)


def test_an_empty_filter_of_platforms_is_about_none() -> None:
    page, _ = search(five(), SearchRequest("勾股", ResourceFilter(platforms=())))
    assert page.sources == ()


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (SearchRequest(first=101), LimitExceeded),
        (SearchRequest("x" * 501), LimitExceeded),
        (SearchRequest(filter=ResourceFilter(subjects=("magic",))), InvalidInput),
        (SearchRequest(filter=ResourceFilter(platforms=("nobody",))), InvalidInput),
    ],
)
def test_requests_are_judged_as_the_catalog_judges_them(request_: SearchRequest, error: type[Exception]) -> None:
    world = five()
    with pytest.raises(error):
        run(service(world).search(request_, seconds=1))
    assert world.asked == []


def test_what_a_platform_can_do_is_asked_of_it_and_the_rest_is_named() -> None:
    world = World({"a": Platform(lessons(1), filters=("stages", "subjects"))})
    wanted = ResourceFilter(
        platforms=("a",), subjects=("mathematics",), regions=("500000",), programs=("x",), published_to=date(2026, 1, 1)
    )
    page, _ = search(world, SearchRequest("勾股", wanted, ResourceSort.NEWEST, first=30))
    [(_, query), *_] = world.asked
    assert query == LiveQuery("勾股", {"regions": ("500000",), "subjects": ("mathematics",)}, "NEWEST", first=90)
    assert page.sources[0].filtered_here == ("regions", "sort", "programs", "publishedTo")
    assert (page.total, page.total_is_exact) == (0, True), "everything it has was read"


def test_platforms_are_asked_for_what_is_filed_under_a_heading() -> None:
    world = World({"a": Platform()})
    search(world, SearchRequest(filter=ResourceFilter(subjects=("foreign-languages", "chinese"), editions=("rjb",))))
    [(_, query)] = world.asked
    assert query.filters["subjects"][:3] == ("foreign-languages", "english", "japanese")
    assert query.filters["subjects"][-1] == "chinese"
    assert query.filters["editions"] == ("rjb",)


def test_the_conditions_that_platforms_are_asked_for_are_those_a_manifest_can_map() -> None:
    camel = {"teaching_modes": "teachingModes"}
    assert {camel.get(name, name) for name in SPOKEN} == set(FILTERS)


def test_what_a_loose_platform_lets_through_is_filtered_here() -> None:
    subjects = [("mathematics",), ("english",)]
    records = [
        record(f"n{number}", "勾股", subjects=tuple(CodedTerm(code=code) for code in subjects[number % 2]))
        for number in range(10)
    ]
    world = World({"a": Platform(records, filters=("subjects",))})
    page, _ = search(world, SearchRequest("勾股", ResourceFilter(subjects=("foreign-languages",))))
    assert named(page) == [("a", f"n{number}") for number in range(1, 10, 2)]
    assert (page.total, page.total_is_exact) == (5, True)
    assert len(page.read) == 5


def test_a_platform_is_asked_deeper_once_where_the_filter_here_leaves_too_little() -> None:
    records = [
        record(f"n{number}", "勾股", subjects=(CodedTerm(code="mathematics"),) if number > 150 else ())
        for number in range(300)
    ]
    world = World({"a": Platform(records), "b": Platform(lessons(3))})
    page, _ = search(world, SearchRequest("勾股", ResourceFilter(subjects=("mathematics",)), first=10))
    assert [(code, query.first) for code, query in world.asked] == [("a", 10), ("b", 10), ("a", 200)]
    assert named(page) == [("a", f"n{number}") for number in range(151, 161)]
    assert page.has_next
    assert not page.total_is_exact


def test_a_platform_is_asked_deeper_where_what_it_gave_is_not_to_be_seen() -> None:
    world = World({"a": Platform([*lessons(50, "hidden", access=Access.SCHOOL), *lessons(7)])})
    page, _ = search(world)
    assert [query.first for _, query in world.asked] == [20, 200]
    assert named(page) == [("a", f"n{number}") for number in range(7)]


def test_a_second_question_needs_time_that_is_left() -> None:
    world = World({"a": Platform(lessons(300), seconds=1.5)})
    wanted = SearchRequest("勾股", ResourceFilter(subjects=("mathematics",)))
    page, took = search(world, wanted)
    assert took <= 2.0
    assert states(page) == {"a": SourceState.OK}
    world = World({"a": Platform(lessons(300), seconds=1.95)})
    page, took = search(world, wanted)
    assert len(world.asked) == 1
    assert states(page) == {"a": SourceState.OK}


def test_one_search_asks_two_hundred_platforms() -> None:
    world = World({f"p{number:03}": Platform(lessons(1)) for number in range(230)})
    page, _ = search(world, SearchRequest("勾股", first=100))
    assert len(world.asked) == MOST_ASKED
    assert list(states(page).values()).count(SourceState.SKIPPED) == 30
    assert page.sources[-1].message == "one search asks 200 platforms at most; name it in the filter"
    assert page.total == 200


def test_what_was_read_first_stands_where_asking_deeper_fails() -> None:
    class Tired(World):
        async def ask(
            self, platform: str, query: LiveQuery, visible: frozenset[Access], seconds: float
        ) -> SourceAnswer:
            self.platforms[platform].fails = SourceState.REFUSED if query.first == 200 else None
            return await super().ask(platform, query, visible, seconds)

    records = [record(f"n{number}", "勾股", subjects=(CodedTerm(code="mathematics"),)) for number in range(4)]
    world = Tired({"a": Platform([*records, *lessons(100, "x")])})
    page, _ = search(world, SearchRequest("勾股", ResourceFilter(subjects=("mathematics",)), first=10))
    assert len(world.asked) == 2
    assert len(page.hits) == 4
    assert states(page) == {"a": SourceState.OK}


@pytest.mark.parametrize(
    ("tells", "size", "total", "exact"), [(True, 50, 50, False), (False, 50, 20, False), (False, 9, 9, True)]
)
def test_a_total_is_exact_where_everything_was_read_and_not_where_it_is_only_told(
    tells: bool, size: int, total: int, exact: bool
) -> None:
    page, _ = search(World({"a": Platform(lessons(size), tells_total=tells)}))
    assert (page.total, page.total_is_exact) == (total, exact)


def test_the_same_record_twice_in_one_answer_is_one_hit_and_copies_on_two_platforms_are_two() -> None:
    world = World({"a": Platform([*lessons(3), *lessons(3)]), "b": Platform(lessons(3))})
    page, _ = search(world)
    assert sorted(named(page)) == sorted((code, f"n{number}") for code in "ab" for number in range(3))


def test_hits_are_ranked_by_one_score_and_equals_by_platform_and_id() -> None:
    world = World(
        {
            "b": Platform([record("2", "勾股定理"), record("9", "别的", summary="勾股")]),
            "a": Platform([record("7", "讲勾股定理的证明"), record("8", "别的")]),
            "c": Platform([record("2", "勾股定理")]),
        }
    )
    page, _ = search(world, SearchRequest("勾股定理"))
    assert named(page) == [("b", "2"), ("c", "2"), ("a", "7"), ("b", "9"), ("a", "8")]
    scores = [hit.score for hit in page.hits]
    assert all(score is not None and 0 < score <= 1 for score in scores)
    assert scores == sorted(scores, key=lambda score: -(score or 0))


def test_other_orders_are_merged_by_their_key_and_have_no_scores() -> None:
    world = World(
        {
            "a": Platform([record("1", "勾股", use_count=5), record("2", "勾股"), record("3", "勾股", use_count=7)]),
            "b": Platform([record("1", "勾股", use_count=6), record("0", "勾股", use_count=5)]),
        }
    )
    page, _ = search(world, SearchRequest("勾股", sort=ResourceSort.MOST_USED))
    assert named(page) == [("a", "3"), ("b", "1"), ("a", "1"), ("b", "0"), ("a", "2")]
    assert [hit.score for hit in page.hits] == [None] * 5
    assert page.sources[0].filtered_here == ("sort",)
    assert page.total_is_exact


def test_an_earlier_answer_counts_as_an_answer() -> None:
    class Kept(World):
        async def ask(
            self, platform: str, query: LiveQuery, visible: frozenset[Access], seconds: float
        ) -> SourceAnswer:
            outcome = SourceOutcome(platform, SourceState.STALE, total=90, error_code="UPSTREAM_TIMEOUT")
            return SourceAnswer(outcome, candidates(resource(platform, one) for one in lessons(3)), complete=False)

    page, _ = search(Kept({"a": Platform()}))
    assert len(page.hits) == 3
    assert (page.total, page.total_is_exact) == (90, False)
    assert not page.has_next, "what stands in for a failing platform is all there is"


def test_a_page_of_none_tells_totals() -> None:
    page, _ = search(five(), SearchRequest("勾股", first=0))
    assert (page.hits, page.total) == ((), 20)


def test_facets_count_what_was_read() -> None:
    world = five()
    page, _ = search(world, SearchRequest("勾股", first=1))
    facets = service(world).facets(page, [FacetDimension.PLATFORM, FacetDimension.REGION], 3)
    assert [facet.dimension for facet in facets] == [FacetDimension.PLATFORM, FacetDimension.REGION]
    assert [(bucket.value, bucket.label, bucket.count) for bucket in facets[0].buckets] == [
        (code, f"平台 {code}", 1) for code in "abc"
    ]
    assert [(bucket.value, bucket.label, bucket.count) for bucket in facets[1].buckets] == [
        ("100000", "中华人民共和国", 5),
        ("500000", "重庆市", 5),
    ]
    with pytest.raises(LimitExceeded):
        service(world).facets(page, [FacetDimension.PLATFORM], 1_001)


def test_hidden_tiers_are_for_the_asking_part_which_is_told_them() -> None:
    told: list[frozenset[Access]] = []

    class Listening(World):
        async def ask(
            self, platform: str, query: LiveQuery, visible: frozenset[Access], seconds: float
        ) -> SourceAnswer:
            told.append(visible)
            return await super().ask(platform, query, visible, seconds)

    records: list[ResourceRecord] = [*lessons(2), *lessons(2, "hidden", access=Access.SCHOOL)]
    page, _ = search(Listening({"a": Platform(records)}))
    assert told == [PUBLIC_TIERS]
    assert len(page.hits) == 2


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        (SearchRequest("，。"), "the query holds nothing to look for"),
        (
            SearchRequest("勾股", ResourceFilter(teaching_modes=())),
            "filter.teachingModes is an empty list, which matches nothing",
        ),
        (
            SearchRequest("勾股", ResourceFilter(access=(Access.SCHOOL,))),
            "its resources are of none of the tiers of filter.access: SCHOOL",
        ),
    ],
)
def test_the_reason_names_what_in_the_request_excludes_a_platform(request_: SearchRequest, told: str) -> None:
    page, _ = search(five(), request_)
    assert {source.message for source in page.sources} == {told}
