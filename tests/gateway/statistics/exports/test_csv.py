"""CSV exports: RFC 4180 with a mark for Excel, exact numbers, and no formulas."""

import csv
import io
import tempfile
from dataclasses import astuple
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.statistics.exports.csv_files import write_csv
from gateway.statistics.exports.tidy import FORMULA_STARTS, TidyCells
from gateway.statistics.reports import ExportFormat
from tests.gateway.statistics.exports.tidy import COLUMNS, NOON, NUMBERED, SOME, Cell, connection_with, exported


def read(path: Path) -> tuple[list[str], list[list[str]]]:
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    header, *rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
    return header, rows


def written(cell: Cell) -> list[str]:
    return [_text(value) for value in astuple(cell)]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        plain = f"{value:f}"
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    return "" if value is None else str(value)


def test_every_cell_is_read_back_in_order(tmp_path: Path) -> None:
    header, rows = read(exported(tmp_path, ExportFormat.CSV))
    assert header == list(COLUMNS)
    assert rows == [written(cell) for cell in SOME]


def test_lines_end_as_rfc_4180_says_and_a_missing_text_differs_from_an_empty_one(tmp_path: Path) -> None:
    data = exported(tmp_path, ExportFormat.CSV, [Cell(platforms=""), Cell(None)]).read_bytes()
    assert data.count(b"\r\n") == data.count(b"\n") == 3
    assert data.endswith(b"\r\n")
    assert b',true,""\r\n' in data
    assert b"\r\n,\xe9\x87\x8d\xe5\xba\x86" in data


@pytest.mark.parametrize("start", list("=+-@＝＋－＠\t\r\n"))
def test_text_that_a_spreadsheet_would_take_for_a_formula_is_defused(tmp_path: Path, start: str) -> None:
    label = f'{start}HYPERLINK("http://evil.example")'
    _, [row] = read(exported(tmp_path, ExportFormat.CSV, [Cell(province_label=label, platforms=start)]))
    assert (row[1], row[-1]) == (f"'{label}", f"'{start}")


def test_a_report_without_rows_is_a_header(tmp_path: Path) -> None:
    assert read(exported(tmp_path, ExportFormat.CSV, [])) == (list(COLUMNS), [])


def test_parts_follow_one_another(tmp_path: Path) -> None:
    with connection_with(NUMBERED) as connection:
        write_csv(TidyCells(connection, cells_at_once=3), tmp_path / "usage.csv", (), NOON)
    _, rows = read(tmp_path / "usage.csv")
    assert [row[9] for row in rows] == [str(number) for number in range(25)]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.builds(
            Cell,
            province=st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
            value=st.none() | st.decimals(0, 10**24, places=6),
        ),
        max_size=6,
    )
)
def test_any_text_and_number_is_read_back(cells: list[Cell]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        _, rows = read(exported(Path(folder), ExportFormat.CSV, cells))
    for row, cell in zip(rows, cells, strict=True):
        text = cell.province or ""
        assert row[0] == (f"'{text}" if text[:1] in FORMULA_STARTS else text)
        assert (Decimal(row[9]) if row[9] else None) == cell.value
