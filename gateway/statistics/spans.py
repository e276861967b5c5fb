"""Days, periods and how they lie in each other; days are those of Asia/Shanghai."""

from dataclasses import dataclass
from datetime import date, timedelta

from gateway.statistics.questions import Interval

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """Days from the first to the last one, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1


def period_start(day: date, interval: Interval) -> date:
    """The first day of the period that holds a day."""
    if interval is Interval.WEEK:
        return day - timedelta(days=day.weekday())
    if interval is Interval.MONTH:
        return day.replace(day=1)
    if interval is Interval.QUARTER:
        return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    return day.replace(month=1, day=1) if interval is Interval.YEAR else day


def period_end(start: date, interval: Interval) -> date:
    """The last day of the period that begins with a day; the last one there is where it would lie behind it."""
    if interval is Interval.DAY:
        return start
    if interval is Interval.WEEK:
        return start + timedelta(days=6) if start < date(9999, 12, 25) else date.max
    months = {Interval.MONTH: 1, Interval.QUARTER: 3, Interval.YEAR: 12}[interval]
    month = start.year * 12 + start.month - 1 + months
    return date.max if month // 12 > 9999 else date(month // 12, month % 12 + 1, 1) - ONE_DAY
