"""Text with a record on every line and a separator between its values."""

import csv
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from connectors.errors import Malformed
from connectors.files.content import Content
from connectors.files.formats.model import FileFormat
from connectors.files.lines import LONGEST, Line, lines_of
from connectors.files.tables import Tabular, broken_line, column_names, counted
from connectors.protocols.listing import Broken

MOST_LINES = 1000
"""Lines of one record; a quotation mark that is never closed cannot swallow more."""
WRONG_QUOTES = "a quotation mark is not closed, or text follows the one that closes"
Mark = Annotated[str, StringConstraints(strip_whitespace=False, min_length=1, max_length=1)]


class CsvFormat(Tabular, FileFormat):
    r"""`format: csv`, or with keys of its own: `format: {kind: csv, separator: ";", skip: 2}`.

    A tab is written `"\t"`. A `quote` of null takes quotation marks for ordinary characters. Lines that begin with
    `comment` are passed over.
    """

    kind: Literal["csv"]
    separator: Mark = ","
    quote: Mark | None = '"'
    comment: Annotated[str, Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _different_marks(self) -> Self:
        if self.separator == self.quote or {self.separator, self.quote} & {"\n", "\r"}:
            raise ValueError("separator and quote are two characters, neither of them a line break")
        return self

    @classmethod
    def endings(cls) -> tuple[str, ...]:
        """Also text whose separator is a tab, which still has to be said."""
        return (".csv", ".tsv", ".txt")

    def entries(self, content: Content) -> Iterator[Any | Broken]:
        """Records by the names of the columns."""
        return iter(_Rows(self, content))


@dataclass(slots=True)
class _Reading:
    """The values of a record, the lines it takes, and what is wrong with its quotes."""

    cells: list[str]
    lines: list[Line]
    quotes: str | None = None


class _Rows:
    """One pass over a file.

    A record that cannot be read costs its first line only: reading goes on with the next one. Lines that were looked
    through in vain are then read one by one, so that no file is looked through again and again.
    """

    def __init__(self, spec: CsvFormat, content: Content) -> None:
        self._spec, self._name = spec, content.name
        self._lines = lines_of(content)
        self._back: deque[Line] = deque()
        self._alone = 0
        self._names: list[str] = []

    def __iter__(self) -> Iterator[dict[str, str] | Broken]:
        for line in self._meant():
            most = MOST_LINES if line.number >= self._alone else 1
            reading = self._read(line, self._next, most)
            if reading.quotes is None and line.wrong is None and not any(reading.cells):
                continue
            if not self._names and self._learned_names(reading):
                continue
            broken = self._broken(reading)
            yield broken or dict(zip(self._names, reading.cells, strict=True))

    def _meant(self) -> Iterator[Line]:
        """Lines at which a record may begin."""
        comment = self._spec.comment
        while (line := self._next()) is not None:
            blank = not line.text.strip()
            if blank or line.number <= self._spec.skip or (comment is not None and line.text.startswith(comment)):
                continue
            yield line

    def _next(self) -> Line | None:
        return self._back.popleft() if self._back else next(self._lines, None)

    def _read(self, first: Line, following: Callable[[], Line | None], most: int) -> _Reading:
        """The record that begins here and takes at most so many lines."""
        spec, taken = self._spec, [first]
        if spec.quote is None or spec.quote not in first.text:
            return _Reading(bare(first.text).split(spec.separator), taken)

        def texts() -> Iterator[str]:
            yield first.text
            size = len(first.text)
            while len(taken) < most and size <= LONGEST and (line := following()) is not None:
                taken.append(line)
                size += len(line.text)
                yield line.text

        try:
            return _Reading(
                next(csv.reader(texts(), strict=True, delimiter=spec.separator, quotechar=spec.quote)), taken
            )
        except csv.Error as error:
            large = "limit" in str(error)
            return _Reading([], taken, "a value is longer than 131,072 characters" if large else WRONG_QUOTES)

    def _learned_names(self, reading: _Reading) -> bool:
        """Learn the names of the columns; whether the line was spent on them."""
        line = reading.lines[0]
        given = self._spec.given_names(len(reading.cells))
        if given is not None:
            self._names = given
            return False
        wrong = next((one.wrong for one in reading.lines if one.wrong), reading.quotes)
        if wrong is not None:
            hint = "; if that is not its encoding, say which (encoding: gb18030)" if wrong.startswith("byte") else ""
            raise Malformed(f"{self._name}: the header in line {line.number} cannot be read: {wrong}{hint}")
        self._names = column_names(reading.cells)
        return True

    def _broken(self, reading: _Reading) -> Broken | None:
        """Why the lines are no record; lines that may be records by themselves are given back."""
        first, *others = reading.lines
        width, found = len(self._names), len(reading.cells)
        swallowed = found != width and any(len(self._read(line, _none, 1).cells) == width for line in others)
        if reading.quotes is not None or swallowed:
            self._give_back(others)
            others = []
        raw = "".join(line.text for line in (first, *others))
        wrong = next((line for line in (first, *others) if line.wrong), None)
        if wrong is not None:
            return broken_line(self._name, wrong.number, raw, str(wrong.wrong))
        if reading.quotes is not None:
            return broken_line(self._name, first.number, raw, reading.quotes, expected=counted(width))
        if found != width:
            why = f"{counted(found)} where {width} were due"
            return broken_line(self._name, first.number, raw, why, expected=counted(width), found=counted(found))
        return None

    def _give_back(self, lines: list[Line]) -> None:
        self._back.extendleft(reversed(lines))
        if lines:
            self._alone = max(self._alone, lines[-1].number)


def _none() -> None:
    """No further line."""


def bare(text: str) -> str:
    """A line without its line break."""
    return text.removesuffix("\n").removesuffix("\r")
