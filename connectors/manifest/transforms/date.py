"""Days."""

import datetime
import re
from typing import Any

from connectors.manifest.transforms.reading import CHINA, shown, text, zone_named

_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?")


def check_options(*, zone: str = CHINA) -> None:
    """The zone has to exist."""
    zone_named(zone)


def date(value: Any, *, zone: str = CHINA) -> datetime.date:
    """A day from `2024-03-15`, `2024/3/15` or `2024.3.15`; a time after it is passed over.

    After a transform that gives an instant, the day of that instant in `zone`.

    >>> date("2024/3/15").isoformat()
    '2024-03-15'
    """
    if isinstance(value, datetime.datetime):
        return value.astimezone(zone_named(zone)).date()
    match = _DAY.fullmatch(text(value))
    try:
        return datetime.date(*(int(part) for part in match.groups())) if match else _refuse(value)
    except ValueError:
        return _refuse(value)


def _refuse(value: Any) -> datetime.date:
    raise ValueError(f"a day such as 2024-03-15 was expected, not {shown(value)}")
