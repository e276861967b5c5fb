"""docs/checking.md has a heading per code and a word on every command, and resolved manifests are manifests."""

import asyncio
import re
from importlib.resources.abc import Traversable
from time import process_time

import orjson
import pytest
import typer

from connectors.conformance import CHECKS, check_manifest, examine_manifest
from connectors.conformance.recording import written
from connectors.manifest import read_manifest
from connectors.manifest.document import read_document
from connectors.platforms import builtin_manifests
from connectors.samples import sample_manifests
from gateway.cli.connectors import app
from tests.architecture.source import ROOT

PAGE = (ROOT / "docs" / "checking.md").read_text("utf-8")
HEADINGS = set(re.findall(r"^### (\S+)$", PAGE, re.MULTILINE))
MANIFESTS = [*builtin_manifests(), *sample_manifests()]


def test_every_code_has_a_heading_and_every_heading_is_a_code() -> None:
    folders = ("connectors/manifest", "connectors/conformance")
    source = "".join(path.read_text("utf-8") for folder in folders for path in (ROOT / folder).glob("*.py"))
    codes = set(re.findall(r'"((?:manifest|test|sample)\.[a-z][a-zA-Z]+)"', source)) | {check.code for check in CHECKS}
    assert codes - HEADINGS == set()
    assert HEADINGS - codes == set()


def test_every_command_and_option_of_the_page_is_one() -> None:
    group = typer.main.get_command(app)
    commands = group.commands  # type: ignore[attr-defined]  # a group has them
    options = {option for command in commands.values() for each in command.params for option in each.opts}
    assert set(re.findall(r"shanhai connectors (\w+)", PAGE)) == set(commands) - {"new"}
    named = set(re.findall(r"(?<![\w-])--[a-z]+(?![\w-])", PAGE))
    assert named - options == set()


def test_the_recorded_test_of_the_page_is_one() -> None:
    [shown] = re.findall(r"```yaml\n(tests:.*?)```", PAGE, re.DOTALL)
    [test] = read_document(shown).value["tests"]
    text = next(path for path in builtin_manifests() if path.name == "national.yaml").read_text("utf-8")
    assert read_manifest(text + "\n" + written([test])).ok


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_a_resolved_manifest_reads_as_the_same_document(path: Traversable) -> None:
    text = path.read_text("utf-8")
    resolved = check_manifest(text).resolved
    assert resolved is not None
    again = read_manifest(resolved)
    assert again.document == read_manifest(text).document
    assert orjson.loads(resolved)["limits"]["retries"] >= 0
    assert check_manifest(resolved).resolved == resolved


@pytest.mark.parametrize("path", builtin_manifests(), ids=lambda path: path.name)
def test_an_examination_takes_less_than_50_milliseconds(path: Traversable) -> None:
    text = path.read_text("utf-8")
    asyncio.run(examine_manifest(text))
    took = []
    for _ in range(5):
        began = process_time()
        asyncio.run(examine_manifest(text))
        took.append(process_time() - began)
    assert min(took) < 0.05
