"""Days in Chinese writing."""

import datetime
import re
import unicodedata
from typing import Any

from connectors.manifest.transforms.reading import shown, text

_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_DAY = re.compile(
    r"([\d〇零一二三四五六七八九]{4})年([\d一二三四五六七八九十]{1,3})月([\d一二三四五六七八九十]{1,3})[日号]?"
)


def chinese_date(value: Any) -> datetime.date:
    """A day from `2023年1月29日` or `二〇二三年一月二十九日`.

    >>> chinese_date("2023年1月29日").isoformat()
    '2023-01-29'
    >>> chinese_date("二〇二三年一月二十九日").isoformat()
    '2023-01-29'
    """
    match = _DAY.fullmatch(re.sub(r"\s", "", unicodedata.normalize("NFKC", text(value))))
    try:
        if match:
            year, month, day = match.groups()
            return datetime.date(int(year.translate(_DIGITS)), _small(month), _small(day))
    except ValueError:
        pass
    raise ValueError(f"a day such as 2023年1月29日 was expected, not {shown(value)}")


def _small(written: str) -> int:
    if "十" not in written:
        return int(written.translate(_DIGITS))
    tens, _, ones = written.partition("十")
    return 10 * int(tens.translate(_DIGITS) or 1) + int(ones.translate(_DIGITS) or 0)
