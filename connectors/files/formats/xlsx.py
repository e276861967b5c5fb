"""Sheets of workbooks."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import orjson
from pydantic import Field

from connectors.files.cells import CellError
from connectors.files.content import Content
from connectors.files.formats.model import FileFormat
from connectors.files.tables import Tabular, broken_line, column_names, counted
from connectors.files.workbooks import Workbook
from connectors.protocols.listing import Broken

LONGEST_ROW = 4 * 1024**2
"""Characters of a row; cells that share texts make long rows out of small files."""


class XlsxFormat(Tabular, FileFormat):
    """`format: xlsx`, or `format: {kind: xlsx, sheet: 课程}`; sheets have names, or numbers from one."""

    kind: Literal["xlsx"]
    sheet: Annotated[int, Field(ge=1, le=10_000)] | Annotated[str, Field(min_length=1)] = 1

    @classmethod
    def endings(cls) -> tuple[str, ...]:
        """With and without macros, which are never run."""
        return (".xlsx", ".xlsm")

    @property
    def zipped(self) -> bool:
        """A workbook is a zip file."""
        return True

    def entries(self, content: Content) -> Iterator[Any | Broken]:
        """Records by the names of the columns; an empty cell is null, an empty row is none."""
        names: list[str] = []
        for number, cells in Workbook(content.name, content.whole()).rows(self.sheet):
            while cells and cells[-1] is None:
                cells.pop()
            if number <= self.skip or not cells:
                continue
            if not names:
                given = self.given_names(len(cells))
                names = given or column_names([cell.text if isinstance(cell, CellError) else cell for cell in cells])
                if given is None:
                    continue
            yield _record(content.name, number, names, cells)


def _record(name: str, number: int, names: list[str], cells: list[Any]) -> dict[str, Any] | Broken:
    wrong = next((place for place, cell in enumerate(cells) if isinstance(cell, CellError)), None)
    if sum(len(cell) for cell in cells if isinstance(cell, str)) > LONGEST_ROW:
        return broken_line(name, number, f"row {number}", f"longer than {LONGEST_ROW:,} characters")
    raw = orjson.dumps([cell.text if isinstance(cell, CellError) else cell for cell in cells]).decode()
    if len(cells) > len(names):
        expected, found = counted(len(names)), counted(len(cells))
        return broken_line(name, number, raw, f"{found} where {len(names)} were due", expected=expected, found=found)
    if wrong is not None:
        why = f"no value in column {names[wrong]!r}: {cells[wrong].text}"
        return broken_line(name, number, raw, why, expected="a value", found=cells[wrong].text)
    return dict(zip(names, [*cells, *[None] * (len(names) - len(cells))], strict=True))
