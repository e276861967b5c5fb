"""Numbers that results are ordered by: sort keys that no two records share, and the weight of freshness and quality.

A sort key is `value << 27 | ordinal`, so that a page can go on after an exact key while records come and go.
"""

import functools
import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pypinyin import lazy_pinyin

from gateway.catalog.text import is_han, run_texts

ORDINAL_BITS = 27
_ORDINALS = (1 << ORDINAL_BITS) - 1
_LATEST = (1 << 34) - 1
_EPOCH = 1 << 32
"""Seconds added so that years since 1834 are positive."""
FRESH_YEARS = 3.0
"""Age at which half of the bonus for freshness is gone."""
_LETTERS = {letter: place for place, letter in enumerate("0123456789abcdefghijklmnopqrstuvwxyz", start=1)}
_OTHER = len(_LETTERS) + 1


def seconds(moment: datetime) -> int:
    """A moment as the index keeps it: whole seconds, from 1 (1833 or earlier) to 2^34 - 1."""
    return min(max(int(moment.timestamp()) + _EPOCH, 1), _LATEST)


def sort_key(value: int, ordinal: int) -> int:
    """A key of 64 bits that is unique as long as fewer than 134 million records share the value."""
    return value << ORDINAL_BITS | ordinal & _ORDINALS


def sort_keys(
    title: str, published: int | None, begins: int | None, uses: int | None, ordinal: int
) -> Mapping[str, int]:
    """The sort keys of one record."""
    return {
        "newest": sort_key(latest_first(published), ordinal),
        "oldest": sort_key(earliest_first(published), ordinal),
        "starts": sort_key(earliest_first(begins), ordinal),
        "used": sort_key(most_first(uses), ordinal),
        "title_rank": sort_key(title_rank(title), ordinal),
    }


def latest_first(moment: int | None) -> int:
    """Value of a moment in a descending order; one that is not known comes last."""
    return moment or 0


def earliest_first(moment: int | None) -> int:
    """Value of a moment in an ascending order; one that is not known comes last."""
    return moment or _LATEST


def most_first(uses: int | None) -> int:
    """Value of a count in a descending order; one that is not known comes last."""
    return 0 if uses is None else min(uses + 1, _LATEST)


@functools.cache
def _pinyin_order() -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Places of the 3,755 first-level characters of GB 2312, which that standard orders by pinyin, and of syllables."""
    places: dict[str, int] = {}
    for row in range(0xB0, 0xD8):
        for cell in range(0xA1, 0xFF):
            try:
                places[bytes((row, cell)).decode("gb2312")] = len(places) + 1
            except UnicodeDecodeError:
                continue
    spoken: dict[str, list[int]] = {}
    for character, place in places.items():
        spoken.setdefault(lazy_pinyin(character)[0], []).append(place)
    # the middle one, because some characters stand at a reading that is no longer their first
    return places, {syllable: found[len(found) // 2] for syllable, found in sorted(spoken.items())}


@functools.lru_cache(maxsize=50_000)
def _character_place(character: str) -> int:
    places, spoken = _pinyin_order()
    if character in places:
        return places[character]
    sound = lazy_pinyin(character)[0]
    return next((place for syllable, place in spoken.items() if syllable >= sound), len(places) + 1)


def title_rank(title: str) -> int:
    """Place of a title among all in 37 bits: titles in Latin letters and digits by six characters, then Chinese ones.

    Chinese titles go by the pinyin of three characters. Case, width, spaces and punctuation do not count. Titles that
    agree so far stand in the order in which their records were first stored.
    """
    letters = "".join(run_texts(title[:60]))
    rank = 0
    if letters and is_han(letters[0]):
        for place in range(3):
            rank = rank << 12 | (_character_place(letters[place]) if place < len(letters) else 0)
        return 1 << 36 | rank
    for place in range(6):
        rank = rank * (_OTHER + 1) + (_LETTERS.get(letters[place], _OTHER) if place < len(letters) else 0)
    return rank


def weight(record: Mapping[str, Any], published: datetime | None, now: datetime) -> float:
    """Freshness (0 to 1) plus quality (0 to 1); the score is multiplied by log2(2 + it)."""
    approved = (record.get("review") or {}).get("status") == "APPROVED"
    return freshness(published, now) + quality(
        bool(record.get("summary")), approved, bool(record.get("awards")), record.get("useCount")
    )


def freshness(published: datetime | None, now: datetime) -> float:
    """1 for what was published now, halved every three years; 0 where nobody says when."""
    if published is None:
        return 0.0
    years = max((now - published).total_seconds(), 0.0) / (365.25 * 86_400)
    return float(0.5 ** (years / FRESH_YEARS))


@functools.lru_cache(maxsize=50_000)
def freshness_of_days(days: int) -> float:
    """`freshness` by whole days of age, which come again and again."""
    return float(0.5 ** (max(days, 0) / (365.25 * FRESH_YEARS)))


def quality(summarized: bool, approved: bool, awarded: bool, uses: int | None) -> float:
    """From 0 to 1: approved by reviewers 0.4, an award 0.3, uses up to 0.2 on a logarithmic scale, a summary 0.1."""
    found = (0.1 if summarized else 0.0) + (0.4 if approved else 0.0) + (0.3 if awarded else 0.0)
    return found + 0.2 * min(math.log10(1 + uses) / 6, 1.0) if uses else found
