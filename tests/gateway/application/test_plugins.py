"""The gateway with plug-ins installed: bad ones stop nothing, and a good one is a platform like any other."""

import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from connectors.samples.plugin.rhymes import HOME
from gateway.cli.harvest import chosen, harvest_all
from gateway.harvesting import HarvestKind
from tests.connectors.packages import GOOD, installed
from tests.journeys.gateway import Client, running
from tests.journeys.partner import Partner, connector_id, partner_settings
from tests.journeys.river import on_loopback

ELSEWHERE = "https://elsewhere.example"
KEY = "hunter2-planted-secret"
CRASHING = GOOD + '        raise SystemExit("{code} leaves")\n'
STRAYING = "from connectors.transport import Request\n" + GOOD.replace(
    "        record =",
    '        await context.transport.send(Request("GET", "https://elsewhere.example/lessons/1"))\n        record =',
)
SEARCHING = """
from schema.platforms import PlatformDescription

class Good:
    platform = PlatformDescription(code="{code}", name="只搜索", region="500000", simulated=True)
    version, capabilities, origins = 1, {{"LIVE_SEARCH"}}, ["https://api.rhymes.example"]

    async def search(self, context, query):
        return None
"""
MODULES = {
    "bad_import": "import package_that_is_not_there",
    "bad_exit": "import sys\nsys.exit('bye')\n",
    "bad_nothing": "def make():\n    return None\n",
    "crashing_plugin": CRASHING.format(code="crashing"),
    "straying_plugin": STRAYING.format(code="straying"),
    "searching_plugin": SEARCHING.format(code="searching"),
}
ENTRIES = {
    "bad-import": "bad_import:Bad",
    "bad-exit": "bad_exit:Bad",
    "bad-nothing": "bad_nothing:make",
    "crashing": "crashing_plugin:Good",
    "rhymes": "connectors.samples.plugin.rhymes:Rhymes",
    "searching": "searching_plugin:Good",
    "straying": "straying_plugin:Good",
}
PAGES = {
    "1": {"next": 2, "page-1": [{"no": 1, "name": "小燕子"}, {"no": 2, "name": "数鸭子"}]},
    "2": {"next": None, "page-2": [{"no": 3, "name": "两只老虎"}, {"no": 4}]},
}


class Platform:
    """The sample's platform; `keys` are those it was shown."""

    def __init__(self) -> None:
        self.keys: list[str | None] = []

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/lessons/{page}", self._lessons)])

    async def _lessons(self, request: Request) -> JSONResponse:
        self.keys.append(request.headers.get("x-api-key"))
        return JSONResponse(PAGES[request.path_params["page"]])


@pytest.fixture(autouse=True)
def packages(tmp_path: Path) -> Iterator[None]:
    """Three bad plug-ins, three that misbehave once they are asked, and a good one."""
    with installed(tmp_path, "shanhai_plugins", MODULES, ENTRIES):
        yield


@asynccontextmanager
async def gateway(
    tmp_path: Path, template: Path, platform: Platform, secrets: str = f"rhymes: {{rhymesKey: {KEY}}}\n"
) -> AsyncIterator[Client]:
    """The application with the sample's platform on loopback; `secrets` is the operator's file."""
    if not (tmp_path / "shanhai.db").exists():
        shutil.copyfile(template, tmp_path / "shanhai.db")
    file = tmp_path / "secrets.yaml"
    file.write_text(secrets, "utf-8")
    async with (
        on_loopback(platform.app()) as address,
        running(partner_settings(tmp_path, {HOME: address, ELSEWHERE: address}, secrets_file=file)) as client,
    ):
        yield client


async def test_the_gateway_starts_with_bad_plug_ins_and_serves_what_the_good_one_brings(
    tmp_path: Path, sqlite_template: Path
) -> None:
    platform = Platform()
    async with gateway(tmp_path, sqlite_template, platform) as client:
        partner = Partner(client)
        assert [each.source.split()[1] for each in client.services.registry.rejected] == [
            "bad-exit",
            "bad-import",
            "bad-nothing",
        ]
        run = await partner.harvest("rhymes")
        assert (run["state"], run["created"], run["quarantined"], run["manifestVersion"]) == ("SUCCEEDED", 3, 1, 1)
        found = await client.ask('{ search(filter: {platforms: ["rhymes"]}) { nodes { title } } }')
        listed = await partner.ask("query($id: ID!) { connector(id: $id) { id } }", id=connector_id("rhymes"))
        platforms = await partner.ask("{ platforms { code capabilities connector { id } } }")
    assert sorted(node["title"] for node in found["search"]["nodes"]) == ["两只老虎", "小燕子", "数鸭子"]
    assert listed["connector"] is None
    assert [each["code"] for each in platforms["platforms"]] == ["crashing", "rhymes", "searching", "straying"]
    assert {each["connector"] for each in platforms["platforms"]} == {None}
    assert platform.keys == [KEY, KEY]


async def test_a_plug_in_that_misbehaves_ends_its_own_run_and_no_other(tmp_path: Path, sqlite_template: Path) -> None:
    platform = Platform()
    async with gateway(tmp_path, sqlite_template, platform) as client:
        partner = Partner(client)
        crashed = await partner.harvest("crashing")
        strayed = await partner.harvest("straying")
        assert platform.keys == []
        refused = await partner.act("startHarvest", connectorId=connector_id("searching"), kind="FULL")
        sound = await partner.harvest("rhymes")
        runs = await partner.runs("searching")
    assert (crashed["state"], crashed["seen"], crashed["withdrawn"]) == ("PARTIAL", 1, 0)
    assert (crashed["errorCode"], crashed["error"]) == (
        "CONNECTOR_ERROR",
        "the plug-in ended unexpectedly with SystemExit",
    )
    assert (strayed["state"], strayed["errorCode"], strayed["seen"]) == ("FAILED", "EGRESS_REFUSED", 0)
    assert [error["code"] for error in refused["errors"]] == ["INVALID_INPUT"]
    assert runs == []
    assert (sound["state"], sound["created"]) == ("SUCCEEDED", 3)


async def test_the_command_harvests_the_others_although_one_crashes(tmp_path: Path, sqlite_template: Path) -> None:
    async with gateway(tmp_path, sqlite_template, Platform()) as client:
        runs = await harvest_all(client.services, ["crashing", "rhymes", "searching"], HarvestKind.FULL)
    assert [(run.platform, run.state, run.error_code) for run in runs] == [
        ("crashing", "PARTIAL", "CONNECTOR_ERROR"),
        ("rhymes", "SUCCEEDED", None),
        ("searching", "FAILED", "UPSTREAM_FAILURE"),
    ]


async def test_the_command_leaves_out_what_lists_nothing_unless_it_is_named(
    tmp_path: Path, sqlite_template: Path
) -> None:
    async with gateway(tmp_path, sqlite_template, Platform()) as client:
        listing = [entry.platform.code for entry in chosen(client.services, ())]
        named = [entry.platform.code for entry in chosen(client.services, ["searching"])]
        served = sorted(client.services.registry.connectors)
    assert named == ["searching"]
    assert listing == [code for code in served if code != "searching"]


async def test_a_plug_in_is_given_no_secret_that_was_sealed_for_a_manifest(
    tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = Platform()
    text = (
        'manifest: 1\nversion: 1\nplatform: {code: rhymes, name: 童谣馆, region: "500000"}\n'
        f"origin: {HOME}\ncredentials: {{kind: bearer, secret: rhymesKey}}\n"
        "harvest: {protocol: rest, request: {path: /}, "
        "fields: {nativeId: id, title: title, kind: {constant: LESSON}}}\n"
    )
    with monkeypatch.context() as before:  # the plug-in was installed
        before.setattr(sys, "path", [each for each in sys.path if not each.endswith("shanhai_plugins")])
        async with gateway(tmp_path, sqlite_template, platform, secrets="{}") as client:
            await Partner(client).register(text, {"rhymesKey": "sealed-for-the-manifest"})
    async with gateway(tmp_path, sqlite_template, platform, secrets="{}") as client:
        run = await Partner(client).harvest("rhymes")
    assert (run["state"], run["errorCode"]) == ("FAILED", "MANIFEST_INVALID")
    assert run["error"] == "the secret 'rhymesKey' is not set"
    assert platform.keys == []


async def test_only_what_lists_resources_is_scheduled(tmp_path: Path, sqlite_template: Path) -> None:
    async with gateway(tmp_path, sqlite_template, Platform()) as client:
        targets = {target.platform: target.freshness for target in client.services.harvested.targets()}
    assert sorted(targets) == ["crashing", "rhymes", "straying"]
    assert [code for code, freshness in targets.items() if freshness is not None] == ["rhymes"]


async def test_what_an_uninstalled_plug_in_brought_stays_under_its_code(
    tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = "{ platforms { code } search { nodes { title platform { code name } } } }"
    async with gateway(tmp_path, sqlite_template, Platform()) as client:
        assert (await Partner(client).harvest("rhymes"))["created"] == 3
    monkeypatch.setattr(sys, "path", [each for each in sys.path if not each.endswith("shanhai_plugins")])
    async with gateway(tmp_path, sqlite_template, Platform()) as client:
        without = await client.ask(asked)
    assert without["platforms"] == []
    assert [node["platform"] for node in without["search"]["nodes"]] == [{"code": "rhymes", "name": "rhymes"}] * 3
