"""The guide names every state and every code the registry refuses with."""

import re

from gateway.registry import ConnectorState, DriftKind
from tests.architecture.source import ROOT

GUIDE = (ROOT / "docs" / "registry.md").read_text("utf-8")


def first_cells() -> set[str]:
    """Words in code in the first cells of the guide's tables."""
    cells = re.findall(r"^\| ([^|]+) \|", GUIDE, re.MULTILINE)
    return {word for cell in cells for word in re.findall(r"`([^`]+)`", cell)}


def test_every_code_of_a_refusal_is_explained() -> None:
    sources = sorted((ROOT / "gateway" / "registry").glob("*.py"))
    codes = {code for path in sources for code in re.findall(r'Refused\(\s*"([A-Z_]+)"', path.read_text("utf-8"))}
    assert len(codes) >= 14
    assert codes - first_cells() == set()


def test_every_state_and_kind_of_drift_is_explained() -> None:
    assert {*ConnectorState, *DriftKind} - first_cells() == set()


def test_every_finding_of_the_registry_is_explained() -> None:
    sources = sorted((ROOT / "gateway" / "registry").glob("*.py"))
    codes = {code for path in sources for code in re.findall(r'Finding\(\s*"([\w.]+)"', path.read_text("utf-8"))}
    assert {"manifest.versionTaken", "credentials.bound"} <= codes
    assert [code for code in sorted(codes) if f"`{code}`" not in GUIDE] == []
