"""Whole numbers."""

from typing import Any

from connectors.manifest.transforms.reading import number, shown


def integer(value: Any) -> int:
    """A whole number from text or number; commas between thousands are passed over.

    >>> integer("1,204")
    1204
    """
    found = number(value.replace(",", "").replace("，", "") if isinstance(value, str) else value)
    if not found.is_integer():
        raise ValueError(f"a whole number was expected, not {shown(value)}")
    return int(found)
