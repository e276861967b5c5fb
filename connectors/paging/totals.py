"""Totals as platforms write them."""

from typing import Any

MOST = 10**15
"""No listing holds more; what says so is no count, and no database column holds it."""


def whole_number(value: Any) -> int | None:
    """A count from a number or from text such as `"1204"`; None for anything else."""
    text = value.strip() if isinstance(value, str) else ""
    if text.isascii() and text.isdigit() and len(text) <= len(str(MOST)):
        value = int(text)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST:
        return None
    return int(value) if value == int(value) else None
