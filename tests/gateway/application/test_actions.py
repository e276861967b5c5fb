"""What an action of the registry brings about in its process: it is served at once, lanes are filled and cleared."""

from pathlib import Path

import pytest

from gateway.application import open_services
from gateway.errors import InvalidInput
from gateway.harvesting import HarvestKind, RunFilter, RunState
from tests.journeys.gateway import harvest
from tests.journeys.partner import partner_settings
from tests.journeys.river import HOME, River, on_loopback, river_manifest

BY = "administrator"
LANE = "river@canary"


async def test_a_canary_is_harvested_once_and_a_second_one_takes_its_lane(tmp_path: Path) -> None:
    async with (
        on_loopback(River().app()) as address,
        open_services(partner_settings(tmp_path, {HOME: address})) as opened,
    ):
        actions = opened.graph_services().connectors
        assert actions is not None
        await actions.register(manifest=river_manifest(), credentials={}, by=BY)
        second = river_manifest(2, title="name")
        for _ in range(2):
            outcome = await actions.publish(platform="river", manifest=second, canary=True, by=BY)
            assert outcome.refusals == ()
        [queued] = (await opened.harvesting.runs(RunFilter(platforms=[LANE]))).runs
        assert (queued.state, queued.kind, queued.manifest_version) == (RunState.QUEUED, HarvestKind.FULL, 2)
        assert (await harvest(opened, LANE)).created == 30
        await actions.publish(platform="river", manifest=river_manifest(3), canary=True, by=BY)
        [again] = (await opened.harvesting.runs(RunFilter(platforms=[LANE]))).runs
        assert (again.state, again.manifest_version) == (RunState.QUEUED, 3)
        assert await opened.catalog.counts_by_platform() == {}
        await actions.rollback(platform="river", by=BY)
        assert (await opened.harvesting.runs()).runs == ()


async def test_a_lane_is_cleared_by_a_process_that_never_served_it(tmp_path: Path) -> None:
    async with on_loopback(River().app()) as address:
        settings = partner_settings(tmp_path, {HOME: address})
        async with open_services(settings) as one, open_services(settings) as other:
            first, second = one.graph_services().connectors, other.graph_services().connectors
            assert first is not None
            assert second is not None
            await first.register(manifest=river_manifest(), credentials={}, by=BY)
            await first.publish(platform="river", manifest=river_manifest(2), canary=True, by=BY)
            assert (await harvest(one, LANE)).created == 30
            assert other.registry.get(LANE) is None
            await second.rollback(platform="river", by=BY)
            assert await other.catalog.counts_by_platform() == {}


async def test_what_another_version_made_of_records_is_harvested_anew(tmp_path: Path) -> None:
    async with (
        on_loopback(River().app()) as address,
        open_services(partner_settings(tmp_path, {HOME: address})) as opened,
    ):
        actions = opened.graph_services().connectors
        assert actions is not None
        await actions.register(manifest=river_manifest(), credentials={}, by=BY)
        await actions.verify(platform="river", version=None, by=BY)
        assert (await opened.harvesting.runs()).runs == ()
        for _ in range(2):
            assert (await actions.activate(platform="river", version=1, by=BY)).refusals == ()
            [first] = (await opened.harvesting.runs()).runs
            assert (first.state, first.kind, first.requested_by) == (RunState.QUEUED, HarvestKind.FULL, BY)
        assert (await harvest(opened, "river", HarvestKind.INCREMENTAL)).created == 30
        await actions.publish(platform="river", manifest=river_manifest(2, title="name"), canary=False, by=BY)
        await actions.verify(platform="river", version=2, by=BY)
        await actions.activate(platform="river", version=1, by=BY)
        assert (await opened.harvesting.runs()).total == 1
        await actions.activate(platform="river", version=2, by=BY)
        for version in (2, 1):
            [queued] = (await opened.harvesting.runs(RunFilter(states=[RunState.QUEUED]))).runs
            assert (queued.platform, queued.kind, queued.manifest_version) == ("river", HarvestKind.FULL, version)
            assert (await harvest(opened, "river")).updated == 30
            await actions.rollback(platform="river", by=BY)
        assert (await opened.harvesting.runs()).total == 3


async def test_a_version_that_is_not_served_asks_for_no_harvest(tmp_path: Path) -> None:
    async with (
        on_loopback(River().app()) as address,
        open_services(partner_settings(tmp_path, {HOME: address})) as opened,
    ):
        actions = opened.graph_services().connectors
        assert actions is not None
        await actions.register(manifest=river_manifest(), credentials={}, by=BY)
        for number in (1, 2):
            await actions.verify(platform="river", version=number, by=BY)
            await actions.activate(platform="river", version=number, by=BY)
            await harvest(opened, "river")
            await actions.publish(platform="river", manifest=river_manifest(number + 1), canary=False, by=BY)
        await actions.suspend(platform="river", reason="maintenance", by=BY)
        outcome = await actions.rollback(platform="river", by=BY)
        assert outcome.connector is not None
        assert outcome.connector.active is not None
        assert (outcome.connector.active.version, (await opened.harvesting.runs()).total) == (1, 2)
        await actions.activate(platform="river", version=1, by=BY)
        [queued] = (await opened.harvesting.runs(RunFilter(states=[RunState.QUEUED]))).runs
        assert queued.manifest_version == 1


async def test_a_refused_action_changes_nothing_that_is_served(tmp_path: Path) -> None:
    async with (
        on_loopback(River().app()) as address,
        open_services(partner_settings(tmp_path, {HOME: address})) as opened,
    ):
        services = opened.graph_services()
        assert services.connectors is not None
        assert services.harvests is not None
        await services.connectors.register(manifest=river_manifest(), credentials={}, by=BY)
        before = opened.registry
        outcome = await services.connectors.activate(platform="river", version=None, by=BY)
        assert [refusal.code for refusal in outcome.refusals] == ["NOT_VERIFIED"]
        assert opened.registry is before
        with pytest.raises(InvalidInput, match="no version of river is served"):
            await services.harvests.start("river", HarvestKind.FULL, by=BY)
        assert (await opened.harvesting.runs()).runs == ()
