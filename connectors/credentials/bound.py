"""Keeping credentials at home: a proof goes only to the origins it was set for."""

from collections.abc import Iterable

from connectors.credentials.contract import Credential
from connectors.transport.seam import Request, Transport
from connectors.transport.urls import origin


class Bound:
    """Authorizes requests to `origins`; a request elsewhere, such as a `next` link to a stranger, has none."""

    def __init__(self, inner: Credential, origins: Iterable[str]) -> None:
        self._inner = inner
        self._origins = frozenset(origin(address) for address in origins)

    async def authorize(self, request: Request, transport: Transport) -> Request:
        """The request with its proof, if its origin may see it."""
        try:
            at_home = origin(request.url) in self._origins
        except ValueError:
            return request
        return await self._inner.authorize(request, transport) if at_home else request

    def invalidate(self, refused: Request | None = None) -> None:
        """Forget the token inside."""
        self._inner.invalidate(refused)
