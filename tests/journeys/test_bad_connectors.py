"""No bad manifest and no connector that crashes keeps the gateway from starting, or the others from being served."""

import asyncio
import logging
import shutil
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from connectors.context import ConnectorContext
from connectors.contract import Harvests
from connectors.records import HarvestPage, HarvestRequest
from gateway.application.connectors import HarvestedConnectors
from tests.journeys.gateway import running
from tests.journeys.partner import Partner, partner_settings
from tests.journeys.river import HOME, River, on_loopback, river_manifest

LAKE = "https://api.lake.example"
PLATFORMS = "{ platforms { code } }"


@dataclass(frozen=True)
class Crashing:
    """A connector whose harvest ends with an error that nobody expects, in the middle of the second page."""

    inner: Harvests

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)

    async def harvest(self, context: ConnectorContext, request: HarvestRequest) -> AsyncIterator[HarvestPage]:
        async for page in self.inner.harvest(context, request):
            yield page
            raise ZeroDivisionError("the plug-in divided hunter2 by zero")


async def test_broken_files_are_left_out_by_name_and_the_others_are_served(
    tmp_path: Path, sqlite_template: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "shanhai.db")
    manifests = tmp_path / "manifests"
    manifests.mkdir()
    (manifests / "broken.yaml").write_text("manifest: 1\n  version: [", "utf-8")
    (manifests / "bytes.yaml").write_bytes(b"\xff\xfe\x00manifest")
    (manifests / "wrong.yaml").write_text(
        river_manifest(code="wrong").replace("records: items", "recrods: items"), "utf-8"
    )
    (manifests / "river.yaml").write_text(river_manifest(), "utf-8")
    directories = (manifests, tmp_path / "absent")
    async with on_loopback(River().app()) as address:
        with caplog.at_level(logging.WARNING, "shanhai.registry"):
            async with running(partner_settings(tmp_path, {HOME: address}, manifests=directories)) as client:
                assert (await client.ask(PLATFORMS))["platforms"] == [{"code": "river"}]
                run = await Partner(client).harvest("river")
                left_out = [Path(each.source).name for each in client.services.registry.rejected]
    assert (run["state"], run["created"]) == ("SUCCEEDED", 30)
    assert sorted(left_out) == ["absent", "broken.yaml", "bytes.yaml", "wrong.yaml"]
    assert sorted(name for name in left_out if f"{name}:" not in caplog.text) == []


@pytest.mark.parametrize("damage", ["manifest = '{'", "report = '{'", "capabilities = '{'", "report = '{\"new\": 1}'"])
async def test_a_stored_version_that_was_damaged_is_left_out_and_can_be_replaced(
    tmp_path: Path, sqlite_template: Path, damage: str
) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "shanhai.db")
    async with on_loopback(River().app()) as address:
        settings = partner_settings(tmp_path, {HOME: address, LAKE: address})
        async with running(settings) as client:
            partner = Partner(client)
            await partner.serve("river", river_manifest())
            await partner.serve("lake", river_manifest(code="lake", origin=LAKE))
            await partner.harvest("river")
            assert (await partner.ended("lake"))["created"] == 30
        with sqlite3.connect(tmp_path / "shanhai.db") as connection:
            changed = connection.execute(f"UPDATE connector_versions SET {damage} WHERE platform = 'river'")  # noqa: S608
            assert changed.rowcount == 1
        connection.close()
        async with running(settings) as client:
            partner = Partner(client)
            assert "lake" in [each["code"] for each in (await client.ask(PLATFORMS))["platforms"]]
            assert (await partner.harvest("lake"))["unchanged"] == 30
            assert (await client.ask('{ search(filter: {regions: ["500000"]}) { totalCount } }'))["search"][
                "totalCount"
            ] == 60
            if damage.startswith("manifest"):
                [rejected] = client.services.registry.rejected
                assert rejected.source == "river version 1"
                assert [finding.severity for finding in rejected.findings][:1] == ["ERROR"]
            listed = await partner.ask(
                "{ connectors { nodes { platform { code } state versions { version report { ok } } } } }"
            )
            assert [node["platform"]["code"] for node in listed["connectors"]["nodes"]] == ["lake", "river"]
            await partner.do("publishConnectorVersion", "river", manifest=river_manifest(2))
            await partner.do("verifyConnector", "river")
            await partner.do("activateConnector", "river")
            assert (await partner.harvest("river"))["state"] == "SUCCEEDED"


async def test_a_damaged_version_is_replaced_by_the_one_before(tmp_path: Path, sqlite_template: Path) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "shanhai.db")
    async with on_loopback(River().app()) as address:
        settings = partner_settings(tmp_path, {HOME: address})
        async with running(settings) as client:
            partner = Partner(client)
            await partner.serve("river", river_manifest())
            await partner.do("publishConnectorVersion", "river", manifest=river_manifest(2, title="name"))
            await partner.do("verifyConnector", "river")
            await partner.do("activateConnector", "river")
        with sqlite3.connect(tmp_path / "shanhai.db") as connection:
            connection.execute("UPDATE connector_versions SET manifest = 'manifest: 99' WHERE version = 2")
        connection.close()
        async with running(settings) as client:
            assert (await client.ask(PLATFORMS))["platforms"] == [{"code": "river"}]
            assert client.services.registry.connectors["river"].connector.version == 1
            assert [each.source for each in client.services.registry.rejected] == ["river version 2"]


async def test_a_connector_that_crashes_ends_its_run_and_nothing_else(
    tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "shanhai.db")
    find = HarvestedConnectors.find

    def crashing(self: HarvestedConnectors, platform: str) -> object:
        found = find(self, platform)
        return Crashing(found) if found and platform == "river" else found

    monkeypatch.setattr(HarvestedConnectors, "find", crashing)
    async with on_loopback(River().app()) as address:
        settings = partner_settings(tmp_path, {HOME: address, LAKE: address})
        async with running(settings) as client:
            partner = Partner(client)
            await partner.serve("river", river_manifest())
            await partner.serve("lake", river_manifest(code="lake", origin=LAKE))
            crashed, sound = await asyncio.gather(partner.harvest("river"), partner.harvest("lake"))
            assert (sound["state"], sound["created"]) == ("SUCCEEDED", 30)
            assert (crashed["state"], crashed["seen"], crashed["withdrawn"]) == ("PARTIAL", 10, 0)
            assert (crashed["errorCode"], crashed["error"]) == ("INTERNAL", "internal error: ZeroDivisionError")
            monkeypatch.undo()
            mended = await partner.harvest("river")
    assert (mended["state"], mended["created"], mended["unchanged"]) == ("SUCCEEDED", 20, 10)
