"""Keeping a transport to the origins it is meant for."""

from collections.abc import Iterable

from connectors.errors import EgressRefused
from connectors.transport.destinations import destination, plain_origin
from connectors.transport.seam import Request, Response, Transport


class Confined:
    """Sends to `origins` only; a request elsewhere is `EgressRefused` and not sent.

    Used for what carries a secret, such as a login: the origins are those the secret was set for, not those a manifest
    names today. Redirects are not followed by any transport, so an answer cannot lead out either.
    """

    def __init__(self, inner: Transport, origins: Iterable[str]) -> None:
        self._inner = inner
        self._origins = frozenset(destination(one).origin for one in origins)

    async def send(self, request: Request) -> Response:
        """Send if the origin is one of those allowed."""
        if plain_origin(request.url) not in self._origins:
            self._judge(destination(request.url).origin)
        return await self._inner.send(request)

    async def aclose(self) -> None:
        """Close what is inside."""
        await self._inner.aclose()

    def _judge(self, found: str) -> None:
        if found not in self._origins:
            allowed = ", ".join(sorted(self._origins)) or "nowhere"
            raise EgressRefused(f"{found} is refused: this request may go to {allowed} only")
