"""Parameters in bodies are read and written the same way, whether a form or a JSON object holds them."""

from urllib.parse import parse_qsl, urlencode

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.credentials.bodies import FORM, body_pairs, with_body_values
from connectors.errors import ManifestError
from connectors.transport import Request

URL = "https://platform.example/list?q=private"
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
members = st.dictionaries(texts, texts, max_size=6)


def form(body: str) -> Request:
    return Request("POST", URL, {"Content-Type": f"{FORM}; charset=utf-8"}, body.encode())


def json(body: bytes) -> Request:
    return Request("POST", URL, {"content-type": "application/json"}, body)


def test_values_of_json_are_compact_json_and_text_is_itself() -> None:
    body = '{"b": "勾 股", "a": 12, "flag": true, "none": null, "list": [1, {"x": "y"}], "half": 0.5}'.encode()
    assert body_pairs(json(body)) == [
        ("b", "勾 股"),
        ("a", "12"),
        ("flag", "true"),
        ("none", ""),
        ("list", '[1,{"x":"y"}]'),
        ("half", "0.5"),
    ]


def test_a_form_keeps_its_order_and_empty_values() -> None:
    assert body_pairs(form("b=%E5%8B%BE+x&a=&b=2")) == [("b", "勾 x"), ("a", ""), ("b", "2")]


@pytest.mark.parametrize("request_", [Request("GET", URL), form(""), json(b"")])
def test_an_empty_body_has_no_parameters_and_takes_some(request_: Request) -> None:
    assert body_pairs(request_) == []
    assert body_pairs(with_body_values(request_, {"sign": "a b"})) == [("sign", "a b")]


@pytest.mark.parametrize("body", [b"<xml/>", b"[1]", b'"text"', b"{", b"\xff"])
def test_other_bodies_are_refused_without_being_quoted(body: bytes) -> None:
    for ask in (body_pairs, lambda request: with_body_values(request, {"sign": "x"})):
        with pytest.raises(ManifestError) as caught:
            ask(json(body))
        assert str(caught.value) == (
            "the body sent to https://platform.example/list is neither a form nor a JSON object, "
            "so it has no parameters"
        )


@given(members, members)
def test_new_values_replace_their_names_and_leave_the_rest(before: dict[str, str], added: dict[str, str]) -> None:
    expected = [pair for pair in before.items() if pair[0] not in added] + list(added.items())
    changed = with_body_values(json(orjson.dumps(before)), added)
    assert list(orjson.loads(changed.body).items()) == expected
    filled = with_body_values(form(urlencode(before)), added)
    assert parse_qsl(filled.body.decode(), keep_blank_values=True) == expected


@given(members)
def test_a_form_and_an_object_of_text_have_the_same_parameters(values: dict[str, str]) -> None:
    assert body_pairs(form(urlencode(values))) == body_pairs(json(orjson.dumps(values)))
