"""XLSX exports: sheets that spreadsheets read, numbers and days that stay such, and text that is no formula."""

import resource
import tempfile
import zipfile
from dataclasses import astuple
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from python_calamine import CalamineWorkbook

from gateway.statistics.exports.tidy import TidyCells
from gateway.statistics.exports.workbooks import LONGEST_TEXT, write_xlsx
from gateway.statistics.reports import Caveat, ExportFormat
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

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def read(path: Path, sheet: str = "Report") -> list[list[Any]]:
    return CalamineWorkbook.from_path(path).get_sheet_by_name(sheet).to_python()


def shown(cell: Cell) -> list[Any]:
    return [_value(value) for value in astuple(cell)]


def _value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date) and value < date(1900, 3, 1):
        return value.isoformat()
    return "" if value is None else value


def test_every_cell_is_read_back_in_order_and_kind(tmp_path: Path) -> None:
    header, *rows = read(exported(tmp_path, ExportFormat.XLSX))
    assert header == list(COLUMNS)
    assert rows == [shown(cell) for cell in SOME]
    assert [type(value) for value in rows[0][9:]] == [float, float, float, str, date, bool, str]


def test_caveats_have_a_sheet_of_their_own(tmp_path: Path) -> None:
    path = exported(tmp_path, ExportFormat.XLSX)
    assert CalamineWorkbook.from_path(path).sheet_names == ["Report", "Caveats"]
    assert read(path, "Caveats") == [
        ["code", "message", "platforms"],
        ["AS_OF", NOON.isoformat(), ""],
        *([one.code, one.message, ";".join(one.platforms)] for one in CAVEATS),
    ]


def test_rows_that_do_not_fit_continue_on_further_sheets(tmp_path: Path) -> None:
    path = tmp_path / "usage.xlsx"
    with connection_with(NUMBERED[:9]) as connection:
        write_xlsx(TidyCells(connection), path, (), NOON, rows_per_sheet=4)
    assert CalamineWorkbook.from_path(path).sheet_names == ["Report", "Report 2", "Report 3", "Caveats"]
    sheets = [read(path, name) for name in ("Report", "Report 2", "Report 3")]
    assert [[row[9] for row in rows[1:]] for rows in sheets] == [[0, 1, 2, 3], [4, 5, 6, 7], [8]]
    assert {tuple(rows[0]) for rows in sheets} == {tuple(COLUMNS)}


def test_a_full_last_sheet_is_not_followed_by_an_empty_one(tmp_path: Path) -> None:
    path = tmp_path / "usage.xlsx"
    with connection_with([SOME[0]] * 8) as connection:
        write_xlsx(TidyCells(connection), path, (), NOON, rows_per_sheet=4)
    assert CalamineWorkbook.from_path(path).sheet_names == ["Report", "Report 2", "Caveats"]


def test_text_that_looks_like_a_formula_or_a_link_is_text_and_marked(tmp_path: Path) -> None:
    labels = [
        "=1+1",
        "=HYPERLINK(1)",
        "{=1}",
        "+1",
        "-1",
        "@SUM",
        "＝1",
        "\t=1",
        "http://a.example",
        "mailto:a@b.example",
    ]
    caveats = [Caveat("=1+1", "=1+1", ("http://a.example",))]
    path = exported(tmp_path, ExportFormat.XLSX, [Cell(province_label=label) for label in labels], caveats)
    assert [row[1] for row in read(path)[1:]] == labels
    assert read(path, "Caveats")[2] == ["=1+1", "=1+1", "http://a.example"]
    with zipfile.ZipFile(path) as package:
        assert [name for name in package.namelist() if name.startswith("xl/worksheets/_rels")] == []
        sheets = [etree.fromstring(package.read(f"xl/worksheets/sheet{number}.xml")) for number in (1, 2)]
        styles = etree.fromstring(package.read("xl/styles.xml"))
    assert [list(sheet.iter(f"{MAIN}f", f"{MAIN}hyperlink")) for sheet in sheets] == [[], []]
    formats = [one.get("quotePrefix") for one in styles.findall(f"{MAIN}cellXfs/{MAIN}xf")]
    marked = [formats[int(row[1].get("s", "0"))] for sheet in sheets for row in list(sheet.iter(f"{MAIN}row"))[1:]]
    assert marked == ["1"] * 12


def test_the_heading_stays_in_sight(tmp_path: Path) -> None:
    with zipfile.ZipFile(exported(tmp_path, ExportFormat.XLSX)) as package:
        sheets = [etree.fromstring(package.read(f"xl/worksheets/sheet{number}.xml")) for number in (1, 2)]
    panes = [pane for sheet in sheets for pane in sheet.iter(f"{MAIN}pane")]
    assert [(pane.get("ySplit"), pane.get("state")) for pane in panes] == [("1", "frozen")] * 2


def test_a_text_longer_than_a_cell_is_cut_visibly(tmp_path: Path) -> None:
    labels = ["长" * LONGEST_TEXT, "长" * (LONGEST_TEXT + 1)]
    caveats = [Caveat("INCOMPLETE", "长" * 40_000, ())]
    path = exported(tmp_path, ExportFormat.XLSX, [Cell(province_label=label) for label in labels], caveats)
    cut = "长" * (LONGEST_TEXT - 1) + "…"
    assert [row[1] for row in read(path)[1:]] == [labels[0], cut]
    assert read(path, "Caveats")[2][1] == cut


def test_a_report_without_rows_is_a_header(tmp_path: Path) -> None:
    assert read(exported(tmp_path, ExportFormat.XLSX, [])) == [list(COLUMNS)]


def test_parts_follow_one_another(tmp_path: Path) -> None:
    with connection_with(NUMBERED) as connection:
        write_xlsx(TidyCells(connection, cells_at_once=3), tmp_path / "usage.xlsx", (), NOON)
    assert [row[9] for row in read(tmp_path / "usage.xlsx")[1:]] == list(range(25))


def test_a_folder_for_temporary_files_that_is_missing_is_an_os_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "missing"))
    with pytest.raises(OSError, match="the workbook cannot be written"):
        exported(tmp_path, ExportFormat.XLSX)
    assert list(tmp_path.iterdir()) == []


def test_temporary_files_without_room_are_an_os_error(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, hard))
    try:
        with pytest.raises(OSError, match="the workbook cannot be written"):
            exported(tmp_path, ExportFormat.XLSX, NUMBERED * 10)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []


def test_an_error_while_cells_are_read_is_raised_as_it_is(tmp_path: Path) -> None:
    with connection_with(NUMBERED) as connection:
        connection.execute(
            "CREATE OR REPLACE TEMP VIEW tidy AS SELECT *"
            " REPLACE (CASE WHEN row_number > 9 THEN error('gone') ELSE unit END AS unit) FROM cells"
        )
        with pytest.raises(duckdb.Error, match="gone"):
            write_xlsx(TidyCells(connection, cells_at_once=3), tmp_path / "usage.xlsx", (), NOON)
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1), max_size=6))
def test_any_text_is_read_back(texts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        rows = read(exported(Path(folder), ExportFormat.XLSX, [Cell(province_label=text) for text in texts]))[1:]
    assert [row[1] for row in rows] == texts
