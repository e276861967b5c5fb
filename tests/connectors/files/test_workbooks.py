"""XLSX: sheets, types of cells, dates, errors, and workbooks that mean harm."""

import io
import zipfile
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from connectors.errors import Malformed
from connectors.files import workbooks
from tests.connectors.files.reading import entries, read
from tests.connectors.files.workbooks import MAIN, rows, workbook

LESSONS = rows(["编号", "名称", "时长"], [1, "勾股定理", 40.5], [2, None, 45])


def test_a_sheet_is_read_by_the_names_of_its_columns() -> None:
    assert read("xlsx", workbook(("课程", LESSONS))) == (
        [{"编号": 1, "名称": "勾股定理", "时长": 40.5}, {"编号": 2, "名称": None, "时长": 45}],
        [],
    )


def test_a_sheet_is_chosen_by_name_or_by_number() -> None:
    body = workbook(("说明", rows(["x"])), ("课程", LESSONS), ("2", rows(["id"], ["third"])))
    assert read("xlsx", body)[0] == []
    assert [len(read({"kind": "xlsx", "sheet": sheet}, body)[0]) for sheet in ("课程", 2, "2")] == [2, 2, 1]
    for sheet in ("教师", 4):
        with pytest.raises(Malformed, match=r"there is no sheet .*; it has 说明, 课程, 2"):
            entries({"kind": "xlsx", "sheet": sheet}, body)


def test_rows_before_the_header_are_skipped_by_their_numbers() -> None:
    body = workbook(("s", rows(["某某区课程表"], [], ["id", "t"], [1, "a"], [], [2, "b"])))
    assert read({"kind": "xlsx", "skip": 2}, body)[0] == [{"id": 1, "t": "a"}, {"id": 2, "t": "b"}]
    assert read({"kind": "xlsx", "skip": 3, "header": ["n", "m"]}, body)[0] == [{"n": 1, "m": "a"}, {"n": 2, "m": "b"}]


def typed(cell: str, **options: Any) -> Any:
    """The value of one cell below the header `v`."""
    body = workbook(("s", f'{rows(["v"])}<row r="2">{cell}</row>'), **options)
    [record] = entries("xlsx", body)
    return record["v"] if isinstance(record, dict) else record


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('<c t="s"><v>1</v></c>', "粗体字"),
        ('<c t="str"><f>A1&amp;"x"</f><v>算出</v></c>', "算出"),
        ('<c t="b"><v>1</v></c>', True),
        ("<c><v>12</v></c>", 12),
        ("<c><v>1E3</v></c>", 1000),
        ("<c><v>0.25</v></c>", 0.25),
        ("<c><v>9007199254740993</v></c>", 9007199254740992.0),
        ('<c t="d"><v>2024-03-05T08:00:00</v></c>', "2024-03-05T08:00:00"),
        ('<c s="1"><v>45000</v></c>', "2023-03-15"),
        ('<c s="3"><v>45000</v></c>', "2023-03-15"),
        ('<c s="2"><v>45000.5</v></c>', "2023-03-15T12:00:00"),
        ('<c s="2"><v>0.75</v></c>', "18:00:00"),
        ('<c s="5"><v>1.5</v></c>', "36:00:00"),
        ('<c s="4"><v>45000</v></c>', 45000),
        ('<c s="1"><v>1</v></c>', "1900-01-01"),
        ('<c s="1"><v>59</v></c>', "1900-02-28"),
        ('<c s="1"><v>61</v></c>', "1900-03-01"),
    ],
)
def test_a_cell_is_what_people_see_in_it(cell: str, value: Any) -> None:
    shared = "<si><t>一</t></si><si><r><t>粗体</t></r><r><t>字</t></r><rPh><t>cuti</t></rPh></si>"
    found = typed(cell, shared=shared)
    assert (found, type(found)) == (value, type(value))


def test_days_may_be_counted_from_1904() -> None:
    assert typed('<c s="1"><v>1</v></c>', top='<workbookPr date1904="1"/>') == "1904-01-02"


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ('<c t="e"><v>#DIV/0!</v></c>', "#DIV/0!"),
        ('<c t="s"><v>7</v></c>', "text 7"),
        ("<c><v>NaN</v></c>", "NaN"),
        ("<c><v>12,5</v></c>", "12,5"),
        ('<c s="1"><v>1E12</v></c>', "1E12"),
    ],
)
def test_a_cell_without_a_value_costs_its_row(cell: str, shown: str) -> None:
    found = typed(cell)
    assert (found.finding.code, found.finding.line, found.finding.found) == ("file.line", 2, shown)
    assert found.finding.message == f"f, line 2: no value in column 'v': {shown}"


def test_a_row_with_more_cells_than_columns_is_broken_and_a_shorter_one_is_not() -> None:
    records, [broken] = read("xlsx", workbook(("s", rows(["a", "b"], [1], [1, 2, 3], [4, 5]))))
    assert records == [{"a": 1, "b": None}, {"a": 4, "b": 5}]
    assert (broken.finding.expected, broken.finding.found, broken.raw) == ("2 columns", "3 columns", "[1,2,3]")


def test_cells_may_leave_their_places_out_and_stand_far_apart() -> None:
    inside = '<row><c t="str"><v>id</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    records, [broken] = read("xlsx", workbook(("s", inside)))
    assert (records, broken.finding.line, broken.finding.found) == ([], 1_048_576, "16384 columns")
    for wrong in ('<row r="1"><c r="XFE1"><v>1</v></c></row>', '<row r="1048577"><c><v>1</v></c></row>'):
        with pytest.raises(Malformed, match="there is no"):
            entries("xlsx", workbook(("s", wrong)))


@pytest.mark.parametrize("sheets", [f'<x:row xmlns:x="{MAIN}"><x:c t="str"><x:v>id</x:v></x:c></x:row>'])
def test_prefixes_do_not_matter(sheets: str) -> None:
    assert read("xlsx", workbook(("s", sheets + '<row r="2"><c><v>5</v></c></row>')))[0] == [{"id": 5}]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "is no workbook"),
        (b"PK\x03\x04 nothing", "is no workbook"),
        (b"id,title\n", "is no workbook"),
        (workbook(("s", LESSONS))[:-200], "is no workbook"),
        (workbook(("s", "<row><c>")), r"sheet1\.xml is damaged"),
        (workbook(("s", ""), parts={"xl/worksheets/sheet1.xml": "<!DOCTYPE a><a/>"}), "DOCTYPE is refused"),
        (workbook(("s", ""), parts={"xl/_rels/workbook.xml.rels": "<Relationships/>"}), "the workbook has no xl"),
    ],
)
def test_what_is_no_workbook_is_malformed(body: bytes, said: str) -> None:
    with pytest.raises(Malformed, match=said):
        entries("xlsx", body)


def test_a_bomb_is_refused_whatever_size_it_states(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MOST_AT_ONCE", 100_000)
    honest = workbook(("s", LESSONS + "<row/>" * 30_000))
    with pytest.raises(Malformed, match="at most 0 MB when unpacked"):
        entries("xlsx", honest)
    archive = zipfile.ZipFile(io.BytesIO(honest))
    size = archive.getinfo("xl/worksheets/sheet1.xml").file_size.to_bytes(4, "little")
    with pytest.raises(Malformed, match="at most 0 MB when unpacked"):
        entries("xlsx", honest.replace(size, (100).to_bytes(4, "little")))


def test_texts_that_cells_share_make_no_endless_row() -> None:
    cells = '<c t="s"><v>0</v></c>' * 50
    body = workbook(("s", rows(["id"]) + f"<row>{cells}</row>"), shared=f"<si><t>{'长' * 100_000}</t></si>")
    [broken] = entries("xlsx", body)
    assert broken.finding.message == "f, line 2: longer than 4,194,304 characters"


VALUES = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text("abc课 <&>\"'", max_size=8)


@given(st.lists(st.lists(VALUES, min_size=1, max_size=4), max_size=6))
def test_what_was_written_is_read_back(values: list[list[Any]]) -> None:
    names = ["a", "b", "c", "d"]
    records, broken = read("xlsx", workbook(("s", rows(names, *values))))
    padded = [[one if one != "" else None for one in row] + [None] * (4 - len(row)) for row in values]
    assert [list(record.values()) for record in records] == [row for row in padded if any(v is not None for v in row)]
    assert broken == []


@given(st.lists(st.lists(VALUES | st.floats(-1e6, 1e6), min_size=3, max_size=3), min_size=1, max_size=6))
def test_cells_are_what_another_reader_finds(values: list[list[Any]]) -> None:
    body = workbook(("s", rows(["a", "b", "c"], *values)))
    found = [list(record.values()) for record in read("xlsx", body)[0]]
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0)
    theirs = [[None if cell == "" else cell for cell in row] for row in sheet.to_python()[1:]]
    stripped = [[(cell.strip(" ") or None) if isinstance(cell, str) else cell for cell in row] for row in found]
    assert [row for row in stripped if any(cell is not None for cell in row)] == [
        row + [None] * (3 - len(row)) for row in theirs if any(cell is not None for cell in row)
    ]


@pytest.mark.parametrize("style", ["1", "2", "3", "4"])
@given(number=st.integers(61, 80_000) | st.floats(61, 80_000).map(lambda days: round(days * 86_400) / 86_400))
def test_dates_are_what_another_reader_finds(style: str, number: float) -> None:
    body = workbook(("s", f'{rows(["v"])}<row r="2"><c r="A2" s="{style}"><v>{number!r}</v></c></row>'))
    [record] = entries("xlsx", body)
    [_, [theirs]] = CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0).to_python()
    if isinstance(theirs, datetime):
        theirs = (theirs + timedelta(milliseconds=500)).replace(microsecond=0)
    assert record["v"] == (theirs.isoformat() if isinstance(theirs, date) else theirs)
