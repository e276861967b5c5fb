"""Daily use of the 淄博 system: one row for the whole of it, and one for each of the 三个课堂 that was taught."""

from collections.abc import Iterator
from datetime import date

from connectors.simulators.catalog import Native
from connectors.simulators.draw import Draw
from connectors.simulators.usage import DailyUsage, daily_usage
from connectors.simulators.zibo.records import CLASSROOMS

CODE = "zibo"
SCHOOL_DAY_VIEWS = 900


def usage_rows(seed: int, first: date, last: date, today: date) -> list[Native]:
    """Days from `first` to `last`, both included, up to yesterday; `classroomType` is null in the row of the whole."""
    rows: list[Native] = []
    for day in daily_usage(seed, CODE, SCHOOL_DAY_VIEWS, first, last, today):
        rows.append(
            {
                "day": day.day.isoformat(),
                "classroomType": None,
                "watchTimes": day.views,
                "watchTimesTotal": day.total_views,
                "liveWatchTimes": day.live_viewers,
                "maxOnline": day.peak,
                "teacherCount": day.teachers,
                "schoolCount": day.schools,
                "researchCount": day.sessions,
                "version": day.revision,
            }
        )
        rows += _classrooms(seed, day)
    return rows


def _classrooms(seed: int, day: DailyUsage) -> Iterator[Native]:
    """How many live lessons of each kind there were, and how many watched one on the average, to one decimal."""
    draw = Draw(seed, CODE, "classrooms", day.day)
    shares = {kind: weight * draw.between(70, 130) for kind, weight in CLASSROOMS}
    whole, left = sum(shares.values()), day.live_viewers
    for number, (kind, share) in enumerate(shares.items(), 1):
        viewers = left if number == len(shares) else day.live_viewers * share // whole
        left -= viewers
        lessons = min(viewers, draw.between(1, 4))
        if lessons:
            average = round(viewers / lessons, 1)
            row = {"classroomType": kind, "lessonCount": lessons, "avgWatchTimes": average}
            yield {"day": day.day.isoformat(), **row, "version": day.revision}
