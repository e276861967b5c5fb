"""CSV: separators, quotes, encodings, headers, and broken lines that stay alone."""

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.errors import Malformed
from connectors.files.lines import LONGEST
from tests.connectors.files.reading import entries, read

ROWS = [{"编号": "1", "名称": "勾股定理"}, {"编号": "2", "名称": "二次函数"}]
TEXT = "编号,名称\r\n1,勾股定理\r\n2,二次函数\r\n"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", " ", "，"])
@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r"])
def test_any_separator_and_line_break_is_read(separator: str, ending: str) -> None:
    text = TEXT.replace(",", separator).replace("\r\n", ending)
    assert read({"kind": "csv", "separator": separator}, text.encode()) == (ROWS, [])
    assert read({"kind": "csv", "separator": separator}, text.removesuffix(ending).encode()) == (ROWS, [])


@pytest.mark.parametrize("packed", ["utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("declared", [None, "gb18030", "utf-8"])
def test_a_byte_order_mark_says_the_encoding_whatever_was_declared(packed: str, declared: str | None) -> None:
    assert read("csv", TEXT.encode(packed), encoding=declared) == (ROWS, [])


@pytest.mark.parametrize(
    ("packed", "declared"),
    [("gb18030", "gb18030"), ("utf-16-le", "utf-16"), ("utf-16-be", "utf-16-be"), ("big5", "big5")],
)
def test_a_declared_encoding_is_used_where_there_is_no_mark(packed: str, declared: str) -> None:
    text = TEXT if packed != "big5" else "編號,名稱\n1,勾股定理\n"
    rows = ROWS if packed != "big5" else [{"編號": "1", "名稱": "勾股定理"}]
    assert read("csv", text.encode(packed), encoding=declared) == (rows, [])
    if packed == "gb18030":
        assert read("csv", b"\x84\x31\x95\x33" + text.encode(packed)) == (ROWS, [])


def test_quoted_values_hold_separators_quotes_and_line_breaks() -> None:
    body = b'id,text\r\n1,"a,b"\r\n2,"say ""hi"""\r\n3,"two\r\nlines"\r\n4,plain "quotes" inside\r\n'
    assert read("csv", body) == (
        [
            {"id": "1", "text": "a,b"},
            {"id": "2", "text": 'say "hi"'},
            {"id": "3", "text": "two\r\nlines"},
            {"id": "4", "text": 'plain "quotes" inside'},
        ],
        [],
    )
    assert read({"kind": "csv", "quote": "'"}, b"id,text\n1,'a,\"b'\n") == ([{"id": "1", "text": 'a,"b'}], [])
    assert read({"kind": "csv", "quote": None}, b'id,text\n1,"a\n') == ([{"id": "1", "text": '"a'}], [])


@pytest.mark.parametrize("body", [b"", b"\n\n", b"\xef\xbb\xbf", b"\xff\xfe", b"id,title\n", b"id,title\r\n\r\n"])
def test_an_empty_file_and_a_header_alone_hold_nothing(body: bytes) -> None:
    assert entries("csv", body) == []


def test_what_stands_before_and_between_records_is_passed_over() -> None:
    body = "导出时间：2025-11-03\n共2条\n# 说明\n编号,名称\n1,甲\n\n# 中断\n,\n2,乙\n".encode()
    spec = {"kind": "csv", "skip": 2, "comment": "#"}
    assert read(spec, body) == ([{"编号": "1", "名称": "甲"}, {"编号": "2", "名称": "乙"}], [])


def test_columns_without_a_name_of_their_own_are_numbered() -> None:
    assert read("csv", b"id,note,,note,\n1,2,3,4,5\n")[0] == [
        {"id": "1", "note": "2", "column_3": "3", "note_2": "4", "column_5": "5"}
    ]
    assert read("csv", b"a,a_2,a\n1,2,3\n")[0] == [{"a": "1", "a_2": "2", "a_3": "3"}]


def test_names_may_be_given_where_there_is_no_header() -> None:
    assert read({"kind": "csv", "header": ["id", "title"]}, b"1,a\n2,b\n")[0] == [
        {"id": "1", "title": "a"},
        {"id": "2", "title": "b"},
    ]
    assert read({"kind": "csv", "header": False}, b"1,a\n")[0] == [{"column_1": "1", "column_2": "a"}]


def told(broken: list[Any]) -> list[tuple[int | None, str | None, str | None, str]]:
    """Line, expected, found and raw text of broken lines."""
    return [(one.finding.line, one.finding.expected, one.finding.found, one.raw) for one in broken]


def test_a_line_with_too_few_or_too_many_columns_stays_alone() -> None:
    records, broken = read("csv", b"id,title\n1,a\n2\n3,b,c\n4,d\n", name="lessons.csv")
    assert [record["id"] for record in records] == ["1", "4"]
    assert told(broken) == [(3, "2 columns", "1 column", "2\n"), (4, "2 columns", "3 columns", "3,b,c\n")]
    assert [one.finding.code for one in broken] == ["file.line"] * 2
    assert broken[0].finding.message == "lessons.csv, line 3: 1 column where 2 were due"


def test_a_record_of_several_lines_with_too_few_columns_is_one_broken_piece() -> None:
    records, broken = read("csv", b'id,title,n\n1,"a\nb"\n2,c,3\n')
    assert [record["id"] for record in records] == ["2"]
    assert told(broken) == [(2, "3 columns", "2 columns", '1,"a\nb"\n')]


@pytest.mark.parametrize("after", ["", "x", '"', "5,plain\n" * 3000])
def test_a_quote_that_is_never_closed_costs_its_line_only(after: str) -> None:
    lines = "".join(f"{number},title {number}\n" for number in range(2, 1500))
    records, broken = read("csv", f'id,title\n1,"open\n{lines}{after}'.encode())
    assert [record["id"] for record in records][:1498] == [str(number) for number in range(2, 1500)]
    assert told(broken)[0] == (2, "2 columns", None, '1,"open\n')
    assert len(broken) == (2 if after in ("x", '"') else 1)


def test_text_after_a_closing_quote_costs_its_line_only() -> None:
    records, broken = read("csv", b'id,title\n1,"a"b\n2,"c"\n3,"open\n4,"d\nd"\n')
    assert records == [{"id": "2", "title": "c"}, {"id": "4", "title": "d\nd"}]
    assert [line for line, *_ in told(broken)] == [2, 4]


def test_a_swallowed_line_that_is_a_record_by_itself_is_read() -> None:
    records, broken = read("csv", b'id,title,n\n1,"a,2\n2,b,3\n3,c",4,5\n4,d,6\n')
    assert [record["id"] for record in records] == ["2", "4"]
    assert [line for line, *_ in told(broken)] == [2, 4]


def test_bytes_of_another_encoding_cost_their_line_only() -> None:
    body = b"id,title\n1,a\n2," + "课".encode("gb18030") + b'\n3,"x\ny\xff"\n4,b\n'
    records, broken = read("csv", body)
    assert [record["id"] for record in records] == ["1", "4"]
    assert [one.finding.message for one in broken] == [
        "f, line 3: byte 0xbf is not utf-8",
        "f, line 5: byte 0xff is not utf-8",
    ]
    assert broken[1].raw == '3,"x\ny\ufffd"\n'


def test_half_a_surrogate_pair_costs_its_line_only() -> None:
    lines = ["id,title\n", "1,a\n", "2,\ud83d\n", "3,b\n"]
    body = b"\xff\xfe" + b"".join(line.encode("utf-16-le", "surrogatepass") for line in lines)
    records, broken = read("csv", body + b"\x00")
    assert [record["id"] for record in records] == ["1", "3"]
    assert [one.finding.line for one in broken] == [3, 5]


def test_a_header_in_another_encoding_ends_the_file_with_a_hint() -> None:
    with pytest.raises(Malformed, match=r"line 1 cannot be read: byte 0xb1 is not utf-8; .* \(encoding: gb18030\)"):
        entries("csv", TEXT.encode("gb18030"))


def test_a_line_without_end_costs_itself_only() -> None:
    body = b"id,title\n1,a\n2," + b"x" * (LONGEST + 10) + b"\n3,b\n"
    records, broken = read("csv", body)
    assert [record["id"] for record in records] == ["1", "3"]
    assert [(one.finding.line, len(one.raw)) for one in broken] == [(3, 64 * 1024)]
    assert "longer than 4,194,304 bytes" in broken[0].finding.message
    assert read("csv", body[: -len(b"\n3,b\n")])[0] == [{"id": "1", "title": "a"}]


def test_a_value_without_end_costs_its_line_only() -> None:
    records, broken = read("csv", b'id,title\n1,"' + b"x" * 140_000 + b'"\n2,b\n')
    assert records == [{"id": "2", "title": "b"}]
    assert broken[0].finding.message == "f, line 2: a value is longer than 131,072 characters"


@pytest.mark.parametrize(
    "keys",
    [{"separator": ""}, {"separator": ",,"}, {"separator": '"'}, {"quote": "\n"}, {"skip": -1}, {"header": []}],
)
def test_marks_that_cannot_work_are_refused(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        entries({"kind": "csv", **keys}, b"")


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)


@given(
    table=st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=12),
    separator=st.sampled_from(",;\t|"),
    ending=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]),
)
def test_what_the_standard_library_writes_is_read_back(
    table: list[list[str]], separator: str, ending: str, encoding: str
) -> None:
    if ending == "\n":  # the writer leaves a carriage return bare, which here would be part of a line break
        table = [[cell.replace("\r", "") for cell in row] for row in table]
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=separator, lineterminator=ending)
    writer.writerow(["x", "y", "z"])
    writer.writerows(["r" + row[0], *row[1:]] for row in table)
    declared = "gb18030" if encoding == "gb18030" else None
    body = buffer.getvalue().encode(encoding)
    records, broken = read({"kind": "csv", "separator": separator}, body, encoding=declared)
    assert [list(record.values()) for record in records] == [["r" + row[0], *row[1:]] for row in table]
    assert broken == []


@given(st.binary(max_size=400), st.sampled_from(["utf-8", "gb18030", "utf-16"]))
def test_no_bytes_stop_it(body: bytes, encoding: str) -> None:
    records, broken = read({"kind": "csv", "header": ["a", "b"]}, b"1,2\n" + body, encoding=encoding)
    assert all(list(record) == ["a", "b"] for record in records)
    assert all(one.finding.line and one.finding.line <= body.count(b"\n") + body.count(b"\r") + 3 for one in broken)


@given(st.lists(st.sampled_from(['1,"a"\n', "2,b\n", '3,"c\n', 'd",4\n', '5,"e""\n', "6\n", '"",""\n']), max_size=40))
def test_every_line_is_accounted_for(lines: list[str]) -> None:
    records, broken = read({"kind": "csv", "header": ["id", "title"]}, "".join(lines).encode())
    sound = [line for line in lines if line == "2,b\n"]
    told_of = sum(one.raw.count("\n") for one in broken)
    inside = sum(value.count("\n") for record in records for value in record.values())
    empty = sum(line == '"",""\n' for line in lines)
    assert len(lines) - empty <= len(records) + inside + told_of <= len(lines)
    assert len([record for record in records if record["id"] == "2"]) <= len(sound)
