"""Parquet exports: typed, exact, in order, and with what a reader must know."""

from dataclasses import astuple
from datetime import datetime
from pathlib import Path

import duckdb
import orjson

from gateway.statistics.exports.parquet import write_parquet
from gateway.statistics.exports.tidy import TidyCells
from gateway.statistics.reports import ExportFormat
from tests.gateway.statistics.exports.tidy import (
    CAVEATS,
    COLUMNS,
    NOON,
    NUMBERED,
    SOME,
    Cell,
    connection_with,
    exported,
)


def test_every_cell_is_read_back_in_order_and_type(tmp_path: Path) -> None:
    path = exported(tmp_path, ExportFormat.PARQUET)
    found = duckdb.read_parquet(str(path))
    assert dict(zip(found.columns, map(str, found.types), strict=True)) == COLUMNS
    assert found.fetchall() == [astuple(cell) for cell in SOME]


def test_caveats_and_the_moment_are_in_the_metadata(tmp_path: Path) -> None:
    path = exported(tmp_path, ExportFormat.PARQUET)
    rows = duckdb.execute("SELECT decode(key), decode(value) FROM parquet_kv_metadata($1)", [str(path)]).fetchall()
    told = dict(rows)
    assert datetime.fromisoformat(told["as_of"]) == NOON
    assert orjson.loads(told["caveats"]) == [
        {"code": one.code, "message": one.message, "platforms": list(one.platforms)} for one in CAVEATS
    ]


def test_formulas_stay_text_as_they_are(tmp_path: Path) -> None:
    path = exported(tmp_path, ExportFormat.PARQUET, [Cell(province_label="=1+1")])
    assert duckdb.read_parquet(str(path)).fetchall()[0][1] == "=1+1"


def test_a_report_without_rows_has_its_columns(tmp_path: Path) -> None:
    found = duckdb.read_parquet(str(exported(tmp_path, ExportFormat.PARQUET, [], ())))
    assert (found.columns, found.fetchall()) == (list(COLUMNS), [])


def test_parts_follow_one_another(tmp_path: Path) -> None:
    with connection_with(NUMBERED) as connection:
        write_parquet(TidyCells(connection, cells_at_once=3), tmp_path / "usage.parquet", (), NOON)
    found = duckdb.read_parquet(str(tmp_path / "usage.parquet"))
    assert [row[9] for row in found.fetchall()] == list(range(25))
