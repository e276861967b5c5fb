"""Reports as CSV (RFC 4180): UTF-8 with a mark for Excel, lines that end in CRLF, and no text that is a formula."""

import codecs
import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from gateway.statistics.exports.tidy import FORMULA_STARTS, Column, TidyCells
from gateway.statistics.reports import Caveat

_STARTS = ", ".join(str(code) for code in sorted(map(ord, FORMULA_STARTS)))


def write_csv(cells: TidyCells, path: Path, _caveats: Sequence[Caveat], _as_of: datetime) -> None:
    """Write all cells; DuckDB writes them part by part, because it would sort them in memory as a whole."""
    part = path.with_name(f"{path.name}.part")
    header = ",".join(column.name for column in cells.columns)
    try:
        with path.open("wb") as whole:
            whole.write(codecs.BOM_UTF8 + header.encode() + b"\r\n")
            for selection in cells.selections(_expression):
                cells.connection.execute(
                    f"COPY ({selection}) TO $target (FORMAT csv, HEADER false, NEW_LINE '\\r\\n')",
                    {"target": str(part)},
                )
                with part.open("rb") as written:
                    shutil.copyfileobj(written, whole, 1 << 20)
    finally:
        part.unlink(missing_ok=True)


def _expression(column: Column) -> str:
    """Text as it is, with an apostrophe before what would be a formula; numbers without zeros that say nothing."""
    name = f'"{column.name}"'
    if column.is_text:
        return f"CASE WHEN unicode({name}) IN ({_STARTS}) THEN '''' || {name} ELSE {name} END"
    if not column.decimals:
        return name
    text, whole = f"{name}::VARCHAR", f"'.{'0' * column.decimals}'"
    return f"CASE WHEN suffix({text}, {whole}) THEN left({text}, -{column.decimals + 1}) ELSE rtrim({text}, '0') END"
