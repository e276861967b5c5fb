"""Days."""

import datetime
import re
from typing import Any

from connectors.manifest.transforms.reading import shown, text

_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?")


def date(value: Any) -> datetime.date:
    """A day from `2024-03-15`, `2024/3/15` or `2024.3.15`; a time after it is passed over.

    >>> date("2024/3/15").isoformat()
    '2024-03-15'
    """
    match = _DAY.fullmatch(text(value))
    try:
        return datetime.date(*(int(part) for part in match.groups())) if match else _refuse(value)
    except ValueError:
        return _refuse(value)


def _refuse(value: Any) -> datetime.date:
    raise ValueError(f"a day such as 2024-03-15 was expected, not {shown(value)}")
