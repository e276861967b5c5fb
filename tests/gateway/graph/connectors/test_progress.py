"""Harvests that are watched: what is told, to whom, and when it ends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace

import pytest

from gateway.graph.connectors.progress import POLL_SECONDS, progress
from gateway.graph.pagination import MAX_FIRST
from gateway.graph.subscriptions import subscribe
from gateway.harvesting import HarvestRun, RunState
from gateway.identity import ADMINISTRATOR, ANONYMOUS, Grant, Principal, Role
from tests.gateway.graph.connectors.partner import ZIBO, connector_id, run_id, serving
from tests.gateway.graph.harvests import run_of
from tests.gateway.graph.world import World

QUICK = 0.001
PARTNER = Principal("somebody", grants=(Grant(Role.PARTNER, "370300"),), client="shk_x")
FOREIGN = Principal("somebody else", grants=(Grant(Role.PARTNER, "500000"),), client="shk_y")
WATCH = "subscription($id: ID) { harvestProgress(connectorId: $id) { id state seen connector { platform { code } } } }"


async def looked(world: World, times: int) -> None:
    """Wait until the runs were looked at so many times more."""
    wanted = world.harvests.calls["runs"] + times
    for _ in range(5_000):
        if world.harvests.calls["runs"] >= wanted:
            return
        await asyncio.sleep(QUICK)
    raise AssertionError("nobody looks")


class Watcher:
    """Takes what is told, one after another."""

    def __init__(self, world: World, told: AsyncIterator[HarvestRun]) -> None:
        self.world, self._told = world, told

    async def next(self) -> tuple[str, RunState, int] | None:
        """Id, state and count of the next run that is told; None at the end."""
        run = await asyncio.wait_for(anext(self._told, None), 5)
        return None if run is None else (run.id, run.state, run.seen)

    async def silent(self) -> bool:
        """Whether nothing is told while the runs are looked at several times; the one that waits is ended."""
        waiting = asyncio.ensure_future(anext(self._told))
        await looked(self.world, 3)
        quiet = not waiting.done()
        waiting.cancel()
        await asyncio.wait({waiting})
        return quiet

    def set(self, number: int, platform: str = "zibo", *, state: RunState, seen: int = 60) -> None:
        """What the database says of a run from now on."""
        others = [one for one in self.world.harvests.stored if one.id != f"run-{number}"]
        self.world.harvests.stored = [run_of(number, platform, state, seen=seen), *others]


@asynccontextmanager
async def watching(
    world: World, platform: str | None = "zibo", principal: Principal = ADMINISTRATOR
) -> AsyncIterator[Watcher]:
    async with aclosing(progress(world.context(principal), platform, QUICK)) as told:
        yield Watcher(world, told)


async def test_a_watched_run_is_told_as_it_stands_then_whenever_it_changes_and_its_end_is_the_last() -> None:
    world = World()
    async with watching(world) as watcher:
        watcher.set(0, state=RunState.QUEUED, seen=0)
        assert await watcher.next() == ("run-0", RunState.QUEUED, 0)
        watcher.set(0, state=RunState.RUNNING, seen=20)
        assert await watcher.next() == ("run-0", RunState.RUNNING, 20)
        later = asyncio.ensure_future(watcher.next())
        await looked(world, 3)
        assert not later.done()
        watcher.set(0, state=RunState.SUCCEEDED, seen=60)
        assert await later == ("run-0", RunState.SUCCEEDED, 60)
        assert await watcher.next() is None


async def test_where_nothing_is_under_way_the_latest_run_is_told_once_and_that_is_all() -> None:
    async with watching(World()) as watcher:
        assert await watcher.next() == ("run-1", RunState.SUCCEEDED, 60)
        assert await watcher.next() is None


async def test_of_a_connector_that_was_never_harvested_nothing_is_told() -> None:
    async with watching(World(), "yuzhong") as watcher:
        assert await watcher.next() is None


async def test_a_run_that_follows_while_another_is_under_way_is_told_too() -> None:
    async with watching(World()) as watcher:
        watcher.set(5, state=RunState.RUNNING, seen=1)
        assert await watcher.next() == ("run-5", RunState.RUNNING, 1)
        watcher.set(4, "zibo@canary", state=RunState.RUNNING, seen=2)
        assert await watcher.next() == ("run-4", RunState.RUNNING, 2)
        watcher.set(5, state=RunState.FAILED, seen=1)
        assert await watcher.next() == ("run-5", RunState.FAILED, 1)
        watcher.set(4, "zibo@canary", state=RunState.CANCELLED, seen=2)
        assert await watcher.next() == ("run-4", RunState.CANCELLED, 2)
        assert await watcher.next() is None


async def test_without_a_connector_every_run_is_told_and_the_end_of_one_is_not_the_end() -> None:
    async with watching(World(), None) as watcher:
        watcher.set(3, state=RunState.RUNNING, seen=3)
        watcher.set(2, "chongqing", state=RunState.RUNNING, seen=2)
        assert await watcher.next() == ("run-3", RunState.RUNNING, 3)
        assert await watcher.next() == ("run-2", RunState.RUNNING, 2)
        watcher.set(3, state=RunState.PARTIAL, seen=3)
        assert await watcher.next() == ("run-3", RunState.PARTIAL, 3)
        watcher.set(2, "chongqing", state=RunState.SUCCEEDED, seen=2)
        assert await watcher.next() == ("run-2", RunState.SUCCEEDED, 2)
        assert await watcher.silent()


async def test_more_runs_than_a_page_holds_are_all_told() -> None:
    world = World()
    async with watching(world, None) as watcher:
        for number in range(MAX_FIRST + 5, 0, -1):
            watcher.set(number, state=RunState.RUNNING)
        told = [await watcher.next() for _ in range(MAX_FIRST + 5)]
    assert len({one[0] for one in told if one}) == MAX_FIRST + 5
    assert world.harvests.calls["runs"] == 2


async def test_looking_for_hours_costs_no_more_than_one_look() -> None:
    world = await serving()
    context = world.context(PARTNER)
    context.budget.spend(9_900)
    world.harvests.stored = []
    told = progress(context, None, 0)
    waiting = asyncio.ensure_future(anext(told))
    await looked(world, 50)
    assert not waiting.done()
    waiting.cancel()
    await asyncio.wait({waiting})


async def test_the_events_are_runs_like_any_other() -> None:
    world = await serving()
    world.harvests.stored = [run_of(1, state=RunState.RUNNING), run_of(2)]
    async with aclosing(subscribe(world.executor, WATCH, world.context(PARTNER), {"id": ZIBO})) as bodies:
        first = await anext(bodies)
        world.harvests.stored[0] = replace(run_of(1), seen=61)
        second = await anext(bodies)
        assert await anext(bodies, None) is None
    run = {"id": run_id(1), "state": "RUNNING", "seen": 60, "connector": {"platform": {"code": "zibo"}}}
    assert first == {"data": {"harvestProgress": run}}
    assert second == {"data": {"harvestProgress": {**run, "state": "SUCCEEDED", "seen": 61}}}
    assert POLL_SECONDS == 1.0


async def test_a_partner_is_told_of_their_own_connectors_only() -> None:
    world = await serving()
    world.harvests.stored = [run_of(1, "chongqing", state=RunState.RUNNING), run_of(2, state=RunState.RUNNING)]
    async with watching(world, None, PARTNER) as watcher:
        assert await watcher.next() == ("run-2", RunState.RUNNING, 60)
        assert await watcher.silent()


@pytest.mark.parametrize(
    ("principal", "watched", "code"),
    [
        (ANONYMOUS, None, "FORBIDDEN"),
        (ANONYMOUS, ZIBO, "FORBIDDEN"),
        (FOREIGN, ZIBO, "INVALID_INPUT"),
        (PARTNER, connector_id("nowhere"), "INVALID_INPUT"),
        (PARTNER, "zibo", "INVALID_INPUT"),
        (ADMINISTRATOR, run_id(1), "INVALID_INPUT"),
    ],
)
async def test_who_manages_it_not_is_told_nothing(principal: Principal, watched: str | None, code: str) -> None:
    world = await serving()
    (body,) = await world.events(WATCH, {"id": watched}, principal=principal)
    assert [error["extensions"]["code"] for error in body["errors"]] == [code]
    assert "data" not in body
    assert world.harvests.calls["runs"] == 0
