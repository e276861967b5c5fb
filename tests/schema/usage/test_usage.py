"""Usage facts: what they hold and what they refuse."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from schema.findings import Finding
from schema.usage import UsageFact
from schema.validation import validate

FACT = {"measure": "views", "day": "2025-03-03", "value": "14280"}


def findings(**changes: Any) -> tuple[Finding, ...]:
    """What is wrong with a fact that is changed so."""
    found = validate(UsageFact, FACT | changes)
    assert isinstance(found, tuple), found
    return found


def test_a_fact_needs_a_measure_a_day_and_a_value() -> None:
    fact = validate(UsageFact, FACT)
    assert isinstance(fact, UsageFact)
    assert (fact.measure, fact.day, fact.value, fact.revision) == ("views", date(2025, 3, 3), Decimal(14280), 0)
    found = validate(UsageFact, {})
    assert isinstance(found, tuple)
    assert [finding.code for finding in found] == ["measure.missing", "day.missing", "value.missing"]


@pytest.mark.parametrize("value", [0, "0.5", "9" * 24, Decimal("0.000000000000000000000001")])
def test_numbers_are_kept_exactly(value: Any) -> None:
    fact = validate(UsageFact, FACT | {"value": value})
    assert isinstance(fact, UsageFact)
    assert fact.value == Decimal(str(value))


@pytest.mark.parametrize("measure", ["live_attendance_avg", "completion_rate"])
def test_an_average_or_ratio_is_a_fact_with_its_weight_and_without(measure: str) -> None:
    cases: list[tuple[dict[str, Any], Decimal | None]] = [
        ({}, None),
        ({"weight": None}, None),
        ({"weight": "12"}, Decimal(12)),
        ({"weight": 0}, Decimal(0)),
    ]
    for weight, kept in cases:
        fact = validate(UsageFact, {**FACT, "measure": measure, **weight})
        assert isinstance(fact, UsageFact)
        assert (fact.value, fact.weight) == (Decimal(14280), kept)


@pytest.mark.parametrize("value", [-1, "-0.1", "NaN", "Infinity", "1e999", "9" * 25, "viele", True, [], None])
def test_what_is_no_amount_is_refused(value: Any) -> None:
    [finding] = findings(value=value)
    assert finding.pointer == "/value"
    assert finding.code == ("value.missing" if value is None else "value.invalid")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"measure": "Views"}, "measure.invalid"),
        ({"day": "2025-02-30"}, "day.invalid"),
        ({"day": "gestern"}, "day.invalid"),
        ({"revision": -1}, "revision.invalid"),
        ({"stage": "PRIMRY"}, "stage.invalid"),
        ({"region": "5001"}, "region.invalid"),
        ({"sketch": "no base64!"}, "sketch.invalid"),
        ({"sketch": "A" * 100_001}, "sketch.tooLong"),
        ({"weight": -1}, "weight.invalid"),
        ({"weight": "viele"}, "weight.invalid"),
        ({"resource": "a\0b"}, "resource.invalid"),
        ({"vlaue": 1}, "field.unknown"),
    ],
)
def test_every_field_is_checked(changes: dict[str, Any], code: str) -> None:
    assert [finding.code for finding in findings(**changes)] == [code]
