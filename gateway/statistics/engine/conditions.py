"""Conditions on facts as SQL, and what a report reads: whole months from the rollup, single days from files.

Everything that stands in the statements was checked against the schema's tables before, and is quoted all the same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from gateway.statistics.engine.plan import FOLDS, Family, Plan, overlaps
from gateway.statistics.questions import Interval
from gateway.statistics.spans import ONE_DAY, Span, period_end, period_start

WHOLE_MONTHS = (None, Interval.MONTH, Interval.QUARTER, Interval.YEAR)
"""Intervals whose periods are made of months."""


def literals(values: Iterable[str]) -> str:
    """Texts as a list of SQL, quoted."""
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)


def one_of(column: str, values: Iterable[str]) -> str:
    """The condition that a column has one of these values; of none, that never holds."""
    listed = literals(values)
    return f"{column} IN ({listed})" if listed else "false"


def dimensions(plan: Plan) -> list[str]:
    """Conditions on what facts state themselves."""
    wanted = plan.question.filter
    asked = (
        ("stage", wanted.stages),
        ("subject", wanted.subjects),
        ("kind", wanted.kinds),
        ("teaching_mode", wanted.teaching_modes),
        ("resource", plan.resources),
    )
    return [one_of(column, values) for column, values in asked if values is not None]


def parquet(files: Iterable[Path]) -> str:
    """The table function that reads these files, of which there must be one."""
    return f"read_parquet([{literals(map(str, files))}])"


def summed_by_day(plan: Plan) -> bool:
    """Whether nothing but platform, program, region and day is asked for, so that sums by day are enough."""
    return not plan.raw_keys and not dimensions(plan)


def folds(plan: Plan, kind: Family) -> tuple[str, str]:
    """SQL of the bounds of several numbers of one source or owner: `lo` and `hi` of rows that share their measure.

    Parts of a stock add up, but where the measure says that what is counted overlaps: a school has two stages.
    """
    lower, upper = (f"{fold}({bound})" for fold, bound in zip(FOLDS[kind], ("lo", "hi"), strict=True))
    overlapping = [measure.code for measure in plan.measures if overlaps(measure)]
    if kind is Family.STANDING and overlapping:
        lower = f"CASE WHEN {one_of('any_value(measure)', overlapping)} THEN max(lo) ELSE sum(lo) END"
    return lower, upper


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read of a span: whole months (by the first days of the first and last one), parts of months, and days.

    A part is what a week and a month have in common.
    """

    months: tuple[date, date] | None
    weeks: tuple[Span, ...]
    days: tuple[Span, ...]


def reading(plan: Plan) -> Reading:
    """Months come from the rollup where periods are made of them; weeks where they lie in one period; the rest by day.

    What counts single resources is known by day only.
    """
    span = plan.span
    if plan.resources is not None or plan.interval is Interval.DAY:
        return Reading(None, (), (span,))
    if plan.interval not in WHOLE_MONTHS:
        return _by_weeks(None, [span])
    whole = span.first.day == 1 and span.last == _month_end(span.last)
    if not whole and _month_end(span.first) == _month_end(span.last):
        return _by_weeks(None, [span])
    first = span.first if span.first.day == 1 else _month_end(span.first) + ONE_DAY
    last = span.last if span.last == _month_end(span.last) else span.last.replace(day=1) - ONE_DAY
    if last < first:
        return _by_weeks(None, [span])
    edges = []
    if span.first < first:
        edges.append(Span(span.first, first - ONE_DAY))
    if last < span.last:
        edges.append(Span(last + ONE_DAY, span.last))
    return _by_weeks((first, last.replace(day=1)), edges)


def _by_weeks(months: tuple[date, date] | None, edges: Sequence[Span]) -> Reading:
    """Edges by the whole parts of months in them, and by the days before and after those."""
    weeks: list[Span] = []
    days: list[Span] = []
    for edge in edges:
        first, last = edge.first, edge.last
        while first < edge.last and not _begins_part(first):
            first += ONE_DAY
        while last > edge.first and not _ends_part(last):
            last -= ONE_DAY
        if last < first or not _begins_part(first) or not _ends_part(last):
            days.append(edge)
            continue
        weeks.append(Span(first, last))
        if edge.first < first:
            days.append(Span(edge.first, first - ONE_DAY))
        if last < edge.last:
            days.append(Span(last + ONE_DAY, edge.last))
    return Reading(months, tuple(weeks), tuple(days))


def _begins_part(day: date) -> bool:
    return day.day == 1 or day.weekday() == 0


def _ends_part(day: date) -> bool:
    return day.weekday() == 6 or day == _month_end(day)


def _month_end(day: date) -> date:
    return period_end(period_start(day, Interval.MONTH), Interval.MONTH)
