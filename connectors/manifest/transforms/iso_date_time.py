"""ISO 8601 instants as platforms write them."""

import re
from datetime import datetime
from typing import Any

from connectors.manifest.transforms.reading import CHINA, shown, text, zone_named

_OFFSET = re.compile(r"(?<=\d)\s+([+-]\d\d:?\d\d|Z)$")


def check_options(*, zone: str = CHINA) -> None:
    """The zone has to exist."""
    zone_named(zone)


def iso_date_time(value: Any, *, zone: str = CHINA) -> datetime:
    """An instant from ISO 8601 text; offsets may lack the colon or follow a blank; without one, `zone` holds.

    >>> iso_date_time("2024-03-15T14:22:07.930+0800").isoformat()
    '2024-03-15T14:22:07.930000+08:00'
    >>> iso_date_time("2024-03-15 14:22:07 +0800").isoformat()
    '2024-03-15T14:22:07+08:00'
    >>> iso_date_time("2024-03-15T14:22:07").isoformat()
    '2024-03-15T14:22:07+08:00'
    """
    written = text(value)
    try:
        found = _read(written)
    except ValueError:
        raise ValueError(f"an ISO 8601 date and time was expected, not {shown(value)}") from None
    return found if found.tzinfo else found.replace(tzinfo=zone_named(zone))


def _read(written: str) -> datetime:
    try:
        return datetime.fromisoformat(written)
    except ValueError:
        return datetime.fromisoformat(_OFFSET.sub(r"\1", written))
