"""Daily use of 四川云教, of one stage or of all of them together."""

from collections.abc import Mapping, Sequence
from datetime import date

from connectors.simulators.catalog import Native
from connectors.simulators.sichuan.alliances import receiving_on
from connectors.simulators.usage import DailyUsage, daily_usage

SCHOOL_DAY_PLAYS: Mapping[str, int] = {"KINDERGARTEN": 2_000, "PRIMARY": 9_000, "JUNIOR": 9_000, "SENIOR": 12_000}


def usage_days(seed: int, stage: str | None, first: date, last: date, today: date) -> list[Native]:
    """Days from `first` to `last`, both included, up to yesterday; late days are corrected after three days.

    Over all stages plays add up, but fewer teachers are counted than in the sum, for some teach in two stages, and the
    peak is below the sum, for the stages do not peak together.
    """
    stages = (stage,) if stage else tuple(SCHOOL_DAY_PLAYS)
    parts = [daily_usage(seed, f"sichuan/{one}", SCHOOL_DAY_PLAYS[one], first, last, today) for one in stages]
    return [
        {
            **_together(days),
            "date": days[0].day.isoformat(),
            "receivingSchools": receiving_on(seed, days[0].day, stage),
            "revision": max(day.revision for day in days),
        }
        for days in zip(*parts, strict=True)
    ]


def _together(days: Sequence[DailyUsage]) -> Native:
    teachers, peaks = sum(day.teachers for day in days), [day.peak for day in days]
    several = len(days) > 1
    return {
        "liveViewers": sum(day.live_viewers for day in days),
        "plays": sum(day.views for day in days),
        "totalPlays": sum(day.total_views for day in days),
        "livePeak": (max(peaks) + sum(peaks)) // 2,
        "activeTeachers": teachers * 9 // 10 if several else teachers,
    }
