"""Every report equals a slow, obviously right reading of the same facts."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.sketches import people_sketch
from gateway.statistics.engine.building import World, build
from gateway.statistics.engine.caveats import CODES
from gateway.statistics.engine.store import Store
from gateway.statistics.questions import Interval, ReportDimension, ReportQuestion, UsageFilter
from gateway.statistics.reports import ReportRow
from schema.programs import programs
from tests.gateway.statistics.facts import TODAY, Fact, FactFiles, Regional
from tests.gateway.statistics.reference import Cell, Expected, reference

FIRST = date(2025, 12, 24)
MEASURES = (
    "views", "plays", "views_total", "resources_online", "receiving_schools", "live_viewers_peak", "active_teachers",
    "schools_covered", "subject_categories", "live_attendance_avg", "research_sessions", "visits_first_day",
    "daily_learning_avg", "backbone_teachers_trained",
)  # fmt: skip
PEOPLE = ("active_teachers", "schools_covered")
THRESHOLD = 5
GROUPS = [one for one in ReportDimension if one not in ("LEVEL", "ROLE", "FORM")]


@st.composite
def facts(draw: st.DrawFn) -> list[Fact]:
    """Facts of few days and few values of every dimension, so that they meet in cells."""
    found: dict[Any, Fact] = {}
    measures = draw(st.lists(st.sampled_from(MEASURES), min_size=1, max_size=3, unique=True))
    for _ in range(draw(st.integers(1, 30))):
        measure = draw(st.sampled_from(measures))
        program = draw(st.sampled_from([None, None, None, *list(programs())[:3]]))
        members = draw(st.lists(st.integers(0, 12), max_size=9))
        sketched = measure == "active_teachers" and draw(st.booleans())
        weighed = measure.endswith("_avg") and draw(st.integers(0, 4)) > 0
        one = Fact(
            platform=draw(st.sampled_from(["chongqing", "yuzhong", "sichuan", "zibo", "gone"])),
            measure=measure,
            day=FIRST + timedelta(days=draw(st.one_of(st.integers(0, 12), st.integers(0, 70)))),
            value=Decimal(len(set(members)) if sketched else draw(st.one_of(st.integers(0, 9), st.integers(0, 90)))),
            region=draw(st.sampled_from([None, None, None, "500000", "500103", "500238", "510000", "511000"])),
            stage=draw(st.sampled_from([None, "PRIMARY", "JUNIOR_SECONDARY"])),
            subject=draw(st.sampled_from([None, None, "mathematics"])),
            kind=draw(st.sampled_from([None, None, "LESSON"])),
            teaching_mode=draw(st.sampled_from([None, None, "LIVE"])),
            classroom_kind=draw(st.sampled_from([None, None, "DELIVERED"])),
            program=program,
            resource=draw(st.sampled_from([None, None, "R-1"])),
            weight=Decimal(draw(st.integers(0, 5))) if weighed else None,
            sketch=people_sketch([f"t{n}" for n in members], b"agreed") if sketched else None,
        )
        found[one.day, one.series] = one
    return list(found.values())


@st.composite
def questions(draw: st.DrawFn, told: Sequence[Fact]) -> ReportQuestion:
    """A question about some of the facts, and sometimes about more."""

    def some(*values: str) -> st.SearchStrategy[tuple[str, ...] | None]:
        chosen = st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True).map(tuple)
        return st.one_of(st.none(), st.none(), st.none(), chosen)

    first = draw(st.one_of(st.none(), st.none(), st.integers(-5, 60)))
    length = draw(st.one_of(st.none(), st.none(), st.integers(0, 40)))
    start = None if first is None else FIRST + timedelta(days=first)
    end = None if length is None else (start or FIRST) + timedelta(days=length)
    measures = sorted({one.measure for one in told} | set(draw(st.lists(st.sampled_from(MEASURES), max_size=1))))
    return ReportQuestion(
        tuple(draw(st.permutations(measures))),
        UsageFilter(
            platforms=draw(some("chongqing", "sichuan", "yuzhong", "zibo", "neijiang")),
            regions=draw(some("500000", "510000", "500103", "370000", "100000")),
            programs=draw(some(*list(programs())[:3])),
            stages=draw(some("PRIMARY", "SENIOR_SECONDARY")),
            subjects=draw(some("mathematics")),
            kinds=draw(some("LESSON")),
            teaching_modes=draw(some("LIVE")),
            first=start,
            last=end,
        ),
        tuple(draw(st.lists(st.sampled_from(GROUPS), max_size=3, unique=True))),
        draw(st.one_of(st.none(), st.sampled_from(list(Interval)))),
    )


def plain(row: ReportRow) -> tuple[tuple[str, ...], date]:
    return tuple(key.value or "~" for key in row.keys), row.first


def compare(cell: Any, expected: Cell | None) -> None:
    if expected is None:
        assert (cell.status, cell.quantity, cell.platforms) == ("NOT_PUBLISHED", None, ())
        return
    found = None if cell.quantity is None else (cell.quantity.lower, cell.quantity.upper, cell.quantity.value)
    assert (cell.status, cell.method) == (expected.status, expected.method), (cell, expected)
    if expected.lower is None or expected.upper is None:
        assert found is None
    elif expected.method == "WEIGHTED_MEAN":
        assert found is not None
        assert abs(found[0] - expected.lower) < Decimal("0.00001") * max(expected.lower, Decimal(1))
    else:
        assert found == (expected.lower, expected.upper, expected.value)
    assert (cell.as_of, cell.complete, cell.platforms) == (expected.as_of, expected.complete, expected.platforms)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lake")


@pytest.fixture(scope="module")
def files(folder: Path) -> Iterator[FactFiles]:
    opened = FactFiles(folder)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def store(folder: Path) -> Iterator[Store]:
    opened = Store()
    yield opened
    opened.close()


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_report_equals_the_reference(data: st.DataObject, store: Store, files: FactFiles) -> None:
    told = data.draw(facts())
    question = data.draw(questions(told))
    expected: Expected = reference(told, question, THRESHOLD)
    store.follow(files.snapshot(told))
    report = build(store, World(Regional(), programs(), TODAY, THRESHOLD), question)
    rows = report.rows(0, report.total)
    periods = {start: report.plan.days_of(start).first for _, start in expected.cells}
    wanted = {(keys, periods[start]): row for (keys, start), row in expected.cells.items()}
    assert [plain(row) for row in rows] == sorted(wanted)
    for row in rows:
        for code, cell in zip(question.measures, row.cells, strict=True):
            compare(cell, wanted[plain(row)].get(code))
    assert {caveat.code for caveat in report.caveats} == expected.caveats
    assert expected.caveats <= set(CODES)
    report.close()
