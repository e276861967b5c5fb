"""A run asks for days up to yesterday: many at first, later only those that may still change, and none is left out."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import Malformed, Unreachable
from gateway.harvesting import HarvestingService, HarvestKind, HarvestRun, RunState
from gateway.harvesting.reach import ONE_DAY, Days, Reach
from gateway.harvesting.usage import pages
from gateway.storage import Database
from tests.gateway.harvesting.upstream import NOW, rejected
from tests.gateway.harvesting.usage.counting import YESTERDAY, Counting, Ticking, count, fact, facts, page

PAGES = [page(fact(0)), page(fact(1)), page(fact(2))]


def days(run: HarvestRun) -> tuple[int, int]:
    """What a run asked for, in days before the yesterday of these tests."""
    assert run.first_day is not None
    assert run.last_day is not None
    return (YESTERDAY - run.first_day).days, (YESTERDAY - run.last_day).days


@pytest.fixture
def clock() -> Ticking:
    return Ticking()


@pytest.fixture
def service(database: Database, clock: Ticking) -> HarvestingService:
    return HarvestingService(database, clock=clock, reach=Reach(backfill_days=100, lookback_days=10))


async def interrupted(service: HarvestingService, failure: Exception, at: int = 2) -> HarvestRun:
    return await count(service, *PAGES, fails_at=at, failure=failure)


async def test_a_first_run_asks_for_the_backfill_and_a_later_one_looks_back(
    service: HarvestingService, clock: Ticking
) -> None:
    assert days(await count(service)) == (99, 0)
    clock.now += timedelta(days=3)
    assert days(await count(service)) == (10, -3)
    assert days(await count(service)) == (7, -3)


async def test_a_run_that_did_not_succeed_is_nothing_to_build_on(service: HarvestingService, clock: Ticking) -> None:
    await interrupted(service, Malformed("drift"))
    assert days(await count(service)) == (99, 0)
    clock.now += timedelta(days=20)
    await interrupted(service, Malformed("drift"))
    clock.now += timedelta(days=30)
    assert days(await count(service)) == (10, -50)


async def test_another_mapping_asks_for_everything_again(service: HarvestingService) -> None:
    await count(service)
    assert days(await count(service, version=2)) == (99, 0)
    assert days(await count(service, version=2)) == (10, 0)
    assert days(await count(service)) == (99, 0)


async def test_a_clock_that_was_put_back_asks_for_days_that_are_over(
    service: HarvestingService, clock: Ticking
) -> None:
    await count(service)
    clock.now -= timedelta(days=50)
    assert days(await count(service)) == (60, 50)


async def test_a_resumed_run_asks_for_the_same_days_behind_its_checkpoint(
    database: Database, service: HarvestingService, clock: Ticking
) -> None:
    broken = await interrupted(service, Unreachable("reset"))
    clock.now += timedelta(hours=20)
    upstream = Counting(counted=PAGES)
    run = await service.run(upstream, upstream.context(), kind=HarvestKind.USAGE)
    assert (run.id, run.state, run.seen, run.created, run.duplicates) == (broken.id, RunState.SUCCEEDED, 3, 3, 0)
    [request] = upstream.asked
    assert (request.first, request.last) == (YESTERDAY - timedelta(days=99), YESTERDAY)
    assert request.checkpoint == {"page": 2}
    assert len(await facts(database)) == 3
    assert days(await count(service)) == (10, -1)


@pytest.mark.parametrize("failure", [Unreachable("reset"), Malformed("drift")])
async def test_a_run_that_broke_off_before_its_first_page_starts_afresh(
    service: HarvestingService, clock: Ticking, failure: Exception
) -> None:
    broken = await interrupted(service, failure, at=0)
    assert (broken.state, days(broken)) == (RunState.FAILED, (99, 0))
    clock.now += timedelta(hours=20)
    run = await count(service, *PAGES)
    assert (run.id != broken.id, days(run)) == (True, (98, -1))


async def test_a_queued_run_knows_its_days_once_it_begins(service: HarvestingService, clock: Ticking) -> None:
    queued = await service.request("chongqing", HarvestKind.USAGE, manifest_version=1, by="李老师")
    assert (queued.first_day, queued.last_day) == (None, None)
    clock.now += timedelta(days=2)
    run = await count(service, *PAGES)
    assert (run.id, run.requested_by, days(run)) == (queued.id, "李老师", (97, -2))


async def test_a_run_that_was_stopped_without_a_page_is_carried_out_under_its_id(service: HarvestingService) -> None:
    queued = await service.request("chongqing", HarvestKind.USAGE, manifest_version=1, by="李老师")
    [waiting] = await service.waiting()
    upstream = Counting(counted=PAGES, holds_at=0)
    task = asyncio.create_task(service.carry_out(waiting, upstream, upstream.context()))
    async with asyncio.timeout(20):
        while not upstream.asked:  # noqa: ASYNC110  # what is waited for is in another task's hands
            await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    stopped = await service.get(queued.id)
    assert stopped is not None
    assert (stopped.state, stopped.pages, days(stopped)) == (RunState.QUEUED, 0, (99, 0))
    run = await count(service, *PAGES)
    assert (run.id, run.state, run.created) == (queued.id, RunState.SUCCEEDED, 3)


async def test_a_run_that_begins_anew_under_its_id_has_met_nothing_yet(
    database: Database, service: HarvestingService
) -> None:
    regions = [fact(0, region=region) for region in ("500103", "500105")]
    queued = await service.request("chongqing", HarvestKind.USAGE, manifest_version=1, by="李老师")
    [waiting] = await service.waiting()
    upstream = Counting(counted=[page(*regions), page()], fails_at=1, failure=Unreachable("reset"))
    await service.carry_out(waiting, upstream, upstream.context())
    again = await service.request("chongqing", HarvestKind.USAGE, manifest_version=1, by="李老师")
    run = await count(service, page(regions[0]), version=2)
    assert (again.id, run.id, run.state) == (queued.id, queued.id, RunState.SUCCEEDED)
    assert (run.seen, run.created, run.unchanged, run.duplicates, run.withdrawn) == (1, 0, 1, 0, 1)
    assert [row.region for row in await facts(database)] == ["500103"]


async def test_a_page_that_is_too_large_for_one_transaction_is_stored_in_parts(
    database: Database, service: HarvestingService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "MOST_AT_ONCE", 3)
    many = page(*(fact(ago) for ago in range(8)), rejected=(rejected(None, "a row"),))
    upstream = Counting(counted=[page(fact(9)), many, page(fact(10))], holds_at=2)
    parts: list[tuple[int, int, int]] = []
    stopped = asyncio.create_task(
        service.run(
            upstream,
            upstream.context(),
            kind=HarvestKind.USAGE,
            progress=lambda p: parts.append((p.pages, p.seen, p.quarantined)),
        )
    )
    async with asyncio.timeout(20):
        while len(parts) < 4:  # noqa: ASYNC110  # what is waited for is in another task's hands
            await asyncio.sleep(0.01)
    assert parts == [(1, 1, 0), (2, 4, 0), (3, 7, 0), (4, 10, 1)]
    stopped.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopped
    upstream.let_go.set()
    run = await service.run(upstream, upstream.context(), kind=HarvestKind.USAGE)
    assert (run.state, run.seen, run.created, run.duplicates) == (RunState.SUCCEEDED, 11, 10, 0)
    assert upstream.asked[-1].checkpoint == {"page": 2}


def test_only_the_last_part_of_a_page_moves_the_checkpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_AT_ONCE", 3)
    whole = replace(page(*(fact(ago) for ago in range(7))), checkpoint={"page": 5})
    parts = list(pages.portions(whole, {"page": 4}))
    assert [(len(part.accepted), part.checkpoint) for part in parts] == [
        (3, {"page": 4}),
        (3, {"page": 4}),
        (1, {"page": 5}),
    ]
    assert [each for part in parts for each in part.accepted] == list(whole.accepted)
    assert list(pages.portions(page(), None)) == [page()]


async def test_so_many_days_are_all_of_a_first_run_and_the_least_of_a_later_one(
    service: HarvestingService, clock: Ticking
) -> None:
    assert days(await count(service, days=5)) == (4, 0)
    assert days(await count(service, days=1)) == (10, 0)
    assert days(await count(service, days=30)) == (29, 0)
    clock.now += timedelta(days=40)
    assert days(await count(service, days=7)) == (10, -40)


async def test_an_interrupted_run_is_not_resumed_where_more_days_are_wanted(service: HarvestingService) -> None:
    broken = await count(service, *PAGES, fails_at=2, failure=Unreachable("reset"), days=20)
    run = await count(service, *PAGES, days=50)
    assert (run.id != broken.id, days(run), run.pages) == (True, (49, 0), 3)
    longer = await count(service, *PAGES, fails_at=2, failure=Unreachable("reset"), days=70)
    again = await count(service, *PAGES, days=60)
    assert (again.id, days(again)) == (longer.id, (69, 0))


def test_the_defaults_are_four_hundred_days_and_five_weeks() -> None:
    assert Reach().days(NOW, None) == Days(date(2025, 1, 25), YESTERDAY)
    assert Reach().days(NOW, YESTERDAY) == Days(date(2026, 1, 24), YESTERDAY)


@given(
    hours=st.lists(st.integers(1, 24 * 90), min_size=1, max_size=10),
    backfill=st.integers(1, 3660),
    lookback=st.integers(0, 3660),
    least=st.integers(1, 3660),
)
def test_whenever_runs_happen_every_day_since_the_first_is_asked_for(
    hours: list[int], backfill: int, lookback: int, least: int
) -> None:
    reach = Reach(backfill_days=backfill, lookback_days=lookback, least_days=least)
    now = datetime(2026, 3, 1, tzinfo=UTC)
    first = reach.days(now, None)
    assert first.count == max(backfill, least)
    asked = set(_every(first))
    last = first
    for pause in hours:
        now += timedelta(hours=pause)
        last = reach.days(now, last.last)
        assert last.count >= least
        asked |= set(_every(last))
    assert {first.first + number * ONE_DAY for number in range((last.last - first.first).days + 1)} <= asked
    assert last.last == (now + timedelta(hours=8)).date() - ONE_DAY


def _every(days: Days) -> list[date]:
    return [days.first + number * ONE_DAY for number in range(days.count)]
