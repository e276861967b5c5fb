"""Transforms write bounded text, whatever a manifest asks for."""

from typing import Any

import pytest

from connectors.manifest import read_manifest
from connectors.manifest.fields import Words, compile_fields
from connectors.manifest.notes import ROOM, Notes
from connectors.manifest.rules import FieldRule
from connectors.manifest.transforms import compile_transform
from tests.connectors.manifest.manifests import FIELDS, manifest

TENFOLD = {"replace": {"find": "a", "by": "a" * 10}}


def mapped(name: str, rule: dict[str, Any], raw: Any) -> tuple[Any, list[str]]:
    """What a rule finds in a record, and what is said about it."""
    notes = Notes()
    found = compile_fields({name: FieldRule.model_validate(rule)}, Words())(raw, notes).get(name)
    return found, [finding.message for finding in notes.findings]


def test_a_transform_has_ten_steps_at_most() -> None:
    def errors(steps: int) -> list[str | None]:
        text = manifest(fields=f"{FIELDS}    summary: {{path: a, transform: [{', '.join(['lowerCase'] * steps)}]}}\n")
        return [one.pointer for one in read_manifest(text).findings if one.severity == "ERROR"]

    assert (errors(10), errors(11)) == ([], ["/harvest/fields/summary/transform"])


def test_a_constant_that_outgrows_its_room_makes_every_record_invalid() -> None:
    good = {"constant": "a", "transform": [TENFOLD] * 4}
    assert mapped("summary", good, {}) == ("a" * 10_000, [])
    grown = {"constant": "a", "transform": [TENFOLD] * 9}
    assert mapped("summary", grown, {}) == (None, ["summary: the transforms of one record make too much text"])
    many = {"constant": ["a"] * 20, "transform": [TENFOLD] * 4}
    assert mapped("keywords", many, {})[1] == ["keywords: the transforms of one record make too much text"]


def test_text_that_a_transform_makes_has_a_million_characters_at_most() -> None:
    replace = compile_transform("replace", {"find": "a", "by": "a" * 10})
    assert len(replace("a" * 100_000)) == 1_000_000
    with pytest.raises(ValueError, match="more than 1,000,000 characters"):
        replace("a" * 100_000 + "b")
    join = compile_transform("joinedBy", {"separator": "-" * 500_000})
    with pytest.raises(ValueError, match="more than 1,000,000 characters"):
        join(["a"] * 1_000_000)  # half a terabyte without a bound
    message = "summary: a text of more than 1,000,000 characters would be made"
    assert mapped("summary", {"path": "a", "transform": "upperCase"}, {"a": "x" * 1_000_001}) == (None, [message])
    whole = {"path": "a", "transform": "json"}
    assert mapped("keywords", whole, {"a": '["' + '","'.join(["x" * 1_000] * 1_001) + '"]'})[0] is None


def test_the_entries_of_a_list_share_the_room_of_their_record() -> None:
    notes = Notes()
    grow = {"path": "a", "transform": {"replace": {"find": "a", "by": "a" * 999_990}}}
    entries = [f"a{number}" for number in range(1_000)]
    fields = compile_fields({"keywords": FieldRule.model_validate(grow)}, Words())
    found = fields({"a": entries}, notes)["keywords"]
    assert (len(found), ROOM // 999_990) == (10, 10)
    assert [finding.code for finding in notes.findings] == ["keywords.invalid"]
