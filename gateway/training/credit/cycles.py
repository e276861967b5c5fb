"""Years and five-year cycles of continuing education."""

from datetime import MAXYEAR, date
from typing import NamedTuple

CYCLE_YEARS = 5


class Cycle(NamedTuple):
    """A span of days, both included."""

    first: date
    last: date


def cycle_of(day: date) -> Cycle:
    """The cycle that a day lies in: five calendar years of which the last ends in 0 or 5, such as 2021 to 2025."""
    first = (day.year - 1) // CYCLE_YEARS * CYCLE_YEARS + 1
    return Cycle(date(first, 1, 1), date(min(first + CYCLE_YEARS - 1, MAXYEAR), 12, 31))
