"""Without the administrator's key nobody may do, or see, anything of connectors: refused, and nothing changed."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import SQLModel

from gateway.application import Services
from gateway.personal import Action
from schema.identifiers import GlobalId
from tests.journeys.gateway import Client, running
from tests.journeys.partner import ACTIONS, Partner, connector_id, credentials, partner_settings
from tests.journeys.river import HOME, River, on_loopback, river_manifest

KEYED = river_manifest(credentials="credentials: {kind: apiKey, secret: platformKey}\n")
ARGUMENTS: dict[str, dict[str, Any]] = {
    "registerConnector": {"manifest": river_manifest(code="lake"), "credentials": []},
    "publishConnectorVersion": {"manifest": river_manifest(2), "canary": True},
    "verifyConnector": {},
    "activateConnector": {"version": 1},
    "rollbackConnector": {},
    "suspendConnector": {"reason": "because"},
    "retireConnector": {},
    "setCredentials": {"credentials": credentials({"platformKey": "stolen"})},
    "startHarvest": {"kind": "FULL"},
    "cancelHarvest": {},
    "testRead": {"manifest": KEYED, "limit": 1},
}
GUARDED = {
    "connectors": "{ connectors { nodes { id } } }",
    "connector": "query($connector: ID!) { connector(id: $connector) { id } }",
    "harvestRuns": "{ harvestRuns { nodes { id } } }",
}
HIDDEN = """query($ids: [ID!]!) { nodes(ids: $ids) { id }
  platform(code: "river") { code connector { id } resource(nativeId: "r1") { provenance { connector { id } } } } }"""


async def everything(services: Services) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    async with services.database.reading() as connection:
        return {
            table.name: sorted(map(tuple, await connection.execute(select(table))), key=repr)
            for table in SQLModel.metadata.sorted_tables
        }


@pytest.fixture
async def world(tmp_path: Path, sqlite_template: Path) -> AsyncIterator[tuple[Client, River, str]]:
    """A gateway with a harvested connector, its platform, and the id of its run."""
    shutil.copyfile(sqlite_template, tmp_path / "shanhai.db")
    river = River()
    async with on_loopback(river.app()) as address, running(partner_settings(tmp_path, {HOME: address})) as client:
        partner = Partner(client)
        await partner.serve("river", KEYED, {"platformKey": "0123456789"})
        run = await partner.harvest("river")
        assert run["state"] == "SUCCEEDED"
        yield client, river, run["id"]


def given(action: str, run_id: str) -> dict[str, Any]:
    """Arguments that would do."""
    match action:
        case "registerConnector":
            return ARGUMENTS[action]
        case "cancelHarvest":
            return {"runId": run_id}
    return {"connectorId": connector_id("river"), **ARGUMENTS[action]}


async def test_no_action_and_no_guarded_query_does_anything_for_the_public(world: tuple[Client, River, str]) -> None:
    client, river, run_id = world
    assert set(ARGUMENTS) == set(ACTIONS)
    listed = await client.ask('{ __type(name: "Mutation") { fields { name } } }')
    assert {field["name"] for field in listed["__type"]["fields"]} == {*ACTIONS, *Action}
    before, asked = await everything(client.services), list(river.asked)
    assert len(before["connector_versions"]) == 1
    for action, document in ACTIONS.items():
        answer = await client.answer(document, **given(action, run_id))
        assert answer["data"] == {"done": None}, action
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"], action
    for name, document in GUARDED.items():
        answer = await client.answer(document, connector=connector_id("river"))
        assert answer["data"] == {name: None}
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    version = str(GlobalId("ManifestVersion", ("river", "1")))
    hidden = await client.ask(HIDDEN, ids=[connector_id("river"), version, run_id])
    assert hidden["nodes"] == [None, None, None]
    assert hidden["platform"] == {"code": "river", "connector": None, "resource": {"provenance": {"connector": None}}}
    shown = await Partner(client).ask(HIDDEN, ids=[connector_id("river"), version, run_id])
    assert [node["id"] for node in shown["nodes"]] == [connector_id("river"), version, run_id]
    assert await everything(client.services) == before
    assert river.asked == asked


async def test_a_wrong_key_is_refused_before_anything_is_read(world: tuple[Client, River, str]) -> None:
    client, river, run_id = world
    before, asked = await everything(client.services), list(river.asked)
    client.http.headers["authorization"] = "Bearer correct horse battery stapl"
    for action, document in ACTIONS.items():
        body = {"query": document, "variables": given(action, run_id)}
        response = await client.http.post("/graphql", json=body)
        assert response.status_code == 401
        assert [error["extensions"]["code"] for error in response.json()["errors"]] == ["UNAUTHENTICATED"]
    del client.http.headers["authorization"]
    assert await everything(client.services) == before
    assert river.asked == asked


async def test_a_gateway_without_a_key_has_no_administrator(tmp_path: Path, sqlite_template: Path) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "shanhai.db")
    async with running(partner_settings(tmp_path, {}, admin_key=None)) as client:
        for headers in ({}, {"authorization": "Bearer "}, {"authorization": "Bearer None"}):
            body = {"query": ACTIONS["registerConnector"], "variables": {"manifest": river_manifest()}}
            answer = (await client.http.post("/graphql", json=body, headers=headers)).json()
            [error] = answer["errors"]
            assert error["extensions"]["code"] == ("UNAUTHENTICATED" if headers else "FORBIDDEN")
        assert (await everything(client.services))["connectors"] == []
