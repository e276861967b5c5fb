"""Usage of the connectors that are served: what may be asked for, what is asked for on its own, and what is cleared."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.application import Services, open_services
from gateway.application.connectors import HarvestActions
from gateway.application.tidying import Tidying
from gateway.cli.simulation import demo_secrets, simulators
from gateway.errors import InvalidInput
from gateway.harvesting import HarvestKind, HarvestKindUnsupported, RunState
from tests.connectors.packages import installed
from tests.gateway.harvesting.upstream import column
from tests.journeys.gateway import harvest
from tests.journeys.partner import partner_settings

PLUGINS = """
import hashlib
from datetime import timedelta
from connectors.records import Accepted, HarvestPage
from schema.platforms import PlatformDescription
from schema.usage import UsageFact

class Counting:
    platform = PlatformDescription(code="counting", name="只统计", region="500000", simulated=True)
    version, capabilities, origins = 3, {"USAGE"}, ["https://api.counting.example"]
    freshness = timedelta(hours=6)

    async def usage(self, context, request):
        fact = UsageFact(measure="views", day=request.last, value=7)
        yield HarvestPage((Accepted(fact, hashlib.sha256(b"7").hexdigest()),), checkpoint={"page": 1})

class Unhurried(Counting):
    platform = PlatformDescription(code="unhurried", name="不定期", region="500000", simulated=True)
    freshness = None

class Searching:
    platform = PlatformDescription(code="searching", name="只搜索", region="500000", simulated=True)
    version, capabilities, origins = 1, {"LIVE_SEARCH"}, ["https://api.counting.example"]

    async def search(self, context, query):
        return None
"""
ENTRIES = {name.lower(): f"usage_plugins:{name}" for name in ("Counting", "Unhurried", "Searching")}


@asynccontextmanager
async def gateway(directory: Path) -> AsyncIterator[Services]:
    """A gateway with plug-ins that tell usage alone, and one that tells nothing."""
    with installed(directory, "shanhai_usage", {"usage_plugins": PLUGINS}, ENTRIES):
        async with open_services(partner_settings(directory, {})) as services:
            yield services
    assert "usage_plugins" not in sys.modules


async def test_what_a_connector_is_able_to_may_be_asked_for_and_nothing_else(tmp_path: Path) -> None:
    async with gateway(tmp_path) as services:
        actions = HarvestActions(services.harvesting, services.live)
        for kind in (HarvestKind.FULL, HarvestKind.INCREMENTAL, HarvestKind.TRAINING):
            with pytest.raises(HarvestKindUnsupported, match=f"kind: {kind} cannot be harvested"):
                await actions.start("counting", kind, by="王老师")
        with pytest.raises(HarvestKindUnsupported, match="from counting; possible: USAGE"):
            await actions.start("counting", HarvestKind.FULL, by="王老师")
        with pytest.raises(InvalidInput, match="lists no resources, usage or training"):
            await actions.start("searching", HarvestKind.USAGE, by="王老师")
        assert (await services.harvesting.runs()).total == 0
        queued = await actions.start("counting", HarvestKind.USAGE, by="王老师")
        assert (queued.kind, queued.state, queued.manifest_version) == (HarvestKind.USAGE, RunState.QUEUED, 3)
        run = await harvest(services, "counting", HarvestKind.USAGE)
    assert (run.id, run.state, run.created) == (queued.id, RunState.SUCCEEDED, 1)


async def test_usage_is_due_every_day_where_the_connector_is_harvested_on_its_own(tmp_path: Path) -> None:
    async with gateway(tmp_path) as services:
        targets = {target.platform: target for target in services.harvested.targets()}
    assert sorted(targets) == ["counting", "unhurried"]
    assert {target.kind for target in targets.values()} == {HarvestKind.USAGE}
    assert (targets["counting"].freshness, targets["counting"].manifest_version) == (timedelta(days=1), 3)
    assert targets["unhurried"].freshness is None


async def test_the_settings_say_how_many_days_are_asked_for(tmp_path: Path) -> None:
    days = {"usage_backfill_days": 90, "usage_lookback_days": 3}
    with simulators(size=20) as reroutes:
        settings = partner_settings(tmp_path, reroutes, builtin_platforms=True, **days)
        async with open_services(settings, demo_secrets()) as services:
            first, second = [await harvest(services, "zibo", HarvestKind.USAGE) for _ in range(2)]
    assert first.first_day is not None
    assert second.first_day is not None
    assert first.last_day is not None
    assert ((first.last_day - first.first_day).days, (first.last_day - second.first_day).days) == (89, 3)


async def test_a_retired_platform_that_has_only_usage_is_cleared(tmp_path: Path) -> None:
    with simulators(size=20) as reroutes:
        settings = partner_settings(tmp_path, reroutes, builtin_platforms=True, usage_backfill_days=40)
        async with open_services(settings, demo_secrets()) as services:
            for code in ("zibo", "chongqing"):
                assert (await harvest(services, code, HarvestKind.USAGE)).state is RunState.SUCCEEDED
            tidying = Tidying(services.live, services.registrations, services.harvesting, services.catalog)
            before = dict(await column(services.database, "usage_partitions", "sequence", "platform"))
            await tidying.look()
            assert await services.harvesting.counting_platforms() == ["chongqing", "zibo"]
            await services.registrations.retire("zibo", "王老师")
            await services.live.refresh()
            await tidying.look()
            assert await services.harvesting.counting_platforms() == ["chongqing"]
            after = dict(await column(services.database, "usage_partitions", "sequence", "platform"))
            facts = {platform for (platform,) in await column(services.database, "usage_facts", "platform")}
            runs = {run.platform for run in (await services.harvesting.runs()).runs}
    months = [number for number, platform in before.items() if platform == "zibo"]
    assert (facts, runs) == ({"chongqing"}, {"chongqing"})
    assert [number for number, platform in after.items() if platform == "zibo"] == [
        max(before) + place for place in range(1, len(months) + 1)
    ]
