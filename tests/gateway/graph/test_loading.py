"""However many cards a page has, the services behind it are asked a fixed number of times."""

from tests.gateway.graph.world import World

PAGE = """
query($first: Int!) {
  search(query: "勾股定理", first: $first) {
    totalCount
    facets(dimensions: [STAGE, SUBJECT, KIND, REGION]) { buckets { value count } }
    nodes {
      id title platform { code resourceCount lastHarvestedAt health { state } }
      copies { id title platform { code resourceCount } }
    }
    sources { platform { resourceCount health { state } } state }
  }
}
"""


async def calls_of_a_page(first: int) -> tuple[dict[str, int], dict[str, int]]:
    world = World()
    data = await world.data(PAGE, {"first": first})
    assert len(data["search"]["nodes"]) == first
    return dict(world.catalog.calls), dict(world.states.calls)


async def test_a_page_of_twenty_cards_with_copies_and_counts_costs_four_catalog_calls() -> None:
    catalog, states = await calls_of_a_page(20)
    assert catalog == {"search": 1, "facets": 1, "copies": 1, "counts_by_platform": 1}
    assert sum(states.values()) <= 2, "one for the sources, one for the cards"


async def test_a_longer_page_costs_no_more_calls() -> None:
    assert await calls_of_a_page(70) == await calls_of_a_page(5)


async def test_nothing_is_kept_from_one_request_for_the_next() -> None:
    world = World()
    await world.data(PAGE, {"first": 1})
    await world.data(PAGE, {"first": 1})
    assert world.catalog.calls["copies"] == 2
