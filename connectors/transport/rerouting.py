"""Asking another origin than the one an address names, such as a simulator in place of a platform."""

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

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
        try:
            target = self._routes.get(origin(request.url))
        except ValueError:
            target = None  # the innermost transport refuses such an address in its own words
        if target is None:
            return await self._inner.send(request)
        response = await self._inner.send(replace(request, url=with_origin(request.url, target)))
        return replace(response, url=request.url)

    async def aclose(self) -> None:
        """Close what is inside."""
        await self._inner.aclose()
