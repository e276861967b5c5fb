"""Plug-ins: found by real entry points, examined as a whole, and never able to end more than their own run."""

import asyncio
import base64
import importlib
import logging
import re
import tomllib
from collections.abc import AsyncIterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request as Asked
from starlette.responses import JSONResponse
from starlette.routing import Route

from connectors import plugins
from connectors.conformance import check_live
from connectors.context import ConnectorContext
from connectors.contract import Harvests, ReportsUsage, Searches, SharesTraining
from connectors.errors import (
    ConnectorError,
    EgressRefused,
    ManifestError,
    PagingError,
    Throttled,
    Timeout,
    UpstreamFailure,
)
from connectors.plugged import METHODS, PluginConnector, PluginFailed, PluginTraits
from connectors.plugins import BrokenPlugin, LoadedPlugin, discover, examine
from connectors.records import (
    Accepted,
    HarvestPage,
    HarvestRequest,
    LiveAnswer,
    LiveQuery,
    Rejected,
    Unmapped,
    UsageRequest,
)
from connectors.samples.plugin.rhymes import Rhymes
from connectors.sketches import people_sketch
from connectors.transport import Confined, Limits, Request, in_process
from schema.findings import Finding
from schema.platforms import Capability, PlatformDescription
from schema.resources import ResourceRecord
from schema.usage import UsageFact
from tests.architecture.source import ROOT
from tests.connectors.packages import GOOD, installed

GUIDE = (ROOT / "docs" / "python-connectors.md").read_text("utf-8")
HOME = "https://api.rhymes.example"
SECRET = "hunter2-planted-secret"
RECORD = ResourceRecord(native_id="r1", title="小燕子", kind="LESSON")
PAGE = HarvestPage((Accepted(RECORD, "0" * 64),), checkpoint={"page": 1})


class Sound:
    """A plug-in with nothing wrong, but for what a test changes."""

    platform = PlatformDescription(code="rhymes", name="童谣馆", region="500000", simulated=True)
    version: Any = 3
    capabilities: Any = frozenset({Capability.HARVEST})
    origins: Any = (HOME,)

    async def harvest(self, context: ConnectorContext, request: HarvestRequest) -> AsyncIterator[Any]:
        yield PAGE


def codes(plugin: LoadedPlugin | BrokenPlugin) -> list[str]:
    return [finding.code for finding in plugin.findings] if isinstance(plugin, BrokenPlugin) else []


def changed(**traits: Any) -> type[Sound]:
    return type("Changed", (Sound,), traits)


def loaded(made: object, **limits: Any) -> PluginConnector:
    return PluginConnector(made, PluginTraits.model_validate(made), **limits)


def context(**secrets: str) -> ConnectorContext:
    return ConnectorContext("rhymes", in_process(Starlette()), secrets)


async def listed(
    connector: PluginConnector, world: ConnectorContext | None = None, kept: list[HarvestPage] | None = None
) -> list[HarvestPage]:
    """Every page; `kept` holds them when the listing ends with an error, too."""
    kept = [] if kept is None else kept
    async for page in connector.harvest(world or context(), HarvestRequest()):
        kept.append(page)  # a comprehension would lose what came before an error
    return kept


def test_a_sound_plug_in_is_what_it_declares() -> None:
    traits = {"limits": Limits(concurrency=1), "freshness": timedelta(hours=1), "secret_names": ["a", "b"]}
    plugin = examine(changed(**traits), "here")
    assert isinstance(plugin, LoadedPlugin)
    connector = plugin.connector
    assert (plugin.source, connector.platform.code, connector.version) == ("here", "rhymes", 3)
    assert connector.capabilities == {Capability.HARVEST}
    assert (connector.limits.concurrency, connector.freshness) == (1, timedelta(hours=1))
    assert (sorted(connector.secret_names), sorted(connector.origins)) == (["a", "b"], [HOME])
    assert connector.certificate({}) is None
    assert all(isinstance(connector, each) for each in (Harvests, ReportsUsage, SharesTraining, Searches))


def test_what_may_be_left_out_has_the_defaults_of_a_manifest() -> None:
    connector = loaded(Sound())
    assert (connector.limits, connector.freshness, connector.secret_names) == (Limits(), None, frozenset())


@pytest.mark.parametrize(
    ("traits", "code", "said"),
    [
        ({"version": 0}, "plugin.attribute", "greater than or equal to 1"),
        ({"version": 1_000_000_001}, "plugin.attribute", "less than or equal to 1000000000"),
        ({"version": "one"}, "plugin.attribute", "Changed.version"),
        ({"limits": 5}, "plugin.attribute", "Changed.limits"),
        ({"freshness": timedelta(seconds=1)}, "plugin.attribute", "Changed.freshness"),
        ({"secret_names": [""]}, "plugin.attribute", "Changed.secret_names"),
        ({"platform": "rhymes"}, "plugin.attribute", "Changed.platform"),
        ({"capabilities": frozenset()}, "plugin.capability", "Changed.capabilities"),
        ({"capabilities": {"FLY"}}, "plugin.capability", "Changed.capabilities"),
        ({"capabilities": {"HARVEST", "USAGE"}}, "plugin.capability", "claims USAGE and has no method usage"),
        ({"capabilities": {"INCREMENTAL"}, "harvest": 5}, "plugin.capability", "INCREMENTAL and has no method harvest"),
        ({"origins": ()}, "plugin.origin", "Changed.origins"),
        ({"origins": HOME}, "plugin.origin", "Changed.origins"),
        ({"origins": [f"{HOME}/v1"]}, "plugin.origin", "no path"),
        ({"origins": ["ftp://api.rhymes.example"]}, "plugin.origin", "http"),
    ],
)
def test_what_cannot_be_used_is_a_finding_with_its_place_in_the_guide(
    traits: Mapping[str, Any], code: str, said: str
) -> None:
    plugin = examine(changed(**traits), "here")
    assert isinstance(plugin, BrokenPlugin)
    assert codes(plugin) == [code]
    assert said in plugin.findings[0].message
    assert plugin.findings[0].documentation_url == f"docs/python-connectors.md#{code.replace('.', '').lower()}"


def test_everything_wrong_is_told_at_once() -> None:
    plugin = examine(changed(version=0, origins=(), capabilities=5), "here")
    assert sorted(codes(plugin)) == ["plugin.attribute", "plugin.capability", "plugin.origin"]


def test_origins_have_no_default() -> None:
    class Anywhere:
        platform, version, capabilities, harvest = Sound.platform, 1, {"HARVEST"}, Sound.harvest

    assert codes(examine(Anywhere, "here")) == ["plugin.origin"]


async def _late() -> Sound:
    return Sound()


class Spiteful:
    @property
    def platform(self) -> PlatformDescription:
        raise SystemExit(3)


class Tricky(Sound):
    @property
    def limits(self) -> Limits:
        raise ZeroDivisionError

    def __repr__(self) -> str:
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("make", "code", "said"),
    [
        (lambda: None, "plugin.notAConnector", "NoneType is no connector"),
        (object, "plugin.notAConnector", "object is no connector"),
        (_late, "plugin.notAConnector", "coroutine is no connector"),
        (5, "plugin.unloadable", "'int' object is not callable"),
        (lambda needed: needed, "plugin.unloadable", "needed"),
        (Spiteful, "plugin.attribute", "SystemExit: 3"),
        (Tricky, "plugin.attribute", "Tricky.limits"),
    ],
)
def test_what_is_no_connector_is_a_finding(make: Any, code: str, said: str) -> None:
    plugin = examine(make, "here")
    assert isinstance(plugin, BrokenPlugin)
    assert set(codes(plugin)) >= {code}
    assert any(said in finding.message for finding in plugin.findings)


def test_plug_ins_are_found_by_their_entry_points_and_a_broken_one_spoils_no_other(tmp_path: Path) -> None:
    modules = {
        "good_plugin": GOOD.format(code="good"),
        "twin_plugin": GOOD.format(code="good"),
        "raising_plugin": "raise ValueError('no configuration')",
        "leaving_plugin": "import sys\nsys.exit('bye')",
        "interrupting_plugin": "raise KeyboardInterrupt",
        "importing_plugin": "import package_that_is_not_there",
        "misspelled_plugin": "class (",
        "empty_plugin": "def make():\n    pass\n",
    }
    entries = {
        "a-good": "good_plugin:Good",
        "b-twin": "twin_plugin:Good",
        "c-raising": "raising_plugin:Good",
        "d-leaving": "leaving_plugin:Good",
        "e-interrupting": "interrupting_plugin:Good",
        "f-importing": "importing_plugin:Good",
        "g-misspelled": "misspelled_plugin:Good",
        "h-empty": "empty_plugin:make",
        "i-absent": "good_plugin:Absent",
        "j-nonsense": "???",
    }
    with installed(tmp_path, "shanhai_many", modules, entries):
        found = discover()
    assert [plugin.source.split()[1] for plugin in found] == list(entries)
    assert [(codes(plugin) or ["used"])[0] for plugin in found] == [
        "used",
        "plugin.platformTaken",
        *["plugin.unloadable"] * 5,
        "plugin.notAConnector",
        *["plugin.unloadable"] * 2,
    ]
    assert isinstance(found[0], LoadedPlugin)
    assert (found[0].source, found[0].connector.platform.code) == ("plug-in a-good (good_plugin:Good)", "good")
    said = [plugin.findings[0].message for plugin in found if isinstance(plugin, BrokenPlugin)]
    assert said[0] == "platform good is taken by another connector (plug-in a-good (good_plugin:Good))"
    assert said[1:5] == [
        "it cannot be loaded: ValueError: no configuration",
        "it cannot be loaded: SystemExit: bye",
        "it cannot be loaded: KeyboardInterrupt",
        "it cannot be loaded: ModuleNotFoundError: No module named 'package_that_is_not_there'",
    ]


def test_nothing_is_installed_by_default() -> None:
    assert discover() == []


def test_metadata_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with installed(tmp_path, "shanhai_odd", {}, {"odd": "odd:Odd"}):
        (tmp_path / "shanhai_odd" / "shanhai_odd-1.0.dist-info" / "entry_points.txt").write_bytes(b"[shanhai\xff\xfe")
        importlib.invalidate_caches()
        [plugin] = discover()
    assert codes(plugin) == ["plugin.unloadable"]
    assert plugin.source == "entry points shanhai.connectors"


def harvesting(body: Any) -> PluginConnector:
    """A plug-in whose harvest is the given function."""
    return loaded(changed(harvest=body)(), page_seconds=30.0)


async def _raise(error: BaseException) -> AsyncIterator[Any]:
    yield PAGE
    raise error


@pytest.mark.parametrize(
    "error",
    [
        ZeroDivisionError(),
        SystemExit(1),
        KeyboardInterrupt(),
        asyncio.CancelledError(),
        StopAsyncIteration(),
        TimeoutError(),
        MemoryError(),
    ],
)
async def test_whatever_a_plug_in_raises_ends_its_listing_as_a_connector_error(error: BaseException) -> None:
    connector = harvesting(lambda self, context, request: _raise(error))
    kept: list[HarvestPage] = []
    with pytest.raises(PluginFailed) as raised:
        await listed(connector, kept=kept)
    assert kept == [PAGE]
    assert (raised.value.code, raised.value.retryable, raised.value.platform) == ("CONNECTOR_ERROR", False, "rhymes")
    named = "RuntimeError" if isinstance(error, StopAsyncIteration) else type(error).__name__
    assert str(raised.value) == f"the plug-in ended unexpectedly with {named}"


async def _yield(*pages: Any) -> AsyncIterator[Any]:
    for page in pages:
        yield page


async def _returns_a_list(self: object, context: object, request: object) -> list[Any]:
    return [PAGE]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (_returns_a_list, "write it as an async generator"),
        (lambda *_: None, "'NoneType' object is not an async iterable"),
        (lambda *_: [PAGE], "'list' object is not an async iterable"),
        (lambda: None, "takes 0 positional arguments"),
        (lambda *_: _yield(None), "NoneType was yielded where a HarvestPage is due"),
        (lambda *_: _yield({"accepted": []}), "dict was yielded where a HarvestPage is due"),
        (lambda *_: _yield(HarvestPage((RECORD,))), "Accepted(ResourceRecord)"),  # type: ignore[arg-type]
        (lambda *_: _yield(HarvestPage((Accepted({}, "0" * 64),))), "Accepted(ResourceRecord)"),
        (lambda *_: _yield(HarvestPage((Accepted(RECORD, "abc"),))), "SHA-256"),
        (lambda *_: _yield(HarvestPage((), rejected=("bad",))), "Rejected"),  # type: ignore[arg-type]
        (lambda *_: _yield(HarvestPage((), deleted=(5,))), "native ids"),  # type: ignore[arg-type]
        (lambda *_: _yield(HarvestPage((), checkpoint={"at": object()})), "not JSON serializable"),  # type: ignore[dict-item]
        (lambda *_: _yield(HarvestPage(None)), "not iterable"),  # type: ignore[arg-type]
    ],
)
async def test_a_page_that_cannot_be_stored_ends_the_listing(
    body: Any, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(PluginFailed):
        await listed(harvesting(body))
    assert said in caplog.text


async def test_errors_and_the_log_tell_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    async def crash(self: object, context: ConnectorContext, request: object) -> AsyncIterator[Any]:
        yield PAGE
        raise RuntimeError(f"refused {context.secrets['key']}")

    async def fail(self: object, context: ConnectorContext, request: object) -> AsyncIterator[Any]:
        yield PAGE
        raise Throttled(f"slower, {context.secrets['key']}", retry_after=5)

    with caplog.at_level(logging.DEBUG), pytest.raises(PluginFailed) as crashed:
        await listed(harvesting(crash), context(key=SECRET))
    with pytest.raises(Throttled) as failed:
        await listed(harvesting(fail), context(key=SECRET))
    assert (str(failed.value), failed.value.platform, failed.value.retry_after) == ("slower, •••", "rhymes", 5)
    assert "RuntimeError: refused •••" in caplog.text
    assert SECRET not in caplog.text + str(crashed.value)
    assert crashed.value.__cause__ is None
    assert crashed.value.__suppress_context__


async def test_what_the_platform_echoes_of_a_secret_is_not_kept() -> None:
    echo = Accepted(RECORD.model_copy(update={"title": f"课 {SECRET}"}), "1" * 64)
    word = Accepted(RECORD, "2" * 64, unmapped=(Unmapped("stages", f"学段 {SECRET}"),))
    bad = Rejected(f"id {SECRET}", (Finding("title.missing", f"no title {SECRET}"),), f'{{"note": "{SECRET}"}}')
    page = HarvestPage((echo, word), (bad,))

    async def search(self: object, context: object, query: object) -> LiveAnswer:
        return LiveAnswer(page.accepted, page.rejected)

    plugin = changed(harvest=lambda *_: _yield(page), capabilities={"HARVEST", "LIVE_SEARCH"}, search=search)
    [kept] = await listed(loaded(plugin()), context(key=SECRET))
    assert [(one.digest, one.unmapped) for one in kept.accepted] == [("2" * 64, (Unmapped("stages", "学段 •••"),))]
    assert [(one.native_id, one.findings[0].code) for one in kept.rejected] == [
        ("id •••", "title.missing"),
        ("r1", "record.skipped"),
    ]
    answer = await loaded(plugin()).search(context(key=SECRET), LiveQuery())
    assert (answer.accepted, answer.rejected) == (kept.accepted, kept.rejected)
    assert SECRET not in repr(kept)


async def test_a_sketch_that_the_library_must_not_read_is_refused_of_plug_ins_too() -> None:
    fact = UsageFact(measure="active_users", day=date(2026, 1, 1), value=Decimal(2))
    sketches = [
        base64.b64encode(image).decode() for image in (people_sketch("ab", b"k"), b"\x0a\x01\x07" + b"\xff" * 60)
    ]
    facts = [fact, *(fact.model_copy(update={"sketch": sketch}) for sketch in sketches)]
    page = HarvestPage(tuple(Accepted(one, str(number) * 64) for number, one in enumerate(facts)))
    plugin = changed(usage=lambda *_: _yield(page), capabilities={"HARVEST", "USAGE"})
    days = UsageRequest(date(2026, 1, 1), date(2026, 1, 2))
    [kept] = [one async for one in loaded(plugin()).usage(context(), days)]
    assert [one.record.sketch for one in kept.accepted] == [None, sketches[0]]
    assert [(one.native_id, one.findings[0].code) for one in kept.rejected] == [(None, "sketch.invalid")]


async def test_a_secret_that_is_not_set_is_named_before_anything_is_asked() -> None:
    connector = loaded(changed(secret_names={"key"})())
    with pytest.raises(ManifestError, match="the secret 'key' is not set"):
        await listed(connector)
    assert await listed(connector, context(key=SECRET)) == [PAGE]


async def test_what_a_plug_in_does_not_offer_is_refused() -> None:
    connector = loaded(changed(capabilities={"LIVE_SEARCH"}, search=None)())
    with pytest.raises(UpstreamFailure, match="does not offer HARVEST"):
        await listed(connector)
    with pytest.raises(UpstreamFailure, match="does not offer TRAINING"):
        [page async for page in connector.training(context(), HarvestRequest())]
    with pytest.raises(UpstreamFailure, match="does not offer USAGE"):
        [page async for page in connector.usage(context(), UsageRequest(date(2026, 1, 1), date(2026, 1, 2)))]
    with pytest.raises(UpstreamFailure, match="does not offer LIVE_SEARCH"):
        await loaded(Sound()).search(context(), LiveQuery())


async def test_a_search_is_answered_and_a_wrong_answer_is_not_passed_on() -> None:
    async def search(self: object, context: ConnectorContext, query: LiveQuery) -> Any:
        return LiveAnswer(PAGE.accepted) if query.text == "好" else {"total": 1}

    connector = loaded(changed(capabilities={"LIVE_SEARCH"}, search=search)())
    assert (await connector.search(context(), LiveQuery("好"))).accepted == PAGE.accepted
    with pytest.raises(PluginFailed):
        await connector.search(context(), LiveQuery("坏"))


async def test_a_plug_in_that_gives_no_page_runs_out_of_time_and_is_closed() -> None:
    closed = asyncio.Event()

    async def hang(self: object, context: object, request: object) -> AsyncIterator[Any]:
        try:
            yield PAGE
            await asyncio.Event().wait()
        finally:
            closed.set()

    connector = loaded(changed(harvest=hang)(), page_seconds=0.01)
    with pytest.raises(Timeout, match=r"no answer within 0\.01 seconds"):
        await listed(connector)
    assert closed.is_set()


async def test_a_listing_without_end_is_ended() -> None:
    async def endless(self: object, context: object, request: object) -> AsyncIterator[Any]:
        while True:
            yield PAGE

    kept: list[HarvestPage] = []
    with pytest.raises(PagingError, match="does not end within 7 pages"):
        await listed(loaded(changed(harvest=endless)(), most_pages=7), kept=kept)
    assert kept == [PAGE] * 7


async def test_a_reader_that_stops_closes_the_plug_in_and_a_cancelled_one_is_cancelled() -> None:
    ended: list[str] = []

    async def waiting(self: object, context: object, request: object) -> AsyncIterator[Any]:
        try:
            yield PAGE
            await asyncio.Event().wait()
        finally:
            ended.append("closed")

    connector = harvesting(waiting)
    pages = connector.harvest(context(), HarvestRequest())
    assert await anext(pages) == PAGE
    await pages.aclose()  # type: ignore[attr-defined]
    assert ended == ["closed"]
    task = asyncio.create_task(listed(connector))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == ["closed", "closed"]


PAGES: Mapping[str, Any] = {
    "1": {"next": 2, "page-1": [{"no": 1, "name": "小燕子"}, {"no": 2}, 5]},
    "2": {"next": None, "page-2": [{"no": 3, "name": "数鸭子"}]},
    "3": {"next": 1, "page-3": []},
    "4": {"next": None, "page-4": 5},
}


async def _answer(request: Asked) -> JSONResponse:
    if request.headers.get("x-api-key") != SECRET:
        return JSONResponse({"error": "who are you?"}, 401)
    return JSONResponse(PAGES[request.path_params["page"]])


def rhymes(key: str = SECRET) -> ConnectorContext:
    platform = Starlette(routes=[Route("/lessons/{page}", _answer)])
    return ConnectorContext("rhymes", Confined(in_process(platform), Rhymes.origins), {"rhymesKey": key})


async def test_the_sample_lists_its_platform_and_resumes_at_a_checkpoint() -> None:
    connector = loaded(Rhymes())
    first, last = await listed(connector, rhymes())
    assert [accepted.record.title for accepted in first.accepted] == ["小燕子"]
    assert [(one.native_id, one.findings[0].code) for one in first.rejected] == [
        ("2", "title.missing"),
        (None, "nativeId.missing"),
    ]
    resumed = [page async for page in connector.harvest(rhymes(), HarvestRequest(checkpoint=first.checkpoint))]
    assert resumed == [last]
    assert [accepted.record.native_id for accepted in last.accepted] == ["3"]


@pytest.mark.parametrize(
    ("page", "key", "error", "said"),
    [
        (1, "wrong", UpstreamFailure, "HTTP 401"),
        (3, SECRET, PagingError, "page 3 leads back to 1"),
        (4, SECRET, ConnectorError, "page 4 is not the JSON that was due"),
    ],
)
async def test_the_sample_ends_with_what_its_platform_did(
    page: int, key: str, error: type[ConnectorError], said: str
) -> None:
    pages = loaded(Rhymes()).harvest(rhymes(key), HarvestRequest(checkpoint={"page": page}))
    with pytest.raises(error, match=said):
        [each async for each in pages]


async def test_a_confined_plug_in_reaches_its_origins_only() -> None:
    async def stray(self: object, context: ConnectorContext, request: object) -> AsyncIterator[Any]:
        await context.transport.send(Request("GET", "https://elsewhere.example/"))
        yield PAGE

    with pytest.raises(EgressRefused, match="elsewhere"):
        await listed(harvesting(stray), rhymes())


async def test_the_live_check_judges_a_crash_too() -> None:
    report = await check_live(harvesting(lambda *_: 1 / 0), context())
    assert (report.ok, [finding.code for finding in report.findings]) == (False, ["CONNECTOR_ERROR"])


async def test_the_test_in_the_guide_passes() -> None:
    [text] = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    module: dict[str, Any] = {"__name__": "test_rhymes"}
    exec(compile(text, "docs/python-connectors.md", "exec"), module)  # noqa: S102  # it is our own guide
    await module["test_the_connector_passes_every_check"]()


def test_the_package_in_the_guide_is_found(tmp_path: Path) -> None:
    [text] = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
    entries = tomllib.loads(text)["project"]["entry-points"][plugins.GROUP]
    with installed(tmp_path, "shanhai_rhymes", {}, entries):
        [plugin] = discover()
    assert isinstance(plugin, LoadedPlugin)
    assert plugin.connector.platform == Rhymes.platform


def test_the_guide_names_every_attribute_capability_and_finding() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (yes|no) \|", GUIDE, re.MULTILINE)
    fields = PluginTraits.model_fields
    assert dict(rows) == {name: "yes" if field.is_required() else "no" for name, field in fields.items()}
    assert [one for one in METHODS if f"`{one}`" not in GUIDE] == []
    source = (ROOT / "connectors" / "plugins.py").read_text("utf-8")
    raised = set(re.findall(r'"(plugin\.\w+)"', source))
    assert set(re.findall(r"^### (plugin\.\w+)$", GUIDE, re.MULTILINE)) == raised
