"""Signatures agree with published vectors and with what the platforms' documents describe."""

import base64
import hashlib
import hmac
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.credentials import HmacSpec, Signer
from connectors.transport import Request
from connectors.transport.urls import query_pairs
from tests.connectors.credentials.platforms import REQUEST, SPECS, Clock, Issuer, built

BARE = {"names": {"appKey": None, "timestamp": None, "nonce": None, "sign": "sign"}}
MILLISECONDS = "1793534400000"


def signer(value: str = "s3cret", /, **spec: Any) -> Signer:
    parsed = HmacSpec.model_validate({"kind": "hmac", "secret": "key"} | spec)
    return parsed.signer({"key": value, "app": "4pp-id"}, Clock().now, lambda: "n0nce")


def sign(request: Request, secret: str, **spec: Any) -> str:
    return dict(query_pairs(signer(secret, **BARE | spec).signed(request).url))["sign"]


def body(text: bytes) -> Request:
    return Request("POST", "https://platform.example/", body=text)


def test_sm3_of_gb_t_32905() -> None:
    expected = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert sign(body(b"ab"), "c", algorithm="sm3", mode="append", parts=["body"]) == expected
    assert sign(body(b"bc"), "a", algorithm="sm3", mode="prepend", parts=["body"]) == expected


def test_hmac_sha256_of_rfc_4231() -> None:
    assert sign(body(b"what do ya want for nothing?"), "Jefe", parts=["body"]) == (
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )


def test_hmac_md5_and_sha1_of_rfc_2202() -> None:
    request = body(b"what do ya want for nothing?")
    assert sign(request, "Jefe", parts=["body"], algorithm="md5") == "750c783e6ab0b503eaa86e310a5db738"
    assert sign(request, "Jefe", parts=["body"], algorithm="sha1") == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"


def test_md5_with_the_key_at_the_end_as_wechat_pay_documents_it() -> None:
    url = (
        "https://api.example/?nonce_str=ibuaiVcKdpRxkhJA&mch_id=10000100&device_info=1000&body=test"
        "&appid=wxd930ea5d5a258f4f&empty="
    )
    spec = {"algorithm": "md5", "mode": "append", "secretJoiner": "&key=", "case": "upper"}
    signature = sign(Request("GET", url), "192006250b4c09247ec02edce69f6a2d", **spec, query={"emptyValues": "drop"})
    assert signature == "9A0A8659F005D6984697E2CA0A9CF3B7"


def test_the_secret_on_both_sides_of_names_and_values() -> None:
    spec = {"algorithm": "md5", "mode": "wrap", "case": "upper", "query": {"assign": "", "joiner": ""}}
    expected = hashlib.md5("s3creta1b勾s3cret".encode()).hexdigest().upper()  # noqa: S324 - what platforms ask for
    assert sign(Request("GET", "https://platform.example/?b=%E5%8B%BE&a=1"), "s3cret", **spec) == expected


def test_the_chongqing_way_needs_two_lines() -> None:
    url = "https://cq.example/open/list?pageSize=20&q=%E5%8B%BE%E8%82%A1+%E5%AE%9A%E7%90%86&page=1"
    signed = signer(appKey="app").signed(Request("GET", url))
    text = f"appKey=4pp-id&nonce=n0nce&page=1&pageSize=20&q=勾股 定理&timestamp={MILLISECONDS}"
    signature = hmac.new(b"s3cret", text.encode(), "sha256").hexdigest()
    assert signed.url == f"{url}&appKey=4pp-id&timestamp={MILLISECONDS}&nonce=n0nce&sign={signature}"
    assert signed.headers == {}


def test_everything_in_headers_with_listed_parts() -> None:
    spec = {
        "appKey": "app",
        "in": "header",
        "parts": ["method", "path", "query", "bodyDigest", "timestamp", "nonce", "appKey"],
        "names": {"appKey": "X-Ca-Key", "timestamp": "X-Ca-Timestamp", "nonce": "X-Ca-Nonce", "sign": "X-Ca-Signature"},
        "timestamp": "seconds",
        "encoding": "base64",
        "prefix": "HMAC ",
    }
    request = Request("post", "https://platform.example/api/list?b=2&a=1", {"x-ca-key": "old"}, b"{}")
    signed = signer(**spec).signed(request)
    digest = base64.b64encode(hashlib.sha256(b"{}").digest()).decode()
    text = "\n".join(["POST", "/api/list", "a=1&b=2", digest, MILLISECONDS[:-3], "n0nce", "4pp-id"])
    assert signed.url == request.url
    assert signed.headers == {
        "X-Ca-Key": "4pp-id",
        "X-Ca-Timestamp": MILLISECONDS[:-3],
        "X-Ca-Nonce": "n0nce",
        "X-Ca-Signature": "HMAC " + base64.b64encode(hmac.digest(b"s3cret", text.encode(), "sha256")).decode(),
    }


def test_parts_can_be_sorted_before_they_are_joined() -> None:
    values = {"timestamp": "20", "nonce": "b", "appKey": "10"}
    spec = {"appKey": "app", "parts": ["timestamp", "nonce", "appKey"], "joiner": ","}
    assert signer(**spec).signed_text(REQUEST, values) == "20,b,10"
    assert signer(**spec, sortParts=True).signed_text(REQUEST, values) == "10,20,b"


@pytest.mark.parametrize(
    ("unit", "expected"),
    [("seconds", MILLISECONDS[:-3]), ("milliseconds", MILLISECONDS), ("iso", "2026-11-01T12:00:00Z")],
)
def test_timestamps_in_every_unit(unit: str, expected: str) -> None:
    assert dict(query_pairs(signer(timestamp=unit).signed(REQUEST).url))["timestamp"] == expected


pairs = st.dictionaries(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6).filter(lambda name: name != "sign"),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
    max_size=6,
)


@given(pairs, st.randoms(use_true_random=False))
def test_a_signature_does_not_depend_on_the_order_of_parameters(parameters: dict[str, str], random: Random) -> None:
    shuffled = list(parameters.items())
    random.shuffle(shuffled)
    addresses = ["https://platform.example/?" + urlencode(order) for order in (list(parameters.items()), shuffled)]
    assert len({sign(Request("GET", url), "s3cret") for url in addresses}) == 1


@given(pairs)
def test_a_platform_that_sorts_what_it_received_finds_the_same_signature(parameters: dict[str, str]) -> None:
    signed = signer(appKey="app").signed(Request("GET", "https://platform.example/?" + urlencode(parameters)))
    received = dict(parse_qsl(signed.url.partition("?")[2], keep_blank_values=True))
    signature = received.pop("sign")
    text = "&".join(f"{name}={received[name]}" for name in sorted(received))
    assert signature == hmac.new(b"s3cret", text.encode(), "sha256").hexdigest()


@given(pairs)
def test_signing_a_signed_request_again_replaces_its_proof(parameters: dict[str, str]) -> None:
    once = signer(appKey="app").signed(Request("GET", "https://platform.example/?" + urlencode(parameters)))
    assert signer(appKey="app").signed(once) == once


async def test_every_request_gets_its_own_nonce() -> None:
    credential = built(kind="hmac", secret="key")
    signed = [await credential.authorize(REQUEST, Issuer()) for _ in range(20)]
    credential.invalidate()
    assert len({dict(query_pairs(request.url))["nonce"] for request in signed}) == 20


@pytest.mark.parametrize(
    "wrong",
    [
        {"algorithm": "crc32"},
        {"parts": []},
        {"parts": ["cookie"]},
        {"parts": ["appKey"]},
        {"secret": ""},
        {"sort": True},
    ],
)
def test_a_signature_that_cannot_be_made_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SPECS.validate_python({"kind": "hmac", "secret": "key"} | wrong)
