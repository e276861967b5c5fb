"""Sketches of teachers: those of 重庆 and 四川 unite, and the union is what really were different people."""

import base64
from collections.abc import Iterable
from datetime import date, timedelta

import pytest
from datasketches import compact_theta_sketch, theta_union

from connectors.simulators.chongqing import statistics as chongqing
from connectors.simulators.community import TEACHERS
from connectors.simulators.sichuan import statistics as sichuan
from connectors.sketches import sketch_family
from schema.usage import UsageFact
from tests.connectors.platforms.runs import SETTLED, usage

LAST = date(2025, 10, 26)
SEED, TODAY = 2026, SETTLED.date()
SIDES = {"chongqing": chongqing.teachers_active, "sichuan": sichuan.teachers_active}


async def teachers(code: str, first: date, last: date = LAST) -> list[UsageFact]:
    """The facts of active teachers."""
    run = await usage(code, first, last)
    assert run.rejected == []
    return [fact for fact in run.records if fact.measure == "active_teachers"]


def image(fact: UsageFact) -> bytes:
    """The bytes of a fact's sketch."""
    assert fact.sketch is not None
    return base64.b64decode(fact.sketch, validate=True)


def united(facts: Iterable[UsageFact]) -> compact_theta_sketch:
    """The union of the sketches."""
    union = theta_union()
    for fact in facts:
        union.update(compact_theta_sketch.deserialize(image(fact)))
    return union.get_result()


@pytest.mark.parametrize("code", SIDES)
async def test_every_day_s_sketch_holds_exactly_the_people_of_the_number_beside_it(code: str) -> None:
    facts = await teachers(code, LAST - timedelta(days=30))
    assert len(facts) == 31
    assert {sketch_family(image(fact)) for fact in facts} == {"THETA"}
    assert [united([fact]).get_estimate() for fact in facts] == [float(fact.value) for fact in facts]
    assert all(SIDES[code](SEED, fact.day, fact.day, TODAY) <= frozenset(TEACHERS[code]) for fact in facts)
    assert [len(SIDES[code](SEED, fact.day, fact.day, TODAY)) for fact in facts] == [int(fact.value) for fact in facts]


@pytest.mark.parametrize(("days", "exact"), [(1, 914), (7, 4_962), (90, 5_501)])
async def test_the_union_of_both_platforms_counts_a_teacher_of_the_community_once(days: int, exact: int) -> None:
    first = LAST - timedelta(days=days - 1)
    sides = [await teachers(code, first) for code in SIDES]
    people = [active(SEED, first, LAST, TODAY) for active in SIDES.values()]
    assert len(people[0] | people[1]) == exact < len(people[0]) + len(people[1])
    union = united([*sides[0], *sides[1]])
    assert union.get_lower_bound(3) <= exact <= union.get_upper_bound(3)
    assert union.get_estimate() < sum(united(side).get_estimate() for side in sides)
    assert (
        max(fact.value for side in sides for fact in side) <= exact < sum(fact.value for side in sides for fact in side)
    )


async def test_other_measures_and_single_stages_have_no_sketch() -> None:
    for code in SIDES:
        run = await usage(code, LAST, LAST)
        assert {fact.measure for fact in run.records if fact.sketch is not None} == {"active_teachers"}
    assert [day["teacherSketch"] for day in sichuan.usage_days(SEED, "PRIMARY", LAST, LAST, TODAY)] == [None]


def test_a_day_that_is_corrected_gains_teachers_and_loses_none() -> None:
    rows = chongqing.usage_rows(SEED, date(2025, 10, 1), LAST, TODAY)
    day = date.fromisoformat(next(row["statDate"] for row in rows if row["revision"] == 2))
    early = chongqing.teachers_active(SEED, day, day, day + timedelta(days=1))
    assert early < chongqing.teachers_active(SEED, day, day, TODAY)
