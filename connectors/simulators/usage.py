"""Daily usage of a simulated platform: flows, a cumulative counter, peaks, and corrections of days that came late."""

import functools
import itertools
from dataclasses import dataclass
from datetime import date, timedelta

from connectors.simulators.draw import Draw

LAUNCH = date(2020, 2, 10)
LATE_AFTER = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class DailyUsage:
    """One day. `views` and `live_viewers` are person-times of the day, `total_views` counts since launch, `peak` is the
    highest number at one time, `teachers` are distinct, `schools` is the stock of those reached by then. Revision 2
    replaces a preliminary revision 1.
    """

    day: date
    views: int
    total_views: int
    live_viewers: int
    peak: int
    teachers: int
    sessions: int
    uploads: int
    schools: int
    revision: int


@functools.cache
def _flow(seed: int, code: str, scale: int, day: date) -> int:
    weekday = (10, 11, 11, 10, 9, 4, 5)[day.weekday()]
    holiday = 4 if day.month in (2, 7, 8) else 10
    return scale * weekday * holiday * Draw(seed, code, "views", day).between(85, 115) // 10_000


@functools.cache
def _totals(seed: int, code: str, scale: int, year: int) -> tuple[int, ...]:
    """Views since launch at the end of every day of a year, which begins with the launch if that lies in it."""
    before = _totals(seed, code, scale, year - 1)[-1] if year > LAUNCH.year else 0
    first, end = _first_of(year), date(year + 1, 1, 1)
    flows = (_flow(seed, code, scale, first + timedelta(days=n)) for n in range((end - first).days))
    return tuple(itertools.accumulate(flows, initial=before))[1:]


def _first_of(year: int) -> date:
    return max(LAUNCH, date(year, 1, 1))


def daily_usage(seed: int, code: str, scale: int, first: date, last: date, today: date) -> list[DailyUsage]:
    """Days from `first` to `last`, both included, between launch and yesterday; `scale` is views on a school day.

    About one day in eleven is late: until three days afterwards it shows a tenth less and revision 1, then revision 2.
    """
    first, last = max(first, LAUNCH), min(last, today - timedelta(days=1))
    return [_day(seed, code, scale, first + timedelta(days=n), today) for n in range((last - first).days + 1)]


def _day(seed: int, code: str, scale: int, day: date, today: date) -> DailyUsage:
    draw = Draw(seed, code, "usage", day)
    views = _flow(seed, code, scale, day)
    total = _totals(seed, code, scale, day.year)[(day - _first_of(day.year)).days]
    late = draw.chance(1, 11)
    if late and today - day < LATE_AFTER:
        views, total = views * 9 // 10, total - (views - views * 9 // 10)
    live = views * draw.between(3, 9) // 100
    peak, teachers = live // draw.between(2, 5), views // draw.between(18, 30)
    return DailyUsage(
        day=day,
        views=views,
        total_views=total,
        live_viewers=live,
        peak=peak,
        teachers=teachers,
        sessions=draw.between(0, 6),
        uploads=draw.between(0, 12),
        schools=scale // 20 + (day - LAUNCH).days // 25,
        revision=2 if late and today - day >= LATE_AFTER else 1,
    )
