"""Keeping credentials at home: a proof goes only to the origins it was set for."""

from collections.abc import Iterable

from connectors.credentials.contract import Credential
from connectors.transport.confinement import Confined
from connectors.transport.seam import Request, Transport
from connectors.transport.urls import origin


class Bound(Credential):
    """Authorizes requests to `origins`; a request elsewhere, such as a `next` link to a stranger, has none.

    What the credential itself asks, a token or a login, keeps to the same origins, or to those of `asked` where they
    are more: elsewhere is `EgressRefused`, and nothing is sent.
    """

    def __init__(self, inner: Credential, origins: Iterable[str], asked: Iterable[str] | None = None) -> None:
        self._inner = inner
        self._origins = frozenset(origin(address) for address in origins)
        self._asked = self._origins if asked is None else frozenset(origin(address) for address in asked)

    async def authorize(self, request: Request, transport: Transport) -> Request:
        """The request with its proof, if its origin may see it."""
        try:
            at_home = origin(request.url) in self._origins
        except ValueError:
            return request
        return await self._inner.authorize(request, Confined(transport, self._asked)) if at_home else request

    def invalidate(self, refused: Request | None = None) -> None:
        """Forget the token inside."""
        self._inner.invalidate(refused)

    def known_secrets(self) -> Iterable[str]:
        """Those of the credential inside."""
        return self._inner.known_secrets()
