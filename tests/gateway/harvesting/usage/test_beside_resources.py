"""Runs of usage and of resources share a platform's lease and its one unfinished run, and nothing else."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from connectors.errors import Malformed, Unreachable
from connectors.records import HarvestPage, Unmapped
from gateway.harvesting import (
    HarvestingService,
    HarvestInProgress,
    HarvestKind,
    HarvestKindUnsupported,
    HarvestRun,
    LeaseLost,
    RunState,
    UnmappedValue,
    Worker,
    leases,
)
from gateway.harvesting.reach import Reach
from gateway.harvesting.starting import begin
from gateway.storage import Database
from gateway.storage.tables import HarvestRunRow
from schema.platforms import Capability
from tests.gateway.harvesting.upstream import (
    Shelf,
    Upstream,
    accepted,
    column,
    ended,
    live,
    paged,
    rejected,
    until,
    working,
)
from tests.gateway.harvesting.usage.counting import Counting, Ticking, count, fact, facts, page, partitions

RESOURCES = paged([accepted(f"r{n}") for n in range(6)])
FACTS = [page(fact(0)), page(fact(1)), page(fact(2))]
RUNS = HarvestRunRow.metadata.tables["harvest_runs"]


@pytest.fixture
def clock() -> Ticking:
    return Ticking()


@pytest.fixture
def service(database: Database, clock: Ticking) -> HarvestingService:
    return HarvestingService(database, clock=clock)


async def harvest(
    service: HarvestingService, kind: HarvestKind = HarvestKind.FULL, upstream: Counting | None = None, **more: Any
) -> HarvestRun:
    chosen = upstream or Counting(pages=RESOURCES, counted=FACTS, **more)
    return await service.run(chosen, chosen.context(), kind=kind)


async def ask(service: HarvestingService, kind: HarvestKind) -> HarvestRun:
    return await service.request("chongqing", kind, manifest_version=1, by="李老师")


async def killed(database: Database, service: HarvestingService, kind: HarvestKind) -> HarvestRun:
    """A run of which two pages are stored and that a process of this host has left behind."""
    run = await harvest(service, kind, fails_at=2, failure=Unreachable("reset"))
    async with database.writing() as connection:
        left = {"state": RunState.RUNNING, "finished_at": None, "error_code": None, "error": None}
        await connection.execute(update(RUNS).where(RUNS.c.id == run.id).values(**left))
    return run


async def test_a_run_of_usage_is_no_success_that_incremental_runs_build_on(
    service: HarvestingService, clock: Ticking
) -> None:
    await count(service, *FACTS)
    assert (await harvest(service, HarvestKind.INCREMENTAL)).kind is HarvestKind.FULL
    full = (await service.runs()).runs[0]
    clock.now += timedelta(days=3)
    await count(service, *FACTS)
    run = await harvest(service, HarvestKind.INCREMENTAL)
    assert (run.kind, run.since) == (HarvestKind.INCREMENTAL, full.started_at - timedelta(days=1))


async def test_the_health_of_a_platform_is_that_of_its_resources(service: HarvestingService) -> None:
    await count(service, *FACTS)
    assert (await service.last_ended(["chongqing"]), await service.last_harvested(["chongqing"])) == ({}, {})
    run = await harvest(service)
    await count(service, fails_at=0, failure=Malformed("drift"))
    assert await service.last_ended(["chongqing"]) == {"chongqing": run}
    assert await service.last_harvested(["chongqing"]) == {"chongqing": run.finished_at}


@pytest.mark.parametrize("how", ["broken off", "killed"])
@pytest.mark.parametrize(
    ("kind", "other"), [(HarvestKind.FULL, HarvestKind.USAGE), (HarvestKind.USAGE, HarvestKind.FULL)]
)
async def test_an_interrupted_run_is_resumed_after_one_of_the_other_came_between(
    database: Database, service: HarvestingService, how: str, kind: HarvestKind, other: HarvestKind
) -> None:
    if how == "killed":
        broken = await killed(database, service, kind)
    else:
        broken = await harvest(service, kind, fails_at=2, failure=Unreachable("reset"))
    between = await harvest(service, other)
    assert (between.kind, between.state, between.pages) == (other, RunState.SUCCEEDED, 3)
    left = await service.get(broken.id)
    assert left is not None
    code = "INTERRUPTED" if how == "killed" else "UPSTREAM_UNREACHABLE"
    assert (left.state, left.error_code) == (RunState.PARTIAL, code)
    queued = await ask(service, kind)
    assert (queued.id, queued.state) == (broken.id, RunState.QUEUED)
    upstream = Counting(pages=RESOURCES, counted=FACTS)
    run = await harvest(service, kind, upstream)
    assert (run.id, run.state, run.pages, run.duplicates) == (broken.id, RunState.SUCCEEDED, 3, 0)
    checkpoints = [each.checkpoint for each in upstream.requests] + [each.checkpoint for each in upstream.asked]
    assert checkpoints == [{"page": 2}]
    assert (len(await live(database)), len(await facts(database))) == (6, 3)
    assert await column(database, "harvest_seen", "native_id") == []


async def test_a_platform_has_one_unfinished_run_whatever_its_kind(service: HarvestingService) -> None:
    usage = await ask(service, HarvestKind.USAGE)
    assert (await ask(service, HarvestKind.USAGE)).id == usage.id
    for kind in (HarvestKind.FULL, HarvestKind.INCREMENTAL):
        with pytest.raises(HarvestInProgress, match=f"{usage.id} is QUEUED"):
            await ask(service, kind)
    await service.cancel(usage.id, by="王老师")
    full = await ask(service, HarvestKind.FULL)
    with pytest.raises(HarvestInProgress, match=f"{full.id} is QUEUED"):
        await ask(service, HarvestKind.USAGE)
    assert (await service.runs()).total == 2


@pytest.mark.parametrize(
    ("queued", "direct"), [(HarvestKind.INCREMENTAL, HarvestKind.USAGE), (HarvestKind.USAGE, HarvestKind.FULL)]
)
async def test_a_direct_run_carries_a_queued_one_of_the_other_out_before_it(
    database: Database, service: HarvestingService, queued: HarvestKind, direct: HarvestKind
) -> None:
    waiting = await ask(service, queued)
    run = await harvest(service, direct)
    assert (run.kind, run.state, run.id != waiting.id) == (direct, RunState.SUCCEEDED, True)
    first = await service.get(waiting.id)
    assert first is not None
    assert (first.state, first.pages) == (RunState.SUCCEEDED, 3)
    assert first.finished_at is not None
    assert first.finished_at < run.started_at
    assert (len(await live(database)), len(await facts(database))) == (6, 3)


async def test_a_run_that_was_queued_meanwhile_and_lists_something_else_stands_in_the_way(
    database: Database, service: HarvestingService, clock: Ticking
) -> None:
    waiting = await ask(service, HarvestKind.FULL)
    lease = await database.transact(lambda c: leases.acquire(c, clock(), "chongqing"))
    with pytest.raises(HarvestInProgress, match=f"a FULL run of platform 'chongqing' waits: {waiting.id}"):
        await database.transact(lambda c: begin(c, clock(), lease, Counting(), HarvestKind.USAGE, Reach()))
    assert (await service.runs()).runs == (waiting,)


async def test_a_queued_run_that_the_connector_is_not_able_to_fails(
    database: Database, service: HarvestingService
) -> None:
    waiting = await ask(service, HarvestKind.USAGE)
    lists_only = frozenset({Capability.HARVEST})
    run = await harvest(service, capabilities=lists_only)
    failed = await service.get(waiting.id)
    assert failed is not None
    assert (failed.state, failed.error_code) == (RunState.FAILED, "HARVEST_KIND_UNSUPPORTED")
    assert failed.error == "kind: USAGE cannot be harvested from chongqing; possible: FULL and INCREMENTAL"
    assert (run.state, await facts(database)) == (RunState.SUCCEEDED, [])
    with pytest.raises(HarvestKindUnsupported, match="possible: FULL and INCREMENTAL"):
        await harvest(service, HarvestKind.USAGE, capabilities=lists_only)
    assert (await service.runs()).total == 2


async def test_a_connector_that_claims_usage_and_has_none_ends_its_run(service: HarvestingService) -> None:
    claims = Upstream(RESOURCES, capabilities=frozenset({Capability.USAGE}))
    run = await service.run(claims, claims.context(), kind=HarvestKind.USAGE)
    assert (run.state, run.error_code) == (RunState.FAILED, "UPSTREAM_FAILURE")
    assert run.error == "the connector has nothing for a USAGE run"


async def test_a_worker_carries_runs_of_both_out(database: Database, service: HarvestingService) -> None:
    shelf = Shelf(Counting(pages=RESOURCES, counted=FACTS))
    async with working(Worker(service, shelf, interval=0.02)):
        for kind in (HarvestKind.USAGE, HarvestKind.FULL):
            run = await ended(service, (await ask(service, kind)).id)
            assert (run.kind, run.state, run.created) == (kind, RunState.SUCCEEDED, 3 if run.first_day else 6)
    assert (len(await live(database)), len(await facts(database))) == (6, 3)


async def test_a_run_under_way_is_cancelled_with_its_next_page_and_withdraws_nothing(
    database: Database, service: HarvestingService
) -> None:
    await count(service, page(fact(0, region="500103"), fact(0, region="500105"), fact(1)))
    upstream = Counting(counted=[page(fact(0, region="500103")), page(fact(3)), page(fact(4))], holds_at=1)
    running = asyncio.ensure_future(harvest(service, HarvestKind.USAGE, upstream))

    async def one_page_is_stored() -> bool:
        [newest] = (await service.runs(first=1)).runs
        return (newest.state, newest.pages) == (RunState.RUNNING, 1)

    await until(one_page_is_stored)
    await service.cancel((await service.runs()).runs[0].id, by="王老师")
    upstream.let_go.set()
    run = await running
    assert (run.state, run.pages, run.created, run.withdrawn) == (RunState.CANCELLED, 2, 1, 0)
    assert (run.error, len(await facts(database))) == ("cancelled by 王老师", 4)
    assert (await ask(service, HarvestKind.USAGE)).id != run.id


async def test_rejects_of_one_are_not_forgotten_by_the_other(service: HarvestingService) -> None:
    upstream = Counting(
        pages=[HarvestPage((accepted("a"),), (rejected("x"),))],
        counted=[page(fact(0), rejected=(rejected(None, "a row"),))],
    )
    await harvest(service, upstream=upstream)
    await harvest(service, HarvestKind.USAGE, upstream)

    async def raw() -> list[str]:
        return sorted(record.raw for record in (await service.quarantined("chongqing")).records)

    for kind in (HarvestKind.FULL, HarvestKind.USAGE):
        await harvest(service, kind, upstream)
        assert await raw() == ["a row", "{}"]
    upstream.pages = [HarvestPage((accepted("a"),))]
    await harvest(service, upstream=upstream)
    assert await raw() == ["a row"]
    upstream.counted = [page(fact(0))]
    await harvest(service, HarvestKind.USAGE, upstream)
    assert await raw() == []


async def test_a_reject_of_a_longer_run_is_kept_since_its_day_may_not_have_been_asked_for_again(
    service: HarvestingService,
) -> None:
    await count(service, page(fact(0), rejected=(rejected(None, "a row"),)))
    await count(service, page(fact(0)))
    assert (await service.quarantined("chongqing")).total == 1
    await count(service, page(fact(0)), days=400)
    assert (await service.quarantined("chongqing")).total == 0


async def test_unmapped_values_of_both_stand_beside_each_other(service: HarvestingService) -> None:
    odd = replace(fact(0), unmapped=(Unmapped("subject", "玄学"),))
    named = replace(fact(1, resource="YKT-8"), unmapped=(Unmapped("subject", "星象"),))
    upstream = Counting(pages=[HarvestPage((accepted("a", unmapped=["玄学"]),))], counted=[page(odd, named), page(odd)])
    await harvest(service, HarvestKind.USAGE, upstream)
    await harvest(service, upstream=upstream)
    await harvest(service, HarvestKind.USAGE, upstream)
    assert await service.unmapped_values("chongqing") == [
        UnmappedValue("subjects", "玄学", 1, "a"),
        UnmappedValue("usage.subject", "星象", 1, "YKT-8"),
        UnmappedValue("usage.subject", "玄学", 1, "2026-02-28"),
    ]
    upstream.counted = [page(fact(0))]
    await harvest(service, HarvestKind.USAGE, upstream)
    assert [value.field for value in await service.unmapped_values("chongqing")] == ["subjects"]
    upstream.pages = [HarvestPage((accepted("a"),))]
    await harvest(service, upstream=upstream)
    assert await service.unmapped_values("chongqing") == []


async def test_old_runs_are_counted_apart(database: Database, service: HarvestingService, clock: Ticking) -> None:
    async with database.writing() as connection:
        for kind in (HarvestKind.FULL, HarvestKind.USAGE):
            for number in range(25):
                at = clock.now - timedelta(days=100 + number)
                row = {"id": f"{kind}{number}", "platform": "chongqing", "manifest_version": 1, "kind": kind}
                done = {"state": RunState.FAILED, "started_at": at, "finished_at": at}
                await connection.execute(RUNS.insert().values({**row, **done}))
    assert await service.prune() == 10
    left = {(kind, number) for number, kind in await column(database, "harvest_runs", "id", "kind")}
    assert len([kind for kind, _ in left if kind == HarvestKind.USAGE]) == 20


async def test_a_dropped_platform_loses_its_usage_and_its_months_get_new_numbers(
    database: Database, service: HarvestingService
) -> None:
    for code in ("chongqing", "zibo"):
        await count(service, page(fact(0), fact(40)), code=code)
        await count(service, page(fact(0, "11")), code=code)
    kept, before = await facts(database, "zibo"), await partitions(database, "zibo")
    assert await service.counting_platforms() == ["chongqing", "zibo"]
    assert await service.drop_lane("chongqing") == 0
    assert (await facts(database), await facts(database, "zibo")) == ([], kept)
    assert await column(database, "usage_revisions", "platform") == [("zibo",)]
    assert await partitions(database) == {"2026-01": 7, "2026-02": 8}
    assert await partitions(database, "zibo") == before
    assert await service.counting_platforms() == ["zibo"]
    await service.drop_lane("chongqing")
    assert await partitions(database) == {"2026-01": 7, "2026-02": 8}


async def test_a_harvest_that_is_under_way_at_a_dropped_platform_writes_nothing_more(
    database: Database, service: HarvestingService
) -> None:
    upstream = Counting(counted=FACTS, holds_at=2)
    running = asyncio.ensure_future(harvest(service, HarvestKind.USAGE, upstream))

    async def two_pages_are_stored() -> bool:
        return len(await facts(database)) == 2

    await until(two_pages_are_stored)
    await service.drop_lane("chongqing")
    upstream.let_go.set()
    with pytest.raises(LeaseLost):
        await running
    assert (await facts(database), (await service.runs()).total) == ([], 0)
