"""Health is judged by runs that came to an end, and tells everybody a code, not what the platform wrote."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert

from gateway.cli.simulation import demo_secrets, simulators
from gateway.harvesting import HarvestKind, RunState
from gateway.registry import SecretStore
from gateway.storage.tables import HarvestRunRow
from tests.journeys.gateway import harvest_once, running, settings_for

HEALTH = '{ platform(code: "zibo") { health { state lastError } lastHarvestedAt } }'


async def test_a_running_harvest_leaves_the_last_verdict_standing(tmp_path: Path) -> None:
    with simulators(size=20) as reroutes:
        settings = settings_for(tmp_path, reroutes, harvest_workers=0)  # a worker would take the run below for its own
        await harvest_once(settings, demo_secrets(), "zibo")
        async with running(settings) as client:
            async with client.services.database.writing() as connection:
                row = {
                    "id": "r" * 32,
                    "platform": "zibo",
                    "manifest_version": 1,
                    "kind": HarvestKind.FULL,
                    "state": RunState.RUNNING,
                    "started_at": datetime.now(UTC),
                }
                await connection.execute(insert(HarvestRunRow).values(**row))
            answer = (await client.ask(HEALTH))["platform"]
    assert answer["health"] == {"state": "HEALTHY", "lastError": None}
    assert answer["lastHarvestedAt"] is not None


async def test_a_failure_is_told_by_its_code(tmp_path: Path) -> None:
    with simulators(size=20) as reroutes:
        settings = settings_for(tmp_path, reroutes)
        wrong = SecretStore({"zibo": {"account": "nobody", "password": "hunter2"}}, {})
        [run] = await harvest_once(settings, wrong, "zibo")
        assert run.state is RunState.FAILED
        async with running(settings) as client:
            answer = (await client.ask(HEALTH))["platform"]
    assert answer["health"] == {"state": "DOWN", "lastError": "CREDENTIAL_REFUSED"}
    assert answer["lastHarvestedAt"] is None
