"""Serving processes that are killed, told to end, or share a database: nothing is lost, and nothing happens twice."""

import asyncio
import shutil
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from gateway.storage import open_database
from tests.faults.serving_process import serving
from tests.journeys.gateway import running
from tests.journeys.partner import PATIENCE, Partner, connector_id, partner_settings
from tests.journeys.river import HOME, River, on_loopback, river_manifest
from tests.services.postgres import PostgresServer

LAKE = "https://api.lake.example"
PAGES = 6


async def stored(url: str) -> dict[str, Any]:
    """Everything that harvests left behind, but times and ids of runs."""
    database = open_database(url)
    try:
        async with database.reading() as connection:
            resources = await connection.execute(
                text("SELECT platform, native_id, body, access, manifest_version, withdrawn_at FROM resources")
            )
            counts = "seen, created, updated, unchanged, withdrawn, quarantined, duplicates, pages"
            runs = await connection.execute(text(f"SELECT platform, kind, state, {counts} FROM harvest_runs"))  # noqa: S608
            changes = await connection.execute(text("SELECT count(DISTINCT sequence), count(*) FROM resources"))
            seen = await connection.execute(text("SELECT count(*) FROM harvest_seen"))
            return {
                "resources": sorted(map(tuple, resources)),
                "runs": sorted(map(tuple, runs)),
                "sequences": tuple(changes.one()),
                "seen": seen.scalar_one(),
            }
    finally:
        await database.aclose()


async def prepare(partner: Partner) -> None:
    """Serve two platforms."""
    await partner.serve("river", river_manifest())
    await partner.serve("lake", river_manifest(code="lake", origin=LAKE))


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    """Wait for a condition, with much patience: how long it takes is for benchmarks to say."""
    async with asyncio.timeout(PATIENCE):
        while not await true():  # noqa: ASYNC110  # other processes have no event for it
            await asyncio.sleep(0.02)


async def until_asked(river: River, page: int) -> None:
    """Wait until the platform is asked for a page."""

    async def asked() -> bool:
        return page in river.asked

    await until(asked)


@pytest.mark.slow
async def test_a_killed_process_leaves_a_running_and_a_queued_harvest_to_the_next(
    tmp_path: Path, sqlite_template: Path
) -> None:
    for name in ("calm", "killed"):
        (tmp_path / name).mkdir()
        shutil.copyfile(sqlite_template, tmp_path / name / "shanhai.db")
    river, lake = River(records=PAGES * 10), River(records=20)
    async with on_loopback(river.app()) as home, on_loopback(lake.app()) as away:
        reroutes = {HOME: home, LAKE: away}
        async with running(partner_settings(tmp_path / "calm", reroutes, harvest_workers=1)) as client:
            await prepare(Partner(client))
            for code in ("river", "lake"):
                assert (await Partner(client).ended(code))["state"] == "SUCCEEDED"
        async with running(partner_settings(tmp_path / "killed", reroutes, harvest_workers=0)) as client:
            await prepare(Partner(client))
        river.held_from = 4
        river.asked.clear()
        lake.asked.clear()
        async with serving(tmp_path / "killed", reroutes, harvest_workers=1) as served:
            await until_asked(river, 4)
            states = [(await served.partner.runs(code))[0]["state"] for code in ("river", "lake")]
            assert states == ["RUNNING", "QUEUED"]
            await served.end(signal.SIGKILL, group=True)
        assert lake.asked == []
        river.held_from = 1_000
        river.gate.set()
        async with serving(tmp_path / "killed", reroutes, harvest_workers=1) as served:
            ended = [await served.partner.ended(code) for code in ("river", "lake")]
            assert [run["state"] for run in ended] == ["SUCCEEDED", "SUCCEEDED"]
    asked = Counter(river.asked)
    assert {page for page, times in asked.items() if times > 1} <= {3, 4}, asked
    assert Counter(lake.asked) == {1: 1, 2: 1, 3: 1}
    urls = [f"sqlite+aiosqlite:///{tmp_path / name / 'shanhai.db'}" for name in ("calm", "killed")]
    calm, killed = [await stored(url) for url in urls]
    assert killed == calm
    assert calm["sequences"] == (PAGES * 10 + 20, PAGES * 10 + 20)


@pytest.mark.slow
async def test_a_process_that_is_told_to_end_answers_what_it_began_and_stops_its_harvest(
    tmp_path: Path, sqlite_template: Path
) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "shanhai.db")
    river, lake = River(records=PAGES * 10), River(records=PAGES * 10, held_from=4)
    async with on_loopback(river.app()) as home, on_loopback(lake.app()) as away:
        async with serving(tmp_path, {HOME: home, LAKE: away}) as served:
            await prepare(served.partner)
            await served.partner.ended("river")
            await until_asked(lake, 4)  # and never answered
            river.held_from = 1
            river.asked.clear()
            trial = asyncio.create_task(served.partner.act("testRead", manifest=river_manifest()))
            await until_asked(river, 1)
            ending = asyncio.create_task(served.end(signal.SIGTERM))
            await asyncio.sleep(0.3)
            river.gate.set()
            answered = await trial
            status = await ending
        assert [row["nativeId"] for row in answered["rows"]] == [f"r{n}" for n in range(5)]
        assert status in (0, -signal.SIGTERM)
        database = open_database(f"sqlite+aiosqlite:///{tmp_path / 'shanhai.db'}")
        async with database.reading() as connection:
            [run] = await connection.execute(text("SELECT state, pages FROM harvest_runs WHERE platform = 'lake'"))
            [lease] = await connection.execute(text("SELECT holder FROM harvest_leases WHERE platform = 'lake'"))
        await database.aclose()
    assert (run.state, run.pages) == ("QUEUED", 3)
    assert lease.holder == ""


async def test_two_gateways_on_one_database_serve_and_harvest_as_one(tmp_path: Path, postgres: PostgresServer) -> None:
    river = River(records=PAGES * 10)
    async with postgres.database() as url, on_loopback(river.app()) as home:
        here = partner_settings(tmp_path / "here", {HOME: home}, database_url=url)
        there = partner_settings(tmp_path / "there", {HOME: home}, database_url=url)
        async with running(here) as first, running(there) as second:
            one, other = Partner(first), Partner(second)
            await one.serve("river", river_manifest())
            first_run = await one.ended("river")
            assert (first_run["state"], first_run["created"]) == ("SUCCEEDED", PAGES * 10)

            async def known() -> bool:
                return bool((await second.ask('{ platform(code: "river") { code } }'))["platform"])

            async def forgotten() -> bool:
                return second.services.registry.get("river") is None

            await until(known)
            river.asked.clear()
            river.held_from = 2
            started = await other.do("startHarvest", "river")
            await until_asked(river, 2)
            for partner in (one, other):
                refused = await partner.act("startHarvest", connectorId=connector_id("river"))
                assert [error["code"] for error in refused["errors"]] == ["HARVEST_IN_PROGRESS"]
            river.gate.set()
            run = await one.ended("river", started["run"]["id"])
            assert (run["state"], run["unchanged"], run["pages"]) == ("SUCCEEDED", PAGES * 10, PAGES + 1)
            assert Counter(river.asked) == dict.fromkeys(range(1, PAGES + 2), 1)
            for client in (first, second):
                await client.services.catalog.catch_up()
                found = await client.ask('{ search(filter: {platforms: ["river"]}) { totalCount } }')
                assert found["search"]["totalCount"] == PAGES * 10

            river.asked.clear()
            river.gate.clear()
            river.held_from = 3
            again = await one.do("startHarvest", "river")
            await until_asked(river, 3)
            cancelled = await other.act("cancelHarvest", runId=again["run"]["id"])
            assert cancelled["errors"] == []
            river.gate.set()
            ended = await one.ended("river", again["run"]["id"])
            assert (ended["state"], ended["errorCode"], ended["withdrawn"]) == ("CANCELLED", "CANCELLED", 0)
            late = await other.act("cancelHarvest", runId=again["run"]["id"])
            assert [error["code"] for error in late["errors"]] == ["INVALID_STATE"]

            await one.do("suspendConnector", "river", reason="maintenance")
            await until(forgotten)
