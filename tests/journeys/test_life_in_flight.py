"""Registering, serving, trying and withdrawing connectors disturbs nobody who is reading at the same time."""

import asyncio
from pathlib import Path
from typing import Any

from gateway.cli.simulation import demo_secrets, simulators
from tests.journeys.gateway import Client, harvest_once, running
from tests.journeys.partner import Partner, partner_settings
from tests.journeys.river import HOME, River, on_loopback, river_manifest

SEARCH = '{ search(filter: {platforms: ["chongqing"]}, first: 20) { totalCount nodes { id title } } }'
NODE = "query N($id: ID!) { node(id: $id) { ... on Resource { id title platform { code name } } } }"
PLATFORMS = "{ platforms { code name capabilities health { state } } }"


async def reads(client: Client, stopping: asyncio.Event, answers: list[dict[str, Any]]) -> None:
    """One client that searches and opens what it found, again and again."""
    while not stopping.is_set():
        found = await client.answer(SEARCH)
        answers.append(found)
        nodes = (found.get("data") or {"search": {"nodes": []}})["search"]["nodes"]
        answers += [await client.answer(NODE, id=node["id"]) for node in nodes[:2]]
        answers.append(await client.answer(PLATFORMS))


async def live_a_whole_life(partner: Partner, river: River) -> None:
    """Everything that can be done with a connector."""
    await partner.serve("river", river_manifest())
    assert (await partner.harvest("river"))["created"] == 30
    trial = await partner.do("publishConnectorVersion", "river", manifest=river_manifest(2, title="name"), canary=True)
    assert trial["connector"]["canaryVersion"] == {"version": 2}
    await partner.do("rollbackConnector", "river")
    await partner.do("publishConnectorVersion", "river", manifest=river_manifest(3, title="name"))
    await partner.do("verifyConnector", "river")
    await partner.do("activateConnector", "river")
    assert (await partner.harvest("river"))["updated"] == 30
    back = await partner.do("rollbackConnector", "river")
    assert back["connector"]["activeVersion"] == {"version": 1}
    assert (await partner.harvest("river"))["updated"] == 30
    await partner.do("suspendConnector", "river", reason="maintenance")
    await partner.do("activateConnector", "river", version=3)
    await partner.do("retireConnector", "river")


async def test_no_request_fails_and_the_schema_stays_while_connectors_come_and_go(tmp_path: Path) -> None:
    river = River()
    with simulators(size=40) as reroutes:
        async with on_loopback(river.app()) as address:
            everywhere = {**reroutes, HOME: address}
            settings = partner_settings(tmp_path, everywhere, builtin_platforms=True)
            await harvest_once(settings, demo_secrets(), "chongqing")
            async with running(settings) as client:
                schema = (await client.http.get("/schema.graphql")).content
                before = await client.ask(SEARCH)
                assert before["search"]["totalCount"] > 0
                stopping, answers = asyncio.Event(), list[dict[str, Any]]()
                clients = [asyncio.create_task(reads(client, stopping, answers)) for _ in range(4)]
                try:
                    await live_a_whole_life(Partner(client), river)
                finally:
                    stopping.set()
                    await asyncio.gather(*clients)
                assert (await client.http.get("/schema.graphql")).content == schema
    assert [answer["errors"] for answer in answers if "errors" in answer] == []
    searches = [answer["data"] for answer in answers if "search" in answer["data"]]
    assert len(searches) > 20
    assert all(found == before for found in searches)
    nodes = [answer["data"]["node"] for answer in answers if "node" in answer["data"]]
    assert all(node["platform"]["code"] == "chongqing" for node in nodes)
    shown = {
        tuple(each["code"] for each in answer["data"]["platforms"])
        for answer in answers
        if "platforms" in answer["data"]
    }
    assert {codes[:1] for codes in shown} == {("chongqing",)}
    assert {"river" in codes for codes in shown} == {True, False}
