"""Totals as platforms write them."""

from typing import Any


def whole_number(value: Any) -> int | None:
    """A count from a number or from text such as `"1204"`; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if value >= 0 else None
    if isinstance(value, float):
        return int(value) if value >= 0 and value.is_integer() else None
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        return int(value)
    return None
