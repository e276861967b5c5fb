"""Numbers as Chinese reports word them: the number, the words around it (余, 超过, 近, 左右) and what these say."""

import functools
import re
from dataclasses import dataclass
from decimal import Decimal

from schema.numerals import DIGITS, LONGEST, PLACES, numeral
from schema.quantities import Qualifier

_BEFORE = {
    **dict.fromkeys(("不少于", "不低于", "至少", "最少", ">=", "≥", "上"), Qualifier.AT_LEAST),
    **dict.fromkeys(("超过", "超", "逾", "突破", ">", "过"), Qualifier.MORE_THAN),
    **dict.fromkeys(("不超过", "不多于", "不高于", "至多", "最多", "<=", "≤"), Qualifier.AT_MOST),
    **dict.fromkeys(("不到", "不足", "接近", "将近", "近", "<"), Qualifier.LESS_THAN),
    **dict.fromkeys(("大约", "大概", "约"), Qualifier.ABOUT),
}
_AFTER = {
    **dict.fromkeys(("余", "多"), Qualifier.BETWEEN),
    "+": Qualifier.AT_LEAST,
    "以上": Qualifier.MORE_THAN,
    **dict.fromkeys(("以下", "以内"), Qualifier.AT_MOST),
    **dict.fromkeys(("左右", "上下"), Qualifier.ABOUT),
}
_PLACE = "[十百千万亿]"
_GUARDED = {  # in running text these belong to other words too: 线上, 通过, 附近, 节约
    "上": f"(?<![线网以])上(?={_PLACE})",
    "过": f"(?<![通经])过(?={_PLACE})",
    "近": "(?<![附最邻])近",
    "约": "(?<![节预签])约",
}
_DIGIT = f"[0-9０-９{''.join(DIGITS)}{''.join(PLACES)}]"
_NUMBER = rf"{_DIGIT}(?:{_DIGIT}|[.,](?=[0-9０-９])){{0,{LONGEST - 1}}}"
_LONGEST_FIRST = sorted(_BEFORE, key=len, reverse=True)
_WORDS_BEFORE = "|".join(map(re.escape, _LONGEST_FIRST))
_GUARDED_BEFORE = "|".join(_GUARDED.get(word, re.escape(word)) for word in _LONGEST_FIRST)
_WORDS_AFTER = "|".join(map(re.escape, _AFTER))
_LARGE = re.compile("[万亿]+$")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A number and what its words say.

    `marks` are the qualifiers of the words around it, 余 and 多 being BETWEEN; `reach` is the first number above
    `number` that 余 leaves out, less `number`. `several` is 数 or 几 before a place, which is then the number. `rough`
    is a bare figure that nobody takes to the digit: 20万, or 百 without a digit.
    """

    number: Decimal
    marks: frozenset[Qualifier]
    reach: Decimal
    several: bool
    rough: bool


@functools.lru_cache(maxsize=256)
def phrase_pattern(unit: str, per: str | None = None, *, running: bool = False) -> re.Pattern[str]:
    """Matches a phrase before a unit, or a range; `unit` is a regular expression, `per` what an average is taken over.

    `running` is for searches in longer text, which find other averages too, so that they are not taken for totals.
    Every repetition is bounded, so that a search takes time linear in the text.
    """
    before = _GUARDED_BEFORE if running else _WORDS_BEFORE
    over = "[日周月季年场节次]" if running else re.escape(per or "")
    rate = f"(?:(?P<rate>{over})均)?" if over else "(?P<rate>(?!))?"
    return re.compile(
        rf"(?<![0-9０-９])(?<![0-9０-９][.,]){rate}"
        rf"(?:(?P<low>{_NUMBER})(?:{unit})?(?:至|到|[-~—–～])(?P<short>不足)?(?P<high>{_NUMBER})"
        rf"|(?P<before>{before})?(?P<several>(?<![人总])[数几](?={_PLACE}))?"
        rf"(?P<number>{_NUMBER})(?P<odd>[余多])?(?P<place>[万亿])?(?P<after>{_WORDS_AFTER})?)"
        rf"(?P<unit>{unit})(?P<last>{_WORDS_AFTER})?"
    )


def phrase_of(found: re.Match[str]) -> Phrase:
    """The phrase that a pattern found, not being a range; ValueError where its digits are no number."""
    written, place = found["number"], found["place"] or ""
    number = numeral(written + place)
    marks = {_BEFORE[found["before"]]} if found["before"] else set()
    marks |= {_AFTER[found[group]] for group in ("odd", "after", "last") if found[group]}
    several = found["several"] is not None
    if several and any(character not in PLACES for character in written):
        raise ValueError("数 and 几 stand before 十, 百, 千, 万 or 亿")
    return Phrase(
        number=number,
        marks=frozenset(marks),
        reach=_reach(written, numeral(place) if place else Decimal(1)),
        several=several,
        rough=not marks and not several and _is_rough(written, number),
    )


def _reach(written: str, times: Decimal) -> Decimal:
    """How far 余 reaches behind these digits.

    Behind 万 or 亿 it is less than one of the last digit that is written (22.33万余, 50万余), elsewhere zeros at the
    end are no digits (1600余, 20余万); without a digit it is less than the place (百万余).
    """
    large = None if all(character in PLACES for character in written) else _LARGE.search(written)
    if large is None:
        last = numeral(written).normalize().as_tuple().exponent
        return Decimal(1).scaleb(int(last)) * times
    decimals = written[: large.start()].partition(".")[2]
    return (numeral(large[0]) * times).scaleb(-len(decimals))


def _is_rough(written: str, number: Decimal) -> bool:
    if all(character in PLACES for character in written):
        return True
    return any(large in written for large in "万亿") and len(number.normalize().as_tuple().digits) == 1
