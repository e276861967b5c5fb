"""Drift: which differences of two shapes are told, and that they are kept with when they were first seen."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.registry import DriftKind, DriftView
from gateway.registry.drift import Change, Paths, compare
from gateway.registry.shapes import LONGEST_FIELD, MOST_CHANGES
from gateway.storage import Database
from tests.gateway.registry.desk import START, Desk, manifest

WIDENED, NARROWED, MISSING, NEW = DriftKind.WIDENED, DriftKind.NARROWED, DriftKind.MISSING, DriftKind.NEW
PATHS = st.dictionaries(
    st.from_regex(r"[a-c](\[\])?(\.[a-c](\[\])?){0,2}", fullmatch=True),
    st.dictionaries(st.sampled_from(["string", "integer", "null", "object"]), st.integers(0, 300), max_size=3),
    max_size=8,
)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"id": {"string": 200}}, {"id": {"string": 100}}, []),
        (
            {"id": {"string": 200}},
            {"id": {"string": 90, "integer": 10}},
            [Change("id", WIDENED, "id is integer now too; it was string", 10)],
        ),
        (
            {"tags": {"array": 150, "null": 50}},
            {"tags": {"array": 100}},
            [Change("tags", NARROWED, "tags is never null now; it is array", 100)],
        ),
        ({"tags": {"array": 191, "null": 9}}, {"tags": {"array": 100}}, []),
        (
            {"tags": {"array": 190, "null": 10}},
            {"tags": {"array": 100}},
            [Change("tags", NARROWED, "tags is never null now; it is array", 100)],
        ),
        ({"title": {"string": 180}}, {}, [Change("title", MISSING, "title is gone; 90% of the records had it", 100)]),
        ({"title": {"string": 179}}, {}, []),
        ({}, {"title": {"string": 7}}, [Change("title", NEW, "title is new, of type string", 7)]),
        (
            {"title": {"string": 200}},
            {"title": {"string": 0}},
            [Change("title", MISSING, "title is gone; 100% of the records had it", 100)],
        ),
        (
            {"team": {"array": 200}, "team[].name": {"string": 400}},
            {"staff": {"array": 100}, "staff[].name": {"string": 200}, "staffed": {"boolean": 1}},
            [
                Change("staff", NEW, "staff is new, of type array", 100),
                Change("staffed", NEW, "staffed is new, of type boolean", 1),
                Change("team", MISSING, "team is gone; 100% of the records had it", 100),
            ],
        ),
    ],
)
def test_what_is_told_of_two_hundred_records_and_one_hundred_later(
    before: Paths, after: Paths, expected: list[Change]
) -> None:
    assert list(compare(before, 200, after, 100)) == expected


def test_few_records_are_no_evidence_that_a_type_is_gone() -> None:
    before = {"tags": {"array": 90, "null": 9}}
    assert compare(before, 99, {"tags": {"array": 1_000}}, 1_000) == ()
    assert compare({"tags": {"array": 190, "null": 10}}, 200, {"tags": {"array": 99}}, 99) == ()


@given(PATHS, st.integers(0, 300))
def test_a_shape_has_not_drifted_from_itself(paths: Paths, records: int) -> None:
    assert compare(paths, records, paths, records) == ()


@given(PATHS, PATHS, st.integers(0, 300), st.integers(0, 300))
def test_every_change_is_one_of_its_kind_and_bounded_by_the_shapes(
    before: Paths, after: Paths, first: int, later: int
) -> None:
    changes = compare(before, first, after, later)
    assert len({(change.field, change.kind) for change in changes}) == len(changes)
    held = {path for path, types in before.items() if any(types.values())}
    holds = {path for path, types in after.items() if any(types.values())}
    for change in changes:
        expected = {NEW: holds - held, MISSING: held - holds, WIDENED: held & holds, NARROWED: held & holds}
        assert change.field in expected[change.kind]
        assert change.records >= 0
    if not first or not later:
        assert changes == ()


@given(PATHS, PATHS)
def test_what_is_new_one_way_is_gone_the_other(before: Paths, after: Paths) -> None:
    there = {change.field for change in compare(before, 100, after, 100) if change.kind is NEW}
    back = {change.field for change in compare(after, 100, before, 100) if change.kind is MISSING}
    inside = {path for path in back if path not in there}
    assert all(any(path.startswith(top) for top in there) for path in inside)


async def test_the_first_run_is_the_baseline_and_later_ones_are_compared_with_it(database: Database) -> None:
    desk = Desk(database)
    await desk.activated()
    record = desk.service.record_shape
    await record("river", 1, "run1", {"id": {"string": 10}}, 10)
    assert await desk.service.drift("river") == ()
    began = desk.now()
    await record("river", 1, "run2", {"id": {"string": 8, "integer": 2}}, 10)
    first = DriftView("id", WIDENED, "id is integer now too; it was string", began + timedelta(minutes=1), 2)
    assert await desk.service.drift("river") == (first,)
    await record("river", 1, "run3", {"id": {"string": 5, "integer": 5}, "more": {"null": 1}}, 10)
    widened, new = await desk.service.drift("river")
    assert (widened.first_seen_at, widened.records) == (first.first_seen_at, 5)
    assert (new.field, new.kind, new.records) == ("more", NEW, 1)
    assert new.first_seen_at > widened.first_seen_at > START
    await record("river", 1, "run4", {"id": {"string": 10}}, 10)
    assert [drift.records for drift in await desk.service.drift("river")] == [0, 0]


async def test_a_new_version_starts_from_a_baseline_of_its_own(database: Database) -> None:
    desk = Desk(database)
    await desk.activated()
    await desk.service.record_shape("river", 1, "run1", {"id": {"string": 10}}, 10)
    await desk.service.record_shape("river", 1, "run2", {"id": {"integer": 10}}, 10)
    assert len(await desk.service.drift("river")) == 1
    await desk.published(2, activate=True)
    assert await desk.service.drift("river") == ()
    await desk.service.record_shape("river", 2, "run3", {"id": {"integer": 10}}, 10)
    await desk.service.record_shape("river", 2, "run4", {"id": {"integer": 10}}, 10)
    assert await desk.service.drift("river") == ()


async def test_an_empty_run_is_no_baseline_and_shows_no_drift(database: Database) -> None:
    desk = Desk(database)
    await desk.activated()
    await desk.service.record_shape("river", 1, "run1", {}, 0)
    await desk.service.record_shape("river", 1, "run2", {"id": {"string": 10}}, 10)
    await desk.service.record_shape("river", 1, "run3", {}, 0)
    assert await desk.service.drift("river") == ()


async def test_what_a_hostile_platform_sends_is_stored_within_bounds(database: Database) -> None:
    desk = Desk(database)
    await desk.activated(manifest())
    await desk.service.record_shape("river", 1, "run1", {"id": {"string": 10}}, 10)
    odd = {f"nul\0{n} \ud800" + "x" * 900: {"st\0ring": 1} for n in range(300)}
    await desk.service.record_shape("river", 1, "run2", odd, 10)
    drift = await desk.service.drift("river")
    assert len(drift) == MOST_CHANGES
    assert max(len(each.field) for each in drift) == LONGEST_FIELD


async def test_an_unknown_connector_has_no_drift(database: Database) -> None:
    assert await Desk(database).service.drift("river") == ()
