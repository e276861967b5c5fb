"""Daily usage of a simulated platform: flows, a cumulative counter, peaks, and corrections of days that came late."""

import functools
from dataclasses import dataclass
from datetime import date, timedelta

from connectors.simulators.draw import Draw

LAUNCH = date(2020, 2, 10)
LATE_AFTER = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class DailyUsage:
    """One day. `views` and `live_viewers` are person-times of the day, `total_views` counts since launch, `peak` is the
    highest number at one time, `teachers` are distinct. Revision 2 replaces a preliminary revision 1.
    """

    day: date
    views: int
    total_views: int
    live_viewers: int
    peak: int
    teachers: int
    sessions: int
    uploads: int
    revision: int


@functools.cache
def _flow(seed: int, code: str, scale: int, day: date) -> int:
    weekday = (10, 11, 11, 10, 9, 4, 5)[day.weekday()]
    holiday = 4 if day.month in (2, 7, 8) else 10
    return scale * weekday * holiday * Draw(seed, code, "views", day).between(85, 115) // 10_000


@functools.cache
def _totals(seed: int, code: str, scale: int, year: int) -> int:
    """Views from launch to the end of the year before."""
    total, day = 0, LAUNCH
    while day.year < year:
        total += _flow(seed, code, scale, day)
        day += timedelta(days=1)
    return total


def _total(seed: int, code: str, scale: int, day: date) -> int:
    first = max(LAUNCH, date(day.year, 1, 1))
    days = range((day - first).days + 1)
    return _totals(seed, code, scale, day.year) + sum(_flow(seed, code, scale, first + timedelta(days=n)) for n in days)


def daily_usage(seed: int, code: str, scale: int, first: date, last: date, today: date) -> list[DailyUsage]:
    """Days from `first` to `last`, both included, between launch and yesterday; `scale` is views on a school day.

    About one day in eleven is late: until three days afterwards it shows a tenth less and revision 1, then revision 2.
    """
    first, last = max(first, LAUNCH), min(last, today - timedelta(days=1))
    return [_day(seed, code, scale, first + timedelta(days=n), today) for n in range((last - first).days + 1)]


def _day(seed: int, code: str, scale: int, day: date, today: date) -> DailyUsage:
    draw = Draw(seed, code, "usage", day)
    views, total = _flow(seed, code, scale, day), _total(seed, code, scale, day)
    late = draw.chance(1, 11)
    if late and today - day < LATE_AFTER:
        views, total = views * 9 // 10, total - (views - views * 9 // 10)
    live = views * draw.between(3, 9) // 100
    return DailyUsage(
        day=day,
        views=views,
        total_views=total,
        live_viewers=live,
        peak=live // draw.between(2, 5),
        teachers=views // draw.between(18, 30),
        sessions=draw.between(0, 6),
        uploads=draw.between(0, 12),
        revision=2 if late and today - day >= LATE_AFTER else 1,
    )
