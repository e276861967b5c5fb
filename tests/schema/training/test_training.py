"""Training records: what they hold and what they refuse."""

from decimal import Decimal
from typing import Any

import pytest

from schema.training import RecordState, TrainingReport, TrainingRole
from schema.validation import validate

REPORT = {
    "nativeId": "TR-1",
    "teacherId": "T2021-374",
    "title": "新课标培训",
    "kind": "COURSE",
    "startsOn": "2025-03-01",
    "quantity": "8.0",
    "unit": "HOUR",
}


def codes(**changes: Any) -> list[str]:
    """What is wrong with a record that is changed so."""
    found = validate(TrainingReport, REPORT | changes)
    assert isinstance(found, tuple), found
    return [finding.code for finding in found]


def test_a_record_with_the_least_is_a_participation_as_reported() -> None:
    report = validate(TrainingReport, REPORT)
    assert isinstance(report, TrainingReport)
    assert (report.role, report.state, report.quantity) == (TrainingRole.PARTICIPANT, RecordState.REPORTED, Decimal(8))
    assert (report.outcome, report.evidence, report.version) == (None, (), 0)


@pytest.mark.parametrize("field", REPORT)
def test_every_required_field_is_required(field: str) -> None:
    found = validate(TrainingReport, {name: value for name, value in REPORT.items() if name != field})
    assert isinstance(found, tuple)
    assert [(finding.code, finding.pointer) for finding in found] == [(f"{field}.missing", f"/{field}")]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"endsOn": "2025-02-28"}, "endsOn.invalid"),
        ({"startsOn": "2025-02-30"}, "startsOn.invalid"),
        ({"quantity": -1}, "quantity.invalid"),
        ({"quantity": "1e99"}, "quantity.invalid"),
        ({"quantity": "NaN"}, "quantity.invalid"),
        ({"unit": "HOURS"}, "unit.invalid"),
        ({"teacherId": ""}, "teacherId.missing"),
        ({"teacherId": "a\nb"}, "teacherId.invalid"),
        ({"evidence": ["javascript:alert(1)"]}, "evidence.invalid"),
        ({"version": -1}, "version.invalid"),
        ({"updatedAt": "2025-03-03T08:00:00"}, "updatedAt.invalid"),
        ({"updatedAt": "0001-01-01T00:00:00+14:00"}, "updatedAt.invalid"),
        ({"updatedAt": "9999-12-31T23:59:59-12:00"}, "updatedAt.invalid"),
        ({"idCard": "x"}, "field.unknown"),
    ],
)
def test_every_field_is_checked(changes: dict[str, Any], code: str) -> None:
    assert codes(**changes) == [code]


def test_a_day_may_be_the_only_one() -> None:
    assert isinstance(validate(TrainingReport, REPORT | {"endsOn": "2025-03-01"}), TrainingReport)


def test_the_end_before_the_start_is_told_at_the_end() -> None:
    found = validate(TrainingReport, REPORT | {"endsOn": "2025-02-28"})
    assert isinstance(found, tuple)
    assert [(finding.pointer, finding.found) for finding in found] == [("/endsOn", '"2025-02-28"')]
