"""A version on trial is harvested beside the active one and shown to the administrator only."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from schema.identifiers import GlobalId
from tests.journeys.gateway import running
from tests.journeys.partner import Partner, partner_settings
from tests.journeys.river import HOME, River, on_loopback, river_manifest

LOOK = """query L($node: ID!, $platform: ID!) {
  search(query: "新第7课") { totalCount nodes { nativeId } }
  all: search(first: 0) { totalCount facets(dimensions: [PLATFORM, ACCESS]) { buckets { value count } } }
  suggest(prefix: "新第7") { text }
  node(id: $node) { id }
  nodes(ids: [$node]) { id }
  laneNode: node(id: $platform) { id }
  platforms { code resourceCount }
  platform(code: "river@canary") { code resourceCount resource(nativeId: "r7") { id } }
}"""
TITLES = '{ search(query: "第7课") { nodes { nativeId title platform { code } } } }'
VARIABLES = {
    "node": str(GlobalId("Resource", ("river@canary", "r7"))),
    "platform": str(GlobalId("Platform", ("river@canary",))),
}


LANE = '{ search(filter: {platforms: ["river@canary"]}) { totalCount nodes { id } } }'


async def titles(partner: Partner, *, anonymous: bool) -> list[tuple[str, str]]:
    """Platform and title of everything like lesson seven, as the public or the administrator finds it."""
    found: dict[str, Any] = await (partner.client.ask(TITLES) if anonymous else partner.ask(TITLES))
    return sorted((node["platform"]["code"], node["title"]) for node in found["search"]["nodes"])


async def test_a_canary_is_seen_by_the_administrator_only_and_is_gone_after_rollback(tmp_path: Path) -> None:
    async with (
        on_loopback(River().app()) as address,
        running(partner_settings(tmp_path, {HOME: address})) as client,
    ):
        partner = Partner(client)
        await partner.serve("river", river_manifest())
        await partner.harvest("river")
        before = await client.ask(LOOK, **VARIABLES)
        assert before["all"]["totalCount"] == 30

        second = river_manifest(2, title="name")
        await partner.do("publishConnectorVersion", "river", manifest=second, canary=True)
        run = await partner.ended("river")
        assert (run["manifestVersion"], run["state"], run["created"]) == (2, "SUCCEEDED", 30)
        await client.services.catalog.catch_up()
        assert await client.ask(LOOK, **VARIABLES) == before
        assert (await client.ask(LANE))["search"] == {"totalCount": 0, "nodes": []}
        assert (await partner.ask(LANE))["search"]["totalCount"] == 30
        assert await titles(partner, anonymous=True) == [("river", "第7课")]
        assert await titles(partner, anonymous=False) == [("river", "第7课"), ("river@canary", "新第7课")]
        shown = await partner.ask(LOOK, **VARIABLES)
        assert shown["all"]["totalCount"] == 60
        assert shown["node"] == {"id": VARIABLES["node"]}
        assert shown["platform"]["resource"] == {"id": VARIABLES["node"]}
        assert shown["platforms"] == before["platforms"]

        await partner.do("rollbackConnector", "river")
        await client.services.catalog.catch_up()
        assert await titles(partner, anonymous=False) == [("river", "第7课")]
        gone = await partner.ask(LOOK, **VARIABLES)
        assert (gone["all"]["totalCount"], gone["node"]) == (30, None)
        assert await client.ask(LOOK, **VARIABLES) == before


async def test_a_canary_that_is_activated_is_harvested_and_becomes_public(tmp_path: Path) -> None:
    async with (
        on_loopback(River().app()) as address,
        running(partner_settings(tmp_path, {HOME: address})) as client,
    ):
        partner = Partner(client)
        await partner.serve("river", river_manifest())
        await partner.harvest("river")
        second = river_manifest(2, title="name")
        await partner.do("publishConnectorVersion", "river", manifest=second, canary=True)
        assert (await partner.ended("river"))["manifestVersion"] == 2
        served = await partner.do("activateConnector", "river", version=2)
        assert (served["connector"]["activeVersion"], served["connector"]["canaryVersion"]) == ({"version": 2}, None)
        run = await partner.ended("river")
        assert (run["kind"], run["manifestVersion"], run["updated"]) == ("FULL", 2, 30)
        await client.services.catalog.catch_up()
        assert await titles(partner, anonymous=True) == [("river", "新第7课")]
        assert await titles(partner, anonymous=False) == [("river", "新第7课")]


async def test_a_canary_that_is_withdrawn_while_it_is_harvested_leaves_nothing(tmp_path: Path) -> None:
    river = River()
    async with (
        on_loopback(river.app()) as address,
        running(partner_settings(tmp_path, {HOME: address})) as client,
    ):
        partner = Partner(client)
        await partner.serve("river", river_manifest())
        await partner.harvest("river")
        river.held_from = 2
        river.asked.clear()
        second = river_manifest(2, title="name")
        trial = asyncio.create_task(partner.do("publishConnectorVersion", "river", manifest=second, canary=True))
        await until(lambda: 2 in river.asked)
        await trial
        await partner.do("rollbackConnector", "river")
        river.gate.set()
        await until(lambda: not client.services.registry.get("river@canary"))
        assert [run["manifestVersion"] for run in await partner.runs("river")] == [1]
        assert (await partner.harvest("river"))["unchanged"] == 30
        assert (await partner.ask(LOOK, **VARIABLES))["all"]["totalCount"] == 30
        assert [run["state"] for run in await partner.runs("river")] == ["SUCCEEDED", "SUCCEEDED"]


async def until(reached: Callable[[], bool]) -> None:
    """Wait for something that must happen soon."""
    async with asyncio.timeout(20):
        while not reached():  # noqa: ASYNC110  # what is waited for is in another task's hands
            await asyncio.sleep(0.02)
