"""Numbers and bounds as reports write them."""

import re
import unicodedata
from typing import Any

from connectors.manifest.transforms.reading import shown, text
from schema.phrases import phrase_of, phrase_pattern
from schema.quantities import Qualifier

BOUNDS = ("exact", "lower", "upper", "value")
_SAID = {
    Qualifier.AT_LEAST: "lower",
    Qualifier.MORE_THAN: "lower",
    Qualifier.BETWEEN: "lower",
    Qualifier.AT_MOST: "upper",
    Qualifier.LESS_THAN: "upper",
    Qualifier.ABOUT: "value",
}
_WRITTEN = phrase_pattern("(?:人次|[人名位个门节次所份条件套册部篇项])?")


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
        phrase = phrase_of(match) if match and match["number"] else None
    except ValueError:
        phrase = None
    if phrase is None or phrase.several:
        raise ValueError(f"a number such as 3.48亿 or 五万三千 was expected, not {shown(value)}")
    if bound != "value" and {_SAID[mark] for mark in phrase.marks} - {bound}:
        raise ValueError(
            f"an exact number was expected, not {shown(value)}; the option 'bound' says which bounds count"
        )
    number = phrase.number
    return int(number) if number == number.to_integral_value() else float(number)
