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
        self._plain = tuple(f"{one}/" for one in self._origins)
        self._confined: tuple[Transport, Transport] | None = None

    async def authorize(self, request: Request, transport: Transport) -> Request:
        """The request with its proof, if its origin may see it."""
        if not self._is_at_home(request.url):
            return request
        if self._confined is None or self._confined[0] is not transport:
            self._confined = transport, Confined(transport, self._asked)
        return await self._inner.authorize(request, self._confined[1])

    def _is_at_home(self, url: str) -> bool:
        if url.startswith(self._plain) and url.isprintable():
            return True  # spelled as origins are, which is how listings spell their addresses
        try:
            return origin(url) in self._origins
        except ValueError:
            return False

    def invalidate(self, refused: Request | None = None) -> None:
        """Forget the token inside."""
        self._inner.invalidate(refused)

    def known_secrets(self) -> Iterable[str]:
        """Those of the credential inside."""
        return self._inner.known_secrets()
