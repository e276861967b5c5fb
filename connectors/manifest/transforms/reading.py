"""How transforms read the scalars they are given."""

import functools
from datetime import tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

CHINA = "Asia/Shanghai"
LONGEST_TEXT = 1_000_000
"""Characters of a text, or of all texts of a list, that a transform makes."""


def text(value: Any) -> str:
    """The value as text without blanks around it; `ValueError` for lists, objects, true and false."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"text was expected, not {shown(value)}")
    return str(value)


def fitting(length: int) -> int:
    """The length of a text that is made; `ValueError` for one that is too long."""
    if length > LONGEST_TEXT:
        raise ValueError(f"a text of more than {LONGEST_TEXT:,} characters would be made")
    return length


def number(value: Any) -> float:
    """The value as a number, also where it is written as text; `ValueError` otherwise."""
    if type(value) is int:
        return float(value)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"a number was expected, not {shown(value)}")
    try:
        found = float("not a number" if isinstance(value, str) and "_" in value else value)
    except ValueError:
        raise ValueError(f"a number was expected, not {shown(value)}") from None
    if found != found or found in (float("inf"), float("-inf")):
        raise ValueError(f"a number was expected, not {shown(value)}")
    return found


@functools.cache
def zone_named(name: str) -> tzinfo:
    """The time zone of an IANA name; `ValueError` when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone such as {CHINA!r}") from None


def shown(value: Any) -> str:
    """The value as a message may show it: shortened."""
    shown_value = repr(value)
    return shown_value if len(shown_value) <= 80 else shown_value[:77] + "..."
