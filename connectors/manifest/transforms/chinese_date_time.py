"""Instants in Chinese writing."""

import datetime
import re
import unicodedata
from typing import Any

from connectors.manifest.transforms.chinese_date import DAY, day_of
from connectors.manifest.transforms.reading import CHINA, shown, text, zone_named

_MORNING = ("凌晨", "清晨", "早上", "早晨", "上午")
_AFTERNOON = ("中午", "下午", "傍晚", "晚上", "晚")
_INSTANT = re.compile(
    rf"{DAY}(?:星期.|周.)?(?:({'|'.join(_MORNING)})|({'|'.join(_AFTERNOON)}))?"
    r"(\d{1,2})[:点时](?:(\d{1,2})分?|(半))?(?:[:]?(\d{1,2})秒?)?"
)


def check_options(*, zone: str = CHINA) -> None:
    """The zone has to exist."""
    zone_named(zone)


def chinese_date_time(value: Any, *, zone: str = CHINA) -> datetime.datetime:
    """An instant from `2025年3月1日 下午3:30` or `2025年3月1日15时30分05秒`, understood in `zone`.

    >>> chinese_date_time("2025年3月1日 下午3点半").isoformat()
    '2025-03-01T15:30:00+08:00'
    """
    match = _INSTANT.fullmatch(re.sub(r"\s", "", unicodedata.normalize("NFKC", text(value))))
    try:
        if match and match[3]:
            clock = datetime.time(_hour(match), 30 if match[8] else int(match[7] or 0), int(match[9] or 0))
            return datetime.datetime.combine(day_of(match), clock, zone_named(zone))
    except ValueError:
        pass
    raise ValueError(f"a date and time such as 2025年3月1日 下午3:30 was expected, not {shown(value)}")


def _hour(match: re.Match[str]) -> int:
    """Hours of the afternoon count from noon; 12 at night could be either end of the day and is refused."""
    _, _, _, morning, afternoon, hour = match.group(1, 2, 3, 4, 5, 6)
    count = int(hour)
    if count > 12 or not (morning or afternoon):
        return count
    if count == 12 and (morning == "上午" or afternoon in ("中午", "下午")):
        return 12
    if count == 12 and morning != "凌晨":
        raise ValueError("which midnight?")
    return count % 12 + (12 if afternoon and not (afternoon == "中午" and count > 9) else 0)
