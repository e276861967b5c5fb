"""The resource record: strict, immutable, the same after every round trip."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from schema.access import Access
from schema.kinds import ResourceKind
from schema.modes import DeliveryChannel, TeachingMode
from schema.records import Record
from schema.resources import (
    CatalogResource,
    CodedTerm,
    Contributor,
    Evaluation,
    Organization,
    Provenance,
    ResourceFile,
    ResourceRecord,
    SharingRule,
)
from schema.stages import SchoolSystem, Stage

LEAST = {"nativeId": "1", "title": "勾股定理", "kind": "LESSON"}
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs"]), min_size=1, max_size=20)
R = TypeVar("R", bound=Record)
SHANGHAI = timezone(timedelta(hours=8))
TIMES = st.integers(0, 4_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, SHANGHAI))
DECIMALS = st.decimals(-1000, 1000, places=2)


def optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def build(record: type[R], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[R]:
    return st.fixed_dictionaries(fields).map(lambda values: record(**values))


RECORDS = build(
    ResourceRecord,
    native_id=WORDS,
    title=WORDS,
    kind=st.sampled_from(ResourceKind),
    summary=optional(WORDS),
    stages=st.lists(st.sampled_from(Stage), max_size=3),
    school_system=optional(st.sampled_from(SchoolSystem)),
    subjects=st.lists(build(CodedTerm, code=WORDS, native=optional(WORDS)), max_size=3),
    teaching_modes=st.lists(st.sampled_from(TeachingMode), max_size=3),
    delivery=st.lists(st.sampled_from(DeliveryChannel), max_size=3),
    region=optional(st.from_regex(r"[0-9]{6}", fullmatch=True)),
    provider=optional(build(Organization, name=WORDS)),
    contributors=st.lists(build(Contributor, name=optional(WORDS)), max_size=2),
    published_at=optional(TIMES),
    duration_seconds=optional(st.integers(0, 10**9)),
    files=st.lists(build(ResourceFile, size_bytes=optional(st.integers(0, 10**15))), max_size=2),
    access=st.sampled_from(Access),
    sharing=optional(build(SharingRule, copying=st.sampled_from(Access), valid_to=optional(st.dates()))),
    evaluations=st.lists(build(Evaluation, evaluator=st.just("SELF"), dimension=WORDS, score=DECIMALS), max_size=2),
)


@given(RECORDS)
def test_a_record_survives_the_way_through_json(record: ResourceRecord) -> None:
    text = record.to_json()
    assert ResourceRecord.model_validate_json(text) == record
    assert ResourceRecord.model_validate(json.loads(text)) == record
    assert ResourceRecord.model_validate_json(text).to_json() == text


@given(RECORDS)
def test_a_stored_record_survives_with_its_provenance(record: ResourceRecord) -> None:
    stored = CatalogResource(
        platform="chongqing",
        record=record,
        provenance=Provenance(fetched_at=datetime(2024, 3, 1, tzinfo=UTC), digest="ab", unmapped=("grades: 学生读本",)),
    )
    assert CatalogResource.model_validate_json(stored.to_json()) == stored


def test_json_is_compact_camel_case_without_absent_values() -> None:
    record = ResourceRecord.model_validate(
        LEAST | {"sharing": {"copy": "CITY"}, "publishedAt": "2024-03-01T08:00:00+08:00"}
    )
    assert json.loads(record.to_json()) == LEAST | {
        "sharing": {"copy": "CITY"},
        "publishedAt": "2024-03-01T08:00:00+08:00",
    }


def test_python_builds_by_snake_case_names() -> None:
    record = ResourceRecord(native_id="1", title="勾股定理", kind=ResourceKind.LESSON)
    assert record == ResourceRecord.model_validate(LEAST)


@pytest.mark.parametrize(
    "extra",
    [
        {"foo": 1},
        {"Title": "x"},
        {"subjects": [{"code": "mathematics", "label": "数学"}]},
        {"review": {"status": "APPROVED", "score": 1}},
    ],
)
def test_unknown_keys_are_refused_on_every_level(extra: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="extra_forbidden"):
        ResourceRecord.model_validate(LEAST | extra)


def test_records_never_change() -> None:
    record = ResourceRecord.model_validate(LEAST)
    with pytest.raises(ValidationError, match="frozen"):
        record.title = "other"  # type: ignore[misc]  # that is the point
    assert record.title == "勾股定理"
    assert hash(record) == hash(ResourceRecord.model_validate(LEAST))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("publishedAt", "2024-03-01T08:00:00"),
        ("region", "50010"),
        ("region", "50010３"),
        ("url", "javascript:alert(1)"),
        ("url", "ftp://platform.example/1"),
        ("durationSeconds", -1),
        ("title", ""),
        ("title", "a\0b"),
        ("title", "x" * 1001),
        ("stages", ["初中"]),
        ("kind", "lesson"),
    ],
)
def test_values_outside_their_bounds_are_refused(field: str, value: object) -> None:
    with pytest.raises(ValidationError, match=field):
        ResourceRecord.model_validate(LEAST | {field: value})


def test_a_session_cannot_end_before_it_starts() -> None:
    times = {"startsAt": "2024-03-08T10:00:00+08:00", "endsAt": "2024-03-08T01:59:59Z"}
    with pytest.raises(ValidationError, match="endsAt lies before startsAt"):
        ResourceRecord.model_validate(LEAST | times)
    ResourceRecord.model_validate(LEAST | times | {"endsAt": "2024-03-08T02:00:00Z"})


def test_scores_are_exact_decimals() -> None:
    data = LEAST | {"evaluations": [{"evaluator": "THIRD_PARTY", "dimension": "学习成果", "score": "4.10"}]}
    record = ResourceRecord.model_validate(data)
    assert record.evaluations[0].score == Decimal("4.10")
    assert b'"score":"4.10"' in record.to_json()


def test_the_stricter_of_two_access_rules_holds() -> None:
    assert Access.REGISTERED.narrower(Access.CITY) is Access.CITY
    assert Access.SCHOOL.narrower(Access.PUBLIC) is Access.SCHOOL
    assert {a.narrower(b) == b.narrower(a) for a in Access for b in Access} == {True}


def test_a_day_is_a_day() -> None:
    record = ResourceRecord.model_validate(LEAST | {"awards": [{"name": "精品课", "awardedAt": "2024-12-01"}]})
    assert record.awards[0].awarded_at == date(2024, 12, 1)
