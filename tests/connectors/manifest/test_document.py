"""YAML with places and without surprises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.manifest.document import Position, read_document


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("0500", "0500"),
        ("12:30:45", "12:30:45"),
        ("2024-03-15", "2024-03-15"),
        ("1e3", "1e3"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        (".5", ".5"),
        ("NULL", "NULL"),
        ("True", "True"),
        ('"5"', "5"),
        ("'true'", "true"),
        ("true", True),
        ("null", None),
        ("~", None),
        ("", None),
        ("-17", -17),
        ("0", 0),
        ("2.50", 2.5),
    ],
)
def test_plain_scalars_mean_what_they_look_like(written: str, value: object) -> None:
    found = read_document(f"key: {written}").value["key"]
    assert found == value
    assert type(found) is type(value)


def test_keys_are_always_text() -> None:
    assert read_document("1: a\ntrue: b\n0500: c").value == {"1": "a", "true": "b", "0500": "c"}


def test_every_key_and_value_has_its_line_and_column() -> None:
    document = read_document("a:\n  b: [x, y]\n  c/d: 1\n")
    assert document.keys["/a/b"] == Position(2, 3)
    assert document.values["/a/b/1"] == Position(2, 10)
    assert document.keys["/a/c~1d"] == Position(3, 3)


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("a: 1\na: 2", "manifest.duplicateKey", 2),
        ("a: &x 1\nb: *x", "manifest.alias", 1),
        ("a: [1", "manifest.syntax", 2),
        ("a: 1\n---\nb: 2", "manifest.syntax", 2),
        ("a: !!python/object:os.system x", "manifest.syntax", 1),
        ("? [a]\n: b", "manifest.syntax", 1),
        ("- 1", "manifest.wrongType", 1),
        ("", "manifest.empty", None),
        ("a: " + "[" * 60 + "]" * 60, "manifest.syntax", 1),
    ],
)
def test_what_is_refused_says_where(text: str, code: str, line: int | None) -> None:
    [finding] = read_document(text).findings
    assert finding.code == code
    assert finding.line == line


def test_a_billion_laughs_is_refused_before_it_is_composed() -> None:
    laughs = "a: &a [x, x]\n" + "".join(
        f"{c}: &{c} [*{p}, *{p}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert [finding.code for finding in read_document(laughs).findings] == ["manifest.alias"]


@given(text=st.text(max_size=200))
def test_no_text_raises(text: str) -> None:
    document = read_document(text)
    assert document.findings or isinstance(document.value, dict)
