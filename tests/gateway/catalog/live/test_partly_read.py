"""What is told of an answer that is not all a platform has: no exact total, and what was done here to a part of it."""

from datetime import date

import pytest

from connectors.records import LiveQuery
from gateway.catalog import ResourceFilter, ResourceSort, SearchRequest
from gateway.catalog.live.candidates import candidates
from gateway.catalog.live.model import SourceAnswer, SourceOutcome, SourceState
from schema.access import Access
from tests.gateway.catalog.live.test_fanout import search
from tests.gateway.catalog.live.world import Platform, World, lessons, resource


def test_an_answer_that_ends_for_this_viewer_makes_no_total_exact_and_no_next_page() -> None:
    class Hiding(World):
        async def ask(
            self, platform: str, query: LiveQuery, visible: frozenset[Access], seconds: float
        ) -> SourceAnswer:
            self.asked.append((platform, query))
            return SourceAnswer(
                SourceOutcome(platform, SourceState.OK, filtered_here=("sort",)), complete=False, ends=True
            )

    world = Hiding({"a": Platform()})
    page, _ = search(world)
    assert (page.total, page.total_is_exact, page.has_next) == (0, False, False)
    assert page.sources[0].message is None, "there was nothing to sort"
    assert len(world.asked) == 1


@pytest.mark.parametrize(
    ("wanted", "sort", "tells", "message"),
    [
        (ResourceFilter(), ResourceSort.NEWEST, True, "sorted here among the first 200 of 2,000 records"),
        (ResourceFilter(), ResourceSort.TITLE, False, "sorted here among the first 200 records"),
        (
            ResourceFilter(published_from=date(2025, 1, 1)),
            ResourceSort.RELEVANCE,
            True,
            "filtered here among the first 200 of 2,000 records",
        ),
        (
            ResourceFilter(subjects=("mathematics",)),
            ResourceSort.OLDEST,
            False,
            "filtered and sorted here among the first 200 records",
        ),
    ],
)
def test_what_is_done_here_to_a_part_of_what_a_platform_has_is_said(
    wanted: ResourceFilter, sort: ResourceSort, tells: bool, message: str
) -> None:
    page, _ = search(World({"a": Platform(lessons(2_000), tells_total=tells)}), SearchRequest("勾股", wanted, sort))
    [source] = page.sources
    assert source.state is SourceState.OK
    assert source.message == f"{message} that it gives in its own order"
    assert not page.total_is_exact


def test_a_platform_that_cannot_sort_is_read_to_the_depth_so_that_pages_follow_each_other() -> None:
    world = World({"a": Platform(lessons(60))})
    page, _ = search(world, SearchRequest("勾股", sort=ResourceSort.OLDEST, first=3))
    assert [query.first for _, query in world.asked] == [3, 200]
    every, _ = search(world, SearchRequest("勾股", sort=ResourceSort.OLDEST, first=60))
    assert [hit.resource for hit in page.hits] == [hit.resource for hit in every.hits[:3]]
    world.asked.clear()
    search(world, SearchRequest("勾股", sort=ResourceSort.OLDEST, first=0))
    assert len(world.asked) == 1, "who wants no records needs no order"


def test_nothing_is_said_where_all_was_read_or_the_platform_does_it_itself() -> None:
    wanted = ResourceFilter(subjects=("mathematics",))
    for request in (SearchRequest("勾股", wanted, ResourceSort.NEWEST), SearchRequest("勾股", wanted)):
        page, _ = search(World({"a": Platform(lessons(9))}), request)
        assert (page.sources[0].message, page.total_is_exact) == (None, True)
    page, _ = search(World({"a": Platform(lessons(2_000), filters=("subjects",))}), SearchRequest("勾股", wanted))
    assert page.sources[0].message is None


def test_a_failure_is_told_before_what_was_done_here_to_the_earlier_answer() -> None:
    class Kept(World):
        async def ask(
            self, platform: str, query: LiveQuery, visible: frozenset[Access], seconds: float
        ) -> SourceAnswer:
            outcome = SourceOutcome(
                platform, SourceState.STALE, total=90, filtered_here=("sort",), error_code="X", message="it is late"
            )
            return SourceAnswer(outcome, candidates(resource(platform, one) for one in lessons(3)), complete=False)

    page, _ = search(Kept({"a": Platform()}), SearchRequest("勾股", sort=ResourceSort.NEWEST))
    said = "it is late; sorted here among the first 3 of 90 records that it gives in its own order"
    assert page.sources[0].message == said
