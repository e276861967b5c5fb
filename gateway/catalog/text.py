"""How text becomes search tokens: folded, cut into runs, Chinese as overlapping pairs, the rest as whole words."""

import functools
import re
import unicodedata
from dataclasses import dataclass

HAN = "\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
"""Scripts without spaces between words, as a character class: Chinese, kana and Hangul."""
_MARKS = "\u0300-\u036f\u0f71-\u0f84\u0f90-\u0fbc"
WORD = rf"(?:[^\W_{HAN}]|[{_MARKS}])"
"""One character of a word in another script, as a pattern."""
_RUNS = re.compile(rf"[{HAN}]+|{WORD}+")
_HAN_RUN = re.compile(rf"[{HAN}]")
LONGEST_WORD = 100
"""Longer words are cut here in the index and in queries alike."""


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of one script in folded text; `han` says that it has no spaces between its words."""

    text: str
    han: bool

    @property
    def tokens(self) -> list[str]:
        """The index tokens of this run in order."""
        if self.han and len(self.text) > 1:
            return list(map(str.__add__, self.text, self.text[1:]))
        return [self.text[:LONGEST_WORD]]


def fold(text: str) -> str:
    """Full-width and compatibility forms made plain, lower case."""
    return unicodedata.normalize("NFKC", text).casefold()


def runs(text: str) -> list[Run]:
    """The runs of a text; punctuation and spaces separate and vanish."""
    return [Run(found, is_han(found[0])) for found in run_texts(text)]


def run_texts(text: str) -> list[str]:
    """The runs of a text as they are written there, folded."""
    return _RUNS.findall(fold(text))


def token_text(text: str) -> str:
    """The tokens of a text joined by spaces, which is what the index's white-space tokenizer reads."""
    parts: list[str] = []
    for found in run_texts(text):
        if len(found) > 1 and is_han(found[0]):
            parts.extend(map(str.__add__, found, found[1:]))
        else:
            parts.append(found[:LONGEST_WORD])
    return " ".join(parts)


@functools.lru_cache(maxsize=50_000)
def token_text_of_name(text: str) -> str:
    """`token_text` of a label or name, which comes again and again."""
    return token_text(text)


def is_han(character: str) -> bool:
    """Whether a character belongs to a script without spaces between words."""
    return "\u4e00" <= character <= "\u9fff" or (character > "\u3004" and _HAN_RUN.match(character) is not None)


def characters(tokens: str) -> str:
    """Every distinct Chinese character of some tokens, joined by spaces, for queries of one character."""
    return " ".join(_HAN_RUN.findall("".join(set(tokens))))
