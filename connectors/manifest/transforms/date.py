"""Days."""

import datetime
import re
from typing import Any

from connectors.manifest.transforms.reading import CHINA, shown, text, zone_named

INCOMPLETE = ("refuse", "first")
_DAY = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2})(?:[T ].*)?)?)?")


def check_options(*, zone: str = CHINA, incomplete: str = "refuse") -> None:
    """The zone has to exist."""
    zone_named(zone)
    if incomplete not in INCOMPLETE:
        raise ValueError(f"the option 'incomplete' is {' or '.join(INCOMPLETE)}, not {incomplete!r}")


def date(value: Any, *, zone: str = CHINA, incomplete: str = "refuse") -> datetime.date:
    """A day from `2024-03-15`, `2024/3/15` or `2024.3.15`; a time after it is passed over.

    After a transform that gives an instant, the day of that instant in `zone`. `incomplete: first` takes the first day
    of `2024-03` or `2024`.

    >>> date("2024/3/15").isoformat()
    '2024-03-15'
    >>> date("2024-03", incomplete="first").isoformat()
    '2024-03-01'
    """
    if isinstance(value, datetime.datetime):
        return value.astimezone(zone_named(zone)).date()
    match = _DAY.fullmatch(text(value))
    if match and (match[3] or incomplete == "first"):
        try:
            return datetime.date(*(int(part or 1) for part in match.groups()))
        except ValueError:
            pass
    raise ValueError(f"a day such as 2024-03-15 was expected, not {shown(value)}")
