"""The way past the router leads where the router would, and headers are those that were sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.types import Receive, Scope, Send

from gateway.web.shortcut import IndexedHeaders, Shortcut
from tests.gateway.graph.world import World
from tests.gateway.web.client import application, client_of

QUERY = {"query": "{ platforms { code } }"}


def shortened() -> tuple[Starlette, list[str]]:
    """An application with the way past its router, and the paths that came to the router all the same."""
    app, routed = application(World()), list[str]()

    class Noting:
        def __init__(self, app: object) -> None:
            self._app = app

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            routed.append(scope["path"])
            await self._app(scope, receive, send)  # type: ignore[operator]

    app.user_middleware += [Middleware(Shortcut, routes=app.routes), Middleware(Noting)]
    return app, routed


@pytest.mark.parametrize(
    ("method", "path", "is_routed"),
    [
        ("POST", "/graphql", False),
        ("GET", "/graphql", False),
        ("DELETE", "/graphql", False),
        ("TRACE", "/graphql", True),
        ("POST", "/graphql/", True),
        ("GET", "/", True),
        ("GET", "/schema.graphql", True),
        ("GET", "/nowhere", True),
    ],
)
async def test_only_the_endpoint_is_reached_past_the_router_and_answers_as_behind_it(
    method: str, path: str, *, is_routed: bool
) -> None:
    app, routed = shortened()
    headers = {"x-request-id": "same"}
    async with client_of(app) as short, client_of(application(World())) as long:
        here = await short.request(method, path, json=QUERY, headers=headers)
        there = await long.request(method, path, json=QUERY, headers=headers)
    assert (here.status_code, here.content) == (there.status_code, there.content)
    assert list(here.headers.multi_items()) == list(there.headers.multi_items()) or method == "TRACE"
    assert routed == ([path] if is_routed else [])


async def test_below_another_root_the_router_finds_the_way() -> None:
    app, routed = shortened()
    rooted = Starlette()
    rooted.mount("/gateway", app)
    async with client_of(rooted) as client:
        assert (await client.post("/gateway/graphql", json=QUERY)).status_code == 200
    assert routed == ["/gateway/graphql"]


NAMES = st.sampled_from(["accept", "Accept", "x-one", "host", "cookie"])


@given(st.lists(st.tuples(NAMES, st.text("abc\xe9", max_size=3)), max_size=6), NAMES)
def test_headers_are_found_as_without_an_index(sent: list[tuple[str, str]], asked: str) -> None:
    scope = {"headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in sent]}
    plain, indexed = Headers(scope=scope), IndexedHeaders(scope)
    assert indexed.get(asked) == plain.get(asked)
    assert indexed.get(asked, "none") == plain.get(asked, "none")
    assert (asked in indexed) == (asked in plain)
    assert indexed.getlist(asked) == plain.getlist(asked)
    if asked in plain:
        assert indexed[asked] == plain[asked]
    else:
        with pytest.raises(KeyError):
            indexed[asked]
