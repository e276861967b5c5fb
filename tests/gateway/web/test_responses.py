"""Answers are compressed where they are long and the client takes it, and tell caches what they depend on."""

import gzip

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from gateway.access.authentication import Credentials
from gateway.web import Authenticator, build_routes
from gateway.web.responses import SMALLEST_COMPRESSED, Squeezed, compressed, takes_gzip
from tests.gateway.graph.kept import KeptWorld
from tests.gateway.web.client import client_of, post, send

LONG, SHORT = "{ vocabulary(scheme: SUBJECT) { code label } }", "{ platforms { code } }"


@pytest.mark.parametrize(
    ("header", "takes"),
    [
        (None, False), ("", False), ("gzip", True), ("GZIP", True), ("x-gzip", True), ("*", True), ("br, gzip", True),
        ("gzip;q=0", False), ("gzip;q=0.5, identity", False), ("gzip, identity;q=0.5", True), ("br", False),
        ("identity", False), ("*;q=0", False), ("gzip;q=nonsense", False),
    ],
)  # fmt: skip
def test_the_header_decides_whether_gzip_is_read(header: str | None, takes: bool) -> None:
    assert takes_gzip(header) is takes


async def test_a_long_answer_is_compressed_for_who_takes_it_and_says_the_same() -> None:
    plain = await post(LONG, None, **{"accept-encoding": "identity"})
    squeezed = await post(LONG, None, **{"accept-encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert squeezed.headers["content-encoding"] == "gzip"
    assert int(squeezed.headers["content-length"]) < int(plain.headers["content-length"]) / 2
    assert squeezed.json() == plain.json()
    assert "Accept-Encoding" in plain.headers["vary"].split(", ")


async def test_a_short_answer_is_never_compressed() -> None:
    response = await post(SHORT, None, **{"accept-encoding": "gzip"})
    assert int(response.headers["content-length"]) < SMALLEST_COMPRESSED
    assert "content-encoding" not in response.headers


async def test_a_long_refusal_is_compressed_too() -> None:
    response = await send("POST", "/graphql", json={"query": "{" + " nothing" * 30 + "}"})
    assert response.status_code == 422
    assert response.headers["content-encoding"] == "gzip"
    assert len(response.json()["errors"]) > 10


def test_equal_contents_are_equal_when_compressed() -> None:
    content = b"abc" * 1_000
    assert compressed(content) == compressed(content)
    assert gzip.decompress(compressed(content)) == content


def test_a_kept_answer_is_compressed_once_and_the_one_longest_unasked_makes_way() -> None:
    contents = {name: name.encode() * 2_000 for name in "abc"}
    size = len(compressed(contents["a"]))
    squeezed = Squeezed(most_bytes=2 * size)
    first = squeezed.of("a", contents["a"])
    assert gzip.decompress(first) == contents["a"]
    squeezed.of("b", contents["b"])
    assert squeezed.of("a", contents["a"]) is first
    squeezed.of("c", contents["c"])
    assert squeezed.of("a", contents["a"]) is first
    assert list(squeezed._known) == ["c", "a"]
    assert squeezed._bytes == 2 * size
    assert gzip.decompress(Squeezed(most_bytes=1).of("a", contents["a"])) == contents["a"]


async def test_a_kept_answer_is_the_same_compressed_and_plain_before_and_after_it_changes() -> None:
    kept = KeptWorld()
    authenticator = Authenticator(Credentials(None))
    routes = build_routes(kept.executor, lambda _r, who, _id: kept.world.context(who), lambda _r: authenticator, {})
    asked = {"json": {"query": LONG}}
    async with client_of(Starlette(routes=routes)) as client:
        for state in ("one", "two"):
            kept.generations.state = state
            seen = [
                await client.post("/graphql", **asked, headers={"accept-encoding": encoding})  # type: ignore[arg-type]
                for encoding in ("gzip", "gzip", "gzip", "identity")
            ]
            assert [one.headers["x-cache"] for one in seen] == ["miss", "hit", "hit", "hit"]
            assert ["content-encoding" in one.headers for one in seen] == [True, True, True, False]
            assert len({one.content for one in seen}) == 1
    endpoint, *same = [route.app for route in routes if isinstance(route, Route) and route.path == "/graphql"]
    assert all(one is endpoint for one in same)
    assert len(endpoint.squeezed._known) == 2  # type: ignore[attr-defined]


async def test_no_answer_may_be_taken_for_a_page() -> None:
    for response in (await post(SHORT), await post("{")):
        assert response.headers["x-content-type-options"] == "nosniff"
