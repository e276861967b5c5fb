"""Tables: rows of cells become records by the names of their columns."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field

from connectors.protocols.listing import Broken
from schema.findings import Finding
from schema.records import Record

MOST_COLUMNS = 16_384


class Tabular(Record):
    """What tables share: `skip` rows before anything counts, and a `header` row or the names of the columns."""

    skip: Annotated[int, Field(ge=0, le=10_000)] = 0
    header: bool | Annotated[tuple[str, ...], Field(min_length=1, max_length=MOST_COLUMNS)] = True

    def given_names(self, width: int) -> list[str] | None:
        """The names of the columns where no row holds them; `width` is that of the first row."""
        if self.header is True:
            return None
        return column_names(self.header or [""] * width)


def column_names(cells: Sequence[Any]) -> list[str]:
    """One name per column: an empty one is `column_3` by its place, one that comes again is `名称_2`, `名称_3`."""
    taken: set[str] = set()
    names = []
    for place, cell in enumerate(cells, 1):
        wanted = ("" if cell is None else str(cell)).strip() or f"column_{place}"
        name, number = wanted, 1
        while name in taken:
            number += 1
            name = f"{wanted}_{number}"
        taken.add(name)
        names.append(name)
    return names


def broken_line(
    name: str, number: int, raw: str, why: str, *, expected: str | None = None, found: str | None = None
) -> Broken:
    """A line or row that is no record."""
    message = f"{name}, line {number}: {why}"
    return Broken(raw, Finding("file.line", message, line=number, expected=expected, found=found))


def counted(number: int) -> str:
    """So many columns, in words."""
    return f"{number} column" if number == 1 else f"{number} columns"
