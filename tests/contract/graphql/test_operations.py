"""Every operation of the contract that this release covers validates and runs without an error."""

from pathlib import Path
from typing import Any

import pytest
from graphql import OperationDefinitionNode, parse

from schema.identifiers import GlobalId, resource_id
from tests.gateway.graph.world import World

FOLDER = Path(__file__).with_name("operations")
RICH = resource_id("chongqing", "RICH-1")
VARIABLES: dict[str, dict[str, Any]] = {
    "SearchPage": {"q": "勾股定理", "filter": {"stages": ["JUNIOR_SECONDARY"], "regions": ["500000"]}, "after": None},
    "NextPage": {"q": "勾股定理", "after": "c19"},
    "FilterBySchoolSuggestion": {"p": "谢家湾"},
    "DetailViaNode": {"id": RICH},
    "DetailById": {"id": RICH},
    "LiveCalendar": {"from": "2026-03-01T00:00:00+08:00", "to": "2026-03-08T00:00:00+08:00"},
    "CourseOutline": {"id": RICH, "after": None},
    "LessonCycle": {"id": RICH},
    "Quality": {"id": RICH},
    "RefetchRegion": {"id": str(GlobalId("Region", ("500103",)))},
    "Alliance": {"code": "chengyu"},
    "WhereIsMyRecord": {"p": "chongqing", "n": "RICH-1"},
}


def operations() -> list[tuple[str, str]]:
    """Text of the file and name of every operation in it."""
    return [
        (text, node.name.value)
        for path in sorted(FOLDER.glob("*.graphql"))
        for text in [path.read_text("utf-8")]
        for node in parse(text).definitions
        if isinstance(node, OperationDefinitionNode) and node.name
    ]


def only(text: str, name: str) -> str:
    """A document with this operation and the fragments it spreads."""
    document = parse(text)
    kept = [
        node
        for node in document.definitions
        if not isinstance(node, OperationDefinitionNode) or (node.name and node.name.value == name)
    ]
    sources = [text[node.loc.start : node.loc.end] for node in kept if node.loc]
    operation = next(part for part in sources if name in part)
    return "\n".join(part for part in sources if part == operation or "...Card" in operation)


def test_seventeen_operations_are_covered() -> None:
    assert len(operations()) == 17
    assert set(VARIABLES) <= {name for _, name in operations()}


@pytest.mark.parametrize(("text", "name"), operations(), ids=[name for _, name in operations()])
async def test_the_operation_runs_and_finds_something(text: str, name: str) -> None:
    data = await World().data(only(text, name), VARIABLES.get(name))
    assert all(value not in (None, []) for value in data.values()), data
