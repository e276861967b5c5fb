"""The table of measures: every one is complete, and what may be added up is."""

import re
from collections import Counter

import pytest

from schema.bounds import total
from schema.errors import UnitMismatch
from schema.measures import AggregationMethod, Measure, MeasureKind, measures
from schema.quantities import exact

MEASURES = list(measures().values())
KIND, METHOD = MeasureKind, AggregationMethod


def ways(kind: MeasureKind) -> set[tuple[AggregationMethod, AggregationMethod]]:
    """How measures of a kind are put together over time and over platforms."""
    return {(measure.over_time, measure.over_platforms) for measure in MEASURES if measure.kind is kind}


def test_every_measure_is_complete_and_named_once() -> None:
    found = measures()
    assert len(found) == 88
    assert [measure.code for measure in found.values()] == list(found)
    assert len({measure.name for measure in found.values()}) == 88
    assert all(re.fullmatch(r"[a-z][a-z_]*", code) for code in found)
    assert all(measure.unit and measure.description[0].isupper() for measure in found.values())
    assert Counter(measure.kind for measure in MEASURES) == {
        KIND.STOCK: 35,
        KIND.COUNTER: 18,
        KIND.FLOW: 15,
        KIND.DISTINCT: 12,
        KIND.RATIO: 4,
        KIND.AVERAGE: 3,
        KIND.PEAK: 1,
    }


def test_every_kind_is_put_together_over_time_in_its_own_way() -> None:
    over_time = {kind: {time for time, _ in ways(kind)} for kind in KIND}
    assert over_time == {
        KIND.FLOW: {METHOD.SUM, METHOD.NONE},
        KIND.COUNTER: {METHOD.DIFFERENCE},
        KIND.STOCK: {METHOD.LAST},
        KIND.PEAK: {METHOD.MAX},
        KIND.DISTINCT: {METHOD.BOUNDS},
        KIND.AVERAGE: {METHOD.WEIGHTED_MEAN},
        KIND.RATIO: {METHOD.WEIGHTED_MEAN},
    }


def test_flows_add_up_over_platforms_and_people_do_not() -> None:
    assert ways(KIND.FLOW) == {(METHOD.SUM, METHOD.SUM), (METHOD.NONE, METHOD.NONE)}
    for kind in (KIND.DISTINCT, KIND.PEAK, KIND.AVERAGE, KIND.RATIO):
        assert all(over_platforms is not METHOD.SUM for _, over_platforms in ways(kind))


@pytest.mark.parametrize(
    "code",
    [
        "subject_categories", "application_modes", "synchronised_steps", "system_types", "schools_covered_joint",
        "joint_research_sessions", "teacher_exchange_visits", "dual_teacher_beneficiaries", "homework_users",
        "cio_and_seed_principals", "visits_first_day", "moe_pilot_schools",
    ],
)  # fmt: skip
def test_shared_vocabularies_joint_numbers_and_mixed_roles_never_add_over_platforms(code: str) -> None:
    assert measures()[code].over_platforms is METHOD.NONE


def test_numbers_of_people_and_of_their_attendance_are_marked_and_pages_opened_are_not() -> None:
    opened = {"views", "views_total", "visits_first_day"}
    assert [measure.code for measure in MEASURES if measure.code in opened and measure.people] == []
    assert {measure.unit for measure in MEASURES if measure.people} == {"人", "人次", "名", "人次/日", "人次/场"}
    assert {measure.unit for measure in MEASURES if not measure.people}.isdisjoint({"人", "名"})
    assert sum(measure.people for measure in MEASURES) == 20


@pytest.mark.parametrize("measure", [one for one in MEASURES if one.unit != "所"], ids=lambda one: one.code)
def test_no_measure_adds_to_one_of_another_unit(measure: Measure) -> None:
    with pytest.raises(UnitMismatch, match=f"^所 and {measure.unit} are different units"):
        total([exact(1, measures()["schools_covered"].unit), exact(1, measure.unit)])


@pytest.mark.parametrize(
    ("code", "kind", "unit"),
    [
        ("views", KIND.FLOW, "人次"),
        ("schools_covered", KIND.STOCK, "所"),
        ("live_attendance_avg", KIND.AVERAGE, "人次/场"),
        ("completion_rate", KIND.RATIO, "%"),
        ("live_viewers_peak", KIND.PEAK, "人"),
    ],
)
def test_the_measures_of_the_examples_are_there(code: str, kind: MeasureKind, unit: str) -> None:
    measure = measures()[code]
    assert (measure.kind, measure.unit) == (kind, unit)
