"""The view `tidy` with cells of a test, and the same cells as a spreadsheet shows them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb

from gateway.statistics.exports import write_export
from gateway.statistics.reports import Caveat, ExportFormat

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
CAVEATS = (
    Caveat("NESTED_REGION_LEFT_OUT", "渝中 lies in 重庆; \"a\" & <b>, it's 'left' out", ("yuzhong", "chongqing")),
    Caveat("INCOMPLETE", "some days are missing", ()),
)
COLUMNS = {
    "province": "VARCHAR",
    "province_label": "VARCHAR",
    "period_from": "DATE",
    "period_to": "DATE",
    "measure": "VARCHAR",
    "measure_name": "VARCHAR",
    "unit": "VARCHAR",
    "status": "VARCHAR",
    "method": "VARCHAR",
    "value": "DECIMAL(38,6)",
    "lower": "DECIMAL(38,6)",
    "upper": "DECIMAL(38,6)",
    "qualifier": "VARCHAR",
    "as_of": "DATE",
    "complete": "BOOLEAN",
    "platforms": "VARCHAR",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One row of an export."""

    province: str | None = "500000"
    province_label: str | None = "重庆市"
    period_from: date = date(2026, 3, 1)
    period_to: date = date(2026, 3, 31)
    measure: str = "views"
    measure_name: str = "浏览"
    unit: str = "人次"
    status: str = "OK"
    method: str = "SUM"
    value: Decimal | None = Decimal("14280")
    lower: Decimal | None = Decimal("14280")
    upper: Decimal | None = Decimal("14280")
    qualifier: str | None = "EXACT"
    as_of: date | None = date(2026, 3, 30)
    complete: bool = True
    platforms: str = "chongqing;yuzhong"


SOME = (
    Cell(),
    Cell(measure="active_teachers", unit="人", value=None, lower=Decimal("120"), upper=Decimal("300.5"),
         qualifier="BETWEEN", method="BOUNDS", complete=False),
    Cell("510000", "四川省", status="SUPPRESSED", value=None, lower=None, upper=None, qualifier=None, as_of=None),
    Cell("510000", "四川省", measure="active_teachers", value=Decimal("0.000001"), lower=Decimal("0"),
         upper=Decimal("12345678901234.5")),
    Cell(None, "跨省，\"未注明\"\n第二行", status="NOT_PUBLISHED", value=None, lower=None, upper=None, platforms=""),
    Cell("370000", "山东省", date(1, 1, 1), date(9999, 12, 31), value=Decimal("1000"), method="LAST"),
)  # fmt: skip
"""Every kind of cell: two measures in each of three rows."""
NUMBERED = tuple(Cell(value=Decimal(number)) for number in range(25))


@contextmanager
def connection_with(cells: Sequence[Cell], measures: int = 2) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection whose view `tidy` has these cells, in rows of so many measures, stored in another order."""
    names = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    with duckdb.connect(config={"preserve_insertion_order": False, "threads": 2}) as connection:
        connection.execute(f"CREATE TEMP TABLE cells (row_number BIGINT, measure_number BIGINT, {names})")
        stored = connection.table("cells")
        for number, cell in reversed(list(enumerate(cells))):
            stored.insert([1 + number // measures, number % measures, *astuple(cell)])
        connection.execute("CREATE TEMP VIEW tidy AS SELECT * FROM cells")
        yield connection


def exported(
    folder: Path, file_format: ExportFormat, cells: Sequence[Cell] = SOME, caveats: Sequence[Caveat] = CAVEATS
) -> Path:
    """The file of these cells, alone in its folder."""
    path = folder / f"usage.{file_format.lower()}"
    with connection_with(cells) as connection:
        write_export(connection, file_format, path, caveats, NOON)
    assert [one.name for one in folder.iterdir()] == [path.name], "nothing is left beside it"
    return path
