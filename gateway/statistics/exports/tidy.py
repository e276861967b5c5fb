"""The cells of a report as exports read them: in order, a few thousand at a time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import duckdb

CELLS_AT_ONCE = 40_000
"""Cells that are sorted and held together, which takes some 40 MB; a million at once take 300 MB."""
FORMULA_STARTS = frozenset("=+-@＝＋－＠\t\r\n")
"""First characters by which spreadsheets take text for a formula; those in Chinese read the wide ones alike."""
_PLACES = ("row_number", "measure_number")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the export; `type` is DuckDB's name of what it holds, such as VARCHAR or DECIMAL(38,6)."""

    name: str
    type: str

    @property
    def is_text(self) -> bool:
        """Whether it holds text, which a spreadsheet may take for a formula."""
        return self.type == "VARCHAR"

    @property
    def decimals(self) -> int:
        """How many decimals DuckDB writes of its numbers, zeros included."""
        return int(self.type[:-1].rpartition(",")[2]) if self.type.startswith("DECIMAL") else 0

    @property
    def is_number(self) -> bool:
        """Whether it is neither text, nor a day, nor yes or no."""
        return self.type not in ("VARCHAR", "DATE", "BOOLEAN")


class TidyCells:
    """The view `tidy` of a connection that one thread uses: one row for each cell.

    It is ordered by `row_number`, which counts the rows of the report without gaps, and `measure_number`; neither is
    exported. Every other column is, in the order of the view.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, cells_at_once: int = CELLS_AT_ONCE) -> None:
        self.connection = connection
        self._at_once = cells_at_once
        described = connection.execute("DESCRIBE tidy").fetchall()
        self.columns = tuple(Column(name, kind) for name, kind, *_ in described if name not in _PLACES)
        extent = "SELECT min(row_number), max(row_number), count(*) FROM tidy"
        [(self._first, self._last, self.count)] = connection.execute(extent).fetchall()

    def selections(self, expression: Callable[[Column], str]) -> Iterator[str]:
        """Queries, at least one, whose answers are all cells in order; `expression` makes SQL of a column."""
        shown = ", ".join(f'{expression(column)} AS "{column.name}"' for column in self.columns)
        first, last = (self._first, self._last) if self.count else (1, 1)
        step = max(self._at_once * (last - first + 1) // max(self.count, 1), 1)
        for start in range(first, last + 1, step):
            yield (
                f"SELECT {shown} FROM tidy WHERE row_number >= {start} AND row_number < {start + step}"
                f" ORDER BY {', '.join(_PLACES)}"
            )


def as_it_is(column: Column) -> str:
    """The column itself."""
    return f'"{column.name}"'
