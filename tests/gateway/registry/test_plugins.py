"""Plug-ins beside manifests: a manifest keeps its platform, and what is broken is reported like a bad manifest."""

import logging
from pathlib import Path
from typing import Any

import orjson
import pytest

from connectors.plugged import PluginConnector
from connectors.plugins import BrokenPlugin, LoadedPlugin, examine
from connectors.samples.plugin.rhymes import Rhymes
from gateway.registry import LiveRegistry, Registry
from gateway.storage import Database
from schema.findings import Finding
from tests.connectors.packages import GOOD, installed
from tests.gateway.cli.test_commands import shanhai
from tests.gateway.registry.desk import BY, SECRET, Desk, codes, done, manifest

BROKEN = BrokenPlugin("plug-in broken (broken:Broken)", (Finding("plugin.unloadable", "it cannot be loaded"),))


def rhymes(code: str = "rhymes") -> LoadedPlugin:
    """The sample as a plug-in for a platform with this code."""
    platform = Rhymes.platform.model_copy(update={"code": code})
    plugin = examine(type("Here", (Rhymes,), {"platform": platform}), f"plug-in {code} (here)")
    assert isinstance(plugin, LoadedPlugin)
    return plugin


def plugged(live: LiveRegistry, code: str) -> bool:
    """Whether a plug-in serves this platform now."""
    return isinstance(live.current.connectors[code].connector, PluginConnector)


def taken(registry: Registry) -> list[tuple[str, str, str]]:
    return [(each.source, each.findings[0].code, each.findings[0].message) for each in registry.rejected]


def test_plug_ins_stand_beside_manifests_and_broken_ones_are_left_out() -> None:
    registry = Registry.load(builtin=False, plugins=[BROKEN, rhymes()])
    assert list(registry.connectors) == ["rhymes"]
    entry = registry.connectors["rhymes"]
    assert isinstance(entry.connector, PluginConnector)
    assert (entry.source, entry.secret_names) == ("plug-in rhymes (here)", frozenset({"rhymesKey"}))
    assert (entry.is_canary, entry.warnings, entry.capabilities) == (False, (), Rhymes.capabilities)
    assert taken(registry) == [("plug-in broken (broken:Broken)", "plugin.unloadable", "it cannot be loaded")]


def test_a_manifest_keeps_its_platform() -> None:
    registry = Registry.load(plugins=[rhymes("zibo")])
    assert not isinstance(registry.connectors["zibo"].connector, PluginConnector)
    assert taken(registry) == [
        (
            "plug-in zibo (here)",
            "plugin.platformTaken",
            "platform zibo is taken by another connector (built-in zibo.yaml)",
        )
    ]


async def test_a_manifest_that_was_served_before_the_plug_in_came_keeps_its_platform_until_it_is_retired(
    database: Database,
) -> None:
    desk = Desk(database)
    live = await LiveRegistry.open(desk.service, [rhymes("river"), rhymes()])
    before = live.current
    assert list(before.connectors) == ["river", "rhymes"]
    await desk.register()
    await live.refresh()
    assert plugged(live, "river")
    done(await desk.service.verify("river", None, BY))
    done(await desk.service.activate("river", None, BY))
    await live.refresh()
    assert not plugged(live, "river")
    assert taken(live.current) == [
        ("plug-in river (here)", "plugin.platformTaken", "platform river is taken by another connector (registered)")
    ]
    assert isinstance(before.connectors["river"].connector, PluginConnector)
    done(await desk.service.suspend("river", "维护", BY))
    await live.refresh()
    assert (list(live.current.connectors), list(live.current.suspended)) == (["rhymes"], ["river"])
    done(await desk.service.retire("river", BY))
    await live.refresh()
    assert plugged(live, "river")
    assert live.current.rejected == ()
    assert live.current.revision > before.revision


async def test_a_canary_is_tried_beside_a_plug_in(sqlite_database: Database) -> None:
    desk = Desk(sqlite_database)
    live = await LiveRegistry.open(desk.service, [rhymes("river")])
    await desk.register()
    done(await desk.service.publish("river", manifest(2), True, BY))
    await live.refresh()
    served = {code: entry.connector.version for code, entry in live.current.connectors.items()}
    assert served == {"river": 1, "river@canary": 2}
    assert plugged(live, "river")


async def test_nothing_that_comes_through_the_api_takes_the_place_of_a_plug_in(sqlite_database: Database) -> None:
    before = Desk(sqlite_database)
    await before.register()
    done(await before.service.verify("river", None, BY))
    desk = Desk(sqlite_database, plugins=frozenset({"river", "rhymes"}))
    live = await LiveRegistry.open(desk.service, [rhymes("river"), rhymes()])
    events, revision = await desk.service.events("river"), live.current.revision
    refused = [
        await desk.service.register(manifest(code="rhymes"), {"platformKey": SECRET}, BY),
        await desk.service.publish("river", manifest(2), False, BY),
        await desk.service.publish("river", manifest(2), True, BY),
        await desk.service.activate("river", None, BY),
    ]
    assert [codes(outcome) for outcome in refused] == [["CONNECTOR_EXISTS"]] * 4
    assert refused[0].refusals[0].message == (
        "platform 'rhymes' has an installed plug-in; only a manifest in a file of the operator's may take its place"
    )
    assert await desk.service.events("river") == events
    assert not await desk.service.changed_since(revision)
    assert [view.code for view in (await desk.service.connectors()).items] == ["river"]
    assert (plugged(live, "river"), plugged(live, "rhymes")) == (True, True)


async def test_a_file_of_the_operators_takes_the_place_of_a_plug_in(sqlite_database: Database, tmp_path: Path) -> None:
    desk = Desk(sqlite_database, plugins=frozenset({"river"}))
    await desk.installed(tmp_path / "manifests")
    done(await desk.service.publish("river", manifest(2), False, BY))
    done(await desk.service.activate("river", 1, BY))
    live = await LiveRegistry.open(desk.service, [rhymes("river")])
    assert not plugged(live, "river")
    assert [code for _, code, _ in taken(live.current)] == ["plugin.platformTaken"]


async def test_what_is_left_out_at_the_start_is_logged(
    sqlite_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "shanhai.registry"):
        await LiveRegistry.open(Desk(sqlite_database).service, [BROKEN])
    assert [record.getMessage() for record in caplog.records] == [
        "left out plug-in broken (broken:Broken): it cannot be loaded"
    ]


def test_the_command_lists_plug_ins_and_says_what_is_wrong_with_the_others(tmp_path: Path) -> None:
    modules = {"good_plugin": "print('loaded')\n" + GOOD.format(code="good"), "bad_plugin": "import sys\nsys.exit(0)\n"}
    entries = {"good": "good_plugin:Good", "bad": "bad_plugin:Bad"}
    with installed(tmp_path, "shanhai_listed", modules, entries):
        path = f"{Path.cwd()}:{tmp_path / 'shanhai_listed'}"
        ran = shanhai("connectors", "list", "--json", PYTHONPATH=path)
        shown = shanhai("connectors", "list", PYTHONPATH=path)
    assert "loaded" in ran.stderr
    listed: dict[str, Any] = orjson.loads(ran.stdout)
    assert (ran.returncode, shown.returncode) == (1, 1)
    assert {each["code"]: each["source"] for each in listed["connectors"]}["good"] == "plug-in good (good_plugin:Good)"
    assert [(each["source"], each["findings"][0]["code"]) for each in listed["rejected"]] == [
        ("plug-in bad (bad_plugin:Bad)", "plugin.unloadable")
    ]
    assert "docs/python-connectors.md#pluginunloadable" in shown.stderr
    assert "SystemExit: 0" in shown.stderr
