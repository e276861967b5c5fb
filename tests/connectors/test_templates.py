"""Templates: what they fill, what they encode, what counts as missing."""

from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.extraction import XPathLanguage, read_xml
from connectors.templates import TemplateError, compile_template, pieces_of

NOTHING: list[dict[str, Any]] = [{"id": value} for value in (None, "", True, False, [], [1], {"a": 1})]


@pytest.mark.parametrize(
    ("text", "record", "filled"),
    [
        ("{app}:{id}", {"app": "yk", "id": 7}, "yk:7"),
        ("{a.b[0]}!", {"a": {"b": ["x"]}}, "x!"),
        ("https://x.example/{id}?k={k}", {"id": "a/b c", "k": "课&1"}, "https://x.example/a%2Fb%20c?k=%E8%AF%BE%261"),
        ("{id}", {"id": 0}, "0"),
        ("{id}", {"id": ".."}, ".."),
        ("https://x.example/{id}", {"id": ".."}, None),
        ("https://x.example/.{id}/y", {"id": "."}, None),
        ("https://x.example/?p={id}", {"id": ".."}, "https://x.example/?p=.."),
        *(("{id}", record, None) for record in NOTHING),
        ("{id}", {}, None),
    ],
)
def test_a_template_is_filled_from_a_record(text: str, record: dict[str, Any], filled: str | None) -> None:
    assert compile_template(text)(record) == filled


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("plain", "names no value in braces"),
        ("{a", "names no value"),
        ("{a}{b", "a brace has no partner"),
        ("a}{b}", "a brace has no partner"),
        ("{a[}", "a["),
    ],
)
def test_a_template_that_cannot_be_used_says_why(text: str, words: str) -> None:
    with pytest.raises(TemplateError) as caught:
        compile_template(text)
    assert words in str(caught.value)


def test_a_template_speaks_the_language_of_its_section() -> None:
    fill = compile_template("{@k}-{a/b}", XPathLanguage())
    assert fill(read_xml(b'<r k="1"><a><b>2</b></a></r>')) == "1-2"


@given(st.text(min_size=1))
def test_a_value_never_leaves_its_step_of_the_path(value: str) -> None:
    filled = compile_template("/lessons/{id}/parts", encode=True)({"id": value})
    if value in (".", ".."):
        assert filled is None
    elif filled is not None:
        start, lessons, step, parts = filled.split("/")
        assert (start, lessons, unquote(step), parts) == ("", "lessons", value, "parts")
        assert not set(filled) & set("?#\\ \n")


def test_pieces_are_texts_and_the_paths_between() -> None:
    assert pieces_of("a{b}c{d}") == (["a", "c", ""], ["b", "d"])
