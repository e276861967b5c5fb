"""Exact numbers."""

import re
import unicodedata
from typing import Any

from connectors.manifest.transforms.reading import shown, text

_WRITTEN = re.compile(r"[+]?(-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)", re.ASCII)


def decimal(value: Any) -> str:
    """A decimal number as exact text: full-width digits, commas between thousands and blanks are understood.

    >>> [decimal(sample) for sample in ("１，２０４．５０", "0.10", 3)]
    ['1204.50', '0.10', '3']
    """
    match = _WRITTEN.fullmatch(re.sub(r"\s", "", unicodedata.normalize("NFKC", text(value))))
    if match is None:
        raise ValueError(f"a number such as 1,204.50 was expected, not {shown(value)}")
    return match[1].replace(",", "")
