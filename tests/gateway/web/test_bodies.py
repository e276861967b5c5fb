"""Bodies that are no request, sent in every way, are refused with a code and never with a server error."""

import gzip
import json
from functools import partial
from typing import Any, ClassVar

import httpx
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.web.bodies import DEEPEST_COUNTED, LONGEST_COUNTED, _once, decoded
from gateway.web.refusals import Refusal
from tests.gateway.graph.world import World
from tests.gateway.web.client import application, client_of, code_of, send

JSON = {"content-type": "application/json"}
GZIP = {**JSON, "content-encoding": "gzip"}
ONE = application(World())
"""For properties: what they send leaves nothing behind."""
packed = partial(gzip.compress, mtime=0)
"""For parameters, whose names must be the same in every process."""
BODY = b'{"query": "{ platforms { code } }"}'


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b"null", JSON, 422, "INVALID_REQUEST"),
        (b"5", JSON, 422, "INVALID_REQUEST"),
        (b'"x"', JSON, 422, "INVALID_REQUEST"),
        (b"{}", JSON, 422, "INVALID_REQUEST"),
        (b'{"query": null}', JSON, 422, "INVALID_REQUEST"),
        (b'{"query": "  "}', JSON, 422, "INVALID_REQUEST"),
        (b'{"query": ["{a}"]}', JSON, 422, "INVALID_REQUEST"),
        (b'{"query": "{a}", "variables": []}', JSON, 422, "INVALID_REQUEST"),
        (b'{"query": "{a}", "variables": "{}"}', JSON, 422, "INVALID_REQUEST"),
        (b'{"query": "{a}", "operationName": 1}', JSON, 422, "INVALID_REQUEST"),
        (b'{"query": "{a}", "extensions": 1}', JSON, 422, "INVALID_REQUEST"),
        (b'[{"query": "{a}"}]', JSON, 422, "BATCHING_UNSUPPORTED"),
        (b"[]", JSON, 422, "BATCHING_UNSUPPORTED"),
        (b"[1]", JSON, 422, "BATCHING_UNSUPPORTED"),
        (b'{"query": "{a}", "onError": "NULL"}', JSON, 422, "INVALID_REQUEST"),
        (b'{"query": "{a}", "documentId": "x"}', JSON, 422, "INVALID_REQUEST"),
        (b'{"documentId": "sha256:x"}', JSON, 422, "INVALID_REQUEST"),
        (b'{"documentId": 1}', JSON, 422, "INVALID_REQUEST"),
        (b'{"extensions": {"persistedQuery": 1}}', JSON, 422, "INVALID_REQUEST"),
        (b'{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "x"}}}', JSON, 422, "INVALID_REQUEST"),
        (b'{"query": "{a}", "query": "{b}"}', JSON, 400, "INVALID_JSON"),
        (b'{"query": "{a}", "\\u0071uery": "{b}"}', JSON, 400, "INVALID_JSON"),
        (b'{"query": "{a}", "variables": {"a": [{"b": 1, "b": 2}]}}', JSON, 400, "INVALID_JSON"),
        (b'{"query": "{a}", "variables": {"a": "\\udc00"}}', JSON, 400, "INVALID_JSON"),
        (b'{"query": "{a}", "variables": {"a": ' + b"9" * 5_000 + b"}}", JSON, 400, "INVALID_JSON"),
        (b'{"query": "{a}", "variables": {"a": NaN}}', JSON, 400, "INVALID_JSON"),
        (b'{"query": "{a}", "variables": ' + b'{"a":' * 2_000 + b"1" + b"}" * 2_000 + b"}", JSON, 400, "INVALID_JSON"),
        (b'{"query": "{ a \\u0000 }"}', JSON, 400, "GRAPHQL_PARSE_FAILED"),
        (b'{"query": "{a}\x00"}', JSON, 400, "INVALID_JSON"),
        (b"\x00", JSON, 400, "INVALID_JSON"),
        (b'\xef\xbb\xbf{"query": "{a}"}', JSON, 400, "INVALID_JSON"),
        (b"", JSON, 400, "INVALID_JSON"),
        (b"{", JSON, 400, "INVALID_JSON"),
        (b"\xff\xfe", JSON, 400, "INVALID_JSON"),
        (b'{"query": "\\ud800"}', JSON, 400, "INVALID_JSON"),
        (b"[" * 100_000, JSON, 400, "INVALID_JSON"),
        (packed(b'{"query": "{a}"}'), JSON, 400, "INVALID_JSON"),
        (b"\x1f\x8bgarbage", GZIP, 400, "INVALID_ENCODING"),
        (b"", GZIP, 400, "INVALID_ENCODING"),
        (packed(BODY)[:-4], GZIP, 400, "INVALID_ENCODING"),
        (packed(BODY) + b"x", GZIP, 400, "INVALID_ENCODING"),
        (packed(BODY) * 2, GZIP, 400, "INVALID_ENCODING"),
        (packed(b"{"), GZIP, 400, "INVALID_JSON"),
        (packed(b" " * 1024 * 1024 * 64), GZIP, 413, "BODY_TOO_LARGE"),
        (packed(b" " * (1024 * 1024 + 1)), GZIP, 413, "BODY_TOO_LARGE"),
        (b" " * 10 * 1024 * 1024, GZIP, 413, "BODY_TOO_LARGE"),
        (BODY, {**JSON, "content-encoding": "br"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        (BODY, {**JSON, "content-encoding": "gzip, gzip"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        (BODY, {"content-type": "application/json; charset=utf-16"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        (BODY, {"content-type": "multipart/form-data; boundary=x"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b'{"query": "{a}"}', {}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b'{"query": "{a}"}', {"content-type": "text/plain"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b"query=%7Ba%7D", {"content-type": "application/x-www-form-urlencoded"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b" " * (1024 * 1024 + 1), JSON, 413, "BODY_TOO_LARGE"),
    ],
)
async def test_a_body_that_is_no_request_is_refused_with_a_code(
    content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    world = World()
    response = await send("POST", "/graphql", world, content=content, headers=headers)
    assert response.status_code == status
    assert code_of(response) == code
    assert not world.catalog.calls


async def test_a_body_without_a_stated_length_is_cut_at_the_limit() -> None:
    async def endless() -> Any:
        for _ in range(20):
            yield b" " * 100_000

    response = await send("POST", "/graphql", content=endless(), headers=JSON)
    assert response.status_code == 413
    assert code_of(response) == "BODY_TOO_LARGE"


async def test_a_body_of_just_the_limit_is_read() -> None:
    text = b'{"query": "{ platforms { code } }"}'
    response = await send("POST", "/graphql", content=text.ljust(1024 * 1024), headers=JSON)
    assert response.status_code == 200


@pytest.mark.parametrize("pad", [0, 1024 * 1024 - len(BODY)])
async def test_a_compressed_body_is_read_up_to_the_same_limit(pad: int) -> None:
    response = await send("POST", "/graphql", content=gzip.compress(BODY + b" " * pad), headers=GZIP)
    assert (response.status_code, len(response.json()["data"]["platforms"])) == (200, 3)


@settings(max_examples=100, deadline=None)
@given(
    st.one_of(st.binary(max_size=200), st.binary(max_size=100).map(gzip.compress)),
    st.sampled_from(["application/json", "text/plain", "", "application/json; charset=x"]),
    st.sampled_from(["gzip", "identity", "deflate"]),
)
async def test_no_body_is_answered_with_a_server_error(content: bytes, media_type: str, encoding: str) -> None:
    headers = {"content-type": media_type, "content-encoding": encoding}
    async with client_of(ONE) as client:
        response = await client.post("/graphql", content=content, headers=headers)
    assert 400 <= response.status_code < 500
    assert isinstance(response, httpx.Response)
    assert code_of(response)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**25), 10**25) | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
NAMES = ("query", "variables", "operationName", "extensions", "documentId", "onError", "id")
QUERIES = (
    "{ platforms { code } }",
    "query($f: ResourceFilter, $n: Int! = 1) { search(filter: $f, first: $n) { totalCount } }",
)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(st.sampled_from(NAMES), JSON_VALUES, max_size=4),
    st.sampled_from(QUERIES),
    st.dictionaries(st.sampled_from("fnx"), JSON_VALUES, max_size=2),
    st.booleans(),
)
async def test_no_request_that_is_json_is_answered_with_a_server_error(
    given_: dict[str, Any], query: str, variables: dict[str, Any], sound: bool
) -> None:
    body = {**given_, "query": query, "variables": variables} if sound else given_
    async with client_of(ONE) as client:
        response = await client.post("/graphql", content=json.dumps(body), headers=JSON)
    assert response.status_code < 500
    assert "INTERNAL" not in {error["extensions"]["code"] for error in response.json().get("errors", [])}


@st.composite
def objects(draw: st.DrawFn, deep: int = 3) -> str:
    """JSON of an object whose keys may come twice, and whose texts look like keys."""
    parts = []
    for _ in range(draw(st.integers(0, 3))):
        key = draw(st.sampled_from(["a", "\\u0061", "b", 'b\\"', "c:"]))
        if deep and draw(st.booleans()):
            value = draw(objects(deep - 1))
            value = f"[{value}, {value}]" if draw(st.booleans()) else value
        else:
            value = draw(st.sampled_from(["1", "null", '"text"', '"\\": "', '"a\\" :"']))
        parts.append(f'"{key}"{draw(st.sampled_from(["", " ", chr(10)]))}: {value}')
    return "{" + ", ".join(parts) + "}"


@settings(max_examples=300, deadline=None)
@given(objects(), st.booleans(), st.sampled_from([0, LONGEST_COUNTED]))
def test_a_key_that_comes_twice_is_found_however_it_is_looked_for(text: str, as_bytes: bool, pad: int) -> None:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len(dict(pairs)) == len(pairs)
        return dict(pairs)

    sent = text + " " * pad
    try:
        wanted = json.loads(sent, object_pairs_hook=once)
    except AssertionError:
        with pytest.raises(Refusal, match="twice"):
            decoded(sent.encode() if as_bytes else sent, "the body")
    else:
        assert decoded(sent.encode() if as_bytes else sent, "the body") == wanted


@pytest.mark.parametrize("deep", [1, DEEPEST_COUNTED - 1, DEEPEST_COUNTED, DEEPEST_COUNTED + 50])
@pytest.mark.parametrize(("opening", "closing"), [('{"a": ', "}"), ("[", "]")])
def test_a_key_that_comes_twice_is_found_at_any_depth(deep: int, opening: str, closing: str) -> None:
    assert decoded(opening * deep + '{"a": 1, "b": 2}' + closing * deep, "the body")
    with pytest.raises(Refusal, match="'a' twice"):
        decoded(opening * deep + '{"a": 1, "a": 2}' + closing * deep, "the body")


class Compared(str):
    """A key that counts how often any of them is compared with another one."""

    __slots__ = ()
    times: ClassVar[int] = 0

    def __eq__(self, other: object) -> bool:
        Compared.times += 1
        return super().__eq__(other)

    __hash__ = str.__hash__


def test_a_key_that_comes_twice_is_found_in_one_walk_over_the_keys() -> None:
    keys = [Compared(f"k{number}") for number in range(1_000)]
    with pytest.raises(Exception, match="k999"):
        _once([(key, None) for key in (*keys, Compared("k999"))])
    assert Compared.times < 3_000
    assert decoded(orjson.dumps(dict.fromkeys(map(str, keys), 1)), "the body")["k999"] == 1
