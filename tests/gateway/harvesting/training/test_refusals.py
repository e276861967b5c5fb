"""Training is harvested only where somebody takes it in, by connectors that tell it, and never on trial."""

from datetime import timedelta

import pytest

from gateway.harvesting import HarvestingService, HarvestKind, HarvestKindUnsupported, RunState, Scheduler
from gateway.harvesting.ports import FreshnessTarget
from schema.platforms import Capability
from tests.gateway.harvesting.training.reporting import Office, Reporting, page, report

TRAINING = HarvestKind.TRAINING


async def test_nothing_is_done_where_training_is_not_possible(office: Office) -> None:
    able = Reporting(reported=[page(report("r1"))])
    unable = Reporting(reported=able.reported, capabilities=frozenset({Capability.HARVEST}))
    alone = HarvestingService(office.database, clock=office.clock)
    for service, upstream, lane, said in (
        (alone, able, None, "cannot be harvested yet; possible are FULL, INCREMENTAL and USAGE"),
        (office.service, unable, None, "from chongqing; possible: FULL and INCREMENTAL"),
        (office.service, able, "chongqing@canary", "from a version on trial, which credits nobody"),
    ):
        with pytest.raises(HarvestKindUnsupported, match=said):
            await service.run(upstream, upstream.context(), kind=TRAINING, lane=lane)
    assert able.requests == unable.requests == []
    for platform, service in (("chongqing@canary", office.service), ("chongqing", alone)):
        with pytest.raises(HarvestKindUnsupported, match="kind: TRAINING cannot be harvested"):
            await service.request(platform, TRAINING, manifest_version=1, by="test")
    assert (await office.service.runs()).total == 0
    assert await office.records() == {}


async def test_a_queued_run_that_the_connector_is_no_longer_able_to_fails(office: Office) -> None:
    asked = await office.service.request("chongqing", TRAINING, manifest_version=1, by="test")
    unable = Reporting(reported=[page(report("r1"))], capabilities=frozenset({Capability.HARVEST}))
    [waiting] = await office.service.waiting()
    await office.service.carry_out(waiting, unable, unable.context())
    run = await office.service.get(asked.id)
    assert run is not None
    assert (run.state, run.error_code) == (RunState.FAILED, "HARVEST_KIND_UNSUPPORTED")
    assert await office.records() == {}


async def test_a_queued_run_is_carried_out(office: Office) -> None:
    asked = await office.service.request("chongqing", TRAINING, manifest_version=1, by="test")
    upstream = Reporting(reported=[page(report("r1"))])
    [waiting] = await office.service.waiting()
    await office.service.carry_out(waiting, upstream, upstream.context())
    run = await office.service.get(asked.id)
    assert run is not None
    assert (run.state, run.created) == (RunState.SUCCEEDED, 1)


async def test_runs_of_resources_and_of_training_follow_only_their_own_kind(office: Office) -> None:
    upstream = Reporting(reported=[page(report("r1"))])
    await office.service.run(upstream, upstream.context(), kind=HarvestKind.FULL)
    run = await office.harvest(page(report("r1")))
    assert (run.since, run.created) == (None, 1)
    resources = await office.service.run(upstream, upstream.context(), kind=HarvestKind.INCREMENTAL)
    assert resources.kind is HarvestKind.INCREMENTAL
    assert (await office.records())["r1"].withdrawn_at is None


async def test_the_scheduler_asks_for_training_every_day(office: Office) -> None:
    class Targets:
        def targets(self) -> list[FreshnessTarget]:
            return [FreshnessTarget("chongqing", 1, timedelta(days=1), TRAINING)]

    scheduler = Scheduler(office.service, Targets(), enabled=True, clock=office.clock)
    looked: list[str | None] = []
    for wait in (timedelta(), timedelta(hours=1), timedelta(days=1)):
        office.clock.now += wait
        asked = await scheduler.look()
        looked.append(None if asked is None else asked.kind.value)
        if asked is not None:
            await office.harvest(page(report("r1")))
    assert looked == [TRAINING, None, TRAINING]
