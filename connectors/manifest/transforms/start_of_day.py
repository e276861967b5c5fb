"""Days as instants."""

import datetime
from typing import Any

from connectors.manifest.transforms.date import date
from connectors.manifest.transforms.reading import CHINA, zone_named


def check_options(*, zone: str = CHINA) -> None:
    """The zone has to exist."""
    zone_named(zone)


def start_of_day(value: Any, *, zone: str = CHINA) -> datetime.datetime:
    """The first instant of a day in `zone`, for platforms that give a day where an instant is wanted.

    >>> start_of_day("2024-03-15").isoformat()
    '2024-03-15T00:00:00+08:00'
    """
    day = value if isinstance(value, datetime.date) else date(value)
    return datetime.datetime.combine(day, datetime.time(), zone_named(zone))
