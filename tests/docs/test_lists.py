"""Lists in the guides are complete, and nothing stands there that is not; links between them lead on."""

import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest
import typer.main

from connectors.components import discovered
from connectors.conformance import check_manifest
from connectors.protocols import Listing
from gateway.cli.program import app
from gateway.settings import Settings
from schema.measures import measures
from tests.architecture.source import ROOT

GUIDES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
NO_FINDINGS = {"record.deleted"}
"""Shown beside a deleted record in a preview, which says it in words."""


def anchors(path: Path) -> set[str]:
    """The anchors of the headings of a guide, as the usual renderers make them."""
    found: set[str] = set()
    counts: Counter[str] = Counter()
    text = re.sub(r"```.*?```", "", path.read_text("utf-8"), flags=re.DOTALL)
    for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE):
        slug = re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        found.add(f"{slug}-{counts[slug]}" if counts[slug] else slug)
        counts[slug] += 1
    return found


def first_cells(path: str) -> list[str]:
    """The code in the first cell of every table row of a guide."""
    return re.findall(r"^\| `([^`]+)` \|", (ROOT / path).read_text("utf-8"), re.MULTILINE)


def test_every_setting_is_listed() -> None:
    listed = [cell for cell in first_cells("docs/operation.md") if cell.startswith("SHANHAI_")]
    assert listed == [f"SHANHAI_{name.upper()}" for name in Settings.model_fields]


def test_every_command_is_listed() -> None:
    def commands(command: object, words: str) -> list[str]:
        children = getattr(command, "commands", None)
        if children is None:
            return [words]
        return [found for name, child in children.items() for found in commands(child, f"{words} {name}")]

    listed = [cell for cell in first_cells("docs/operation.md") if cell.startswith("shanhai ")]
    assert sorted(listed) == sorted(commands(typer.main.get_command(app), "shanhai"))


def test_every_dependency_has_a_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    names = [re.split(r"[\[><=;]", line)[0] for line in project["dependencies"]]
    assert first_cells("docs/dependencies.md") == names


def test_every_measure_is_listed() -> None:
    table = (ROOT / "docs" / "manifest.md").read_text("utf-8").partition("| measure |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == list(measures())


def test_every_protocol_has_a_row_and_a_chapter() -> None:
    reference = (ROOT / "docs" / "manifest.md").read_text("utf-8")
    for protocol in discovered("connectors.protocols", Listing, "protocol"):
        assert f"\n| `{protocol}` |" in reference
        assert f"\n### {protocol}." in reference


def test_every_code_of_a_finding_is_written_about() -> None:
    sources = [path.read_text("utf-8") for top in ("connectors", "gateway") for path in (ROOT / top).rglob("*.py")]
    kinds = "manifest|record|live|sample|test|file|graphql|credentials|plugin"
    codes = {code for source in sources for code in re.findall(rf'"((?:{kinds})\.[a-z][a-zA-Z]+)"', source)}
    written = "".join(path.read_text("utf-8") for path in GUIDES)
    told = {code for code in codes if f"`{code}`" in written or f"### {code}\n" in written}
    assert len(codes) > 40
    assert codes - told == NO_FINDINGS


@pytest.mark.parametrize("guide", GUIDES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_to_a_file_and_a_heading(guide: Path) -> None:
    text = re.sub(r"```.*?```", "", guide.read_text("utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        path = (guide.parent / name).resolve() if name else guide
        assert path.exists(), target
        if anchor:
            assert anchor in anchors(path), target


def test_every_guide_is_reached_from_the_readme() -> None:
    reached, waiting = set[Path](), [ROOT / "README.md"]
    while waiting:
        guide = waiting.pop()
        if guide in reached or guide.suffix != ".md":
            continue
        reached.add(guide)
        links = re.findall(r"\]\(([^)#\s:]+)[^)]*\)", guide.read_text("utf-8"))
        waiting += [found for link in links if (found := (guide.parent / link).resolve()).is_file()]
    assert set(GUIDES) - reached == set()


def test_the_readme_is_short_and_starts_with_the_command() -> None:
    lines = (ROOT / "README.md").read_text("utf-8").splitlines()
    assert len(lines) <= 150
    assert lines.index("make demo") < 25


def test_the_readmes_manifest_is_valid() -> None:
    [manifest] = re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    report = check_manifest(manifest)
    assert report.ok, report.findings
