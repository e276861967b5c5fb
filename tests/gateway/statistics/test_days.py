"""Days as bits equal a set of days, and what a report reads of a span is every day of it, once."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gateway.statistics.engine.conditions import reading
from gateway.statistics.engine.days import DaySet
from gateway.statistics.engine.plan import Plan
from gateway.statistics.questions import Interval, ReportQuestion
from gateway.statistics.spans import ONE_DAY, Span
from schema.measures import measures

days = st.dates(date(2025, 11, 20), date(2026, 3, 10)) | st.dates()


@st.composite
def spans(draw: st.DrawFn) -> Span:
    first, last = sorted((draw(days), draw(days)))
    return Span(first, last)


@given(st.sets(days, min_size=1), spans())
def test_days_of_a_span_are_those_of_the_set(told: set[date], span: Span) -> None:
    months: dict[date, int] = {}
    for day in told:
        first = day.replace(day=1)
        months[first] = months.get(first, 0) | 1 << (day - first).days
    held = DaySet.of_months(months.items())
    assert (held.span, len(held)) == (Span(min(told), max(told)), len(told))
    expected = {day for day in told if span.first <= day <= span.last}
    found = held.within(span)
    assert held.count(span) == len(expected)
    if found is None:
        assert not expected
    else:
        assert (found.span, len(found)) == (Span(min(expected), max(expected)), len(expected))


def listed(span: Span) -> list[date]:
    return [span.first + timedelta(days=n) for n in range(span.days)]


def month_after(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


@given(
    st.dates(date(2024, 1, 1), date(2027, 1, 1)) | st.dates(date(9990, 1, 1)) | st.dates(max_value=date(9, 1, 1)),
    st.integers(0, 800),
    st.sampled_from([None, *Interval]),
)
def test_months_weeks_and_days_together_are_the_span(first: date, length: int, interval: Interval | None) -> None:
    span = Span(first, date.fromordinal(min(first.toordinal() + length, date.max.toordinal())))
    read = reading(Plan(ReportQuestion(("views",), interval=interval), (measures()["views"],), span))
    found = [day for part in (*read.weeks, *read.days) for day in listed(part)]
    if read.months is not None:
        assert interval in (None, Interval.MONTH, Interval.QUARTER, Interval.YEAR)
        start, end = read.months
        assert start.day == end.day == 1
        found += [day for day in listed(span) if start <= day.replace(day=1) <= end]
        assert span.first <= start
        assert span.last == date.max or month_after(end) - ONE_DAY <= span.last
    assert sorted(found) == listed(span)
    for part in read.weeks:
        assert interval is not Interval.DAY
        assert part.first.day == 1 or part.first.weekday() == 0
        assert part.last == date.max or part.last.weekday() == 6 or (part.last + ONE_DAY).day == 1
    assert sum(part.days for part in read.days) <= 12 or interval is Interval.DAY or not read.weeks
