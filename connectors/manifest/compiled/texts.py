"""Texts that are no part of the raw record, and lists of texts."""

from collections.abc import Callable, Sequence
from typing import Any

import orjson

from connectors.manifest.compiled.learning import Memory
from connectors.manifest.compiled.unusual import Unusual
from connectors.manifest.fields import MATCHED_CHARACTERS

LONGEST = 1_000
"""Characters of an entry of a list, as `schema.values.Text` has them."""


class Texts:
    """Checks that raise `Unusual` for whatever is not plain, and `TypeError` for text that is no Unicode."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def made(self, value: str) -> str:
        """A text that a rule made: not empty, without blanks around it, and without a secret."""
        if not value or value.strip() != value or self._memory.watch.sees(orjson.dumps(value)):
            raise Unusual
        return value

    def made_list(self, entries: tuple[str, ...] | None) -> tuple[str, ...] | None:
        """Entries that a rule made, without a secret in them."""
        if entries is not None and self._memory.watch.sees(orjson.dumps(entries)):
            raise Unusual
        return entries


def listed(value: Any) -> tuple[str, ...] | None:
    """The entries of a list, each once, or a text as the only one; None where there are none."""
    if type(value) is str:
        value = value.strip()
        return _plain([value] if value else [])
    if type(value) is not list:
        raise Unusual
    return _plain(dict.fromkeys(one for one in value if one is not None and one != ""))


def divided(value: Any, separator: str) -> tuple[str, ...] | None:
    """The parts of a text."""
    if type(value) is not str:
        raise Unusual
    return _plain([part for piece in value.strip().split(separator) if (part := piece.strip())])


def _plain(entries: Sequence[str] | dict[str, None]) -> tuple[str, ...] | None:
    for one in entries:
        if type(one) is not str or len(one) > LONGEST or "\0" in one or one.strip() != one:
            raise Unusual
    return tuple(entries) or None


def cut_out(cut: Callable[[str], str | None], value: str) -> str | None:
    """What a pattern cuts out of a text, None for nothing."""
    found = cut(value.strip()[:MATCHED_CHARACTERS])
    return found.strip() or None if found is not None else None
