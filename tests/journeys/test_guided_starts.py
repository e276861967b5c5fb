"""Each guided start of docs/add-a-platform.md, from the draft to an active connector whose records are found."""

import asyncio
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from connectors.simulators import SIMULATORS
from gateway.cli.program import main
from gateway.cli.simulation import simulators
from tests.docs.guided_starts import (
    GUIDE,
    KEY,
    PAGE,
    block,
    chapter,
    commands,
    corrected,
    graphql,
    jiangcheng,
    meishan,
    platforms,
)
from tests.journeys.gateway import running
from tests.journeys.partner import Partner, connector_id, credentials, partner_settings

STARTS = ("Start 1: REST", "Start 2: OAI-PMH", "Start 3: CSV")
SECRET = "SHANHAI_SECRET_JIANGCHENG__PLATFORM_KEY"


@pytest.fixture(scope="module")
def reroutes() -> Iterator[Mapping[str, str]]:
    """The ways to the guide's platforms; the invented ones stand in the place of a simulator."""
    with simulators(120, {"zibo": platforms()}) as ways:
        [invented] = {ways[origin] for origin in SIMULATORS["zibo"].origins}
        origins = ("https://api.jiangcheng.example", "https://open.meishan.example")
        yield {**ways, **dict.fromkeys(origins, invented)}


@pytest.fixture
def shanhai(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    reroutes: Mapping[str, str],
) -> Callable[[list[str]], str]:
    """Runs `shanhai connectors` in an empty directory; what it prints, when it ends well."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("SHANHAI_REROUTES", ",".join(f"{origin}={way}" for origin, way in reroutes.items()))
    monkeypatch.setenv(SECRET, KEY)

    def run(words: list[str]) -> str:
        monkeypatch.setattr(sys, "argv", ["shanhai", "connectors", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        assert ended.value.code == 0, printed
        return printed.out

    return run


def followed(title: str, shanhai: Callable[[list[str]], str], directory: Path) -> str:
    """A start carried out as it is written, every shown line demanded; the manifest in the end."""
    text = chapter(title)
    (directory / "answer.json").write_bytes(jiangcheng())
    (directory / "lessons.csv").write_bytes(meishan())
    manifest = directory / "none"
    for command in commands(text):
        printed = shanhai(command.words)
        position = 0
        for line in command.printed:
            assert line in printed[position:], f"{command.words}: {line}\n{printed}"
            position = printed.index(line, position)
        if command.words[0] == "new":
            manifest = directory / command.words[-1]
            draft = manifest.read_text("utf-8")
            manifest.write_text(corrected(draft, block(text, "diff")), "utf-8")
    return manifest.read_text("utf-8")


async def registered(manifest: str, code: str, secrets: Mapping[str, str], settings: Any) -> tuple[Any, ...]:
    """What the three documents of the guide answer, one after the other, and what a search for everything counts."""
    register, serve, watch = graphql()
    async with running(settings) as client:
        partner = Partner(client)
        first = (await partner.ask(register, manifest=manifest, credentials=credentials(secrets)))["registerConnector"]
        assert (first["report"]["ok"], first["errors"]) == (True, []), first
        assert (first["connector"]["id"], first["connector"]["state"]) == (connector_id(code), "DRAFT")
        second = await partner.ask(serve, id=first["connector"]["id"])
        await partner.ended(code)
        third = (await partner.ask(watch, id=first["connector"]["id"]))["connector"]
        await client.services.catalog.catch_up()
        found = await client.ask('{ search(query: "") { totalCount } }')
    return first, second, third, found["search"]["totalCount"]


def journey(
    title: str,
    secrets: Mapping[str, str],
    shanhai: Callable[[list[str]], str],
    directory: Path,
    reroutes: Mapping[str, str],
) -> tuple[str, dict[str, Any], int]:
    """A whole start: its manifest, what came of the harvest, and how many records everybody finds."""
    manifest = followed(title, shanhai, directory)
    [code] = re.findall(r"^  code: (\w+)", manifest, re.MULTILINE)
    settings = partner_settings(directory / "gateway", reroutes)
    first, second, third, count = asyncio.run(registered(manifest, code, secrets, settings))
    assert {one["name"] for one in first["connector"]["credentials"]} == set(secrets)
    assert second["verifyConnector"]["report"]["ok"], second
    assert [second[action]["errors"] for action in second] == [[], []]
    assert second["verifyConnector"]["connector"]["state"] == "VERIFIED"
    assert second["activateConnector"]["connector"] == {"state": "ACTIVE", "activeVersion": {"version": 1}}
    assert third["state"] == "ACTIVE"
    return manifest, third, count


def test_rest(shanhai: Callable[[list[str]], str], tmp_path: Path, reroutes: Mapping[str, str]) -> None:
    _, came, count = journey(STARTS[0], {"platformKey": KEY}, shanhai, tmp_path, reroutes)
    [run] = came["runs"]["nodes"]
    assert (run["state"], run["seen"], run["created"], run["quarantined"]) == ("SUCCEEDED", 3, 3, 0)
    assert came["unmappedValues"] == []
    assert count == 2  # one is for teachers, and one is deleted


def test_oai_pmh(shanhai: Callable[[list[str]], str], tmp_path: Path, reroutes: Mapping[str, str]) -> None:
    manifest, came, count = journey(STARTS[1], {}, shanhai, tmp_path, reroutes)
    [run] = came["runs"]["nodes"]
    assert (run["state"], run["seen"], run["created"], run["quarantined"]) == ("SUCCEEDED", 117, 116, 1)
    assert "116 of its 117 records" in chapter(STARTS[1])
    assert [one["code"] for node in came["quarantine"]["nodes"] for one in node["findings"]] == ["title.missing"]
    assert 0 < count < 116  # those of a district or a school are shown to nobody
    assert "nativeId:" not in re.sub(r"#.*", "", manifest)


def test_csv(shanhai: Callable[[list[str]], str], tmp_path: Path, reroutes: Mapping[str, str]) -> None:
    _, came, count = journey(STARTS[2], {}, shanhai, tmp_path, reroutes)
    [run] = came["runs"]["nodes"]
    assert (run["state"], run["created"], run["quarantined"], count) == ("SUCCEEDED", 5, 1, 5)
    [broken] = came["quarantine"]["nodes"]
    assert (broken["raw"].strip(), broken["findings"][0]["code"]) == ("K-003;圆的周长;小学", "file.line")


@pytest.mark.parametrize("title", STARTS)
def test_a_start_is_one_page_beside_what_the_platform_sends(title: str) -> None:
    own = re.sub(r"```(?:json|csv)\n.*?```\n", "", chapter(title), flags=re.DOTALL)
    assert 20 < len(own.splitlines()) <= PAGE
    assert f"](#{re.sub(r'[^a-z0-9 -]', '', title.lower()).replace(' ', '-')})" in GUIDE
