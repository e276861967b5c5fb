"""Approximate numbers of Chinese reports: a text such as 1600余所 becomes a quantity with bounds."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace

from schema.numerals import numeral
from schema.phrases import Phrase, phrase_of, phrase_pattern
from schema.quantities import Qualifier, Quantity, about, at_least, at_most, between, exact, less_than, more_than

LONGEST_PHRASE = 100
"""Characters of a number with its words and unit."""
LONGEST_QUOTE = 2_000
"""Characters of a text that a number is looked for in."""
WHOLE = "全覆盖"
"""100 % in words, of whatever the whole may be."""
_ONE_SIDED = {
    Qualifier.AT_LEAST: at_least,
    Qualifier.MORE_THAN: more_than,
    Qualifier.AT_MOST: at_most,
    Qualifier.LESS_THAN: less_than,
    Qualifier.ABOUT: about,
}
_FLOORS = frozenset({Qualifier.BETWEEN, Qualifier.AT_LEAST, Qualifier.MORE_THAN})
_ESTIMATE = re.compile(r"(.+?)\((.+)\)")


def read_quantity(text: str, unit: str) -> Quantity:
    """The quantity that a text is, with its unit or without; ValueError says what was expected.

    A unit such as 人次/日 is an average, which is written 日均超万人次 or 超万人次.

    >>> read_quantity("1600余所", "所").upper
    Decimal('1700')
    """
    shown = text if len(text) <= 40 else text[:37] + "…"
    if len(text) > LONGEST_PHRASE:
        raise ValueError(f"a number of at most {LONGEST_PHRASE} characters was expected, not {shown!r}")
    written = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    try:
        return _read(written, text.strip(), unit)
    except ValueError as error:
        raise ValueError(
            f"a number in {unit} such as '1600余{unit}' or '超过3万{unit}' was expected, not {shown!r}: {error}"
        ) from None


def find_quantity(text: str, unit: str, which: int = 0) -> Quantity:
    """A quantity out of running text, by its unit; `which` counts those of this unit from 0, in their order.

    Raises ValueError where there are not so many, or where the text has more than 2,000 characters.
    """
    if len(text) > LONGEST_QUOTE:
        raise ValueError(f"a text of at most {LONGEST_QUOTE:,} characters was expected, not one of {len(text):,}")
    found = sorted(_found(text, unit), key=lambda one: one[0])
    if not 0 <= which < len(found):
        raise ValueError(f"the text has {len(found)} numbers in {unit}, so none has the position {which}")
    return found[which][1]


def _found(text: str, unit: str) -> Iterator[tuple[int, Quantity]]:
    """Quantities with where they begin."""
    head, per = _parts(unit)
    if unit == "%":
        yield from ((match.start(), _whole(WHOLE)) for match in re.finditer(WHOLE, text))
    for match in phrase_pattern(_written_unit(head), per, running=True).finditer(text):
        try:
            quantity = _quantity(match, unit)
        except ValueError:
            continue  # 1.2.3 and 数三 look like numbers, and are none
        yield match.start(), replace(quantity, surface=match[0])


def _read(written: str, original: str, unit: str) -> Quantity:
    if written == WHOLE and unit == "%":
        return _whole(original)
    estimate = _ESTIMATE.fullmatch(written)
    if estimate:
        best, span = _read(estimate[1], estimate[1], unit), _read(estimate[2], estimate[2], unit)
        if best.qualifier is not Qualifier.ABOUT or span.lower is None or span.upper is None:
            raise ValueError("an estimate is written 约1234（1200至1260）")
        number = between(span.lower, span.upper, unit, value=best.value, closed=span.closed)
        return replace(number, surface=original)
    head, per = _parts(unit)
    match = phrase_pattern(f"(?:{_written_unit(head)})?", per).fullmatch(written)
    if match is None:
        raise ValueError("it is worded in another way")
    quantity = _quantity(match, unit)
    if match["unit"]:
        return replace(quantity, surface=original)
    at = match.start("after" if len(match["after"] or "") == 2 else "unit")  # 以上 and 左右 follow the unit
    return replace(quantity, surface=written[:at] + head + written[at:])


def _parts(unit: str) -> tuple[str, str | None]:
    """What an average counts and what it is taken over; other units are whole."""
    head, _, per = unit.partition("/")
    return head, per or None


def _written_unit(head: str) -> str:
    """A regular expression that takes a unit for no longer one: 人 is not the beginning of 人次."""
    return {"%": "[%％]", "人": "人(?!次)", "个": "个(?!月)"}.get(head, re.escape(head))


def _whole(surface: str) -> Quantity:
    return replace(exact(100, "%"), surface=surface)


def _quantity(match: re.Match[str], unit: str) -> Quantity:
    if match["rate"] not in (None, _parts(unit)[1]):
        raise ValueError("it is an average over something else")
    if match["low"] is not None:
        return _range(match, unit)
    phrase = phrase_of(match)
    if phrase.several:
        return _several(phrase, unit)
    if not phrase.marks:
        return about(phrase.number, unit) if phrase.rough else exact(phrase.number, unit)
    if Qualifier.BETWEEN in phrase.marks and phrase.marks <= _FLOORS:
        return between(phrase.number, phrase.number + phrase.reach, unit, value=phrase.number)
    if len(phrase.marks) > 1:
        raise ValueError("its words say different things")
    (mark,) = phrase.marks
    return _ONE_SIDED[mark](phrase.number, unit)


def _several(phrase: Phrase, unit: str) -> Quantity:
    if not phrase.marks <= _FLOORS:
        raise ValueError("its words say different things")
    return between(2 * phrase.number, 10 * phrase.number, unit)


def _range(match: re.Match[str], unit: str) -> Quantity:
    lower, upper = numeral(match["low"]), numeral(match["high"])
    for large in "万亿":
        if large in match["high"] and large not in match["low"] and lower * numeral(large) <= upper:
            raise ValueError(f"2至3{large} may begin at 2 or at 2{large}")
    return between(lower, upper, unit, closed=match["short"] is None)
