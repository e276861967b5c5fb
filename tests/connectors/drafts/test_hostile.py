"""Samples that are none, or that mean harm: a clear error, or a draft that is still a manifest."""

from collections.abc import Callable

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.drafts import Draft, draft_from_openapi, draft_from_sample
from connectors.errors import Malformed
from connectors.manifest.document import read_document
from tests.connectors.drafts.drafting import ABOUT, errors


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "is empty"),
        (b" \n\t ", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"{", "is no JSON"),
        (b'"text"', "is no table"),
        (b"[1, 2, 3]", "no list of objects"),
        (b"{}", "no list of objects"),
        (b'{"urls": ["https://a.example/1.json"]}', "addresses of files"),
        (b"[" * 100_000, "is no JSON"),
        (b'{"a":' * 2_000 + b"1" + b"}" * 2_000, "no"),
        (b"\x00\x01\x02\x03 binary", "neither text nor a workbook"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "neither text nor a workbook"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"PK\x03\x04 no workbook", "answer.bin"),
        (b"<html", "answer.bin"),
        (b"<!DOCTYPE html><html></html>", "HTML page"),
        (b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "DOCTYPE"),
        (b"<a>text</a>", "without elements"),
        (b"plain words without any separator", "is no table"),
    ],
)
def test_what_is_no_sample_is_refused_in_words(body: bytes, said: str) -> None:
    with pytest.raises(Malformed, match=said):
        draft_from_sample(body, "answer.bin", ABOUT)


def test_keys_that_are_too_long_are_passed_over() -> None:
    records = [{"id": n, "title": f"t{n}", "x" * 5_000: "long", "": "empty", "a\nb: #": "odd"} for n in range(5)]
    draft = draft_from_sample(orjson.dumps(records), "a.json", ABOUT)
    assert errors(draft) == []
    assert "xxxxx" not in draft.text


def test_text_of_the_platform_never_leaves_its_comment() -> None:
    evil = "公开课\n  origin: https://evil.example\n\x85\u2028harvest: {}"
    records = [{"id": n, "title": f"t{n}", "type": evil, "status": "x'] || true"} for n in range(5)]
    draft = draft_from_sample(orjson.dumps(records), "a\nmanifest: 2", ABOUT)
    assert errors(draft) == []
    document = read_document(draft.text)
    assert document.findings == []
    assert document.value["origin"] == "https://api.jiangcheng.example"


def test_an_entity_bomb_of_yaml_is_refused() -> None:
    body = b"openapi: 3.0.0\na: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
    with pytest.raises(Malformed, match="aliases"):
        draft_from_openapi(body, "api.yaml")


KEYS = st.text(max_size=12) | st.sampled_from(("id", "title", "name", "type", "url", "files", "tags", "status", "时长"))
SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(max_size=30)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=8
)
RECORDS = st.lists(st.dictionaries(KEYS, VALUES, min_size=1, max_size=8), min_size=1, max_size=6)


@settings(max_examples=150, deadline=None)
@given(RECORDS)
def test_whatever_records_hold_the_draft_is_a_manifest_or_says_what_it_needs(records: list[dict[str, object]]) -> None:
    draft = draft_from_sample(orjson.dumps({"data": records}), "a.json", ABOUT)
    found = errors(draft)
    if draft.needed:
        missing = {one.rpartition(".")[2] for one in draft.needed if one.startswith("harvest.")} - {"kind"}
        assert {code for code, _ in found} <= {"manifest.requiredField"}
        assert all(any(f"{name!r}" in message for name in missing) for _, message in found)
    else:
        assert found == []


def attempted(draw: Callable[[], Draft]) -> str:
    """The text of a draft that is YAML, or the words in which it was refused."""
    try:
        draft = draw()
    except Malformed as error:
        return str(error)
    assert read_document(draft.text).findings == []
    return draft.text


STARTS = st.sampled_from(
    (b"", b"{", b"[", b"<", b"<a>", b"a,b\n1,2\n", b'[{"id": 1}]', b"\xff\xfe", b"PK\x03\x04", b"a: ")
)


@settings(max_examples=150, deadline=None)
@given(STARTS, st.binary(max_size=200))
def test_any_bytes_give_a_draft_or_a_clear_error(start: bytes, rest: bytes) -> None:
    assert "a.bin" in attempted(lambda: draft_from_sample(start + rest, "a.bin", ABOUT))
    assert "a.bin" in attempted(lambda: draft_from_openapi(start + rest, "a.bin", ABOUT))


WORDS = st.sampled_from(
    ("properties", "items", "type", "array", "object", "$ref", "#/paths", "allOf", "enum", "schema", "name", "url")
)
JSON = st.recursive(
    SCALARS | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | KEYS, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(JSON, JSON, JSON)
def test_an_odd_description_gives_a_draft_or_a_clear_error(schema: object, parameters: object, servers: object) -> None:
    answer = {"200": {"content": {"application/json": {"schema": {"type": "array", "items": schema}}}}}
    operation = {"parameters": parameters, "responses": answer, "security": parameters, "summary": servers}
    odd = {"servers": servers, "components": parameters, "info": servers}
    body = orjson.dumps({"openapi": "3.1.0", "paths": {"/list": {"get": operation}}, **odd})
    text = attempted(lambda: draft_from_openapi(body, "api.json", ABOUT))
    assert "api.json" in text or "GET /list" in text or "address" in text
