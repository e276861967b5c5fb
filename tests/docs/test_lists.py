"""Lists in the guides are complete: every setting, command and dependency, and nothing that is not there."""

import re
import tomllib

import typer.main

from connectors.conformance import check_manifest
from gateway.cli.program import app
from gateway.settings import Settings
from tests.architecture.source import ROOT


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


def test_the_readme_is_short_and_starts_with_the_command() -> None:
    lines = (ROOT / "README.md").read_text("utf-8").splitlines()
    assert len(lines) <= 150
    assert lines.index("make demo") < 25


def test_the_readmes_manifest_is_valid() -> None:
    [manifest] = re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    report = check_manifest(manifest)
    assert report.ok, report.findings
