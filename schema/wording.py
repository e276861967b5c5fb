"""Quantities in words, as a Chinese reader would write them; `schema.approximate` reads every one of them back.

Numbers from 10,000 on are in 万 or 亿 where that takes two decimals at most (22.33万), otherwise in digits without
separators (8804, 14287). An exact 200,000 is written out, because 20万 is read as a rough figure.
"""

from collections.abc import Iterator
from decimal import Decimal

from schema.quantities import ARITHMETIC, Qualifier, Quantity

_WAN, _YI = Decimal(10**4), Decimal(10**8)
_BARE = {Decimal(10**power): place for power, place in enumerate("十百千万", 1)} | {
    _WAN * 10: "十万",
    _WAN * 100: "百万",
    _WAN * 1000: "千万",
    _YI: "亿",
}
_WORDS = {
    Qualifier.AT_LEAST: "至少",
    Qualifier.MORE_THAN: "超过",
    Qualifier.AT_MOST: "至多",
    Qualifier.LESS_THAN: "近",
    Qualifier.ABOUT: "约",
}


def worded(quantity: Quantity) -> str:
    """What a reader would write: the surface where there is one, else 1600余所, 超过650万人次, 近70项, 约20万人.

    Averages say what they are over: 场均上万人次.
    """
    head, _, per = quantity.unit.partition("/")
    average = f"{per}均" if per else ""
    if quantity.surface is not None:
        return quantity.surface if quantity.surface.startswith(average) else average + quantity.surface
    return average + _phrase(quantity, head)


def _phrase(quantity: Quantity, unit: str) -> str:
    if quantity.qualifier is Qualifier.BETWEEN:
        return _between(quantity, unit)
    number = quantity.value if quantity.value is not None else quantity.lower or quantity.upper
    if number is None:
        return "不详"
    if quantity.qualifier is Qualifier.EXACT:
        return f"{_precise(number)}{unit}"
    if quantity.qualifier is Qualifier.AT_LEAST and number >= 100 and number in _BARE:
        return f"上{_BARE[number]}{unit}"
    return f"{_WORDS[quantity.qualifier]}{_number(number)}{unit}"


def _between(quantity: Quantity, unit: str) -> str:
    low, high = quantity.lower, quantity.upper
    if low is None or high is None:
        return "不详"
    if quantity.value is None:
        if not quantity.closed and low * 5 == high and low / 2 in _BARE:
            return f"数{_BARE[low / 2]}{unit}"
        return f"{_span(low, high, quantity.closed)}{unit}"
    if quantity.value == low and not quantity.closed:
        for written, reach in _odd(low):
            if low + reach == high:
                return f"{written}{unit}"
    return f"约{_number(quantity.value)}{unit}（{_span(low, high, quantity.closed)}{unit}）"


def _odd(number: Decimal) -> Iterator[tuple[str, Decimal]]:
    """Ways to write a number with 余, and how far each of them reaches."""
    if number <= 0:
        return
    last = Decimal(1).scaleb(int(ARITHMETIC.normalize(number).as_tuple().exponent))
    for place, name in ((_YI, "亿"), (_WAN, "万")):
        short = _short(number, place)
        if short:
            yield f"{short}{name}余", place.scaleb(-len(short.partition(".")[2]))
            yield f"{short}余{name}", last
    yield f"{_digits(number)}余", last


def _span(low: Decimal, high: Decimal, closed: bool) -> str:
    """Both ends in 万 or both in digits, so that the lower one cannot be misread."""
    until = "至" if closed else "至不足"
    if low >= _WAN and (low >= _YI) == (high >= _YI):
        return f"{_number(low)}{until}{_number(high)}"
    return f"{_digits(low)}{until}{_digits(high)}"


def _precise(number: Decimal) -> str:
    """A number that reads back as exact: with more than one digit before 万 or 亿, or without them."""
    if number < _WAN:
        return _digits(number)
    return _digits(number) if len(ARITHMETIC.normalize(number).as_tuple().digits) == 1 else _number(number)


def _number(number: Decimal) -> str:
    for place, name in ((_YI, "亿"), (_WAN, "万")):
        if short := _short(number, place):
            return f"{short}{name}"
    return _digits(number)


def _short(number: Decimal, place: Decimal) -> str:
    """The digits before 万 or 亿; empty where they would be less than one or have more than two decimals."""
    scaled = ARITHMETIC.divide(number, place)
    written = _digits(scaled)
    return written if scaled >= 1 and len(written.partition(".")[2]) <= 2 else ""


def _digits(number: Decimal) -> str:
    written = f"{number:f}"
    return written.rstrip("0").rstrip(".") if "." in written else written
