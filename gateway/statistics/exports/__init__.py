"""Reports as files: every cell in a row of its own, with what its number is worth beside it.

All formats hold the same cells in the same order; CSV and Parquet keep exact decimals, XLSX the fifteen digits that
spreadsheets know. Caveats travel with Parquet as metadata and with XLSX as a sheet; CSV has no place for them.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import duckdb

from gateway.statistics.exports.csv_files import write_csv
from gateway.statistics.exports.parquet import write_parquet
from gateway.statistics.exports.tidy import TidyCells
from gateway.statistics.exports.workbooks import write_xlsx
from gateway.statistics.reports import Caveat, ExportFormat

__all__ = ["write_export"]

Writer = Callable[[TidyCells, Path, Sequence[Caveat], datetime], None]
_WRITERS: Mapping[ExportFormat, Writer] = {
    ExportFormat.CSV: write_csv,
    ExportFormat.PARQUET: write_parquet,
    ExportFormat.XLSX: write_xlsx,
}


def write_export(
    connection: duckdb.DuckDBPyConnection,
    file_format: ExportFormat,
    path: Path,
    caveats: Sequence[Caveat],
    as_of: datetime,
) -> None:
    """Write the cells of the connection's view `tidy` to a new file; blocks, and makes scratch files beside it.

    The view is asked for one range of `row_number` after the other, so that memory stays flat: a range must be cheap to
    find. Raises OSError and `duckdb.Error` where the disk is full or the view is not as described in `TidyCells`.
    """
    _WRITERS[file_format](TidyCells(connection), path, caveats, as_of)
