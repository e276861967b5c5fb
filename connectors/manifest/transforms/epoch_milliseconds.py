"""Milliseconds since 1970."""

from datetime import UTC, datetime
from typing import Any

from connectors.manifest.transforms.reading import number


def epoch_milliseconds(value: Any) -> datetime:
    """An instant from milliseconds since 1970-01-01T00:00:00Z, as a number or as text.

    >>> epoch_milliseconds(1700000000123).isoformat()
    '2023-11-14T22:13:20.123000+00:00'
    """
    try:
        return datetime.fromtimestamp(number(value) / 1000, UTC)
    except (OverflowError, OSError) as error:
        raise ValueError(f"{value!r} lies outside the calendar") from error
