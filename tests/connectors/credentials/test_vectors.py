"""Golden vectors: published signatures come out, and what differs is told with its place and the signed text."""

import hmac
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.credentials import HmacSpec
from connectors.credentials.vectors import VectorMismatch, difference
from tests.connectors.credentials.platforms import SPECS
from tests.connectors.credentials.published import CHONGQING, EVERY, PLATFORMS, WECHAT_PAY


def changed(spec: dict[str, Any], **vector: Any) -> HmacSpec:
    return HmacSpec.model_validate(spec | {"vectors": [spec["vectors"][0] | vector]})


@pytest.mark.parametrize("name", EVERY)
def test_published_signatures_come_out(name: str) -> None:
    assert HmacSpec.model_validate(EVERY[name]).check_vectors() == []


@pytest.mark.parametrize("name", EVERY)
def test_every_vector_can_fail(name: str) -> None:
    wrong = HmacSpec.model_validate(EVERY[name] | {"secret": "other"})
    vectors = [vector.model_copy(update={"secrets": {**vector.secrets, "other": "x"}}) for vector in wrong.vectors]
    [mismatch] = wrong.model_copy(update={"vectors": tuple(vectors)}).check_vectors()
    assert (mismatch.index, mismatch.what, mismatch.expected) == (0, "signature", vectors[0].signature)


def test_the_documented_vector_is_the_one_of_the_platforms_document() -> None:
    [vector] = CHONGQING["vectors"]
    assert f"`{vector['text']}`" in PLATFORMS
    assert f"`{vector['signature']}`" in PLATFORMS


def test_a_text_that_differs_is_told_with_the_first_difference() -> None:
    stated = "appKey=demo-shanhai&nonce=n-1&pageNo=2&pageSize=200&timestamp=1762000000000"
    computed = CHONGQING["vectors"][0]["text"]
    assert changed(CHONGQING, text=stated).check_vectors() == [
        VectorMismatch(0, "text", stated, computed, stated.index("2"), computed)
    ]


def test_a_signature_that_differs_comes_with_the_text_that_was_signed() -> None:
    vector = CHONGQING["vectors"][0]
    stated = vector["signature"].upper()
    assert changed(CHONGQING, signature=stated, text=None).check_vectors() == [
        VectorMismatch(0, "signature", stated, vector["signature"], stated.index("C"), vector["text"])
    ]


def test_a_secret_a_vector_lacks_is_named() -> None:
    [mismatch] = changed(CHONGQING, secrets={"app": "demo-shanhai"}).check_vectors()
    assert (mismatch.what, mismatch.found, mismatch.signed_text) == ("secrets", "the secret 'key' is not set", None)


def test_a_request_that_has_no_parameters_to_sign_is_told() -> None:
    [mismatch] = changed(WECHAT_PAY, body="<xml/>").check_vectors()
    assert (mismatch.what, mismatch.found) == (
        "request",
        "the body sent to https://api.example/pay is neither a form nor a JSON object, so it has no parameters",
    )


def test_a_mismatch_says_where_it_stands() -> None:
    vector = CHONGQING["vectors"][0]
    wrong = CHONGQING | {"vectors": [vector, vector | {"signature": "x"}, vector | {"secrets": {}}]}
    alone = HmacSpec.model_validate(wrong)
    assert [found.pointer for found in alone.check_vectors()] == ["/vectors/1/signature", "/vectors/2/secrets"]
    combined = SPECS.validate_python({"kind": "combined", "of": [{"kind": "bearer", "secret": "key"}, wrong]})
    assert [found.pointer for found in combined.check_vectors()] == [
        "/of/1/vectors/1/signature",
        "/of/1/vectors/2/secrets",
    ]
    assert changed(WECHAT_PAY, body="<xml/>").check_vectors()[0].pointer == "/vectors/0"


def test_kinds_without_vectors_have_no_mismatch() -> None:
    assert SPECS.validate_python({"kind": "bearer", "secret": "key"}).check_vectors() == []


def test_blanks_and_line_feeds_of_a_vector_count() -> None:
    signature = hmac.new(b"k", b"POST\n a \n", "sha256").hexdigest()
    spec = {"kind": "hmac", "secret": "key", "parts": ["method", "body", {"text": ""}]}
    request = {"method": "POST", "url": "https://p.example/", "body": " a "}
    vector = request | {"secrets": {"key": "k"}, "signature": signature}
    for text, expected in (("POST\n a \n", []), ("POST\n a ", [("text", 8)])):
        found = HmacSpec.model_validate(spec | {"vectors": [vector | {"text": text}]}).check_vectors()
        assert [(wrong.what, wrong.position) for wrong in found] == expected


def test_mismatches_count_their_vectors() -> None:
    good = CHONGQING["vectors"][0]
    spec = HmacSpec.model_validate(CHONGQING | {"vectors": [good, good | {"nonce": "n-2"}, good | {"timestamp": 1}]})
    assert [(found.index, found.what, found.position) for found in spec.check_vectors()] == [
        (1, "text", len("appKey=demo-shanhai&nonce=n-")),
        (1, "signature", 0),
        (2, "text", len("appKey=demo-shanhai&nonce=n-1&pageNo=1&pageSize=200&timestamp=1")),
        (2, "signature", 0),
    ]


@pytest.mark.parametrize("wrong", [{"secrets": None}, {"signature": ""}, {"url": ""}, {"timestamp": True}, {"key": 1}])
def test_a_vector_that_says_too_little_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        changed(CHONGQING, **wrong)


@given(st.text(max_size=5), st.text(max_size=5), st.text(max_size=5))
def test_the_first_difference_is_the_length_of_what_is_shared(start: str, one: str, other: str) -> None:
    found = difference(start + one, start + other)
    if one == other:
        assert found is None
    else:
        assert found is not None
        assert (start + one)[:found] == (start + other)[:found]
        assert (start + one)[found : found + 1] != (start + other)[found : found + 1]
