"""Distinct questions of every kind, as a portal and an analyst ask them."""

import random
from datetime import timedelta

from benchmarks.usage.facts import DAYS, FIRST, HOMES, KINDS, LAST, STAGES, SUBJECTS
from gateway.statistics import Interval, ReportDimension, ReportOrder, ReportQuestion, UsageFilter

MEASURES = {
    "flow": ("views",),
    "two flows": ("views", "plays"),
    "counter": ("views_total",),
    "stock": ("resources_online",),
    "peak": ("live_viewers_peak",),
    "people as bounds": ("active_teachers",),
    "people by sketches": ("active_users",),
}
"""What is asked, by the name under which it is printed."""
GROUPINGS = (
    (),
    (ReportDimension.PLATFORM,),
    (ReportDimension.PROVINCE,),
    (ReportDimension.CITY,),
    (ReportDimension.REGION,),
    (ReportDimension.STAGE, ReportDimension.SUBJECT),
    (ReportDimension.REGION, ReportDimension.SUBJECT),
    (ReportDimension.PLATFORM, ReportDimension.KIND),
)
OF_SKETCHES = GROUPINGS[:4]
"""Sketches count people of platforms as a whole."""
INTERVALS = (None, Interval.MONTH, Interval.MONTH, Interval.QUARTER, Interval.YEAR, Interval.WEEK, Interval.DAY)
REGIONS = ("500000", "510000", "370000", "511000", "500103")


def questions(count: int) -> list[tuple[str, ReportQuestion]]:
    """So many different questions with their kind: each kind as often as the others, everything else by chance."""
    chance = random.Random(2027)
    made: dict[ReportQuestion, str] = {}
    while len(made) < count:
        name = list(MEASURES)[len(made) % len(MEASURES)]
        made.setdefault(_question(chance, name), name)
    return [(name, question) for question, name in made.items()]


def everything(days: int) -> ReportQuestion:
    """Three measures of every region and subject on each of the first days: the cells of a large export."""
    return ReportQuestion(
        ("views", "plays", "live_viewers_peak"),
        UsageFilter(first=FIRST, last=FIRST + timedelta(days=days - 1)),
        (ReportDimension.REGION, ReportDimension.SUBJECT),
        Interval.DAY,
    )


def _question(chance: random.Random, name: str) -> ReportQuestion:
    measures = MEASURES[name]
    interval = chance.choice(INTERVALS)
    longest = 92 if interval is Interval.DAY else DAYS
    span = chance.randrange(28, longest + 1)
    first = FIRST + timedelta(days=chance.randrange(DAYS - span + 1))
    whole = interval is not Interval.DAY and chance.random() < 0.3
    return ReportQuestion(
        measures,
        UsageFilter(
            platforms=_some(chance, tuple(HOMES), 0.2, 2),
            regions=_some(chance, REGIONS, 0.3, 2),
            stages=_some(chance, STAGES, 0.25, 2),
            subjects=_some(chance, SUBJECTS, 0.2, 3),
            kinds=_some(chance, KINDS, 0.1, 2),
            first=FIRST if whole else first,
            last=LAST if whole else first + timedelta(days=span - 1),
        ),
        chance.choice(OF_SKETCHES if name == "people by sketches" else GROUPINGS),
        interval,
        ReportOrder(measures[0], descending=chance.random() < 0.8) if chance.random() < 0.4 else None,
    )


def _some(chance: random.Random, values: tuple[str, ...], probability: float, most: int) -> tuple[str, ...] | None:
    """A condition on a few values, with this probability."""
    return tuple(chance.sample(values, chance.randint(1, most))) if chance.random() < probability else None
