"""Every snippet of docs/training.md does what the guide says."""

import json
import re
from typing import Any

import pytest
from graphql import OperationDefinitionNode, parse

from gateway.identity import ANONYMOUS, Purpose
from gateway.training.questions import SummaryDimension
from tests.architecture.source import ROOT
from tests.contract.graphql.test_operations import FOLDER
from tests.gateway.graph.training.facts import ANALYST, CHONGQING, SICHUAN, THEMSELVES, officer
from tests.gateway.graph.world import World

GUIDE = (ROOT / "docs" / "training.md").read_text("utf-8")
BLOCK = re.compile(r"^```(\S+) ?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [match.groups() for match in BLOCK.finditer(GUIDE)]
PEOPLE = {
    "public": ANONYMOUS,
    "officer": CHONGQING,
    "receiver": SICHUAN,
    "teacher": THEMSELVES,
    "analyst": ANALYST,
    "purposeless": officer("500000", None),
}


def queries() -> list[tuple[str, dict[str, Any], str]]:
    """Each GraphQL snippet, the variables that follow it, and who asks with which code as the answer, if any."""
    found: list[tuple[str, dict[str, Any], str]] = []
    for language, words, text in BLOCKS:
        if language == "graphql":
            found.append((text, {}, words))
        elif (language, words) == ("json", "variables"):
            found[-1] = (found[-1][0], json.loads(text), found[-1][2])
    return found


def test_the_guide_has_snippets_of_every_sort() -> None:
    assert len(queries()) == 22
    assert {words.split()[0] for _, _, words in queries()} == set(PEOPLE)


@pytest.mark.parametrize(("text", "variables", "words"), queries())
async def test_the_snippet_is_answered_as_the_guide_says(text: str, variables: dict[str, Any], words: str) -> None:
    person, *outcome = words.split()
    body = await World().answer(text, variables, principal=PEOPLE[person])
    assert {error["extensions"]["code"] for error in body.get("errors", [])} == set(outcome[1:])
    values = list(body["data"].values())
    assert any(value not in (None, []) for value in values), body
    assert [one["errors"] for one in values if isinstance(one, dict) and one.get("errors")] == []
    if outcome[:1] != ["refused"]:
        assert None not in values


def test_every_operation_of_the_officer_is_explained() -> None:
    asked = root_fields(parse((FOLDER / "officer.graphql").read_text("utf-8")).definitions)
    shown = {name for text, _, _ in queries() for name in root_fields(parse(text).definitions)}
    assert asked - shown == set()


def root_fields(definitions: Any) -> set[str]:
    """Names of the root fields of every operation."""
    return {
        field.name.value
        for one in definitions
        if isinstance(one, OperationDefinitionNode)
        for field in one.selection_set.selections
        if hasattr(field, "name")
    }


def test_every_purpose_and_every_dimension_is_told() -> None:
    assert re.findall(r"^\| `([A-Z_]+)` \|", GUIDE, re.MULTILINE) == [
        "TRAINING_ADMINISTRATION", "CREDIT_RECOGNITION", "CERTIFICATION", "COMPLAINT", "AUDIT",
    ]  # fmt: skip
    assert {*re.findall(r"^\| `([A-Z_]+)` \|", GUIDE, re.MULTILINE)} == {*Purpose}
    assert {f"`{one}`" for one in SummaryDimension} <= set(re.findall(r"`[A-Z]+`", GUIDE))
