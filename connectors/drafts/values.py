"""What values look like: instants, addresses, durations, numbers, regions and words of our vocabularies."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from connectors.manifest.transforms import compile_transform
from schema.regions import region_tree
from schema.vocabularies import VocabularyScheme, vocabulary

TRIED = 60
"""Values that are tried, at most."""
MOST = 0.9
_IMAGE = re.compile(r"\.(?:jpe?g|png|gif|webp|svg|bmp)(?:[?#!].*)?$", re.IGNORECASE)
_HTML = re.compile(r"<(?:p|br|div|span|b|i|a|ul|li|h\d)\b[^>]*>|&(?:nbsp|lt|gt|amp);", re.IGNORECASE)
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_SEPARATORS = (",", "，", ";", "；", "、", "|", "/")
_ZONE = {"zone": "Asia/Shanghai"}
_TIMES: tuple[tuple[re.Pattern[str], Any], ...] = (
    (re.compile(r"[12]\d{12}"), "epochMilliseconds"),
    (re.compile(r"(?:19|20)\d{12}"), {"localDateTime": {"pattern": "%Y%m%d%H%M%S"}}),
    (re.compile(r"(?:19|20)\d{6}"), {"localDateTime": {"pattern": "%Y%m%d"}}),
    (re.compile(r"[12]\d{9}"), "epochSeconds"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"), "localDateTime"),
    (re.compile(r"\d{4}/\d\d?/\d\d? \d\d?:\d\d:\d\d"), {"localDateTime": {"pattern": "%Y/%m/%d %H:%M:%S"}}),
    (re.compile(r"\d{4}/\d\d?/\d\d? \d\d?:\d\d"), {"localDateTime": {"pattern": "%Y/%m/%d %H:%M"}}),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d"), {"localDateTime": {"pattern": "%Y-%m-%d %H:%M"}}),
    (re.compile(r"\d{4}-\d\d-\d\d[T ][\d:.]+ ?(?:Z|[+-]\d\d:?\d\d)"), "isoDateTime"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+"), {"isoDateTime": _ZONE}),
    (re.compile(r"(?:\w{3}, )?\d\d? \w{3} \d{4} [\d:]+ .*"), "rfc822DateTime"),
    (re.compile(r"\d{4}[-/.]\d\d?[-/.]\d\d?"), "date"),
    (re.compile(r"[\d〇零一二三四五六七八九十]{4}年.*日"), "chineseDate"),
    (re.compile(r"\d{4}年.*日.*\d.*"), "chineseDateTime"),
)
DAYS = ("date", "chineseDate")


def instants(values: Sequence[Any], *, day: bool = False) -> tuple[Any, bool] | None:
    """The transforms that make instants (or days) of the values, and whether they read all of them; None if few are."""
    tried = [str(value) for value in values[:TRIED] if not isinstance(value, bool)]
    for pattern, transform in _TIMES:
        if not tried or sum(bool(pattern.fullmatch(text)) for text in tried) < MOST * len(tried):
            continue
        steps = _steps(transform, day=day)
        read = readable(values, steps)
        if read >= MOST:
            return (steps if len(steps) > 1 else steps[0]), read == 1
    return None


def _steps(transform: Any, *, day: bool) -> list[Any]:
    if transform in DAYS:
        return [transform] if day else [transform, "startOfDay"]
    return [transform, "date"] if day else [transform]


def readable(values: Sequence[Any], transforms: Sequence[Any]) -> float:
    """The share of the values that the transforms can read."""
    steps = [_compiled(one) for one in transforms]
    tried = values[:TRIED]
    good = 0
    for value in tried:
        try:
            found = value
            for step in steps:
                found = step(found)
            good += found is not None
        except (ValueError, TypeError, ArithmeticError, LookupError, AttributeError):
            continue
    return good / len(tried) if tried else 0.0


def _compiled(transform: Any) -> Any:
    if isinstance(transform, str):
        return compile_transform(transform)
    [(name, options)] = transform.items()
    return compile_transform(name, options)


def share(values: Sequence[Any], test: Any) -> float:
    """The share of the first values that pass a test."""
    tried = values[:TRIED]
    return sum(bool(test(value)) for value in tried) / len(tried) if tried else 0.0


def is_address(value: Any) -> bool:
    """Whether it is an absolute web address."""
    return isinstance(value, str) and value.startswith(("http://", "https://")) and " " not in value.strip()


def is_path(value: Any) -> bool:
    """Whether it is the path of an address."""
    return isinstance(value, str) and len(value) > 1 and value.startswith("/") and " " not in value


def is_image(value: Any) -> bool:
    """Whether an address ends as images do."""
    return isinstance(value, str) and bool(_IMAGE.search(value))


def is_html(value: Any) -> bool:
    """Whether markup stands in a text."""
    return isinstance(value, str) and bool(_HTML.search(value))


def is_language(value: Any) -> bool:
    """Whether it has the form of a language tag."""
    return isinstance(value, str) and bool(_LANGUAGE.fullmatch(value))


def is_region(value: Any) -> bool:
    """Whether it is a GB/T 2260 code that is known."""
    return str(value).isdecimal() and len(str(value)) == 6 and region_tree().get(str(value)) is not None


def is_region_name(value: Any) -> bool:
    """Whether it names a region."""
    return isinstance(value, str) and 1 < len(value) <= 30 and region_tree().find(value) is not None


def is_count(value: Any) -> bool:
    """Whether it is a whole number that counts."""
    return type(value) is int and value >= 0


def is_chinese(value: Any) -> bool:
    """Whether Chinese stands in a text."""
    return isinstance(value, str) and any("\u4e00" <= letter <= "\u9fff" for letter in value)


@cache
def known_word(scheme: VocabularyScheme, text: str) -> bool:
    """Whether our vocabulary knows a word."""
    return vocabulary(scheme).resolve(text) is not None


def known_share(scheme: VocabularyScheme, values: Sequence[Any]) -> float:
    """The share of the different values that our vocabulary knows."""
    texts = list(dict.fromkeys(value for value in values if isinstance(value, str)))[:TRIED]
    return sum(known_word(scheme, text) for text in texts) / len(texts) if texts else 0.0


def separator(values: Sequence[Any], scheme: VocabularyScheme | None = None) -> str | None:
    """What separates several words in one text; where a vocabulary is meant, it has to know the pieces better."""
    texts = [value for value in values[:TRIED] if isinstance(value, str)]
    for mark in _SEPARATORS:
        split = [text for text in texts if mark in text.strip(mark)]
        if not split or (scheme is None and (mark == "/" or len(split) < 0.2 * len(texts))):
            continue
        pieces = [piece.strip() for text in split for piece in text.split(mark)]
        if scheme is None and share(pieces, lambda piece: len(piece) <= 30) >= MOST:
            return mark
        if scheme is not None and known_share(scheme, pieces) > max(0.5, known_share(scheme, split)):
            return mark
    return None
