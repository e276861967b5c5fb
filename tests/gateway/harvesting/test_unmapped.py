"""Values without a vocabulary term are counted once per record."""

import pytest

from connectors.errors import Unreachable
from connectors.records import HarvestPage
from gateway.harvesting import HarvestingService, HarvestKind, UnmappedValue, unmapped
from gateway.storage import Database
from tests.gateway.harvesting.upstream import Upstream, accepted, paged


@pytest.fixture
def service(database: Database) -> HarvestingService:
    return HarvestingService(database)


def value(text: str, count: int, example: str) -> UnmappedValue:
    return UnmappedValue("subjects", text, count, example)


async def test_a_full_run_counts_records_and_replaces_the_counts_before(service: HarvestingService) -> None:
    items = [accepted("a", unmapped=["玄学", "玄学"]), accepted("b", unmapped=["玄学", "星象"]), accepted("a")]
    first = Upstream(paged(items))
    await service.run(first, first.context())
    assert await service.unmapped_values("chongqing") == [value("玄学", 2, "a"), value("星象", 1, "b")]
    second = Upstream(paged([accepted("a"), accepted("b", unmapped=["星象"])]))
    await service.run(second, second.context())
    assert await service.unmapped_values("chongqing") == [value("星象", 1, "b")]
    assert await service.unmapped_values("zibo") == []


async def test_an_incremental_run_adds_what_is_new_or_changed(service: HarvestingService) -> None:
    full = Upstream(paged([accepted("a", unmapped=["玄学"])]))
    await service.run(full, full.context())
    since = Upstream(paged([accepted("a", unmapped=["玄学"]), accepted("b", unmapped=["玄学"])]))
    await service.run(since, since.context(), kind=HarvestKind.INCREMENTAL)
    assert await service.unmapped_values("chongqing") == [value("玄学", 2, "a")]


async def test_a_resumed_run_counts_every_record_once(service: HarvestingService) -> None:
    pages = paged([accepted(f"r{n}", unmapped=["玄学"]) for n in range(6)])
    for stop in (1, 2, None):
        upstream = Upstream(pages, fails_at=stop, failure=Unreachable("reset"))
        await service.run(upstream, upstream.context())
    assert await service.unmapped_values("chongqing") == [value("玄学", 6, "r0")]


async def test_a_free_text_field_does_not_fill_the_database(
    service: HarvestingService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unmapped, "MOST_VALUES", 3)
    items = tuple(accepted(f"r{n}", unmapped=[f"value {n}"]) for n in range(9))
    upstream = Upstream([HarvestPage(items)])
    await service.run(upstream, upstream.context())
    assert len(await service.unmapped_values("chongqing")) == 3
