"""Regular expressions in time linear to the text, whatever a manifest writes (RE2)."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Protocol

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


_NAMES = re.compile(r"(?<!\\)\(\?P?<(\w+)>")
_AROUND = "look-ahead and look-behind do not exist here; match what stands around the group"
_BACK = "a group cannot be referred back to"
_AGAIN = "one quantifier is enough: * + ? {2,5}, with ? behind it for the shortest match"
_ADVICE: Mapping[str, str] = {
    "(?=": _AROUND,
    "(?!": _AROUND,
    "(?<": _AROUND,
    "(?P": _BACK,
    "(?>": _AGAIN,
    "*+": _AGAIN,
    "++": _AGAIN,
    "?+": _AGAIN,
    "(?#": "there are no comments inside of a pattern",
    "(?(": "there are no conditions inside of a pattern; write alternatives with |",
    "\\Z": "the end of the text is \\z or $",
}


def compile_pattern(text: str) -> Pattern:
    """A pattern in RE2's language (https://github.com/google/re2/wiki/Syntax); raises `PatternError`."""
    if len(text) > LONGEST:
        raise PatternError(f"a pattern has at most {LONGEST} characters, this one {len(text)}")
    names = _NAMES.findall(text)
    if len(set(names)) < len(names):
        raise PatternError("two groups have the same name; write alternatives inside of one group: (?P<value>a|b)")
    try:
        compiled: Pattern = re2.compile(text, _options())
    except re2.error as error:
        raise PatternError(_message(error)) from error
    except UnicodeEncodeError as error:
        raise PatternError("it holds half a surrogate pair, which is no character") from error
    return compiled


def compile_cut(text: str) -> Callable[[str], str | None]:
    """A function from a text to what the group `value` of a pattern matches in it, None where it does not.

    The pattern is one that `compile_pattern` takes; on bytes, RE2's own, it is found in a third of the time.
    """
    pattern = re2.compile(text.encode(), _options())
    number = pattern.groupindex[b"value"]

    def cut(value: str) -> str | None:
        found = pattern.search(value.encode())
        group = found[number] if found is not None else None
        return None if group is None else str(group, "utf-8")

    return cut


def _options() -> Any:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = MEMORY
    return options


def _message(error: Any) -> str:
    [said] = error.args
    reason = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    if "too large" in reason or "repetition size" in reason:
        return f"{reason}; a pattern repeats at most 1,000 times in all"
    sign = reason.rpartition(": ")[2]
    advice = (
        _BACK if re.fullmatch(r"\\[1-9]", sign) else next((_ADVICE[key] for key in _ADVICE if sign.startswith(key)), "")
    )
    return f"{reason}; {advice}" if advice else reason
