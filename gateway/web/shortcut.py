"""The way of a GraphQL request past the router: found by its path alone, with nothing between it and the endpoint."""

from collections.abc import Iterable

from starlette.datastructures import Headers
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send


class Shortcut:
    """ASGI middleware that stands directly before the router.

    It answers requests whose route has one path and is an ASGI application itself, which turns whatever goes wrong
    into an answer; the router would do the same with them, after it has looked at all routes before theirs. Everything
    else goes on to the router.
    """

    def __init__(self, app: ASGIApp, routes: Iterable[BaseRoute]) -> None:
        self._app = app
        self._endpoints = {
            (method, route.path): route.app
            for route in routes
            if isinstance(route, Route) and route.app is route.endpoint and not route.param_convertors
            for method in route.methods or ()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or let the router do so."""
        app = self._app
        if scope["type"] == "http" and not scope.get("root_path"):
            app = self._endpoints.get((scope["method"], scope["path"]), app)
        await app(scope, receive, send)


class IndexedHeaders(Headers):
    """Headers of a request that are looked up by name more often than there are any."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(scope=scope)
        self._index: dict[str, str] = {}
        for name, value in self._list:
            self._index.setdefault(name.decode("latin-1"), value.decode("latin-1"))

    def __getitem__(self, key: str) -> str:
        return self._index[key.lower()]

    def get(self, key: str, default: str | None = None) -> str | None:  # type: ignore[override]
        """The first value of a header, as the names of headers have no case."""
        return self._index.get(key.lower(), default)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key.lower() in self._index
