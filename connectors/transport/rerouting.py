"""Asking another origin than the one an address names, such as a simulator in place of a platform."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from connectors.transport.destinations import plain_origin
from connectors.transport.seam import Request, Response, Transport
from connectors.transport.urls import origin, with_origin


class Rerouted:
    """Sends requests for one origin to another; path, query, headers and body stay as they are.

    `routes` maps origins such as `https://platform.example` to origins; requests elsewhere pass unchanged. The answer's
    `url` stays the address that was asked, so that paging and provenance never see the detour.
    """

    def __init__(self, inner: Transport, routes: Mapping[str, str]) -> None:
        for address in (*routes, *routes.values()):
            if urlsplit(address).path not in ("", "/") or urlsplit(address).query:
                raise ValueError(f"a route goes from origin to origin, without a path: {address}")
        self._inner = inner
        self._routes = {origin(source): origin(target) for source, target in routes.items()}

    async def send(self, request: Request) -> Response:
        """Send to the origin the route names."""
        url = self._detour(request.url)
        if url is None:
            return await self._inner.send(request)
        detour = Request(
            request.method, url, request.headers, request.body, request.timeout, request.idempotent, request.renew
        )
        answer = await self._inner.send(detour)
        return Response(answer.status, answer.headers, answer.body, request.url, answer.elapsed)

    async def aclose(self) -> None:
        """Close what is inside."""
        await self._inner.aclose()

    def _detour(self, url: str) -> str | None:
        plain = plain_origin(url)
        if plain in self._routes and "#" not in url:
            return self._routes[plain] + url[len(plain) :]
        try:
            target = self._routes.get(origin(url))
        except ValueError:
            return None  # the innermost transport refuses such an address in its own words
        return None if target is None else with_origin(url, target)
