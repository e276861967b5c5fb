"""Runs are told newest first, filtered and page by page."""

from datetime import datetime, timedelta

import pytest

from gateway.errors import CursorInvalid, LimitExceeded
from gateway.harvesting import HarvestingService, HarvestKind, RunFilter, RunState
from gateway.storage import Database
from tests.gateway.harvesting.upstream import NOW, Upstream, accepted, paged


class Clock:
    """Moves a second with every look."""

    now = NOW

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
async def service(database: Database) -> HarvestingService:
    """Three runs of 重庆 and one of 淄博, which fails."""
    service = HarvestingService(database, clock=Clock())
    for code, fails_at in (("chongqing", None), ("chongqing", None), ("zibo", 0), ("chongqing", None)):
        upstream = Upstream(paged([accepted("a")]), code=code, fails_at=fails_at)
        await service.run(upstream, upstream.context())
    return service


async def test_a_walk_meets_every_run_once_newest_first(service: HarvestingService) -> None:
    first = await service.runs(first=3)
    rest = await service.runs(first=3, after=first.runs[-1].id)
    assert (first.total, first.has_next, rest.total, rest.has_next) == (4, True, 4, False)
    starts = [run.started_at for run in (*first.runs, *rest.runs)]
    assert len(starts) == 4
    assert starts == sorted(starts, reverse=True)
    with pytest.raises(CursorInvalid, match="no cursor of this list"):
        await service.runs(after="nonsense")


async def test_filters_must_all_hold(service: HarvestingService) -> None:
    start = (await service.runs()).runs[1].started_at
    assert (await service.runs(RunFilter(platforms=["zibo"]))).total == 1
    assert (await service.runs(RunFilter(states=[RunState.SUCCEEDED], since=start))).total == 1
    assert (await service.runs(RunFilter(kinds=[HarvestKind.INCREMENTAL]))).total == 0
    assert (await service.runs(RunFilter(platforms=[]))).total == 0


async def test_the_last_end_and_the_last_harvest_of_each_platform(service: HarvestingService) -> None:
    newest, failed = (await service.runs(first=2)).runs
    assert await service.last_ended(["chongqing", "zibo", "unknown"]) == {"chongqing": newest, "zibo": failed}
    assert await service.last_harvested(["chongqing", "zibo"]) == {"chongqing": newest.finished_at}


async def test_an_unknown_run_is_none(service: HarvestingService) -> None:
    assert await service.get("nonsense") is None


@pytest.mark.parametrize("first", [-1, 101])
async def test_pages_hold_at_most_a_hundred(service: HarvestingService, first: int) -> None:
    with pytest.raises(LimitExceeded, match=f"first: {first} is not between 0 and 100"):
        await service.runs(first=first)
    with pytest.raises(LimitExceeded, match=f"first: {first} is not between 0 and 100"):
        await service.quarantined("chongqing", first=first)
    assert len((await service.runs(first=100)).runs) == 4
    assert ((await service.runs(first=0)).runs, (await service.runs(first=0)).has_next) == ((), True)
