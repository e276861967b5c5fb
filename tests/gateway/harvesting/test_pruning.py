"""Old runs are forgotten but for those that something builds on, and a dropped lane takes everything with it."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.records import HarvestPage
from gateway.catalog import SearchRequest, open_catalog
from gateway.harvesting import HarvestingService, HarvestKind, HarvestRun, LeaseLost, RunState, Worker
from gateway.storage import Database
from gateway.storage.tables import HarvestRunRow
from tests.gateway.harvesting.upstream import (
    NOW,
    Shelf,
    Upstream,
    accepted,
    column,
    live,
    paged,
    rejected,
    rows,
    until,
    working,
)

RUNS = HarvestRunRow.metadata.tables["harvest_runs"]


@pytest.fixture
def service(database: Database) -> HarvestingService:
    return HarvestingService(database, clock=lambda: NOW)


def past(days: float, number: int, platform: str = "chongqing", **more: Any) -> dict[str, Any]:
    """A run that ended so many days ago."""
    at = NOW - timedelta(days=days)
    row = {"id": f"{platform}{number}", "platform": platform, "manifest_version": 1, "kind": HarvestKind.FULL}
    return {**row, "state": RunState.FAILED, "started_at": at, "finished_at": at, **more}


async def insert(database: Database, *history: dict[str, Any]) -> None:
    async with database.writing() as connection:
        for row in history:
            await connection.execute(RUNS.insert().values(row))


async def test_old_runs_beyond_the_last_twenty_are_deleted(database: Database, service: HarvestingService) -> None:
    await insert(database, *(past(100 + n, n) for n in range(25)))
    await insert(database, *(past(n, n, "zibo") for n in range(25)))
    await insert(database, *(past(60 + 2 * n, n, "sichuan") for n in range(30)))
    assert await service.prune() == 5 + 10
    left = [id_ for (id_,) in await column(database, "harvest_runs", "id")]
    assert left == sorted(
        [f"chongqing{n}" for n in range(20)] + [f"zibo{n}" for n in range(25)] + [f"sichuan{n}" for n in range(20)]
    )
    assert await service.prune() == 0


async def test_a_run_is_old_after_ninety_days_or_what_the_operator_says(
    database: Database, service: HarvestingService
) -> None:
    await insert(database, *(past(n, n) for n in range(20)))
    await insert(database, past(89.9, 20), past(90.1, 21))
    assert await service.prune() == 1
    strict = HarvestingService(database, clock=lambda: NOW, kept_for=timedelta(days=30))
    assert await strict.prune() == 1
    assert (await service.runs()).total == 20


async def test_the_last_successes_and_unfinished_runs_are_kept(database: Database, service: HarvestingService) -> None:
    succeeded: dict[str, Any] = {"state": RunState.SUCCEEDED}
    await insert(database, *(past(100 + n, n) for n in range(20)))
    await insert(database, past(200, 20, state=RunState.RUNNING, finished_at=None))
    await insert(database, past(201, 21, kind=HarvestKind.INCREMENTAL, **succeeded), past(202, 22, **succeeded))
    await insert(database, past(203, 23, kind=HarvestKind.INCREMENTAL, **succeeded), past(204, 24, **succeeded))
    assert await service.prune() == 2
    left = {id_ for (id_,) in await column(database, "harvest_runs", "id")}
    assert left == {f"chongqing{n}" for n in range(23)}


async def test_what_runs_found_goes_with_them_but_named_rejects_stay(
    database: Database, service: HarvestingService
) -> None:
    early = HarvestingService(database, clock=lambda: NOW - timedelta(days=200))
    found = HarvestPage((accepted("a", unmapped=["玄学"]),), (rejected("x"), rejected(None, "nameless")))
    upstream = Upstream([found], fails_at=1, failure=ValueError("ours"))
    with pytest.raises(ValueError, match="ours"):
        await early.run(upstream, upstream.context())
    await insert(database, *(past(100 + n, n) for n in range(19)))
    assert await service.prune() == 0
    assert (await service.quarantined("chongqing")).total == 2
    assert [value.value for value in await service.unmapped_values("chongqing")] == ["玄学"]
    await insert(database, past(99, 19))
    assert await service.prune() == 1
    assert [record.native_id for record in (await service.quarantined("chongqing")).records] == ["x"]
    assert await service.unmapped_values("chongqing") == []
    assert await live(database) == {"a"}


async def test_a_worker_prunes(database: Database, service: HarvestingService) -> None:
    await insert(database, *(past(100 + n, n) for n in range(22)))

    async def pruned() -> bool:
        return (await service.runs()).total == 20

    async with working(Worker(service, Shelf(), interval=0.02)):
        await until(pruned)


async def harvest(service: HarvestingService, lane: str, *native_ids: str) -> HarvestRun:
    items = tuple(accepted(n, f"观摩课{n}", unmapped=["玄学"]) for n in native_ids)
    upstream = Upstream([HarvestPage(items, (rejected("x"),))], code="zibo")
    return await service.run(upstream, upstream.context(), lane=lane)


class Names:
    """Every platform is known."""

    def codes(self) -> list[str]:
        return ["zibo", "zibo@canary"]

    def label(self, code: str) -> str:
        return code

    def region(self, code: str) -> None:
        return None


async def test_a_dropped_lane_leaves_others_untouched_and_every_index_drops_it(
    database: Database, service: HarvestingService, tmp_path: Path
) -> None:
    await harvest(service, "zibo", "a", "b")
    await harvest(service, "zibo@canary", "a", "b", "c")
    catalog = await open_catalog(database, tmp_path / "index", Names(), lambda: NOW)

    async def found() -> list[str]:
        page = await catalog.search(SearchRequest(query="观摩课"))
        return sorted(hit.resource.platform for hit in page.hits)

    try:
        assert await found() == ["zibo"] * 2 + ["zibo@canary"] * 3
        kept = await rows(database, "zibo")
        assert await service.drop_lane("zibo@canary") == 3
        assert await catalog.catch_up() == 3
        assert await found() == ["zibo"] * 2
    finally:
        await catalog.aclose()
    assert await rows(database, "zibo") == kept
    assert {(row.body, row.unmapped) for row in (await rows(database, "zibo@canary")).values()} == {(b"", "[]")}
    for table in ("harvest_runs", "quarantined_records", "unmapped_values"):
        assert {platform for (platform,) in await column(database, table, "platform")} == {"zibo"}
    assert await service.drop_lane("zibo@canary") == 0


async def test_a_lane_may_come_back(database: Database, service: HarvestingService) -> None:
    await harvest(service, "zibo@canary", "a", "b")
    await service.drop_lane("zibo@canary")
    run = await harvest(service, "zibo@canary", "a", "b")
    assert (run.kind, run.state, run.seen, run.updated) == (HarvestKind.FULL, RunState.SUCCEEDED, 3, 2)
    assert await live(database, "zibo@canary") == {"a", "b"}


async def test_a_harvest_that_is_under_way_in_a_dropped_lane_writes_nothing_more(
    database: Database, service: HarvestingService
) -> None:
    upstream = Upstream(paged([accepted(f"r{n}") for n in range(6)]), holds_at=2)
    stored = asyncio.Event()
    running = asyncio.ensure_future(
        service.run(upstream, upstream.context(), progress=lambda _: stored.set(), lane="zibo@canary")
    )
    async with asyncio.timeout(20):
        await stored.wait()
    await service.drop_lane("zibo@canary")
    upstream.let_go.set()
    with pytest.raises(LeaseLost):
        await running
    assert await live(database, "zibo@canary") == set()
    assert (await service.runs()).total == 0
    assert await column(database, "harvest_seen", "native_id") == []


async def test_the_date_of_pruning_is_that_of_the_clock(database: Database) -> None:
    await insert(database, *(past(0, n) for n in range(21)))
    now: datetime = NOW + timedelta(days=91)
    assert await HarvestingService(database, clock=lambda: now).prune() == 1
