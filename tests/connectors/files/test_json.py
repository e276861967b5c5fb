"""JSON, JSON Lines and concatenated JSON: what is whole is read, what is broken stays alone."""

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import Malformed
from tests.connectors.files.reading import entries, read

ROWS = [{"id": 1, "title": "勾股定理"}, {"id": 2, "title": "二次函数"}]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.lists(st.dictionaries(st.text(max_size=4), VALUES, max_size=4), max_size=6)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_a_document_is_read_in_its_encoding(encoding: str) -> None:
    declared = "gb18030" if encoding == "gb18030" else None
    body = json.dumps({"data": {"行": ROWS}}, ensure_ascii=False).encode(encoding)
    assert read({"kind": "json", "records": "data.行"}, body, encoding=declared) == (ROWS, [])


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "no JSON"),
        (b"{", "no JSON"),
        (b"{}", "holds an object at '@'"),
        (b"null", "holds nothing at '@'"),
        (b"[1,\xff]", r"byte 0xff is not utf-8 \(line 1\)"),
    ],
)
def test_a_document_without_a_list_of_records_is_malformed(body: bytes, said: str) -> None:
    with pytest.raises(Malformed, match=said):
        entries("json", body)


def test_of_a_list_that_is_cut_off_the_whole_records_are_read() -> None:
    text = '[\n {"id": 1, "t": "[{"},\n {"id": 2},\n {"id": 3, "t": "ab'
    records, [rest] = read("json", text.encode())
    assert records == [{"id": 1, "t": "[{"}, {"id": 2}]
    assert (rest.raw, rest.finding.code, rest.finding.line) == ('{"id": 3, "t": "ab', "file.line", 4)
    assert read("json", b"[")[0] == []
    assert len(read("json", b'[{"id": 1}')[1]) == 1


def test_a_document_nested_without_measure_is_broken_and_no_crash() -> None:
    records, broken = read("json", b'[{"id": 1}, ' + b"[" * 100_000)
    assert (records, len(broken)) == ([{"id": 1}], 1)
    records, broken = read("concatenatedJson", b'{"id": 1}\n' + b"[" * 100_000 + b'\n{"id": 2}')
    assert (records, len(broken)) == ([{"id": 1}], 1)


def test_a_broken_line_stays_alone() -> None:
    body = b'{"id": 1}\r\n\n{"id": \n{"id": NaN}\n{"id": "\xff"}\n{"id": 2}'
    records, broken = read("jsonLines", body, name="a.jsonl")
    assert records == [{"id": 1}, {"id": 2}]
    assert [(one.finding.code, one.finding.line) for one in broken] == [("file.line", n) for n in (3, 4, 5)]
    assert broken[2].finding.message == "a.jsonl, line 5: byte 0xff is not utf-8"


def test_lines_may_be_in_another_encoding() -> None:
    body = b"".join(json.dumps(row, ensure_ascii=False).encode("gb18030") + b"\n" for row in ROWS)
    assert read("jsonLines", body, encoding="gb18030") == (ROWS, [])


@pytest.mark.parametrize("between", ["", "\n", " ", ",\n", "\x1e", "\r\n\r\n"])
@pytest.mark.parametrize("indent", [None, 2])
def test_values_follow_one_another_with_anything_between(between: str, indent: int | None) -> None:
    text = between.join(json.dumps(row, indent=indent) for row in ROWS)
    assert read("concatenatedJson", text.encode()) == (ROWS, [])


def test_after_a_broken_value_reading_goes_on_at_the_next_line_that_begins_one() -> None:
    text = '{"id": 1}\n{"id": 2, "t": "cut\n{"id": 3}\noops\n{\n  "id": 4,\n}\n{"id": 5}{"id": NaN}\n[6]\n{"id": 7'
    records, broken = read("concatenatedJson", text.encode())
    assert records == [{"id": 1}, {"id": 3}, {"id": 5}, [6]]
    assert [(one.finding.line, one.raw) for one in broken] == [
        (2, '{"id": 2, "t": "cut\n'),
        (4, "oops\n"),
        (5, '{\n  "id": 4,\n}\n'),
        (8, '{"id": NaN}'),
        (10, '{"id": 7'),
    ]


@given(OBJECTS, st.sampled_from(["json", "jsonLines", "concatenatedJson"]))
def test_what_was_written_is_read_back(values: list[object], kind: str) -> None:
    body = orjson.dumps(values) if kind == "json" else b"\n".join(orjson.dumps(value) for value in values)
    assert read(kind, body) == (values, [])


@given(OBJECTS, st.integers(0, 400))
def test_a_cut_anywhere_loses_nothing_that_was_whole(values: list[object], cut: int) -> None:
    body = orjson.dumps(values).decode()[:cut].encode()
    if body.lstrip().startswith(b"["):
        assert read("json", body)[0] == values[: len(read("json", body)[0])]
    lines = [orjson.dumps(value) for value in values]
    left = b"\n".join(lines).decode()[:cut].encode()
    whole = left.count(b"\n") + (1 if left in [b"\n".join(lines[:n]) for n in range(1, len(lines) + 1)] else 0)
    assert read("jsonLines", left)[0] == values[:whole]


@given(st.text(alphabet='{}[]",:1 \n\\a', max_size=80))
def test_no_text_stops_it_and_nothing_of_it_is_read_twice(text: str) -> None:
    _, broken = read("concatenatedJson", text.encode())
    assert sum(len(one.raw) for one in broken) <= len(text)


@pytest.mark.parametrize("size", [16_000, 16_383, 16_384, 16_385, 70_000, 300_000])
@pytest.mark.parametrize("tail", ['"}', '", "n": 12345}', '", "b": [true, false, null]}', '\\u8bfe\\n"}'])
def test_values_of_any_size_are_read_whole(size: int, tail: str) -> None:
    text = '{"t": "' + "x" * (size - 7 - len(tail)) + tail
    for shift in range(20):
        body = ('{"i": ' + "1" * (shift + 1) + "}\n" + text + "\n" + "9" * 30 + '\n{"id": 2}').encode()
        records, broken = read("concatenatedJson", body)
        assert (len(records) + len(broken), records[1], records[-1]) == (4, json.loads(text), {"id": 2})


def test_many_broken_values_take_time_in_proportion() -> None:
    body = b"\n".join(b'{"id": %d, "t": "cut' % number for number in range(20_000))
    _, broken = read("concatenatedJson", body)
    assert [one.finding.line for one in broken] == list(range(1, 20_001))


def test_a_number_of_any_length_stops_nothing() -> None:
    records, broken = read("concatenatedJson", b'{"id": 1}\n' + b"9" * 5000 + b'\n{"id": 2}')
    assert (records[0], records[-1], len(records) + len(broken)) == ({"id": 1}, {"id": 2}, 3)
