"""Reports computed slowly and obviously: a plain reading of the rules in docs/analyst.md over a list of facts."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from gateway.statistics.questions import ReportQuestion
from schema.measures import MeasureKind, measures
from tests.gateway.statistics.facts import TODAY, Fact
from tests.gateway.statistics.reference.around import complete, coverage, hide, silent
from tests.gateway.statistics.reference.cells import inside, kept, mean_cell, together
from tests.gateway.statistics.reference.claims import Claim
from tests.gateway.statistics.reference.meeting import cells_of
from tests.gateway.statistics.reference.words import (
    OF_SOURCE,
    Cell,
    Expected,
    Keys,
    admitted,
    key_of,
    owner_of,
    start_of,
)


def reference(facts: Sequence[Fact], question: ReportQuestion, threshold: int) -> Expected:
    """The whole report."""
    report = Expected()
    asked = [measures()[code] for code in question.measures]
    mine = [one for one in facts if one.measure in question.measures]
    origins = {(one.platform, one.program, one.region) for one in mine if on_board(one, question)}
    tellers = {platform for platform, _, _ in origins}
    overlapping(report, [one for one in mine if on_board(one, question)], question)
    reported = {(one.platform, one.measure, one.day) for one in mine if one.platform in tellers}
    first, last = span_of(question, reported)
    heard: set[str] = set()
    expected_of: dict[tuple[str, Keys], set[str]] = defaultdict(set)
    starts = {start_of(day, question, first) for _, _, day in reported if first <= day <= last}
    for measure in asked:
        chosen = [one for one in mine if one.measure == measure.code and admitted(one, question)]
        for (keys, start), claims in cells_of(measure, question, chosen, mine, tellers, first, last, starts):
            staying = kept(claims, report)
            heard |= {one.platform for claim in claims for one in claim.facts}
            if measure.kind in (MeasureKind.AVERAGE, MeasureKind.RATIO):
                cell = mean_cell(measure, staying)
            else:
                cell = together(measure, question, staying)
            told_of_claims(report, staying)
            report.cells.setdefault((keys, start), {})[measure.code] = cell
            expected_of[measure.code, keys] |= set(cell.platforms)
    complete(report, question, asked, expected_of, reported, first, last)
    hide(report, question, asked, threshold)
    statuses = [cell for row in report.cells.values() for cell in row.values()]
    for status, code in (("CONFLICT", "CONFLICTING_REPORTS"), ("NOT_ADDITIVE",) * 2,
                         ("SUPPRESSED", "SMALL_CELLS_SUPPRESSED")):  # fmt: skip
        if any(cell.status == status for cell in statuses):
            report.caveats.add(code)
    silent(report, question, heard, first)
    coverage(report, question, asked, reported, first, last)
    return report


def overlapping(report: Expected, facts: Sequence[Fact], question: ReportQuestion) -> None:
    """Rows of which one lies inside another."""
    places = {(owner_of(one), tuple(key_of(one, d) for d in question.group_by if d in OF_SOURCE)) for one in facts}
    if any(inside(a, b) and here != there for a, here in places for b, there in places):
        report.caveats.add("ROWS_OVERLAP")


def told_of_claims(report: Expected, claims: Sequence[Claim]) -> None:
    """Caveats that the claims of a cell bring along."""
    told = {
        "JOINT_PROGRAM_ONCE": any(one.owner.joint and not one.united for one in claims),
        "COUNTER_RESET": any(one.resets for one in claims),
        "CARRIED_FORWARD": any(one.carried for one in claims),
        "PEOPLE_ESTIMATED": any(one.estimated for one in claims),
        "PARTLY_REPORTED": any(one.thin for one in claims),
    }
    report.caveats |= {code for code, applies in told.items() if applies}


def on_board(one: Fact, question: ReportQuestion) -> bool:
    """Whether whoever told the fact is asked, whatever else the fact states."""
    wanted = question.filter
    loose = ReportQuestion(
        question.measures,
        type(wanted)(platforms=wanted.platforms, regions=wanted.regions, programs=wanted.programs),
    )
    return admitted(one, loose)


def span_of(question: ReportQuestion, reported: set[tuple[str, str, date]]) -> tuple[date, date]:
    days = sorted(day for _, _, day in reported) or [TODAY]
    first, last = question.filter.first, question.filter.last
    if first is None:
        first = days[0] if last is None else min(days[0], last)
    return first, max(first, days[-1]) if last is None else last


__all__ = ["Cell", "Expected", "reference"]
