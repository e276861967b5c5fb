"""Numbers and bounds as reports write them."""

import re
import unicodedata
from typing import Any

from connectors.manifest.transforms.chinese_numerals import numeral
from connectors.manifest.transforms.reading import shown, text

BOUNDS = ("exact", "lower", "upper", "value")
_BEFORE = {
    **dict.fromkeys(("不少于", "不低于", "至少", "最少", "超过", "超", "逾", "突破", "上", ">=", ">", "≥"), "lower"),
    **dict.fromkeys(
        ("不超过", "不多于", "至多", "最多", "不到", "不足", "接近", "将近", "近", "<=", "<", "≤"), "upper"
    ),
    **dict.fromkeys(("大约", "约", "大概"), "value"),
}
_AFTER = {
    **dict.fromkeys(("余", "多", "+", "以上"), "lower"),
    **dict.fromkeys(("以下", "以内"), "upper"),
    **dict.fromkeys(("左右", "上下"), "value"),
}
_MORE = "|".join(map(re.escape, _AFTER))
_WRITTEN = re.compile(
    rf"({'|'.join(_BEFORE)})?(.+?)([余多])?([万亿])?({_MORE})?(?:人次|[人名位个门节次所份条件套册部篇项])?({_MORE})?"
)


def check_options(*, bound: str = "exact") -> None:
    """The bound has to be one of the four words."""
    if bound not in BOUNDS:
        raise ValueError(f"{bound!r} is none of {', '.join(BOUNDS)}")


def chinese_number(value: Any, *, bound: str = "exact") -> int | float:
    """A number from `3.48亿`, `五万三千`, `1,600人`; `bound` says which bounds may stand for a number.

    `exact` (default) refuses every bound, `lower` also takes at-least (1600余, 上万), `upper` also takes at-most
    (近70, 不到100), `value` takes what is written, also 约 and 左右.

    >>> [chinese_number(sample) for sample in ("3.48亿", "两千", "五万三千", "1600人")]
    [348000000, 2000, 53000, 1600]
    >>> [chinese_number(sample, bound="lower") for sample in ("1600余", "上万", "百余所")]
    [1600, 10000, 100]
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    written = re.sub(r"\s", "", unicodedata.normalize("NFKC", text(value)))
    match = _WRITTEN.fullmatch(written)
    try:
        number = numeral(match[2] + (match[4] or "")) if match else None
    except ValueError:
        number = None
    if match is None or number is None:
        raise ValueError(f"a number such as 3.48亿 or 五万三千 was expected, not {shown(value)}")
    said = {_BEFORE.get(match[1])} | {_AFTER.get(match[group]) for group in (3, 5, 6)}
    if bound != "value" and said - {None, bound}:
        raise ValueError(
            f"an exact number was expected, not {shown(value)}; the option 'bound' says which bounds count"
        )
    return int(number) if number == number.to_integral_value() else float(number)
