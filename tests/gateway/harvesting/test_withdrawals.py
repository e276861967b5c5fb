"""Records leave the catalog only after a complete, non-empty and plausible full run."""

import pytest

from connectors.errors import Malformed
from connectors.records import HarvestPage
from gateway.harvesting import HarvestingService, HarvestKind, RunState
from gateway.storage import Database
from tests.gateway.harvesting.upstream import Upstream, accepted, column, live, paged, rejected


@pytest.fixture
def service(database: Database) -> HarvestingService:
    return HarvestingService(database)


async def fill(service: HarvestingService, count: int) -> None:
    upstream = Upstream(paged([accepted(f"r{n}") for n in range(count)], 100))
    await service.run(upstream, upstream.context())


@pytest.mark.parametrize(
    ("stored", "listed", "plausible"), [(60, 10, True), (60, 9, False), (300, 210, True), (300, 209, False)]
)
async def test_more_than_fifty_and_thirty_percent_are_never_withdrawn(
    database: Database, service: HarvestingService, stored: int, listed: int, plausible: bool
) -> None:
    await fill(service, stored)
    upstream = Upstream(paged([accepted(f"r{n}") for n in range(listed)], 100))
    run = await service.run(upstream, upstream.context())
    if plausible:
        assert (run.state, run.withdrawn, len(await live(database))) == (RunState.SUCCEEDED, stored - listed, listed)
    else:
        assert (run.state, run.error_code) == (RunState.PARTIAL, "WITHDRAWAL_IMPLAUSIBLE")
        assert (run.withdrawn, len(await live(database))) == (0, stored)
        counters = dict(await column(database, "change_counters", "name", "value"))
        assert (counters["catalog"], counters["usage"]) == (stored, 0)
    assert await column(database, "harvest_seen", "native_id") == []


@pytest.mark.parametrize("pages", [[], [HarvestPage((), (rejected(None),))]], ids=["empty", "all-rejected"])
async def test_an_empty_listing_after_a_full_one_withdraws_nothing(
    database: Database, service: HarvestingService, pages: list[HarvestPage]
) -> None:
    await fill(service, 3)
    upstream = Upstream(pages)
    run = await service.run(upstream, upstream.context())
    assert (run.state, run.error_code, run.withdrawn) == (RunState.PARTIAL, "EMPTY_LISTING", 0)
    assert len(await live(database)) == 3


async def test_an_empty_platform_that_was_always_empty_is_a_success(service: HarvestingService) -> None:
    upstream = Upstream([])
    assert (await service.run(upstream, upstream.context())).state is RunState.SUCCEEDED


async def test_neither_broken_nor_incremental_runs_withdraw_what_they_did_not_meet(
    database: Database, service: HarvestingService
) -> None:
    await fill(service, 4)
    broken = Upstream(paged([accepted("r0")]), fails_at=1, failure=Malformed("drift"))
    assert (await service.run(broken, broken.context())).withdrawn == 0
    partly = Upstream(paged([accepted("r1")]))
    run = await service.run(partly, partly.context(), kind=HarvestKind.INCREMENTAL)
    assert (run.kind, run.withdrawn, len(await live(database))) == (HarvestKind.INCREMENTAL, 0, 4)


async def test_withdrawn_records_get_numbers_of_their_own_and_lose_their_copy_keys(
    database: Database, service: HarvestingService
) -> None:
    await fill(service, 5)
    upstream = Upstream(paged([accepted("r0")]))
    await service.run(upstream, upstream.context())
    numbers = [number for (number,) in await column(database, "resources", "sequence")]
    assert numbers == [1, 6, 7, 8, 9]


async def test_a_record_that_a_broken_line_names_is_not_taken_for_gone(
    database: Database, service: HarvestingService
) -> None:
    await fill(service, 4)
    line = rejected(None, raw='r2,"a quotation mark that nobody closed')
    upstream = Upstream([HarvestPage((accepted("r0"), accepted("r1")), (line,), checkpoint={"at": 1})])
    run = await service.run(upstream, upstream.context())
    assert (run.state, run.withdrawn, run.quarantined) == (RunState.SUCCEEDED, 1, 1)
    assert await live(database) == {"r0", "r1", "r2"}
