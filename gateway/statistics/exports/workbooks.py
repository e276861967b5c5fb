"""Reports as XLSX: as many sheets of cells as they need, and a sheet of caveats.

Written by ourselves: the quickest library (rustpy-xlsxwriter) takes twice as long for a million rows of sixteen
columns, and two and a half times the space, because it does not share texts, of which a report repeats a few. Text is
never a formula in a workbook; what looks like one is marked, so that it does not become one when somebody edits it.
"""

import itertools
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from gateway.statistics.exports import spreadsheetml
from gateway.statistics.exports.spreadsheetml import FLAGS, Days, SharedTexts, number_cell
from gateway.statistics.exports.tidy import Column, TidyCells
from gateway.statistics.reports import Caveat

ROWS_PER_SHEET = 1_048_575
"""Rows below the heading; with at most 32 columns they stay below the 2 GiB of a plain entry in a ZIP file."""
_ROWS_AT_ONCE = 2_000
_WIDTHS = {"VARCHAR": 20, "DATE": 12, "BOOLEAN": 10}
_CAVEATS = (Column("code", "VARCHAR"), Column("message", "VARCHAR"), Column("platforms", "VARCHAR"))


def write_xlsx(
    cells: TidyCells,
    path: Path,
    caveats: Sequence[Caveat],
    as_of: datetime,
    rows_per_sheet: int = ROWS_PER_SHEET,
) -> None:
    """Write all cells, then the caveats with the moment up to which facts were seen."""
    rows = _rows(cells)
    widths = [_WIDTHS.get(column.type, 14) for column in cells.columns]
    told = [("AS_OF", as_of.isoformat(), None), *((one.code, one.message, ";".join(one.platforms)) for one in caveats)]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        workbook = _Workbook(package)
        for number in range(1, max(-(-cells.count // rows_per_sheet), 1) + 1):
            name = "Report" if number == 1 else f"Report {number}"
            workbook.add(name, cells.columns, widths, itertools.islice(rows, rows_per_sheet))
        workbook.add("Caveats", _CAVEATS, [28, 110, 40], told)
        workbook.finish()


class _Workbook:
    """Writes sheets one behind the other, holding nothing but the different texts and days."""

    def __init__(self, package: zipfile.ZipFile) -> None:
        self._package = package
        self._texts = SharedTexts()
        self._days = Days(self._texts)
        self._sheets: list[str] = []

    def add(self, name: str, columns: Sequence[Column], widths: Sequence[int], rows: Iterable[Sequence[Any]]) -> None:
        """A sheet with a heading."""
        self._sheets.append(name)
        template = spreadsheetml.row_template(len(columns))
        heading = template % (1, *(self._texts.heading(column.name) for column in columns))
        cells = [self._cell(column) for column in columns]
        numbers = itertools.count(2)
        with self._package.open(f"xl/worksheets/sheet{len(self._sheets)}.xml", "w") as part:
            part.write((spreadsheetml.sheet_start(widths) + heading).encode())
            for batch in _batches(rows):
                made = [list(map(cell, column)) for cell, column in zip(cells, zip(*batch, strict=True), strict=True)]
                lines = [template % row for row in zip(itertools.islice(numbers, len(batch)), *made, strict=True)]
                part.write("".join(lines).encode())
            part.write(spreadsheetml.SHEET_END.encode())

    def finish(self) -> None:
        """The parts that name the others."""
        sheets = len(self._sheets)
        self._package.writestr("xl/sharedStrings.xml", self._texts.part())
        self._package.writestr("xl/styles.xml", spreadsheetml.STYLES)
        self._package.writestr("xl/workbook.xml", spreadsheetml.workbook_part(self._sheets))
        self._package.writestr("xl/_rels/workbook.xml.rels", spreadsheetml.workbook_relations(sheets))
        self._package.writestr("_rels/.rels", spreadsheetml.PACKAGE_RELATIONS)
        self._package.writestr("[Content_Types].xml", spreadsheetml.content_types(sheets))

    def _cell(self, column: Column) -> Callable[[Any], str]:
        known: Mapping[str, Callable[[Any], str]] = {
            "VARCHAR": self._texts.__getitem__,
            "DATE": self._days.__getitem__,
            "BOOLEAN": FLAGS.__getitem__,
        }
        return known.get(column.type, number_cell)


def _rows(cells: TidyCells) -> Iterator[tuple[Any, ...]]:
    for selection in cells.selections(_expression):
        cells.connection.execute(selection)
        while batch := cells.connection.fetchmany(_ROWS_AT_ONCE):
            yield from batch


def _expression(column: Column) -> str:
    """Numbers as spreadsheets hold them; decimals would take five times as long."""
    return f'"{column.name}"' + ("::DOUBLE" if column.is_number else "")


def _batches(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    waiting = iter(rows)
    while batch := list(itertools.islice(waiting, _ROWS_AT_ONCE)):
        yield batch
