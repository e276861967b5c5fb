"""Usage from platform to database: asked for through the API, corrected days later, and every day on its own."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.context import ConnectorContext
from connectors.simulators import SIMULATORS
from gateway.application import Services, open_services
from gateway.cli.simulation import demo_secrets, demo_secrets_environment, simulators
from gateway.harvesting import HarvestingService, HarvestKind, HarvestRun, RunState, Scheduler, Worker
from gateway.harvesting.reach import Reach
from gateway.registry import RegisteredConnector
from gateway.training.records.intake import Intake
from tests.architecture.source import ROOT
from tests.gateway.harvesting.upstream import column, ended, working
from tests.gateway.training.stored import KEYS
from tests.journeys.gateway import running
from tests.journeys.partner import Partner, connector_id, partner_settings

COUNTING = ("chongqing", "sichuan", "yuzhong", "zibo")
START = datetime(2025, 10, 17, 2, tzinfo=UTC)
"""From here on three platforms correct a day within a month, and the fourth has visitors."""
FACT = ("platform", "day", "key", "value", "revision")


@dataclass
class World:
    """A time that platforms, connectors and harvests share, and a gateway of its own over each database."""

    now: datetime = START

    def time(self) -> datetime:
        return self.now

    def harvesting(self, services: Services) -> HarvestingService:
        intake, reach = Intake(services.training.posting, KEYS), Reach(backfill_days=30, lookback_days=7)
        return HarvestingService(services.database, clock=self.time, reach=reach, intake=intake)

    @asynccontextmanager
    async def gateway(self, directory: Path, reroutes: Mapping[str, str], **more: Any) -> AsyncIterator[Services]:
        settings = partner_settings(directory, reroutes, builtin_platforms=True, **more)
        async with open_services(settings, demo_secrets()) as services:
            yield services

    @asynccontextmanager
    async def context(self, services: Services, entry: RegisteredConnector) -> AsyncIterator[ConnectorContext]:
        async with services.connector_context(entry) as context:
            yield replace(context, now=self.time)

    async def harvest(self, services: Services) -> list[HarvestRun]:
        """One run of usage of every platform that tells any."""
        runs = []
        for code in COUNTING:
            entry = services.registry.connectors[code]
            async with self.context(services, entry) as context:
                runs.append(await self.harvesting(services).run(entry.connector, context, kind=HarvestKind.USAGE))
        return runs


@pytest.mark.slow
async def test_harvests_of_every_other_day_end_with_the_facts_of_one_at_the_end(tmp_path: Path) -> None:
    world = World()
    apps = {code: SIMULATORS[code].build(size=20, now=world.time) for code in COUNTING}
    with simulators(size=20, apps=apps) as reroutes:
        async with (
            world.gateway(tmp_path / "daily", reroutes) as daily,
            world.gateway(tmp_path / "once", reroutes) as once,
        ):
            for round_ in range(16):
                world.now = START + timedelta(days=2 * round_)
                runs = await world.harvest(daily)
                assert {run.state for run in runs} == {RunState.SUCCEEDED}
            await world.harvest(once)
            asked = {(run.first_day, run.last_day) for run in runs}
            found = await column(daily.database, "usage_facts", *FACT)
            whole = await column(once.database, "usage_facts", *FACT)
            revisions = await column(
                daily.database, "usage_revisions", "platform", "day", "key", "revision", "withdrawn"
            )
    last = world.now.date() - timedelta(days=1)
    assert asked == {(last - timedelta(days=9), last)}
    first = last - timedelta(days=29)
    assert [row for row in found if row[1] >= first] == whole
    assert {platform for platform, *_ in whole} == set(COUNTING)
    corrected = {(platform, day, key) for platform, day, key, _, _ in revisions}
    now = {(platform, day, key): revision for platform, day, key, _, revision in found}
    assert {platform for platform, *_ in corrected} >= {"chongqing", "sichuan", "zibo"}
    stated = [place for place in corrected if place[0] != "yuzhong"]  # its statements come late without a number
    assert {now[place] for place in stated} == {2}
    assert {row[3:] for row in revisions if row[0] != "yuzhong"} == {(1, False)}


async def test_usage_is_asked_for_through_the_api_where_a_connector_tells_it(tmp_path: Path) -> None:
    with simulators(size=20) as reroutes:
        settings = partner_settings(tmp_path, reroutes, builtin_platforms=True, usage_backfill_days=10)
        with pytest.MonkeyPatch.context() as environment:
            for name, value in demo_secrets_environment().items():
                environment.setenv(name, value)
            async with running(settings) as client:
                partner = Partner(client)
                started = await partner.do("startHarvest", "zibo", kind="USAGE")
                run = await partner.ended("zibo", started["run"]["id"])
                refused = {
                    (code, kind): (await partner.act("startHarvest", connectorId=connector_id(code), kind=kind))
                    for code, kind in (("neijiang", "USAGE"), ("national", "TRAINING"), ("national", "USAGE"))
                }
                runs = await partner.ask("{ harvestRuns { totalCount } }")
                health = await client.ask('{ platform(code: "zibo") { lastHarvestedAt health { state } } }')
                stored = await column(client.services.database, "usage_facts", "platform", "day")
    assert (run["kind"], run["state"], run["quarantined"]) == ("USAGE", "SUCCEEDED", 0)
    assert run["created"] == len(stored) > 0
    assert len({day for _, day in stored}) == 10
    for (code, kind), said in refused.items():
        [error] = said["errors"]
        assert (said["run"], error["code"], error["path"]) == (None, "HARVEST_KIND_UNSUPPORTED", ["kind"])
        possible = "FULL, INCREMENTAL and TRAINING" if code == "neijiang" else "FULL and INCREMENTAL"
        assert f"{kind} cannot be harvested" in error["message"]
        assert error["message"].endswith(possible)
    assert runs["harvestRuns"]["totalCount"] == 1
    assert health["platform"] == {"lastHarvestedAt": None, "health": {"state": "UNKNOWN"}}


async def test_a_platform_whose_manifest_names_a_freshness_gets_usage_and_training_every_day(tmp_path: Path) -> None:
    world, manifests = World(datetime.now(UTC)), tmp_path / "manifests"
    manifests.mkdir()
    text = (ROOT / "connectors" / "platforms" / "zibo.yaml").read_text("utf-8")
    (manifests / "zibo.yaml").write_text(text + "\nfreshness: P7D\n", "utf-8")
    with simulators(size=20) as reroutes:
        async with world.gateway(tmp_path / "data", reroutes, manifests=[manifests]) as services:
            harvesting = world.harvesting(services)
            scheduler = Scheduler(harvesting, services.harvested, enabled=True, clock=world.time)

            async def carried_out() -> list[tuple[str, str, str]]:
                done: list[tuple[str, str, str]] = []
                async with working(Worker(harvesting, services.harvested, interval=0.02)):
                    while (asked := await scheduler.look()) is not None:
                        run = await ended(harvesting, asked.id)
                        done.append((run.platform, run.kind, run.state))
                return done

            usage = ("zibo", HarvestKind.USAGE, RunState.SUCCEEDED)
            training = ("zibo", HarvestKind.TRAINING, RunState.SUCCEEDED)
            assert await carried_out() == [("zibo", HarvestKind.FULL, RunState.SUCCEEDED), training, usage]
            assert await carried_out() == []
            for _ in range(3):
                world.now += timedelta(days=1)
                assert await carried_out() == [training, usage]
