"""What analysts were promised: nested regions and joint programs once, people as far as they can be known."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.sketches import people_sketch
from gateway.statistics.engine.building import World, build
from gateway.statistics.engine.report import Report
from gateway.statistics.engine.store import Store
from gateway.statistics.questions import Interval, ReportDimension, ReportQuestion, UsageFilter
from gateway.statistics.reports import ReportCell
from schema.programs import programs
from schema.quantities import between, exact
from tests.gateway.statistics.facts import TODAY, Fact, FactFiles, Regional, fact

COMMUNITY = "chengdu-chongqing-teacher-community"
Ask = Callable[..., Report]


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Ask]:
    """Asks a question about some facts."""
    store, files = Store(), FactFiles(tmp_path)

    def answer(facts: list[Fact], *measures: str, **asked: object) -> Report:
        store.follow(files.snapshot(facts))
        conditions = {name: asked.pop(name) for name in list(asked) if name in UsageFilter.__slots__}
        question = ReportQuestion(measures, UsageFilter(**conditions), **{"group_by": (), **asked})  # type: ignore[arg-type] # by name
        return build(store, World(Regional(), programs(), TODAY, 5), question)

    yield answer
    files.close()
    store.close()


def only(report: Report) -> ReportCell:
    """The only cell of a report."""
    [row] = report.rows(0, 10)
    [cell] = row.cells
    return cell


def cells(report: Report) -> dict[tuple[str, ...], ReportCell]:
    """The cells of a report of one measure by keys."""
    return {tuple(key.value for key in row.keys): row.cells[0] for row in report.rows(0, 100)}


def codes(report: Report) -> set[str]:
    return {caveat.code for caveat in report.caveats}


SCHOOLS = [
    fact("chongqing", "schools_covered", "2026-03-01", 1200),
    fact("yuzhong", "schools_covered", "2026-03-01", 40),
    fact("sichuan", "schools_covered", "2026-03-01", 1600),
    fact("neijiang", "schools_covered", "2026-03-01", 300),
    fact("chongqing", "schools_covered", "2026-03-01", 1800, program=COMMUNITY),
    fact("sichuan", "schools_covered", "2026-03-01", 1800, program=COMMUNITY),
]


def test_a_national_total_of_schools_counts_no_region_inside_another_and_no_program_twice(ask: Ask) -> None:
    report = ask(SCHOOLS, "schools_covered")
    cell = only(report)
    assert cell.quantity == between(1800, 1200 + 1600 + 1800, "所", closed=True)
    assert cell.platforms == ("chongqing", "sichuan")
    said = {caveat.code: caveat for caveat in report.caveats}
    assert said["NESTED_REGION_LEFT_OUT"].platforms == ("neijiang", "yuzhong")
    assert "yuzhong (500103)" in said["NESTED_REGION_LEFT_OUT"].message
    assert said["JOINT_PROGRAM_ONCE"].platforms == ("chongqing", "sichuan")
    assert "成渝教师研修共同体" in said["JOINT_PROGRAM_ONCE"].message
    assert said["NOT_PUBLISHED"].platforms == ("zibo",)


def test_by_platform_nothing_is_left_out_and_the_program_has_a_row_of_its_own(ask: Ask) -> None:
    report = ask(SCHOOLS, "schools_covered", group_by=(ReportDimension.PLATFORM,))
    found = {key: cell.quantity for (key,), cell in cells(report).items()}
    assert found == {
        "chongqing": exact(1200, "所"),
        "neijiang": exact(300, "所"),
        "sichuan": exact(1600, "所"),
        "yuzhong": exact(40, "所"),
        "zibo": None,
        "": exact(1800, "所"),
    }
    assert "NESTED_REGION_LEFT_OUT" not in codes(report)
    assert [row.keys[0].label for row in report.rows(0, 10)][-1] == "联合项目"


def test_a_joint_program_is_reached_from_both_sides(ask: Ask) -> None:
    for side in ({"platforms": ("chongqing",)}, {"platforms": ("sichuan",)}, {"programs": (COMMUNITY,)}):
        report = ask(SCHOOLS, "schools_covered", group_by=(ReportDimension.PROGRAM,), **side)
        assert cells(report)[(COMMUNITY,)].quantity == exact(1800, "所"), side


def test_platforms_that_contradict_each_other_about_a_program_make_a_conflict(ask: Ask) -> None:
    told = [
        fact("chongqing", "research_sessions", "2026-03-01", 6, program=COMMUNITY),
        fact("sichuan", "research_sessions", "2026-03-01", 9, program=COMMUNITY),
        fact("chongqing", "research_sessions", "2026-03-02", 2, program=COMMUNITY),
        fact("sichuan", "research_sessions", "2026-03-02", 2, program=COMMUNITY),
    ]
    report = ask(told, "research_sessions")
    cell = only(report)
    assert (cell.status, cell.quantity) == ("CONFLICT", between(8, 11, "场", closed=True))
    assert "CONFLICTING_REPORTS" in codes(report)


def people(prefix: str, *numbers: range) -> list[str]:
    return [f"{prefix}{number}" for span in numbers for number in span]


def sketched(platform: str, day: str, who: list[str]) -> Fact:
    return fact(platform, "active_teachers", day, len(set(who)), sketch=people_sketch(who, b"agreed"))


def test_people_of_two_platforms_with_overlapping_sketches_are_estimated_within_the_stated_error(ask: Ask) -> None:
    here, there = people("t", range(4000)), people("t", range(3000, 8000))
    cell = only(ask([sketched("chongqing", "2026-03-01", here), sketched("sichuan", "2026-03-01", there)],
                    "active_teachers"))  # fmt: skip
    assert (cell.status, cell.method) == ("OK", "SKETCH_UNION")
    quantity = cell.quantity
    assert quantity is not None
    assert quantity.lower is not None
    assert quantity.upper is not None
    assert quantity.value is not None
    assert quantity.lower <= 8000 <= quantity.upper
    assert abs(quantity.value - 8000) <= Decimal(8000) * Decimal("0.05")
    assert quantity.upper < 9000, "the sum of both"


def test_people_of_two_platforms_without_sketches_are_an_interval(ask: Ask) -> None:
    told = [
        fact("chongqing", "active_teachers", "2026-03-01", 4000),
        fact("sichuan", "active_teachers", "2026-03-01", 5000),
    ]
    report = ask(told, "active_teachers")
    cell = only(report)
    assert (cell.method, cell.quantity) == ("BOUNDS", between(5000, 9000, "人", closed=True))
    assert "PEOPLE_ESTIMATED" not in codes(report)


def test_a_month_of_one_platform_with_sketches_counts_everybody_once(ask: Ask) -> None:
    daily = [sketched("chongqing", f"2026-03-{day:02}", people("t", range(day, day + 20))) for day in range(1, 31)]
    cell = only(ask(daily, "active_teachers", interval=Interval.MONTH))
    assert cell.quantity is not None
    assert cell.quantity.value == 49


def test_a_single_fact_is_exact_even_with_a_sketch(ask: Ask) -> None:
    cell = only(ask([sketched("chongqing", "2026-03-01", people("t", range(5000)))], "active_teachers"))
    assert (cell.method, cell.quantity) == ("NONE", exact(5000, "人"))


COUNTER = [fact("chongqing", "views_total", day, value) for day, value in (
    ("2026-01-31", 1000), ("2026-02-01", 1100), ("2026-02-28", 1500), ("2026-03-01", 200), ("2026-03-31", 260),
)]  # fmt: skip


def test_a_counter_answers_what_it_shows_or_what_was_added_in_a_span(ask: Ask) -> None:
    standing = only(ask(COUNTER, "views_total"))
    assert (standing.method, standing.quantity, standing.as_of) == ("LAST", exact(260, "人次"), date(2026, 3, 31))
    added = only(ask(COUNTER, "views_total", first=date(2026, 2, 1), last=date(2026, 2, 28)))
    assert (added.method, added.quantity) == ("DIFFERENCE", exact(500, "人次"))


def test_a_counter_that_drops_gives_bounds_and_never_negative_use(ask: Ask) -> None:
    report = ask(COUNTER, "views_total", interval=Interval.MONTH)
    found = {row.first: row.cells[0].quantity for row in report.rows(0, 10)}
    assert found == {date(2026, 2, 1): exact(500, "人次"), date(2026, 3, 1): between(0, 260, "人次", closed=True)}
    assert "COUNTER_RESET" in codes(report)


def test_a_stock_is_its_last_value_and_never_the_sum_of_snapshots(ask: Ask) -> None:
    told = [
        fact("chongqing", "resources_online", day, value) for day, value in (("2026-01-05", 90), ("2026-02-05", 95))
    ]
    told += [fact("sichuan", "resources_online", "2026-03-05", 40)]
    report = ask(told, "resources_online", interval=Interval.MONTH)
    found = {row.first: row.cells[0] for row in report.rows(0, 10)}
    assert [found[date(2026, month, 1 if month > 1 else 5)].quantity for month in (1, 2, 3)] == [
        exact(90, "个"), exact(95, "个"), exact(135, "个"),
    ]  # fmt: skip
    assert found[date(2026, 3, 1)].complete is False
    assert "CARRIED_FORWARD" in codes(report)


def test_averages_need_weights(ask: Ask) -> None:
    day = "2026-03-01"
    weighed = [fact("zibo", "live_attendance_avg", day, 100, weight=Decimal(1)),
               fact("chongqing", "live_attendance_avg", day, 40, weight=Decimal(2))]  # fmt: skip
    assert only(ask(weighed, "live_attendance_avg")).quantity == exact(60, "人次/场")
    plain = [fact("zibo", "live_attendance_avg", day, 100), fact("chongqing", "live_attendance_avg", day, 40)]
    report = ask(plain, "live_attendance_avg")
    assert (only(report).status, only(report).quantity) == ("NOT_ADDITIVE", None)
    assert "NOT_ADDITIVE" in codes(report)


def test_not_published_is_not_zero(ask: Ask) -> None:
    told = [fact("chongqing", "views", "2026-03-01", 0), fact("sichuan", "views", "2026-03-01", 900)]
    report = ask(told, "views", group_by=(ReportDimension.PLATFORM,))
    found = {key: (cell.status, cell.quantity) for (key,), cell in cells(report).items()}
    assert found["neijiang"] == ("NOT_PUBLISHED", None)
    assert found["chongqing"] == ("OK", exact(0, "人次"))
    told_of = {one.platform: one.days for one in report.coverage}
    assert told_of == {"chongqing": 1, "neijiang": 0, "sichuan": 1, "yuzhong": 0, "zibo": 0}


def test_small_cells_are_hidden_with_as_many_others_as_a_total_would_give_away(ask: Ask) -> None:
    stages = {"PRIMARY": 3, "JUNIOR_SECONDARY": 40, "SENIOR_SECONDARY": 70}
    told = [fact("chongqing", "sessions_attended", "2026-03-01", n, stage=stage) for stage, n in stages.items()]
    report = ask(told, "sessions_attended", group_by=(ReportDimension.STAGE,))
    found = {key: (cell.status, cell.quantity) for (key,), cell in cells(report).items()}
    assert found == {
        "PRIMARY": ("SUPPRESSED", None),
        "JUNIOR_SECONDARY": ("SUPPRESSED", None),
        "SENIOR_SECONDARY": ("OK", exact(70, "人次")),
    }
    assert "SMALL_CELLS_SUPPRESSED" in codes(report)
    assert only(ask(told, "sessions_attended")).quantity == exact(113, "人次")


def test_incomplete_cells_say_so(ask: Ask) -> None:
    told = [fact("chongqing", "views", f"2026-03-{day:02}", 1000) for day in range(1, 31)]
    told += [fact("sichuan", "views", f"2026-03-{day:02}", 1000) for day in range(1, 32)]
    report = ask(told, "views", group_by=(ReportDimension.PLATFORM,), interval=Interval.MONTH)
    assert {key: cell.complete for (key,), cell in cells(report).items() if cell.platforms} == {
        "chongqing": False, "sichuan": True,
    }  # fmt: skip
    assert "INCOMPLETE" in codes(report)


def test_bounds_of_people_that_differ_by_few_are_hidden(ask: Ask) -> None:
    told = [fact("zibo", "active_teachers", "2026-03-01", 6), fact("zibo", "active_teachers", "2026-03-02", 4)]
    assert only(ask(told, "active_teachers")).status == "SUPPRESSED"
    beside = [sketched("chongqing", "2026-03-01", people("t", range(300))), told[1]]
    assert only(ask(beside, "active_teachers")).status == "SUPPRESSED"


def test_an_average_is_hidden_by_how_many_people_are_behind_it(ask: Ask) -> None:
    day = "2026-03-01"
    many = [fact("zibo", "live_attendance_avg", day, "3.5", weight=Decimal(80))]
    assert only(ask(many, "live_attendance_avg")).quantity == exact(Decimal("3.5"), "人次/场")
    few = [fact("zibo", "live_attendance_avg", day, 4, weight=Decimal(1))]
    assert only(ask(few, "live_attendance_avg")).status == "SUPPRESSED"


def test_an_average_without_any_weight_has_no_number(ask: Ask) -> None:
    day, none = "2026-03-01", Decimal(0)
    told = [fact(code, "live_attendance_avg", day, 9, weight=none) for code in ("zibo", "chongqing")]
    assert only(ask(told, "live_attendance_avg")).status == "NOT_ADDITIVE"


def test_absurd_weights_do_not_break_the_report_of_others(ask: Ask) -> None:
    huge = Decimal(10) ** 23
    told = [fact("zibo", "live_attendance_avg", "2026-03-01", str(huge), weight=huge)]
    told += [fact("chongqing", "live_attendance_avg", "2026-03-01", 50, weight=Decimal(3))]
    report = ask(told, "live_attendance_avg", group_by=(ReportDimension.PLATFORM,))
    assert cells(report)[("chongqing",)].quantity == exact(50, "人次/场")


def test_rows_that_lie_inside_one_another_are_named(ask: Ask) -> None:
    told = [fact("chongqing", "views", "2026-03-01", 900), fact("yuzhong", "views", "2026-03-01", 40)]
    report = ask(told, "views", group_by=(ReportDimension.DISTRICT,))
    assert {key: cell.quantity for (key,), cell in cells(report).items() if cell.platforms} == {
        "500103": exact(40, "人次"), "": exact(900, "人次"),
    }  # fmt: skip
    [said] = [caveat for caveat in report.caveats if caveat.code == "ROWS_OVERLAP"]
    assert said.platforms == ("yuzhong",)
    assert "ROWS_OVERLAP" not in codes(ask(told, "views"))


def test_a_stock_of_which_only_a_part_has_come_says_so(ask: Ask) -> None:
    told = [fact("sichuan", "resources_online", "2026-03-01", 500, region=code) for code in ("510100", "510700")]
    told += [fact("sichuan", "resources_online", "2026-03-02", 501, region="510700")]
    report = ask(told, "resources_online")
    assert (only(report).quantity, only(report).complete) == (exact(501, "个"), False)
    assert "PARTLY_REPORTED" in codes(report)


def test_what_overlaps_within_one_platform_is_an_interval(ask: Ask) -> None:
    told = [
        fact("zibo", "schools_covered", "2026-03-01", 100, stage=stage) for stage in ("PRIMARY", "JUNIOR_SECONDARY")
    ]
    cell = only(ask(told, "schools_covered"))
    assert (cell.method, cell.quantity) == ("BOUNDS", between(100, 200, "所", closed=True))
