"""The records shown in docs/platforms.md are those the simulators send."""

import json

import pytest
from starlette.routing import Mount, Route

from connectors.simulators import SIMULATORS
from tests.connectors.simulators.clients import simulation
from tests.connectors.simulators.documentation import TEXT, blocks, section

SHOWN = [
    ("chongqing", "重庆云课堂", 8),
    ("zibo", "淄博 交互式在线教学系统", 4),
    ("yuzhong", "渝中区数字教育云平台", 9),
    ("sichuan", "四川云教", 44),
    ("national", "国家中小学智慧教育平台", 1_300),
]
"""内江 sends XML, which test_neijiang_records.py compares."""


@pytest.mark.parametrize(("code", "heading", "ordinal"), SHOWN)
def test_the_example_record_is_the_real_one(code: str, heading: str, ordinal: int) -> None:
    example = blocks(section(f"## {heading}"), "json")[0]
    assert json.loads(example) == simulation(SIMULATORS[code].build()).catalog.record(ordinal)


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
