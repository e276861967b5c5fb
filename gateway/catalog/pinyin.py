"""Pinyin of names and titles, without tones: whole syllables and initials."""

import functools
from typing import NamedTuple

import rjieba
from pypinyin import lazy_pinyin

from gateway.catalog.text import runs


class Pinyin(NamedTuple):
    """`Gou` `Gu` `Ding` `Li` written together with each syllable capitalized, and the first letters."""

    syllables: str
    initials: str


@functools.lru_cache(maxsize=100_000)
def _word(word: str) -> Pinyin:
    # reading whole words settles characters with several readings: 重庆 is chongqing, 重量 is zhongliang
    spoken = [syllable for syllable in lazy_pinyin(word, errors="ignore") if syllable]
    return Pinyin("".join(s.capitalize() for s in spoken), "".join(s[0] for s in spoken))


def pinyin(text: str) -> Pinyin:
    """The pinyin of a text; words in other scripts stay as they are, in both forms."""
    syllables: list[str] = []
    initials: list[str] = []
    for run in runs(text):
        if run.han:
            read = [_word(word) for word in rjieba.cut(run.text)]
            syllables.extend(part.syllables for part in read)
            initials.extend(part.initials for part in read)
        else:
            syllables.append(run.text[:1].upper() + run.text[1:])
            initials.append(run.text)
    return Pinyin("".join(syllables), "".join(initials))
