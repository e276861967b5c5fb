"""Conditions on facts as SQL, and what a report reads: whole months from the rollup, single days from files.

Everything that stands in the statements was checked against the schema's tables before, and is quoted all the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

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
    """Which months are read as a whole, first and last month by their first days, and which days one by one."""

    months: tuple[date, date] | None
    days: tuple[Span, ...]


def reading(plan: Plan) -> Reading:
    """Whole months come from the rollup where periods are made of months; the ends of the span are read by day."""
    span = plan.span
    if plan.resources is not None or plan.interval not in WHOLE_MONTHS:
        return Reading(None, (span,))
    first = span.first if span.first.day == 1 else _next_month(span.first)
    last = span.last if span.last == _month_end(span.last) else _day_before(span.last.replace(day=1))
    if last < first:
        return Reading(None, (span,))
    edges = []
    if span.first < first:
        edges.append(Span(span.first, first - ONE_DAY))
    if last < span.last:
        edges.append(Span(last + ONE_DAY, span.last))
    return Reading((first, last.replace(day=1)), tuple(edges))


def _day_before(day: date) -> date:
    return day if day == date.min else day - ONE_DAY


def _month_end(day: date) -> date:
    return period_end(period_start(day, Interval.MONTH), Interval.MONTH)


def _next_month(day: date) -> date:
    end = _month_end(day)
    return end if end == date.max else end + ONE_DAY
