"""Seconds since 1970."""

from datetime import UTC, datetime
from typing import Any

from connectors.manifest.transforms.reading import number


def epoch_seconds(value: Any) -> datetime:
    """An instant from seconds since 1970-01-01T00:00:00Z, as a number or as text.

    >>> epoch_seconds("1700000000").isoformat()
    '2023-11-14T22:13:20+00:00'
    """
    try:
        return datetime.fromtimestamp(number(value), UTC)
    except (OverflowError, OSError) as error:
        raise ValueError(f"{value!r} lies outside the calendar") from error
