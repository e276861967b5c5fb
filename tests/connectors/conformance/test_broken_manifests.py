"""Mistakes as engineers make them, one file each, with exactly the findings that refuse it."""

import asyncio
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson
import pytest

from connectors.conformance import examine_manifest
from connectors.manifest import read_manifest
from connectors.manifest.document import MAX_CHARACTERS
from connectors.manifest.reading import read_manifest_file
from schema.findings import Finding, Severity
from tests.architecture.source import ROOT

BROKEN = sorted((Path(__file__).parent / "broken").glob("*.yaml"))
ALWAYS = ("code", "pointer", "line", "column", "suggestion")


def expected(text: str) -> list[dict[str, Any]]:
    """What the first lines of a file say about it; `expected` and `found` are compared where they are written."""
    return [orjson.loads(line) for line in re.findall(r"^# expect: (.*)$", text, re.MULTILINE)]


def told(finding: Finding, wanted: dict[str, Any]) -> dict[str, Any]:
    """A finding as the first lines of a file write it."""
    every = asdict(finding)
    return {key: every[key] for key in every if key in wanted or (key in ALWAYS and every[key] is not None)}


def heading_exists(url: str) -> bool:
    """Whether an address of the documentation names a heading that is there."""
    page, _, anchor = url.partition("#")
    headings = re.findall(r"^#+ (.+)$", (ROOT / page).read_text("utf-8"), re.MULTILINE)
    return anchor in {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_a_broken_manifest_is_refused_with_exactly_these_findings(path: Path) -> None:
    text = path.read_text("utf-8")
    report = asyncio.run(examine_manifest(text, source=path.name))
    errors = [finding for finding in report.findings if finding.severity is Severity.ERROR]
    wanted = expected(text)
    assert wanted
    assert not report.ok
    assert [told(*pair) for pair in zip(errors, wanted, strict=False)] == wanted
    assert len(errors) == len(wanted)
    assert all(finding.message for finding in errors)
    assert [one for one in report.findings if not heading_exists(one.documentation_url or "#")] == []


def test_the_corpus_covers_every_protocol_section_and_refusing_code() -> None:
    texts = [path.read_text("utf-8") for path in BROKEN]
    assert len(BROKEN) >= 64
    for protocol in ("rest", "oai-pmh", "graphql", "xapi", "files"):
        assert sum(f"protocol: {protocol}\n" in text for text in texts) >= 5
    for section in ("harvest", "training", "usage", "tests", "credentials", "limits", "failures", "vocabularies"):
        assert any(f"\n{section}:" in text for text in texts)
    source = "".join(path.read_text("utf-8") for path in (ROOT / "connectors" / "manifest").glob("*.py"))
    told_elsewhere = {"manifest.tooLarge", "manifest.unreadable", "manifest.unmappedField", "manifest.unusedTable"}
    codes = set(re.findall(r'"(manifest\.[a-zA-Z]+)"', source)) - told_elsewhere
    assert codes - {one["code"] for text in texts for one in expected(text)} == set()


def test_a_secret_in_clear_is_repeated_by_no_finding() -> None:
    for path in BROKEN:
        findings = read_manifest(path.read_text("utf-8")).findings
        for secret in ("Hx82kd0s", "9f2c4b7a51e84d0c93aa7f1e20b6d5c8", "4f9d2c7b8a1e6053", "Q7x2Lm90"):
            assert secret not in repr(findings)


def test_a_manifest_that_is_too_large_is_refused_unread() -> None:
    [finding] = read_manifest("a" * (MAX_CHARACTERS + 1)).findings
    assert finding.code == "manifest.tooLarge"


def test_a_file_that_is_no_text_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "gbk.yaml").write_bytes("manifest: 1\nname: 绵阳".encode("gb18030"))
    for name, message in (
        ("gbk.yaml", "gbk.yaml is not UTF-8 (byte 18)"),
        ("none.yaml", "none.yaml cannot be read: No such file or directory"),
    ):
        [finding] = read_manifest_file(tmp_path / name).findings
        assert (finding.code, finding.message) == ("manifest.unreadable", message)
