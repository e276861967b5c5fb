"""Days in Chinese writing."""

import datetime
import re
import unicodedata
from typing import Any

from connectors.manifest.transforms.date import INCOMPLETE
from connectors.manifest.transforms.reading import shown, text
from schema.numerals import numeral

_NUMBER = "[0-9〇零一二三四五六七八九十]"
DAY = rf"({_NUMBER}{{4}})年(?:({_NUMBER}{{1,3}})月(?:({_NUMBER}{{1,3}})[日号]?)?)?"
_DAY = re.compile(DAY)


def check_options(*, incomplete: str = "refuse") -> None:
    """The option has to be one of its two words."""
    if incomplete not in INCOMPLETE:
        raise ValueError(f"the option 'incomplete' is {' or '.join(INCOMPLETE)}, not {incomplete!r}")


def chinese_date(value: Any, *, incomplete: str = "refuse") -> datetime.date:
    """A day from `2023年1月29日` or `二〇二三年一月二十九日`.

    `incomplete: first` takes the first day of `2023年1月` or `2023年`.

    >>> chinese_date("2023年1月29日").isoformat()
    '2023-01-29'
    >>> chinese_date("二〇二三年一月二十九日").isoformat()
    '2023-01-29'
    >>> chinese_date("二〇二五年", incomplete="first").isoformat()
    '2025-01-01'
    """
    match = _DAY.fullmatch(re.sub(r"\s", "", unicodedata.normalize("NFKC", text(value))))
    if match and (match[3] or incomplete == "first"):
        try:
            return day_of(match)
        except ValueError:
            pass
    raise ValueError(f"a day such as 2023年1月29日 was expected, not {shown(value)}")


def day_of(match: re.Match[str]) -> datetime.date:
    """The day of a match of `DAY`; `ValueError` when the calendar has none such."""
    return datetime.date(*(int(numeral(match[group])) if match[group] else 1 for group in (1, 2, 3)))
