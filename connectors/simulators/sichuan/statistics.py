"""Daily use of 四川云教, of one stage or of all of them together."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from connectors.simulators.catalog import Native
from connectors.simulators.community import NAME, active_teachers, joint_sessions, teacher_sketch
from connectors.simulators.sichuan.alliances import receiving_on
from connectors.simulators.usage import DailyUsage, daily_usage

CODE = "sichuan"
SCHOOL_DAY_PLAYS: Mapping[str, int] = {"KINDERGARTEN": 2_000, "PRIMARY": 9_000, "JUNIOR": 9_000, "SENIOR": 12_000}


def usage_days(seed: int, stage: str | None, first: date, last: date, today: date) -> list[Native]:
    """Days from `first` to `last`, both included, up to yesterday; late days are corrected after three days.

    Over all stages plays add up, but fewer teachers are counted than in the sum, for some teach in two stages, and the
    peak is below the sum, for the stages do not peak together. Only all of them together have a sketch.
    """
    return [
        {
            **figures,
            "date": day.isoformat(),
            "teacherSketch": None if stage else teacher_sketch(CODE, seed, day, figures["activeTeachers"]),
            "receivingSchools": receiving_on(seed, day, stage),
        }
        for day, figures in _figures(seed, stage, first, last, today)
    ]


def program_days(seed: int, first: date, last: date, today: date) -> list[Native]:
    """The joint sessions of the program that is shared with 重庆云课堂, of days that had any."""
    held = joint_sessions(seed, first, last, today)
    return [
        {"date": day.isoformat(), "program": NAME, "researchSessions": count, "revision": 1}
        for day, count in held.items()
    ]


def teachers_active(seed: int, first: date, last: date, today: date) -> frozenset[int]:
    """The teachers behind the sketches of these days, by number: what no platform tells and tests compare with."""
    days = _figures(seed, None, first, last, today)
    return frozenset().union(*(active_teachers(CODE, seed, day, told["activeTeachers"]) for day, told in days))


def _figures(seed: int, stage: str | None, first: date, last: date, today: date) -> Iterator[tuple[date, Native]]:
    stages = (stage,) if stage else tuple(SCHOOL_DAY_PLAYS)
    parts = [daily_usage(seed, f"{CODE}/{one}", SCHOOL_DAY_PLAYS[one], first, last, today) for one in stages]
    for days in zip(*parts, strict=True):
        yield days[0].day, _together(days)


def _together(days: Sequence[DailyUsage]) -> Native:
    teachers, peaks = sum(day.teachers for day in days), [day.peak for day in days]
    several = len(days) > 1
    return {
        "liveViewers": sum(day.live_viewers for day in days),
        "plays": sum(day.views for day in days),
        "totalPlays": sum(day.total_views for day in days),
        "livePeak": (max(peaks) + sum(peaks)) // 2,
        "activeTeachers": teachers * 9 // 10 if several else teachers,
        "revision": max(day.revision for day in days),
    }
