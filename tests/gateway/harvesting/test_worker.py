"""Workers carry queued runs out once each, and what stops them costs nothing but time."""

import asyncio
import random
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

import pytest
from sqlalchemy import update

from connectors.context import ConnectorContext
from connectors.errors import CredentialRefused, Unreachable
from gateway.harvesting import HarvestingService, HarvestKind, HarvestRun, RunState, Worker, leases
from gateway.storage import Database
from gateway.storage.tables import HarvestLease, HarvestRunRow
from tests.faults.harvest_process import listing
from tests.faults.test_harvest_kill import ROUND, harvest_and_kill
from tests.gateway.harvesting.upstream import Shelf, Upstream, accepted, column, ended, live, paged, until, working

INTERVAL = 0.02
PAGES = paged([accepted(f"r{n}") for n in range(8)])
RUNS = HarvestRunRow.metadata.tables["harvest_runs"]
LEASES = HarvestLease.metadata.tables["harvest_leases"]


@pytest.fixture
def service(database: Database) -> HarvestingService:
    return HarvestingService(database)


async def ask(service: HarvestingService, platform: str = "chongqing") -> HarvestRun:
    return await service.request(platform, HarvestKind.FULL, manifest_version=1, by="李老师")


async def stored(service: HarvestingService, run_id: str, pages: int) -> None:
    """Wait until so many pages of a run are committed."""

    async def there() -> bool:
        run = await service.get(run_id)
        return run is not None and run.pages == pages

    await until(there)


async def filled(service: HarvestingService) -> None:
    """Twelve stored records, of which the listing of these tests names eight."""
    upstream = Upstream(paged([accepted(f"r{n}") for n in range(12)]))
    await service.run(upstream, upstream.context())


async def test_two_workers_carry_out_many_requests_once_each(database: Database) -> None:
    codes = [f"platform{n}" for n in range(10)]
    replicas = [HarvestingService(database) for _ in range(2)]
    shelf = Shelf(*(Upstream(PAGES, code=code) for code in codes))
    other = Shelf()
    other.upstreams = shelf.upstreams
    runs = [await ask(replicas[n % 2], code) for n, code in enumerate(codes)]
    async with working(*(Worker(r, s, interval=INTERVAL) for r, s in zip(replicas, (shelf, other), strict=True))):
        over = [await ended(replicas[0], run.id) for run in runs]
    assert [(run.state, run.created, run.requested_by) for run in over] == [(RunState.SUCCEEDED, 8, "李老师")] * 10
    assert [len(upstream.requests) for upstream in shelf.upstreams.values()] == [1] * 10
    assert (max(shelf.most, other.most), shelf.opened, other.opened) == (2, 0, 0)


async def test_no_more_runs_than_allowed_are_carried_out_at_once_and_the_oldest_come_first(
    service: HarvestingService,
) -> None:
    shelf = Shelf(*(Upstream(PAGES, code=f"platform{n}", holds_at=1) for n in range(4)))
    runs = [await ask(service, code) for code in shelf.upstreams]
    async with working(Worker(service, shelf, most=3, interval=INTERVAL)):
        for run in runs[:3]:
            await stored(service, run.id, 1)
        assert [waiting.id for waiting in await service.waiting()] == [runs[3].id]
        for upstream in shelf.upstreams.values():
            upstream.let_go.set()
        for run in runs:
            assert (await ended(service, run.id)).state is RunState.SUCCEEDED
    assert shelf.most == 3


async def test_a_run_without_a_connector_fails(service: HarvestingService) -> None:
    run = await ask(service, "zibo")
    async with working(Worker(service, Shelf(), interval=INTERVAL)):
        over = await ended(service, run.id)
    assert (over.state, over.error_code) == (RunState.FAILED, "CONNECTOR_UNAVAILABLE")
    assert over.error == "there is no connector for 'zibo', or it is suspended"
    assert (await ask(service, "zibo")).id != run.id


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (CredentialRefused("the secret is missing"), "CREDENTIAL_REFUSED", "the secret is missing"),
        (ZeroDivisionError("secret"), "INTERNAL", "internal error: ZeroDivisionError"),
    ],
    ids=["connector", "ours"],
)
async def test_a_run_whose_connector_cannot_be_opened_fails(
    service: HarvestingService, error: Exception, code: str, said: str
) -> None:
    class Broken:
        async def refresh(self) -> None: ...

        def find(self, platform: str) -> Upstream:
            return Upstream(PAGES)

        def open(self, platform: str) -> AbstractAsyncContextManager[ConnectorContext]:
            raise error

    run = await ask(service)
    async with working(Worker(service, Broken(), interval=INTERVAL)):
        over = await ended(service, run.id)
    assert (over.state, over.error_code, over.error) == (RunState.FAILED, code, said)


async def test_a_worker_first_takes_over_what_another_process_has_activated(service: HarvestingService) -> None:
    class Behind(Shelf):
        async def refresh(self) -> None:
            self.upstreams["chongqing"] = Upstream(PAGES)

    run = await ask(service)
    async with working(Worker(service, Behind(), interval=INTERVAL)):
        over = await ended(service, run.id)
    assert (over.state, over.created, over.error_code) == (RunState.SUCCEEDED, 8, None)


async def test_a_run_that_was_left_before_its_first_page_starts_again_under_its_id(
    database: Database, service: HarvestingService
) -> None:
    run = await ask(service)
    async with database.writing() as connection:
        await connection.execute(update(RUNS).values(state=RunState.RUNNING))
    async with working(Worker(service, Shelf(Upstream(PAGES)), interval=INTERVAL)):
        over = await ended(service, run.id)
    assert (over.state, over.created, over.error_code) == (RunState.SUCCEEDED, 8, None)
    assert (await service.runs()).total == 1


async def test_a_run_of_a_lane_is_stored_beside_the_platform(database: Database, service: HarvestingService) -> None:
    await filled(service)
    shelf = Shelf()
    shelf.upstreams = {"chongqing@canary": Upstream(PAGES[:2])}
    run = await ask(service, "chongqing@canary")
    async with working(Worker(service, shelf, interval=INTERVAL)):
        over = await ended(service, run.id)
    assert (over.platform, over.state, over.created) == ("chongqing@canary", RunState.SUCCEEDED, 4)
    assert (len(await live(database)), len(await live(database, "chongqing@canary"))) == (12, 4)


async def test_a_failing_run_does_not_stop_the_worker(service: HarvestingService) -> None:
    shelf = Shelf(Upstream(PAGES, fails_at=1, failure=ZeroDivisionError("ours")), Upstream(PAGES, code="zibo"))
    runs = [await ask(service, code) for code in shelf.upstreams]
    async with working(Worker(service, shelf, most=1, interval=INTERVAL)):
        over = [await ended(service, run.id) for run in runs]
    assert [(run.state, run.error_code) for run in over] == [
        (RunState.PARTIAL, "INTERNAL"),
        (RunState.SUCCEEDED, None),
    ]


async def test_a_running_harvest_is_cancelled_with_its_next_page(
    database: Database, service: HarvestingService
) -> None:
    await filled(service)
    upstream = Upstream(PAGES, holds_at=2)
    run = await ask(service)
    async with working(Worker(service, Shelf(upstream), interval=INTERVAL)):
        await stored(service, run.id, 2)
        asked = await service.cancel(run.id, by="王老师")
        assert (asked.state, asked.cancel_requested_by) == (RunState.RUNNING, "王老师")
        upstream.let_go.set()
        over = await ended(service, run.id)
    assert (over.state, over.error, over.pages, over.seen) == (RunState.CANCELLED, "cancelled by 王老师", 3, 6)
    assert (over.withdrawn, len(await live(database))) == (0, 12)
    assert await column(database, "harvest_seen", "native_id") == []
    assert (await ask(service)).id != run.id


async def test_a_run_that_is_cancelled_after_its_last_page_withdraws_nothing(
    database: Database, service: HarvestingService
) -> None:
    await filled(service)
    upstream = Upstream(PAGES, holds_at=len(PAGES))
    run = await ask(service)
    async with working(Worker(service, Shelf(upstream), interval=INTERVAL)):
        await stored(service, run.id, len(PAGES))
        await service.cancel(run.id, by="王老师")
        upstream.let_go.set()
        over = await ended(service, run.id)
    assert (over.state, over.withdrawn, len(await live(database))) == (RunState.CANCELLED, 0, 12)


async def test_a_run_that_breaks_off_after_it_was_cancelled_is_not_resumed(service: HarvestingService) -> None:
    upstream = Upstream(PAGES[:3], holds_at=3, fails_at=3, failure=Unreachable("reset"))
    run = await ask(service)
    async with working(Worker(service, Shelf(upstream), interval=INTERVAL)):
        await stored(service, run.id, 3)
        await service.cancel(run.id, by="王老师")
        upstream.let_go.set()
        over = await ended(service, run.id)
    assert (over.state, over.error_code) == (RunState.CANCELLED, "CANCELLED")
    assert (await ask(service)).id != run.id


async def test_a_stopped_worker_leaves_its_run_to_the_next_with_nothing_lost_and_nothing_twice(
    database: Database, service: HarvestingService
) -> None:
    run = await ask(service)
    async with working(Worker(service, Shelf(Upstream(PAGES, holds_at=2)), interval=INTERVAL)) as stopping:
        await stored(service, run.id, 2)
        async with asyncio.timeout(20):
            stopping.set()
            await until(lambda: _is(service, run.id, RunState.QUEUED))
    [left] = await service.waiting()
    assert left.id == run.id
    upstream = Upstream(PAGES)
    async with working(Worker(HarvestingService(database), Shelf(upstream), interval=INTERVAL)):
        over = await ended(service, run.id)
    assert upstream.requests[0].checkpoint == {"page": 2}
    assert (over.state, over.pages, over.seen, over.created, over.duplicates) == (RunState.SUCCEEDED, 4, 8, 8, 0)
    assert await live(database) == {f"r{n}" for n in range(8)}
    assert [number for (number,) in await column(database, "resources", "sequence")] == list(range(1, 9))


async def test_a_worker_may_be_stopped_again_and_again(database: Database, service: HarvestingService) -> None:
    run = await ask(service)
    chance = random.Random(3)  # noqa: S311
    for _ in range(12):
        async with working(Worker(service, Shelf(Upstream(PAGES, pause=lambda: 0.005)), interval=INTERVAL)) as stopping:
            await asyncio.sleep(chance.uniform(0, 0.06))
            stopping.set()
    async with working(Worker(service, Shelf(Upstream(PAGES)), interval=INTERVAL)):
        over = await ended(service, run.id)
    assert (over.state, over.pages, over.seen, over.created, over.duplicates) == (RunState.SUCCEEDED, 4, 8, 8, 0)
    counters = dict(await column(database, "change_counters", "name", "value"))
    assert (counters["catalog"], counters["usage"]) == (8, 0)
    assert (await service.runs()).total == 1


@pytest.mark.slow
async def test_the_run_of_a_killed_process_is_carried_on_by_a_worker(
    database: Database, database_url: str, service: HarvestingService
) -> None:
    assert not await harvest_and_kill(database_url, 3, 0)
    [killed] = (await service.runs()).runs
    assert killed.state is RunState.RUNNING
    pages = listing(ROUND)
    async with working(Worker(service, Shelf(Upstream(pages)), interval=INTERVAL)):
        over = await ended(service, killed.id)
    assert (over.state, over.pages, (await service.runs()).total) == (RunState.SUCCEEDED, len(pages), 1)


async def _is(service: HarvestingService, run_id: str, state: RunState) -> bool:
    run = await service.get(run_id)
    return run is not None and run.state is state


async def test_a_worker_that_is_stopped_after_a_cancellation_ends_the_run(service: HarvestingService) -> None:
    run = await ask(service)
    async with working(Worker(service, Shelf(Upstream(PAGES, holds_at=2)), interval=INTERVAL)):
        await stored(service, run.id, 2)
        await service.cancel(run.id, by="王老师")
    over = await service.get(run.id)
    assert over is not None
    assert (over.state, over.pages) == (RunState.CANCELLED, 2)
    assert await service.waiting() == []


async def test_a_run_that_another_host_carries_out_is_left_alone_until_its_lease_ends(
    database: Database, service: HarvestingService
) -> None:
    run = await ask(service)
    later = service._clock() + leases.LEASE_TIME
    async with database.writing() as connection:
        await connection.execute(update(LEASES).values(holder="elsewhere|1|x", expires_at=later))
    assert await service.waiting() == []
    patient = HarvestingService(database, clock=lambda: later + timedelta(seconds=1))
    assert [waiting.id for waiting in await patient.waiting()] == [run.id]


async def test_a_lease_is_renewed_while_a_page_takes_long(
    database: Database, service: HarvestingService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "LEASE_TIME", timedelta(seconds=1))
    upstream = Upstream(PAGES, holds_at=2)
    run = await ask(service)
    async with working(Worker(service, Shelf(upstream), interval=INTERVAL)):
        await stored(service, run.id, 2)
        [(before,)] = await column(database, "harvest_leases", "expires_at")

        async def renewed() -> bool:
            [(now,)] = await column(database, "harvest_leases", "expires_at")
            return bool(now > before)

        await until(renewed)
        upstream.let_go.set()
        assert (await ended(service, run.id)).state is RunState.SUCCEEDED
