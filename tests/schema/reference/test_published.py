"""The published JSON Schema and the documentation say what the code does."""

import json
import re
from typing import Any

import pytest

from schema.json_schema import PUBLISHED, rendered, resource_schema
from schema.kinds import ResourceKind
from schema.reference import renewed
from schema.resources import ResourceRecord
from schema.validation import validate_resource
from tests.architecture.source import ROOT

SCHEMA: dict[str, Any] = json.loads(PUBLISHED.read_text("utf-8"))
RECORDS = {"ResourceRecord": SCHEMA} | {n: d for n, d in SCHEMA["$defs"].items() if d["type"] == "object"}
FIELDS = [(name, field) for name, record in RECORDS.items() for field in record["properties"]]


def test_the_published_schema_is_that_of_the_code() -> None:
    assert PUBLISHED.read_text("utf-8") == rendered(), "run python -m schema.json_schema"
    assert resource_schema()["$id"] == "urn:shanhai:schema:resource"


@pytest.mark.parametrize(("record", "field"), FIELDS)
def test_every_field_has_a_description_and_an_example(record: str, field: str) -> None:
    spec = RECORDS[record]["properties"][field]
    assert spec["description"].endswith(".")
    assert spec["examples"]


@pytest.mark.parametrize("field", SCHEMA["properties"])
def test_every_example_of_a_resource_field_validates(field: str) -> None:
    for example in SCHEMA["properties"][field]["examples"]:
        data = {"nativeId": "1", "title": "勾股定理", "kind": "LESSON", field: example}
        assert isinstance(validate_resource(data), ResourceRecord), validate_resource(data)


def test_the_published_schema_names_what_is_required_and_refuses_other_keys() -> None:
    assert SCHEMA["required"] == ["nativeId", "title", "kind"]
    assert [name for name, record in RECORDS.items() if record["additionalProperties"] is not False] == []
    assert SCHEMA["$defs"]["ResourceKind"]["enum"] == [kind.value for kind in ResourceKind]


@pytest.mark.parametrize("page", ["resource.md", "vocabularies.md"])
def test_the_tables_of_the_documentation_are_those_of_the_code(page: str) -> None:
    text = (ROOT / "docs" / page).read_text("utf-8")
    assert text.count("<!-- generated:") == 1
    assert text == renewed(text), f"run python -m schema.reference docs/{page}"


@pytest.mark.parametrize("field", SCHEMA["properties"])
def test_every_field_stands_in_the_documentation(field: str) -> None:
    assert f"| `{field}` |" in (ROOT / "docs" / "resource.md").read_text("utf-8")


def test_the_examples_of_the_documentation_validate() -> None:
    blocks = re.findall(r"```json\n(.*?)```", (ROOT / "docs" / "resource.md").read_text("utf-8"), re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        assert isinstance(validate_resource(json.loads(block)), ResourceRecord)
