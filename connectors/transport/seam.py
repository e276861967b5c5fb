"""The seam through which everything leaves the process: one verb, `send`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from connectors.transport.urls import without_query


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request, complete: the URL is absolute and already holds its query.

    `timeout` bounds the whole exchange in seconds (connect, send, receive); `idempotent` allows a retry. `renew` gives
    the request for the next attempt where it cannot be repeated as it is, such as one signed with a nonce.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    timeout: float = 10.0
    idempotent: bool = True
    renew: "Callable[[Request], Request] | None" = field(default=None, compare=False)

    def within(self, seconds: float) -> "Request":
        """This request with so many seconds for it."""
        if seconds == self.timeout:
            return self
        return Request(self.method, self.url, self.headers, self.body, seconds, self.idempotent, self.renew)

    def __repr__(self) -> str:
        """Method and address without query: everything else may hold a secret, and tracebacks show locals."""
        return f"Request({self.method} {without_query(self.url)})"


@dataclass(frozen=True, slots=True)
class Response:
    """A complete HTTP answer. Header names are lower case; repeated headers are joined by a comma.

    `url` is the address that was really asked; `elapsed` is in seconds.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    elapsed: float = 0.0

    def __repr__(self) -> str:
        """Status, address without query and size: headers and body may hold a token."""
        return f"Response({self.status} {without_query(self.url)}, {len(self.body)} bytes)"


class Transport(Protocol):
    """Sends one request and returns the whole answer.

    Any status is an answer. Raises `Timeout`, `Unreachable` or `Malformed` (too large, undecodable), never an exception
    of the library beneath. Redirects are not followed.
    """

    async def send(self, request: Request) -> Response:
        """Send and receive within `request.timeout` seconds."""
        ...

    async def aclose(self) -> None:
        """Close connections; sending afterwards is an error."""
        ...
