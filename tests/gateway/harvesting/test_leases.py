"""Two harvests of one platform never run at once, and a holder that lost its lease writes nothing."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import update

from connectors.records import HarvestPage
from gateway.harvesting import HarvestingService, HarvestInProgress, LeaseLost, RunState, leases
from gateway.storage import Database
from gateway.storage.tables import HarvestLease
from tests.gateway.harvesting.upstream import NOW, Upstream, accepted, live, paged

LEASES = HarvestLease.metadata.tables["harvest_leases"]


@pytest.fixture
def service(database: Database) -> HarvestingService:
    return HarvestingService(database)


async def test_a_second_run_of_a_platform_is_refused_and_another_platform_is_not(
    database: Database, service: HarvestingService
) -> None:
    slow = Upstream(paged([accepted("a"), accepted("b"), accepted("c")]), holds_at=1)
    other = Upstream(paged([accepted("a")]), code="zibo")
    stored = asyncio.Event()
    running = asyncio.ensure_future(service.run(slow, slow.context(), progress=lambda _: stored.set()))
    await stored.wait()
    with pytest.raises(HarvestInProgress, match="'chongqing' is being harvested already"):
        await service.run(slow, slow.context())
    assert (await service.run(other, other.context())).state is RunState.SUCCEEDED
    slow.let_go.set()
    assert (await running).created == 3
    assert (await service.run(slow, slow.context())).unchanged == 3


async def test_a_holder_that_lost_its_lease_writes_nothing(database: Database, service: HarvestingService) -> None:
    upstream = Upstream(paged([accepted("a"), accepted("b"), accepted("c"), accepted("d")]), holds_at=1)
    stored = asyncio.Event()

    async def take_over() -> None:
        async with database.writing() as connection:
            await connection.execute(update(LEASES).values(token=LEASES.c.token + 1, holder="elsewhere|1|x"))

    running = asyncio.ensure_future(service.run(upstream, upstream.context(), progress=lambda _: stored.set()))
    await stored.wait()
    await take_over()
    upstream.let_go.set()
    with pytest.raises(LeaseLost):
        await running
    assert await live(database) == {"a", "b"}
    assert (await service.runs()).runs[0].state is RunState.RUNNING


@pytest.mark.parametrize(
    ("holder", "free"),
    [("elsewhere|1|x", False), (f"{leases.own_name().split('|')[0]}|999999999|x", True), ("", True)],
    ids=["another-host", "dead-process", "released"],
)
async def test_a_dead_process_of_this_host_is_succeeded_at_once(database: Database, holder: str, free: bool) -> None:
    await database.transact(lambda c: leases.acquire(c, NOW, "chongqing"))
    async with database.writing() as connection:
        await connection.execute(update(LEASES).values(holder=holder))
    if free:
        lease = await database.transact(lambda c: leases.acquire(c, NOW, "chongqing"))
        assert lease.token == 2
    else:
        with pytest.raises(HarvestInProgress):
            await database.transact(lambda c: leases.acquire(c, NOW, "chongqing"))
        later = NOW + leases.LEASE_TIME + timedelta(seconds=1)
        assert (await database.transact(lambda c: leases.acquire(c, later, "chongqing"))).token == 2


async def test_of_many_at_once_exactly_one_gets_the_lease(database: Database) -> None:
    attempts = [database.transact(lambda c: leases.acquire(c, NOW, "chongqing")) for _ in range(6)]
    outcomes = await asyncio.gather(*attempts, return_exceptions=True)
    assert [isinstance(outcome, leases.Lease) for outcome in outcomes].count(True) == 1
    assert [isinstance(outcome, HarvestInProgress) for outcome in outcomes].count(True) == 5


async def test_a_cancelled_run_gives_its_lease_back_and_is_resumed(
    database: Database, service: HarvestingService
) -> None:
    upstream = Upstream([HarvestPage((accepted(f"r{n}"),)) for n in range(6)], pause=lambda: 0.02)
    stored = asyncio.Event()
    running = asyncio.ensure_future(service.run(upstream, upstream.context(), progress=lambda _: stored.set()))
    await stored.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    cancelled = (await service.runs()).runs[0]
    assert (cancelled.state, cancelled.error_code) == (RunState.CANCELLED, "CANCELLED")
    run = await service.run(upstream, upstream.context())
    assert (run.id, run.state, run.created) == (cancelled.id, RunState.SUCCEEDED, 6)
