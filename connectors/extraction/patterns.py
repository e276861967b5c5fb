"""Regular expressions in time linear to the text, whatever a manifest writes (RE2)."""

from collections.abc import Mapping
from typing import Any, Protocol, cast

import re2

LONGEST = 500
"""Characters of a pattern."""
MEMORY = 1024 * 1024
"""Bytes a compiled pattern and its search may take."""


class PatternError(ValueError):
    """Text that is no regular expression here; the message says what to write instead."""


class Match(Protocol):
    """What a pattern found."""

    def __getitem__(self, group: str | int) -> str | None:
        """The text of a group by name or number, None where it took no part."""

    def groupdict(self) -> dict[str, str | None]:
        """The texts of all named groups."""


class Pattern(Protocol):
    """A compiled regular expression; `\\d`, `\\w`, `\\s` and `\\b` mean ASCII, `\\p{Han}` is a Chinese character."""

    @property
    def groupindex(self) -> Mapping[str, int]:
        """The named groups with their numbers."""

    def search(self, text: str) -> Match | None:
        """The first match."""

    def split(self, text: str) -> list[str]:
        """The pieces between the matches."""


_ADVICE = (
    (
        ("(?=", "(?!", "(?<"),
        "look-ahead and look-behind do not exist here; match the surroundings outside of the group",
    ),
    (("(?P=",), "a group cannot be referred back to"),
    (("(?>", "*+", "++", "?+", "**"), "write a quantifier once: * + ? {2,5}, with ? behind it for the shortest match"),
    (("(?#", "(?x"), "there are no comments inside of a pattern"),
    (("(?(",), "there are no conditions inside of a pattern; write alternatives with |"),
    (("\\Z",), "the end of the text is \\z or $"),
)


def compile_pattern(text: str) -> Pattern:
    """A pattern in RE2's language (https://github.com/google/re2/wiki/Syntax); raises `PatternError`."""
    if len(text) > LONGEST:
        raise PatternError(f"a pattern has at most {LONGEST} characters, this one {len(text)}")
    options = re2.Options()
    options.log_errors = False
    options.max_mem = MEMORY
    try:
        return cast(Pattern, re2.compile(text, options))
    except re2.error as error:
        raise PatternError(_message(error, text)) from error
    except UnicodeEncodeError as error:
        raise PatternError("it holds half a surrogate pair, which is no character") from error


def _message(error: Any, text: str) -> str:
    [said] = error.args
    reason = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    if "invalid escape sequence: \\" in reason and reason[-1].isdigit():
        return f"{reason}; a group cannot be referred back to"
    if "too large" in reason or "repetition size" in reason:
        return f"{reason}; a pattern repeats at most 1,000 times in all"
    named = reason.rpartition(": ")[2]
    for signs, advice in _ADVICE:
        if named.startswith(signs) or (named == "(?P" and any(sign in text for sign in signs if sign == "(?P=")):
            return f"{reason}; {advice}"
    return reason
