"""A platform has one unfinished run at most, whoever asks, and it can be cancelled until it is over."""

import asyncio
from datetime import datetime, timedelta

import pytest

from connectors.errors import Malformed, Unreachable
from gateway.errors import InvalidInput
from gateway.harvesting import (
    HarvestingService,
    HarvestInProgress,
    HarvestKind,
    HarvestKindUnsupported,
    HarvestRun,
    RunEnded,
    RunState,
)
from gateway.storage import Database
from tests.gateway.harvesting.upstream import NOW, Upstream, accepted, column, live, paged

PAGES = paged([accepted(f"r{n}") for n in range(6)])


class Clock:
    """Stands still until it is moved."""

    now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def service(database: Database, clock: Clock) -> HarvestingService:
    return HarvestingService(database, clock=clock)


async def ask(
    service: HarvestingService, kind: HarvestKind = HarvestKind.FULL, platform: str = "chongqing"
) -> HarvestRun:
    return await service.request(platform, kind, manifest_version=1, by="李老师")


async def interrupted(service: HarvestingService, failure: Exception) -> HarvestRun:
    """A full run that breaks off after two of three pages."""
    upstream = Upstream(PAGES, fails_at=2, failure=failure)
    return await service.run(upstream, upstream.context())


async def test_a_requested_run_waits_and_says_who_asked(service: HarvestingService) -> None:
    run = await ask(service, HarvestKind.INCREMENTAL)
    assert (run.state, run.kind, run.manifest_version) == (RunState.QUEUED, HarvestKind.INCREMENTAL, 1)
    assert (run.requested_by, run.started_at, run.finished_at, run.seen) == ("李老师", NOW, None, 0)
    assert [waiting.id for waiting in await service.waiting()] == [run.id]


async def test_a_request_of_another_kind_is_refused_with_the_first_and_another_platform_is_not(
    service: HarvestingService,
) -> None:
    run = await ask(service)
    with pytest.raises(HarvestInProgress, match=f"{run.id} is QUEUED"):
        await ask(service, HarvestKind.INCREMENTAL)
    other = await ask(service, platform="zibo")
    assert {found.id for found in (await service.runs()).runs} == {run.id, other.id}


async def test_of_many_requests_at_once_exactly_one_is_queued_and_all_are_given_it(database: Database) -> None:
    replicas = [HarvestingService(database) for _ in range(8)]
    runs = await asyncio.gather(*(ask(replica) for replica in replicas))
    assert len({run.id for run in runs}) == 1
    assert await column(database, "harvest_runs", "platform", "state") == [("chongqing", "QUEUED")]


async def test_a_waiting_run_is_asked_for_again_without_a_change(service: HarvestingService, clock: Clock) -> None:
    run = await ask(service)
    clock.now += timedelta(minutes=1)
    assert await service.request("chongqing", HarvestKind.FULL, manifest_version=2, by="王老师") == run


async def test_a_run_under_way_refuses_a_request_of_its_kind(service: HarvestingService) -> None:
    upstream = Upstream(PAGES, holds_at=1)
    running = asyncio.create_task(service.run(upstream, upstream.context()))
    async with asyncio.timeout(20):
        while not upstream.requests:  # noqa: ASYNC110  # what is waited for is in another task's hands
            await asyncio.sleep(0.02)
    with pytest.raises(HarvestInProgress, match="is RUNNING"):
        await ask(service)
    upstream.let_go.set()
    assert [run.id for run in (await service.runs()).runs] == [(await running).id]


async def test_a_kind_that_nothing_carries_out_is_refused(service: HarvestingService) -> None:
    with pytest.raises(HarvestKindUnsupported, match="possible are FULL, INCREMENTAL and USAGE") as refused:
        await ask(service, HarvestKind.TRAINING)
    assert refused.value.code == "HARVEST_KIND_UNSUPPORTED"
    assert (await service.runs()).total == 0


async def test_a_queued_run_is_cancelled_at_once(service: HarvestingService, clock: Clock) -> None:
    run = await ask(service)
    clock.now += timedelta(minutes=1)
    cancelled = await service.cancel(run.id, by="王老师")
    assert (cancelled.id, cancelled.state, cancelled.finished_at) == (run.id, RunState.CANCELLED, clock.now)
    assert (cancelled.error_code, cancelled.error) == ("CANCELLED", "cancelled by 王老师")
    assert await service.waiting() == []
    assert (await ask(service)).id != run.id


async def test_a_run_that_is_over_cannot_be_cancelled(service: HarvestingService) -> None:
    upstream = Upstream(PAGES)
    run = await service.run(upstream, upstream.context())
    with pytest.raises(RunEnded, match="is over: SUCCEEDED") as refused:
        await service.cancel(run.id, by="王老师")
    assert refused.value.code == "INVALID_STATE"
    assert await service.get(run.id) == run
    with pytest.raises(InvalidInput, match="there is no run 'nonsense'"):
        await service.cancel("nonsense", by="王老师")


@pytest.mark.parametrize("kind", [HarvestKind.FULL, HarvestKind.INCREMENTAL])
async def test_a_request_puts_an_interrupted_full_run_back_in_the_queue(
    service: HarvestingService, kind: HarvestKind
) -> None:
    broken = await interrupted(service, Unreachable("reset"))
    again = await ask(service, kind)
    assert (again.id, again.state, again.seen, again.error_code) == (broken.id, RunState.QUEUED, 4, None)
    upstream = Upstream(PAGES)
    run = await service.run(upstream, upstream.context(), kind=HarvestKind.INCREMENTAL)
    assert (run.id, run.kind, run.state, run.created) == (broken.id, HarvestKind.FULL, RunState.SUCCEEDED, 6)
    assert upstream.requests[0].checkpoint == {"page": 2}


async def test_a_request_after_a_lasting_failure_or_a_day_later_is_a_new_run(
    service: HarvestingService, clock: Clock
) -> None:
    lasting = await interrupted(service, Malformed("drift"))
    second = await ask(service)
    assert second.id != lasting.id
    await service.cancel(second.id, by="王老师")
    old = await interrupted(service, Unreachable("reset"))
    clock.now += timedelta(hours=25)
    assert (await ask(service)).id != old.id


async def test_a_resumed_run_that_is_cancelled_in_the_queue_leaves_nothing_to_resume(
    database: Database, service: HarvestingService
) -> None:
    broken = await interrupted(service, Unreachable("reset"))
    await ask(service)
    assert (await service.cancel(broken.id, by="王老师")).state is RunState.CANCELLED
    assert await column(database, "harvest_seen", "native_id") == []
    assert await live(database) == {"r0", "r1", "r2", "r3"}
    upstream = Upstream(PAGES)
    run = await service.run(upstream, upstream.context())
    assert (run.id != broken.id, upstream.requests[0].checkpoint, run.created) == (True, None, 2)


async def test_a_direct_run_carries_the_queued_one_out(service: HarvestingService, clock: Clock) -> None:
    queued = await ask(service)
    clock.now += timedelta(hours=1)
    upstream = Upstream(PAGES, version=3)
    run = await service.run(upstream, upstream.context(), kind=HarvestKind.INCREMENTAL)
    assert (run.id, run.kind, run.state, run.manifest_version) == (queued.id, HarvestKind.FULL, RunState.SUCCEEDED, 3)
    assert (run.started_at, run.requested_by) == (clock.now, "李老师")
    assert (await service.runs()).total == 1


async def test_a_queued_run_that_no_longer_fits_its_checkpoint_starts_afresh_under_its_id(
    service: HarvestingService,
) -> None:
    items = paged([accepted(f"r{n}", unmapped=["玄学"]) for n in range(6)])
    upstream = Upstream(items, fails_at=2, failure=Unreachable("reset"))
    broken = await service.run(upstream, upstream.context())
    await ask(service)
    mapped = Upstream(items, version=2)
    run = await service.run(mapped, mapped.context())
    assert (run.id, run.pages, run.seen, run.updated, run.unchanged) == (broken.id, 3, 6, 0, 4)
    assert mapped.requests[0].checkpoint is None
    assert [value.count for value in await service.unmapped_values("chongqing")] == [6]
