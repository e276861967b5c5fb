"""Platforms are harvested when their last harvest is older than its target, later after failures, one at a time."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import Malformed, Unreachable
from gateway.harvesting import FreshnessTarget, HarvestingService, HarvestKind, HarvestRun, RunState, Scheduler
from gateway.harvesting.scheduling import FIRST_RETRY, LONGEST_RETRY, retry_after
from gateway.storage import Database
from tests.gateway.harvesting.upstream import NOW, Upstream, accepted, paged
from tests.gateway.harvesting.usage.counting import Counting

DAY, HOUR, MINUTE, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
PAGES = paged([accepted(f"r{n}") for n in range(4)])


@dataclass
class World:
    """A clock that stands still until it is moved, and what the scheduler goes by."""

    database: Database
    now: datetime = NOW
    platforms: dict[str, timedelta | None] = field(default_factory=lambda: {"chongqing": HOUR})
    counting: dict[str, timedelta | None] = field(default_factory=dict)

    def targets(self) -> Sequence[FreshnessTarget]:
        return [
            *(FreshnessTarget(code, 7, freshness) for code, freshness in self.platforms.items()),
            *(FreshnessTarget(code, 7, freshness, HarvestKind.USAGE) for code, freshness in self.counting.items()),
        ]

    @property
    def service(self) -> HarvestingService:
        return HarvestingService(self.database, clock=lambda: self.now)

    def scheduler(self, *, enabled: bool = True) -> Scheduler:
        return Scheduler(self.service, self, enabled=enabled, clock=lambda: self.now, interval=0.01)

    async def harvest(self, code: str = "chongqing", failure: Exception | None = None, at: int = 0) -> HarvestRun:
        """Carry out what is queued, or a run of its own."""
        upstream = Upstream(PAGES, code=code, version=7, fails_at=at if failure else None, failure=failure)
        return await self.service.run(upstream, upstream.context(), kind=HarvestKind.INCREMENTAL)

    async def count(self, code: str = "chongqing", failure: Exception | None = None) -> HarvestRun:
        """The same of usage."""
        upstream = Counting(code=code, version=7, fails_at=0 if failure else None, failure=failure)
        return await self.service.run(upstream, upstream.context(), kind=HarvestKind.USAGE)

    async def due_after(self, pause: timedelta) -> HarvestRun:
        """Nothing is due a second before that time, a run is asked for when it has come."""
        self.now += pause - SECOND
        assert await self.scheduler().look() is None
        self.now += SECOND
        run = await self.scheduler().look()
        assert run is not None
        return run


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


async def test_a_platform_that_was_never_harvested_is_due_and_only_once(world: World) -> None:
    run = await world.scheduler().look()
    assert run is not None
    assert (run.platform, run.kind, run.state) == ("chongqing", HarvestKind.INCREMENTAL, RunState.QUEUED)
    assert (run.manifest_version, run.requested_by) == (7, "scheduler")
    world.now += 10 * HOUR
    assert await world.scheduler().look() is None
    assert (await world.service.runs()).total == 1


async def test_a_platform_is_due_when_its_target_has_passed_since_the_last_success(world: World) -> None:
    await world.harvest()
    await world.due_after(HOUR)
    world.now += 5 * MINUTE
    assert (await world.harvest()).state is RunState.SUCCEEDED
    await world.due_after(HOUR)


async def test_nothing_is_asked_for_where_it_is_switched_off_or_has_no_target(world: World) -> None:
    assert await world.scheduler(enabled=False).look() is None
    async with asyncio.timeout(20):
        await world.scheduler(enabled=False).run(asyncio.Event())
    world.platforms = {"chongqing": None}
    assert await world.scheduler().look() is None
    world.platforms = {}
    assert await world.scheduler().look() is None
    assert (await world.service.runs()).total == 0


@pytest.mark.parametrize("failure", [Malformed("drift"), Unreachable("reset")], ids=["lasting", "resumable"])
@pytest.mark.parametrize("page", [0, 1], ids=["failed", "partial"])
async def test_every_further_failure_doubles_the_pause_until_a_success(
    world: World, failure: Exception, page: int
) -> None:
    await world.scheduler().look()
    for minutes in (1, 2, 4, 8):
        await world.harvest(failure=failure, at=page)
        await world.due_after(minutes * MINUTE)
    assert (await world.harvest()).state is RunState.SUCCEEDED
    await world.due_after(HOUR)
    await world.harvest(failure=failure, at=page)
    await world.due_after(MINUTE)


async def test_a_run_that_somebody_cancelled_is_not_asked_for_again_at_once(world: World) -> None:
    run = await world.scheduler().look()
    assert run is not None
    await world.service.cancel(run.id, by="王老师")
    await world.due_after(HOUR)


async def test_the_most_overdue_comes_first_and_each_look_asks_for_one(world: World) -> None:
    world.platforms = {"chongqing": 3 * HOUR, "zibo": HOUR, "sichuan": 2 * HOUR}
    for code in world.platforms:
        await world.harvest(code)
    world.now += 4 * HOUR
    asked = [await world.scheduler().look() for _ in range(4)]
    assert [run and run.platform for run in asked] == ["zibo", "sichuan", "chongqing", None]


async def test_usage_is_asked_for_by_its_own_history(world: World) -> None:
    world.platforms, world.counting = {}, {"chongqing": DAY}
    await world.harvest()
    first = await world.scheduler().look()
    assert first is not None
    assert (first.kind, first.manifest_version, first.requested_by) == (HarvestKind.USAGE, 7, "scheduler")
    assert (await world.count()).state is RunState.SUCCEEDED
    run = await world.due_after(DAY)
    assert run.kind is HarvestKind.USAGE
    for minutes in (1, 2, 4):
        await world.count(failure=Malformed("drift"))
        await world.due_after(minutes * MINUTE)
    await world.count()
    await world.due_after(DAY)


async def test_failures_of_usage_do_not_delay_resources_nor_make_them_look_fresh(world: World) -> None:
    await world.harvest()
    for _ in range(5):
        world.now += MINUTE
        await world.count(failure=Malformed("drift"))
    await world.due_after(55 * MINUTE)


async def test_the_most_overdue_comes_first_of_resources_and_usage(world: World) -> None:
    world.platforms, world.counting = {"chongqing": 3 * HOUR, "zibo": HOUR}, {"chongqing": HOUR, "sichuan": 2 * HOUR}
    for code in world.platforms:
        await world.harvest(code)
    for code in world.counting:
        await world.count(code)
    world.now += 4 * HOUR
    asked = [await world.scheduler().look() for _ in range(4)]
    assert [run and (run.platform, run.kind) for run in asked] == [
        ("chongqing", HarvestKind.USAGE),
        ("zibo", HarvestKind.INCREMENTAL),
        ("sichuan", HarvestKind.USAGE),
        None,
    ], "the resources of chongqing wait until its usage is harvested"
    await world.count()
    run = await world.scheduler().look()
    assert run is not None
    assert (run.platform, run.kind) == ("chongqing", HarvestKind.INCREMENTAL)


async def test_usage_without_a_target_is_not_asked_for(world: World) -> None:
    world.platforms, world.counting = {}, {"chongqing": None}
    assert await world.scheduler().look() is None
    assert (await world.service.runs()).total == 0


async def test_replicas_that_look_at_once_ask_for_a_platform_once(world: World) -> None:
    world.platforms = {"chongqing": HOUR, "zibo": HOUR}
    await asyncio.gather(*(world.scheduler().look() for _ in range(6)))
    found = (await world.service.runs()).runs
    assert sorted(run.platform for run in found) == ["chongqing", "zibo"]


async def test_a_running_scheduler_goes_on_after_an_error_and_stops_when_told(world: World) -> None:
    stopping, looks = asyncio.Event(), 0

    class Flaky:
        def targets(self) -> Sequence[FreshnessTarget]:
            nonlocal looks
            looks += 1
            if looks == 1:
                raise ZeroDivisionError("ours")
            if looks == 3:
                stopping.set()
            return world.targets()

    async with asyncio.timeout(20):
        await Scheduler(world.service, Flaky(), enabled=True, clock=lambda: world.now, interval=0.01).run(stopping)
    assert (looks, (await world.service.runs()).total) == (3, 1)


@given(st.integers(1, 10_000))
def test_pauses_grow_from_a_minute_to_six_hours(failures: int) -> None:
    assert FIRST_RETRY <= retry_after(failures) <= retry_after(failures + 1) <= LONGEST_RETRY
    assert retry_after(9) == 256 * MINUTE
    assert retry_after(10) == 6 * HOUR
