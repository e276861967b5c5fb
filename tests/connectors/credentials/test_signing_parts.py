"""Parts of signed texts beyond the query: bodies, headers, constants and the secret itself."""

import hashlib
import hmac
from random import Random
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.credentials.bodies import FORM, body_pairs
from connectors.credentials.stamps import NonceForm
from connectors.transport import Request
from tests.connectors.credentials.platforms import REQUEST, SPECS, Clock, Issuer, built
from tests.connectors.credentials.published import OSS
from tests.connectors.credentials.test_signing import MILLISECONDS, body, sign, signer

POST = Request("POST", "https://Platform.example:8443/a?z=1", {"X-Date": "today", "x-other": "o"}, b'{"b":2,"a":"x"}')
NO_VALUES: dict[str, str] = {}


def text(request: Request, **spec: Any) -> str:
    return signer(**spec).signed_text(request, NO_VALUES)


def test_hmac_sha512_of_rfc_4231() -> None:
    assert sign(body(b"what do ya want for nothing?"), "Jefe", parts=["body"], algorithm="sha512") == (
        "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
        "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
    )


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"parts": ["parameters"]}, "a=x&b=2&z=1"),
        ({"parts": ["bodyParameters"]}, "a=x&b=2"),
        ({"parts": ["bodyParameters"], "query": {"sorted": False}}, "b=2&a=x"),
        ({"parts": ["parameters"], "query": {"without": ["a", "z"]}}, "b=2"),
        ({"parts": ["host", "path"], "joiner": ""}, "platform.example:8443/a"),
        (
            {"parts": ["method", {"text": " v1 "}, {"header": "x-date"}, {"header": "no"}], "joiner": "|"},
            "POST| v1 |today|",
        ),
        ({"parts": ["path", {"text": "a b&勾"}], "encodeParts": True, "joiner": "&"}, "%2Fa&a%20b%26%E5%8B%BE"),
        ({"parts": ["body"]}, '{"b":2,"a":"x"}'),
    ],
)
def test_texts_by_example(spec: dict[str, Any], expected: str) -> None:
    assert text(POST, **spec) == expected


def test_the_digest_of_a_body_has_a_form_of_its_own_and_may_travel() -> None:
    spec = {
        "in": "header",
        "parts": ["bodyDigest"],
        "bodyDigest": {"algorithm": "md5", "encoding": "base64"},
        "names": {"appKey": None, "timestamp": None, "nonce": None, "bodyDigest": "Content-MD5", "sign": "X-Sign"},
    }
    assert signer(**spec).signed(body(b"")).headers == {
        "Content-MD5": "1B2M2Y8AsgTpgAmY7PhCfg==",
        "X-Sign": hmac.new(b"s3cret", b"1B2M2Y8AsgTpgAmY7PhCfg==", "sha256").hexdigest(),
    }


def test_the_digest_of_a_body_is_by_default_written_like_the_signature() -> None:
    assert text(body(b"{}"), parts=["bodyDigest"], algorithm="sm3", case="upper") == (
        hashlib.new("sm3", b"{}").hexdigest().upper()
    )


def test_a_token_sorted_among_the_parts_is_the_only_key() -> None:
    spec = {"algorithm": "sha1", "mode": "digest", "parts": ["secret", "timestamp", "nonce"], "joiner": ""}
    signing = signer("token", **spec, sortParts=True, names={"sign": "signature"}).sign(REQUEST, "1409304348", "xxxxxx")
    assert signing.text == "1409304348tokenxxxxxx"
    assert signing.signature == hashlib.sha1(b"1409304348tokenxxxxxx").hexdigest()  # noqa: S324 - what platforms ask for
    assert signing.request.url.endswith(f"&timestamp=1409304348&nonce=xxxxxx&signature={signing.signature}")
    assert "token" not in repr(signing)


def test_the_app_key_may_stand_before_the_signature() -> None:
    signing = signer(**OSS | {"kind": "hmac", "secret": "key"}).sign(REQUEST, "now", "n0nce")
    assert signing.request.headers["Authorization"] == f"OSS 4pp-id:{signing.signature}"


def test_a_key_may_end_with_a_fixed_text() -> None:
    expected = hmac.new(b"s3cret&", b"x", "sha256").hexdigest()
    assert sign(body(b"x"), "s3cret", parts=["body"], secretJoiner="&") == expected


def test_bytes_that_are_no_text_are_signed_as_they_are() -> None:
    assert sign(body(b"\xff\xfe"), "k", parts=["body"]) == hmac.new(b"k", b"\xff\xfe", "sha256").hexdigest()


def test_constants_travel_and_are_signed() -> None:
    signed = signer(constants={"v": "2.0"}).signed(Request("GET", "https://platform.example/"))
    signature = hmac.new(b"s3cret", f"nonce=n0nce&timestamp={MILLISECONDS}&v=2.0".encode(), "sha256").hexdigest()
    assert signed.url == f"https://platform.example/?timestamp={MILLISECONDS}&nonce=n0nce&v=2.0&sign={signature}"


async def test_a_signature_in_the_body_is_made_anew_for_a_retry() -> None:
    credential = built(kind="hmac", secret="key", parts=["bodyParameters"], **{"in": "body"})
    first = await credential.authorize(POST, Issuer())
    assert first.renew is not None
    second = first.renew(first)
    for request in (first, second):
        sent = dict(body_pairs(request))
        signature = sent.pop("sign")
        assert list(sent) == ["b", "a", "timestamp", "nonce"]
        signed = "&".join(f"{name}={sent[name]}" for name in sorted(sent))
        assert signature == hmac.new(b"k3y-value", signed.encode(), "sha256").hexdigest()
        assert request.url == POST.url
    assert orjson.loads(first.body)["nonce"] != orjson.loads(second.body)["nonce"]


async def test_timestamps_and_nonces_come_in_the_form_of_the_manifest() -> None:
    spec = SPECS.validate_python(
        {"kind": "hmac", "secret": "key", "timestamp": "yyyyMMddHHmmss", "nonce": {"style": "digits", "length": 8}}
    )
    assert spec.nonce == NonceForm(style="digits", length=8)
    request = await spec.build({"key": "k"}, Clock().now).authorize(
        Request("GET", "https://platform.example/"), Issuer()
    )
    stamp, nonce, _ = request.url.partition("?")[2].split("&")
    assert stamp == "timestamp=20261101200000"
    assert nonce.removeprefix("nonce=").isdigit()
    assert len(nonce) == len("nonce=") + 8


names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6).filter(lambda name: name != "sign")
members = st.dictionaries(names, st.text(st.characters(exclude_categories=["Cs"]), max_size=6), max_size=6)


@given(members, members, st.randoms(use_true_random=False))
def test_a_text_depends_neither_on_order_nor_on_where_parameters_stand(
    query: dict[str, str], inside: dict[str, str], random: Random
) -> None:
    everything = [*query.items(), *inside.items()]
    random.shuffle(everything)
    requests = [
        Request("POST", "https://p.example/?" + urlencode(query), body=orjson.dumps(inside)),
        Request("POST", "https://p.example/?" + urlencode(query), {"content-type": FORM}, urlencode(inside).encode()),
        Request("POST", "https://p.example/", {"content-type": FORM}, urlencode(everything).encode()),
        Request("GET", "https://p.example/?" + urlencode(everything)),
    ]
    expected = "&".join(f"{name}={value}" for name, value in sorted([*query.items(), *inside.items()]))
    assert [text(request, parts=["parameters"]) for request in requests] == [expected] * 4


@pytest.mark.parametrize(
    "wrong",
    [
        {"parts": ["query", {"text": "a", "header": "b"}]},
        {"parts": [{}]},
        {"parts": [{"header": ""}]},
        {"parts": [1]},
        {"mode": "digest"},
        {"prefixParts": ["appKey"]},
        {"prefixParts": ["secret"]},
        {"in": "cookie"},
        {"timestamp": "minutes"},
        {"nonce": {"style": "emoji"}},
        {"bodyDigest": {"algorithm": "crc32"}},
    ],
)
def test_a_text_that_cannot_be_made_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SPECS.validate_python({"kind": "hmac", "secret": "key"} | wrong)


def test_a_wrong_word_among_the_parts_is_one_mistake_in_its_place() -> None:
    with pytest.raises(ValidationError) as caught:
        SPECS.validate_python({"kind": "hmac", "secret": "key", "parts": ["method", "pth"]})
    assert [(error["type"], error["loc"]) for error in caught.value.errors()] == [
        ("literal_error", ("hmac", "parts", 1, "word"))
    ]
