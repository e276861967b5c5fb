"""What is served: active connectors, canaries in their lanes, the last good version of what is broken."""

import asyncio

import pytest
import sqlalchemy

from connectors.context import ConnectorContext
from connectors.contract import Harvests
from connectors.records import HarvestRequest
from connectors.transport import assemble, in_process
from gateway.registry import CanaryConnector, LiveRegistry, Secrets, canary_code, is_canary, served_code
from gateway.storage import Database
from schema.access import Access
from schema.platforms import Capability
from tests.gateway.registry.desk import BY, HOME, SECRET, Desk, done, manifest


async def spoil(database: Database, version: int) -> None:
    """Make a stored manifest one that this product cannot read, as a newer product may leave it."""
    statement = "UPDATE connector_versions SET manifest = :text WHERE version = :version"
    async with database.writing() as connection:
        values = {"text": f"manifest: 99\nversion: {version}\n", "version": version}
        await connection.execute(sqlalchemy.text(statement), values)


async def test_only_what_is_active_or_on_trial_is_served(database: Database) -> None:
    desk = Desk(database)
    await desk.register()
    assert (await desk.service.snapshot()).connectors == {}
    done(await desk.service.verify("river", None, BY))
    assert (await desk.service.snapshot()).connectors == {}
    done(await desk.service.activate("river", None, BY))
    assert set((await desk.service.snapshot()).connectors) == {"river"}
    done(await desk.service.suspend("river", "维护", BY))
    assert (await desk.service.snapshot()).connectors == {}


async def test_a_canary_is_served_in_its_lane_for_administrators(database: Database) -> None:
    desk = Desk(database)
    await desk.activated()
    done(await desk.service.publish("river", manifest(2, name="江城新版"), True, BY))
    registry = await desk.service.snapshot()
    assert {code: entry.connector.version for code, entry in registry.connectors.items()} == {
        "river": 1,
        "river@canary": 2,
    }
    canary = registry.connectors["river@canary"]
    assert canary.is_canary
    assert isinstance(canary.connector, CanaryConnector)
    assert isinstance(canary.connector, Harvests)
    assert (canary.platform.code, canary.platform.name, canary.platform.access) == (
        "river@canary",
        "江城新版",
        Access.SCHOOL,
    )
    assert registry.connectors["river"].platform.access is Access.PUBLIC
    assert canary.capabilities == frozenset({Capability.HARVEST})
    assert canary.secret_names == frozenset({"platformKey"})
    assert await desk.service.secrets_for("river@canary") == Secrets({"platformKey": SECRET}, frozenset({HOME}))


async def test_a_canary_harvests_as_its_manifest_says(database: Database) -> None:
    desk = Desk(database)
    await desk.activated()
    done(await desk.service.publish("river", manifest(2), True, BY))
    connector = (await desk.service.snapshot()).connectors["river@canary"].connector
    transport = assemble(in_process(desk.platform.app()), connector.limits)
    context = ConnectorContext("river@canary", transport, {"platformKey": SECRET})
    pages = [page async for page in connector.harvest(context, HarvestRequest())]
    await transport.aclose()
    assert [each.record.native_id for page in pages for each in page.accepted] == ["r0", "r1", "r2"]


@pytest.mark.parametrize(("code", "canary", "platform"), [("river", False, "river"), ("river@canary", True, "river")])
def test_codes_of_lanes(code: str, canary: bool, platform: str) -> None:
    assert (is_canary(code), served_code(code)) == (canary, platform)
    assert canary_code("river") == "river@canary"


async def test_the_last_good_version_keeps_serving_when_the_active_one_does_not_read(database: Database) -> None:
    desk = Desk(database)
    await desk.activated()
    await desk.published(2, activate=True)
    await desk.published(3, verify=False)
    await desk.published(4, activate=True)
    await spoil(database, 4)
    registry = await desk.service.snapshot()
    # version 3 was never verified, so it is not what the platform falls back to
    assert registry.connectors["river"].connector.version == 2
    [rejected] = registry.rejected
    assert rejected.source == "river version 4"
    assert rejected.findings
    view = await desk.service.connector("river")
    assert view is not None
    assert (view.platform.name, view.newest.version) == ("江城云课堂", 4)


async def test_what_does_not_read_at_all_is_left_out_and_the_others_are_served(database: Database) -> None:
    desk = Desk(database)
    await desk.activated()
    done(await desk.service.publish("river", manifest(2), True, BY))
    done(await desk.service.register(manifest(code="lake"), {"platformKey": SECRET}, BY))
    done(await desk.service.verify("lake", None, BY))
    done(await desk.service.activate("lake", None, BY))
    async with database.writing() as connection:
        await connection.execute(
            sqlalchemy.text("UPDATE connector_versions SET manifest = '' WHERE platform = 'river'")
        )
    registry = await desk.service.snapshot()
    assert set(registry.connectors) == {"lake"}
    assert [rejected.source for rejected in registry.rejected] == ["river version 1", "river version 2"]


async def test_other_processes_notice_a_change_and_readers_keep_what_they_took(database: Database) -> None:
    here, there = Desk(database), Desk(database)
    live = await LiveRegistry.open(there.service)
    taken = live.current
    await here.activated()
    assert await live.refresh()
    assert not await live.refresh()
    assert set(live.current.connectors) == {"river"}
    assert taken.connectors == {}
    before = live.current
    done(await here.service.publish("river", manifest(2), True, BY))
    await live.refresh()
    assert before.connectors["river"] is live.current.connectors["river"] or (
        before.connectors["river"].connector is live.current.connectors["river"].connector
    )


async def test_following_takes_changes_over_until_it_is_stopped(sqlite_database: Database) -> None:
    desk = Desk(sqlite_database)
    live = await LiveRegistry.open(desk.service)
    stopping = asyncio.Event()
    following = asyncio.create_task(live.follow(0.001, stopping))
    await desk.activated()
    async with asyncio.timeout(20):
        while not live.current.connectors:  # noqa: ASYNC110  # the swap has no signal of its own
            await asyncio.sleep(0)
    stopping.set()
    await following
    assert set(live.current.connectors) == {"river"}
