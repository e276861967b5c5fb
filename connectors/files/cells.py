"""What a cell of a workbook holds: text, numbers, booleans, errors, and numbers that a style makes dates."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.files.tables import MOST_COLUMNS

_PLACE = re.compile(r"\$?([A-Za-z]{1,3})\$?\d+")
_DATES = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
"""Number formats that are dates without being written down (ECMA-376 part 1, 18.8.30), Chinese ones included."""
_SILENT = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]', re.IGNORECASE)
_ELAPSED = re.compile(r"\[[hms]+\]", re.IGNORECASE)
EXACT = 2**53


@dataclass(frozen=True, slots=True)
class CellError:
    """What stands in a cell that holds no value, such as `#DIV/0!`."""

    text: str


def column_of(place: str | None, before: int) -> int:
    """The number of the column of a cell such as `AB7`, from one; without a place, the one after `before`."""
    found = _PLACE.fullmatch(place) if place else None
    column = before + 1
    if found:
        column = 0
        for letter in found[1].upper():
            column = column * 26 + ord(letter) - 64
    if column > MOST_COLUMNS:
        raise ValueError(f"there is no column {place or column}")
    return column


def local_name(element: Any) -> str:
    """The name of an element without its namespace."""
    name: str = element.tag
    return name.rpartition("}")[2]


def text_of(element: Any) -> str:
    """The text of a shared or inline string; phonetic hints are not part of it."""
    pieces = []
    for child in element:
        name = local_name(child)
        if name == "t":
            pieces.append(child.text or "")
        elif name == "r":
            pieces.extend(run.text or "" for run in child if local_name(run) == "t")
    return "".join(pieces)


class Dates:
    """Which styles make a number a date, and what dates numbers are."""

    def __init__(self, codes: Mapping[str, str], styles: Sequence[str], *, since_1904: bool) -> None:
        written = {number: _SILENT.sub("", code) for number, code in codes.items()}
        self._styles = styles
        self._since_1904 = since_1904
        self._elapsed = {number for number, code in written.items() if _ELAPSED.search(code)} | {"46"}
        self._dates = {
            number for number, code in written.items() if re.search("[ymdhs]", code.split(";")[0], re.IGNORECASE)
        }
        self._dates |= {str(number) for number in _DATES if str(number) not in codes}

    def written(self, number: float, style: str | None) -> str | None:
        """The ISO date, time or instant, or hours as `26:30:00`; None where the style makes it an ordinary number."""
        if style is None or not style.isdecimal() or int(style) >= len(self._styles):
            return None
        kind = self._styles[int(style)]
        if kind not in self._dates:
            return None
        seconds = round(number * 86_400)
        if kind in self._elapsed:
            minutes, second = divmod(abs(seconds), 60)
            return f"{'-' if seconds < 0 else ''}{minutes // 60}:{minutes % 60:02}:{second:02}"
        if not self._since_1904 and 0 <= number < 1:
            return (datetime(1904, 1, 1) + timedelta(seconds=seconds)).time().isoformat()  # noqa: DTZ001
        instant = self._first(number) + timedelta(seconds=seconds)
        return instant.isoformat() if seconds % 86_400 else instant.date().isoformat()

    def _first(self, number: float) -> datetime:
        """Day zero; Excel believes in a 29 February 1900, so that days before it are counted otherwise."""
        if self._since_1904:
            return datetime(1904, 1, 1)  # noqa: DTZ001
        return datetime(1899, 12, 30 if number >= 60 else 31)  # noqa: DTZ001


class Cells:
    """Values of cells, given the texts they share."""

    def __init__(self, shared: Sequence[str], dates: Dates) -> None:
        self._shared, self._dates = shared, dates

    def value(self, cell: Any) -> Any:
        """Text, a number, true or false, an ISO date, `CellError`, or None for an empty cell."""
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            return next((text_of(child) for child in cell if local_name(child) == "is"), "") or None
        written = next((child.text or "" for child in cell if local_name(child) == "v"), "")
        if not written:
            return None
        match kind:
            case "s":
                place = int(written) if written.isdecimal() else -1
                return (self._shared[place] or None) if 0 <= place < len(self._shared) else CellError(f"text {written}")
            case "b":
                return written.strip() == "1"
            case "e":
                return CellError(written)
            case "n":
                return self._number(written, cell.get("s"))
            case _:
                return written

    def _number(self, written: str, style: str | None) -> Any:
        try:
            number = float(written)
            found = self._dates.written(number, style)
        except (ValueError, OverflowError):
            return CellError(written)
        if found is not None:
            return found
        if not math.isfinite(number):
            return CellError(written)
        return int(number) if number.is_integer() and abs(number) < EXACT else number
