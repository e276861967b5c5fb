"""Findings: stable codes, exact places, what was expected and what would have been right."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.findings import Finding, Severity
from schema.resources import ResourceRecord
from schema.validation import validate_resource

LEAST = {"nativeId": "1", "title": "勾股定理", "kind": "LESSON"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from([field.alias or name for name, field in ResourceRecord.model_fields.items()])


def findings(data: dict[str, Any]) -> tuple[Finding, ...]:
    found = validate_resource(data)
    assert not isinstance(found, ResourceRecord)
    return found


def test_a_right_record_is_the_record() -> None:
    assert validate_resource(LEAST) == ResourceRecord.model_validate(LEAST)


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"title": None}, "title.missing", "/title"),
        ({"title": ""}, "title.missing", "/title"),
        ({"title": "  "}, "title.missing", "/title"),
        ({"title": "x" * 1001}, "title.tooLong", "/title"),
        ({"title": 5}, "title.invalid", "/title"),
        ({"kind": None}, "kind.missing", "/kind"),
        ({"publishedAt": "昨天"}, "publishedAt.invalid", "/publishedAt"),
        ({"publishedAt": "2024-03-01T08:00:00"}, "publishedAt.invalid", "/publishedAt"),
        ({"region": "渝中"}, "region.invalid", "/region"),
        ({"stages": ["PRIMARY", "x"]}, "stages.invalid", "/stages/1"),
        ({"files": [{}, {"url": "ftp://x"}]}, "files.url.invalid", "/files/1/url"),
        ({"subjects": [{"native": "数学"}]}, "subjects.code.missing", "/subjects/0/code"),
        ({"summary": ""}, "summary.empty", "/summary"),
        ({"awards": [{"name": ""}]}, "awards.name.empty", "/awards/0/name"),
        ({"review": {"status": "APPROVED", "reviewedAt": "x"}}, "review.reviewedAt.invalid", "/review/reviewedAt"),
        ({"sumary": "x"}, "field.unknown", "/sumary"),
        ({"a/b~c": "x"}, "field.unknown", "/a~1b~0c"),
        (
            {"startsAt": "2024-03-02T00:00:00Z", "endsAt": "2024-03-01T00:00:00Z"},
            "endsAt.invalid",
            "/endsAt",
        ),
    ],
)
def test_a_fault_has_its_code_and_its_place(change: dict[str, Any], code: str, pointer: str) -> None:
    found = findings(LEAST | change)
    assert [(f.code, f.pointer, f.severity) for f in found] == [(code, pointer, Severity.ERROR)]
    assert found[0].expected
    assert found[0].message


def test_an_absent_required_field_is_missing() -> None:
    found = findings({"kind": "LESSON"})
    assert [(f.code, f.pointer, f.found) for f in found] == [
        ("nativeId.missing", "/nativeId", None),
        ("title.missing", "/title", None),
    ]
    assert found[1].message == "title is required and missing"


def test_every_fault_is_named_at_once() -> None:
    found = findings({"nativeId": "1", "title": "", "kind": "?", "region": "1", "foo": 1})
    assert [f.code for f in found] == ["title.missing", "kind.invalid", "region.invalid", "field.unknown"]


@pytest.mark.parametrize(
    ("change", "expected", "shown", "suggestion"),
    [
        ({"stages": ["初中"]}, "one of PRESCHOOL, PRIMARY, JUNIOR_SECONDARY", '"初中"', "JUNIOR_SECONDARY"),
        ({"kind": "公开课"}, "one of COURSE, LESSON", '"公开课"', "LESSON"),
        ({"access": "全市公开"}, "one of PUBLIC, REGISTERED", '"全市公开"', "CITY"),
        ({"publishdAt": "x"}, "a field of the resource schema", '"x"', "publishedAt"),
        ({"region": "5001"}, "a six-digit GB/T 2260 code, such as 500103", '"5001"', None),
        ({"durationSeconds": -5}, "a number of at least 0", "-5", None),
        ({"useCount": "many"}, "a whole number", '"many"', None),
        ({"publishedAt": "2024-03-01"}, "a time with a zone, such as 2024-03-01T08:00:00+08:00", '"2024-03-01"', None),
    ],
)
def test_a_finding_says_what_was_expected_and_found_and_what_is_near(
    change: dict[str, Any], expected: str, shown: str, suggestion: str | None
) -> None:
    (found,) = findings(LEAST | change)
    assert (found.expected or "").startswith(expected)
    assert (found.found, found.suggestion) == (shown, suggestion)
    assert shown in found.message or found.code == "field.unknown"


def test_long_values_are_shortened() -> None:
    (found,) = findings(LEAST | {"url": "x" * 5000})
    assert found.found is not None
    assert len(found.found) == 201


@given(st.dictionaries(FIELDS | st.text(max_size=8), JSON, max_size=6))
def test_any_object_gives_a_record_or_findings_that_point_into_it(data: dict[str, Any]) -> None:
    answer = validate_resource(data)
    if isinstance(answer, ResourceRecord):
        return
    assert answer
    for finding in answer:
        assert finding.code.rsplit(".", 1)[-1] in {"missing", "empty", "tooLong", "invalid", "unknown"}
        assert finding.pointer is not None
        assert finding.pointer.startswith("/")


@given(st.dictionaries(FIELDS, JSON, max_size=4))
def test_an_accepted_record_can_be_written_and_read_again(data: dict[str, Any]) -> None:
    answer = validate_resource(LEAST | data)
    if isinstance(answer, ResourceRecord):
        assert validate_resource(json.loads(answer.to_json())) == answer
