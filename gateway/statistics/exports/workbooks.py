"""Reports as XLSX: as many sheets of cells as they need, and a sheet of caveats.

The library writes text as text, never as a formula or a link, and keeps rows in files of the system's folder for
temporary files, not in memory. Text is marked as such, so that nothing becomes a formula when somebody edits it.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from rustpy_xlsxwriter import FastExcel, Format

from gateway.statistics.exports.tidy import Column, TidyCells
from gateway.statistics.reports import Caveat

ROWS_PER_SHEET = 1_048_575
"""Rows below the heading."""
LONGEST_TEXT = 32_767
"""Characters that a cell may hold."""
_ROWS_AT_ONCE = 2_000
_WIDTHS: Mapping[str, float] = {"VARCHAR": 20, "DATE": 12, "BOOLEAN": 10}
_CAVEAT_WIDTHS: Mapping[str, float] = {"code": 28, "message": 110, "platforms": 40}
_FIRST_TRUE_DAY = "DATE '1900-03-01'"
"""Spreadsheets count the days before it wrongly."""
_DAY_OR_TEXT = "UNION(day DATE, text VARCHAR)"


def write_xlsx(
    cells: TidyCells,
    path: Path,
    caveats: Sequence[Caveat],
    as_of: datetime,
    rows_per_sheet: int = ROWS_PER_SHEET,
) -> None:
    """Write all cells, then the caveats with the moment up to which facts were seen.

    Raises OSError where the disk or the folder for temporary files is full, and `duckdb.Error`.
    """
    marked, day = Format().set_quote_prefix(), Format().set_num_format("yyyy-mm-dd")
    by_type = {"VARCHAR": marked, "DATE": day}
    formats = {column.name: by_type[column.type] for column in cells.columns if column.type in by_type}
    widths = {column.name: _WIDTHS.get(column.type, 14) for column in cells.columns}
    records = _records(cells)
    workbook = FastExcel(path).freeze(row=1).format(bold_headers=True)
    for number in range(1, max(-(-cells.count // rows_per_sheet), 1) + 1):
        name = "Report" if number == 1 else f"Report {number}"
        rows = itertools.islice(records, rows_per_sheet)
        workbook.sheet(name, rows, column_widths=widths, column_formats=formats)
    told = [_told("AS_OF", as_of.isoformat()), *(_told(one.code, one.message, one.platforms) for one in caveats)]
    told_formats = dict.fromkeys(_CAVEAT_WIDTHS, marked)
    workbook.sheet("Caveats", told, column_widths=dict(_CAVEAT_WIDTHS), column_formats=told_formats)
    _save(workbook)


def _save(workbook: FastExcel) -> None:
    """The library panics where its temporary files have no room, and that is no Exception."""
    try:
        workbook.save()
    except BaseException as error:
        if isinstance(error, RuntimeError) or type(error).__name__ == "PanicException":
            raise OSError(f"the workbook cannot be written: {error}") from error
        raise


def _records(cells: TidyCells) -> Iterator[dict[str, Any]]:
    """The cells, or an empty one, because the library takes the heading from the first.

    All are the same dictionary: the library has written one before it asks for the next.
    """
    early = _early_columns(cells)
    record = dict.fromkeys(column.name for column in cells.columns)
    if not cells.count:
        yield record
    for selection in cells.selections(lambda column: _expression(column, column.name in early)):
        cells.connection.execute(selection)
        while batch := cells.connection.fetchmany(_ROWS_AT_ONCE):
            for row in batch:
                record.update(zip(record, row, strict=True))
                yield record


def _early_columns(cells: TidyCells) -> frozenset[str]:
    """Columns with a day that spreadsheets count wrongly."""
    names = [column.name for column in cells.columns if column.type == "DATE"]
    if not names:
        return frozenset()
    found = ", ".join(f'min("{name}") < {_FIRST_TRUE_DAY}' for name in names)
    [flags] = cells.connection.execute(f"SELECT {found} FROM tidy").fetchall()
    return frozenset(name for name, early in zip(names, flags, strict=True) if early)


def _expression(column: Column, early: bool) -> str:
    """Numbers as spreadsheets hold them, text that fits, and days; those that are counted wrongly become text."""
    name = f'"{column.name}"'
    if column.is_text:
        return f"CASE WHEN length({name}) > {LONGEST_TEXT} THEN left({name}, {LONGEST_TEXT - 1}) || '…' ELSE {name} END"
    if early:
        text, day = f"{name}::VARCHAR::{_DAY_OR_TEXT}", f"{name}::{_DAY_OR_TEXT}"
        return f"CASE WHEN {name} < {_FIRST_TRUE_DAY} THEN {text} ELSE {day} END"
    return f"{name}::DOUBLE" if column.is_number else name


def _told(code: str, message: str, platforms: Sequence[str] = ()) -> dict[str, str]:
    texts = (code, message, ";".join(platforms))
    fitting = (text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…" for text in texts)
    return dict(zip(_CAVEAT_WIDTHS, fitting, strict=True))
