"""Numbers that results are ordered by: sort keys that no two records share, and the weight of freshness and quality.

A sort key is `value << 27 | ordinal`, so that a page can go on after an exact key while records come and go.
"""

import functools
import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pypinyin import lazy_pinyin

from gateway.catalog.text import runs

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
    """The sort keys of one record; what is not known comes last in every order."""
    return {
        "newest": sort_key(published or 0, ordinal),
        "oldest": sort_key(published or _LATEST, ordinal),
        "starts": sort_key(begins or _LATEST, ordinal),
        "used": sort_key(0 if uses is None else min(uses + 1, _LATEST), ordinal),
        "title_rank": sort_key(title_rank(title), ordinal),
    }


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
    found = runs(title[:60])
    letters = "".join(run.text for run in found)
    rank = 0
    if found and found[0].han:
        for place in range(3):
            rank = rank << 12 | (_character_place(letters[place]) if place < len(letters) else 0)
        return 1 << 36 | rank
    for place in range(6):
        rank = rank * (_OTHER + 1) + (_LETTERS.get(letters[place], _OTHER) if place < len(letters) else 0)
    return rank


def weight(record: Mapping[str, Any], published: datetime | None, now: datetime) -> float:
    """Freshness (0 to 1, halved every three years) plus quality (0 to 1); the score is multiplied by log2(2 + it)."""
    fresh = 0.0
    if published is not None:
        years = max((now - published).total_seconds(), 0.0) / (365.25 * 86_400)
        fresh = 0.5 ** (years / FRESH_YEARS)
    quality = 0.1 if record.get("summary") else 0.0
    quality += 0.4 if (record.get("review") or {}).get("status") == "APPROVED" else 0.0
    quality += 0.3 if record.get("awards") else 0.0
    quality += 0.2 * min(math.log10(1 + (record.get("useCount") or 0)) / 6, 1.0)
    return fresh + quality
