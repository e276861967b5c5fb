"""The records shown in docs/platforms.md are those the simulators send."""

import json
import re
from pathlib import Path

import pytest
from starlette.routing import Mount, Route

from connectors.simulators import SIMULATORS
from tests.connectors.simulators.clients import simulation

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "platforms.md").read_text("utf-8")
SHOWN = [("chongqing", 8), ("zibo", 4), ("yuzhong", 9), ("national", 1_300)]


@pytest.mark.parametrize(("position", "code", "ordinal"), [(p, *shown) for p, shown in enumerate(SHOWN)])
def test_the_example_record_is_the_real_one(position: int, code: str, ordinal: int) -> None:
    blocks = re.findall(r"```json\n(.*?)```", TEXT, flags=re.DOTALL)
    assert len(blocks) == len(SHOWN)
    assert json.loads(blocks[position]) == simulation(SIMULATORS[code].build()).catalog.record(ordinal)


@pytest.mark.parametrize("code", sorted(SIMULATORS))
def test_name_size_and_origins_are_documented(code: str) -> None:
    simulator = SIMULATORS[code]
    assert f"| `{code}` | {simulator.name} |" in TEXT
    assert f"| {simulator.size:,} |" in TEXT
    assert simulator.origins[0] in TEXT
    for secret in simulator.secrets:
        assert f"`{secret}`" in TEXT
    for path in simulation_paths(code):
        assert path in TEXT


def simulation_paths(code: str) -> set[str]:
    """Every address the platform serves, as the documentation writes it."""
    (mount,) = (route for route in SIMULATORS[code].build().routes if isinstance(route, Mount))
    paths = {route.path for route in mount.routes if isinstance(route, Route)}
    return {path.replace("part_{number:int}", "part_100") for path in paths if "{path" not in path}
