"""Daily use of 重庆云课堂: rows of its own, and rows of the program it shares with 四川云教."""

from datetime import date

from connectors.simulators.catalog import Native
from connectors.simulators.community import NAME, active_teachers, joint_sessions, teacher_sketch
from connectors.simulators.usage import daily_usage

CODE = "chongqing"
SCHOOL_DAY_VIEWS = 14_000


def usage_rows(seed: int, first: date, last: date, today: date) -> list[Native]:
    """Days from `first` to `last`, both included, up to yesterday; `owner` is null in the platform's own rows.

    A day with joint sessions has a second row that belongs to the program and states nothing else.
    """
    joint = joint_sessions(seed, first, last, today)
    rows: list[Native] = []
    for day in daily_usage(seed, CODE, SCHOOL_DAY_VIEWS, first, last, today):
        rows.append(
            {
                "statDate": day.day.isoformat(),
                "owner": None,
                "pv": day.views,
                "totalPv": day.total_views,
                "liveViewers": day.live_viewers,
                "livePeak": day.peak,
                "activeTeachers": day.teachers,
                "teacherSketch": teacher_sketch(CODE, seed, day.day, day.teachers),
                "schoolTotal": day.schools,
                "researchSessions": day.sessions,
                "newResources": day.uploads,
                "revision": day.revision,
            }
        )
        if day.day in joint:
            shared = {"owner": NAME, "researchSessions": joint[day.day], "revision": 1}
            rows.append({"statDate": day.day.isoformat(), **shared})
    return rows


def teachers_active(seed: int, first: date, last: date, today: date) -> frozenset[int]:
    """The teachers behind the sketches of these days, by number: what no platform tells and tests compare with."""
    days = daily_usage(seed, CODE, SCHOOL_DAY_VIEWS, first, last, today)
    return frozenset().union(*(active_teachers(CODE, seed, day.day, day.teachers) for day in days))
