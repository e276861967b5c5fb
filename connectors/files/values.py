"""JSON values that follow one another in a text, cut apart; what is no JSON is told and passed by."""

import json
import re
from collections.abc import Iterator
from typing import Any

import orjson

from connectors.protocols.listing import Broken
from schema.findings import Finding

_BETWEEN = re.compile(r"[ \t\r\n,\x1e]*")
_VALUE = re.compile(r"^[\[{]", re.MULTILINE)
WINDOW = 16 * 1024
"""Characters that the decoder is first shown."""
LONGEST_TOKEN = 16
"""Characters before the end of a piece in which an error may come from the cut; none but text is longer."""
_DECODER = json.JSONDecoder(parse_int=float)  # only where values end matters, and whole numbers have a longest


class JsonText:
    """A text with JSON values in it, and the place up to which it has been read."""

    def __init__(self, name: str, text: str) -> None:
        self._name, self._text = name, text
        self._counted = (0, 1)
        self._place = 0
        self._pass(0)

    def values(self) -> Iterator[Any | Broken]:
        """One value after the other; after something broken, reading goes on at the next line that begins one."""
        while self._place < len(self._text):
            try:
                end = self._end()
            except json.JSONDecodeError as error:
                yield self._broken(self._next_value(self._place + error.pos), "no JSON")
            except RecursionError:
                yield self._broken(len(self._text), "nested without measure")
            else:
                yield self._value(end)

    def cut_list(self) -> Iterator[Any | Broken]:
        """The entries of a list that is not whole; the rest from the first broken one on is one piece."""
        self._pass(self._text.index("[") + 1)
        while self._place < len(self._text):
            try:
                end = self._end()
            except (json.JSONDecodeError, RecursionError):
                break
            yield self._value(end)
        yield self._broken(len(self._text), "the list is cut off or broken here")

    def _end(self) -> int:
        """Where the value that begins here ends; raises `JSONDecodeError`, with a position from here.

        Such an error counts the lines of the text before it, so the decoder sees a piece, and a larger one where that
        may have been cut inside of a value.
        """
        size = WINDOW
        while True:
            piece = self._text[self._place : self._place + size]
            whole = len(piece) < size
            try:
                end = _DECODER.raw_decode(piece)[1]
                if whole or end < size:
                    return self._place + end
            except json.JSONDecodeError as error:
                if whole or (error.pos < size - LONGEST_TOKEN and not error.msg.startswith("Unterminated")):
                    raise
            size *= 4

    def _value(self, end: int) -> Any | Broken:
        """The value up to `end`, as every other JSON is read, which refuses NaN and half surrogate pairs."""
        try:
            found = orjson.loads(self._text[self._place : end])
        except orjson.JSONDecodeError as error:
            return self._broken(end, f"no JSON: {error.msg}")
        self._pass(end)
        return found

    def _broken(self, end: int, why: str) -> Broken:
        """What stands up to `end`."""
        before, lines = self._counted
        lines += self._text.count("\n", before, self._place)
        self._counted = (self._place, lines)
        finding = Finding("file.line", f"{self._name}, line {lines}: {why}", line=lines, expected="a JSON value")
        raw = self._text[self._place : end]
        self._pass(end)
        return Broken(raw, finding)

    def _next_value(self, stopped: int) -> int:
        """Where a value may begin, at the line in which reading stopped or later."""
        line = self._text.rfind("\n", self._place + 1, stopped + 1) + 1
        following = _VALUE.search(self._text, line or max(stopped, self._place + 1))
        return following.start() if following else len(self._text)

    def _pass(self, end: int) -> None:
        """Go on after `end` and what stands between values."""
        between = _BETWEEN.match(self._text, end)
        self._place = between.end() if between else end
