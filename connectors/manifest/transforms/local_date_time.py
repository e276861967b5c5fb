"""Date and time without a zone, in a fixed pattern."""

import re
from datetime import datetime
from typing import Any

from connectors.manifest.transforms.reading import CHINA, shown, text, zone_named

PATTERN = "%Y-%m-%d %H:%M:%S"
_USUAL = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)


def check_options(*, zone: str = CHINA, pattern: str = PATTERN) -> None:
    """Zone and pattern have to make sense."""
    zone_named(zone)
    sample = datetime(2024, 2, 29, 13, 5, 9, tzinfo=zone_named(zone)).strftime(pattern)
    try:
        read = datetime.strptime(sample, pattern)  # noqa: DTZ007 - only whether the pattern reads back
    except ValueError:
        raise ValueError(f"{pattern!r} is no pattern such as {PATTERN!r}") from None
    if (read.year, read.month, read.day) != (2024, 2, 29):
        raise ValueError(f"{pattern!r} holds no year, month and day, as {PATTERN!r} does")


def local_date_time(value: Any, *, zone: str = CHINA, pattern: str = PATTERN) -> datetime:
    """An instant from text in `pattern` (strptime), understood in `zone`.

    >>> local_date_time("2020-08-27 09:24:37").isoformat()
    '2020-08-27T09:24:37+08:00'
    >>> local_date_time("20200827", pattern="%Y%m%d").isoformat()
    '2020-08-27T00:00:00+08:00'
    """
    written = text(value)
    try:
        # the usual pattern is also ISO 8601, which is read twenty times as fast
        usual = pattern == PATTERN and _USUAL.fullmatch(written)
        found = datetime.fromisoformat(written) if usual else datetime.strptime(written, pattern)  # noqa: DTZ007 - below
    except ValueError:
        raise ValueError(
            f"a date and time such as 2020-08-27 09:24:37 ({pattern}) was expected, not {shown(value)}"
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=zone_named(zone))
