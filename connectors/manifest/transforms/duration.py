"""Lengths of time."""

import re
import unicodedata
from typing import Any

from connectors.manifest.transforms.reading import number, shown, text
from schema.numerals import numeral

_ISO = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?", re.IGNORECASE)
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{2})(?:\.\d+)?")
_WORDS = re.compile(
    r"(?:(\d+(?:\.\d+)?)(?:个?小时|个?钟头|时|hours?|hrs?|h))?"
    r"(?:(\d+(?:\.\d+)?)(?:分钟|分|minutes?|mins?|m))?"
    r"(?:(\d+(?:\.\d+)?)(?:秒钟|秒|seconds?|secs?|s))?",
    re.IGNORECASE,
)
_CHINESE = re.compile("[〇零一二两三四五六七八九十百千]+(?=个?小时|个?钟头|时|分|秒)")
UNITS = {"seconds": 1.0, "milliseconds": 0.001, "minutes": 60.0, "hours": 3600.0}


def check_options(*, unit: str = "seconds") -> None:
    """The unit of bare numbers has to be known."""
    if unit not in UNITS:
        raise ValueError(f"{unit!r} is none of {', '.join(UNITS)}")


def duration(value: Any, *, unit: str = "seconds") -> int:
    """Whole seconds from `45分钟`, `1小时20分`, `一个半小时`, `PT45M`, `00:45:00`, `45:00` or a bare number of `unit`.

    >>> [duration(sample) for sample in ("45分钟", "PT45M", "00:45:00", "45:00", 2700, "1小时20分")]
    [2700, 2700, 2700, 2700, 2700, 4800]
    >>> [duration(sample) for sample in ("一个半小时", "四十五分钟", "半小时")]
    [5400, 2700, 1800]
    """
    if isinstance(value, str):
        written = _spelled(re.sub(r"\s", "", unicodedata.normalize("NFKC", text(value))))
        for pattern, weights in (
            (_ISO, (86400, 3600, 60, 1)),
            (_CLOCK, (3600, 60, 1)),
            (_WORDS, (3600, 60, 1)),
        ):
            match = pattern.fullmatch(written)
            if match and any(match.groups()):
                return round(
                    sum(float(part) * weight for part, weight in zip(match.groups(), weights, strict=True) if part)
                )
    try:
        seconds = number(value) * UNITS[unit]
    except ValueError:
        raise ValueError(f"a duration such as 45分钟, PT45M or 00:45:00 was expected, not {shown(value)}") from None
    return round(seconds)


def _spelled(written: str) -> str:
    """Chinese numerals as digits, and half hours as minutes."""
    halves = written.replace("个半小时", "小时30分").replace("半小时", "30分").replace("半个小时", "30分")
    return _CHINESE.sub(lambda found: str(int(numeral(found[0]))), halves)
