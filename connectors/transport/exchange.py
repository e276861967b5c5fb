"""What every transport does alike: judge and complete a request before it is sent, and bound its answer."""

from connectors.errors import EgressRefused, Malformed, Unreachable
from connectors.transport.destinations import Destination
from connectors.transport.egress import EgressPolicy
from connectors.transport.inflation import EncodingError, TooLargeError, body_for
from connectors.transport.seam import Request
from connectors.transport.urls import origin, without_query

MAX_BYTES = 64 * 1024 * 1024
USER_AGENT = "shanhai-gateway"
DECODED = ("content-encoding", "content-length")
"""Headers that say nothing true about a body any more once it is decoded."""
BODILESS = {204, 304}

NO_ADDRESS = "not an address that can be asked; http or https is needed"
WRONG_LENGTH = "its content-length is not the length of its body"
NOT_ASCII = "method and headers must be ASCII, and headers in one line"


def judged(request: Request, policy: EgressPolicy) -> Destination:
    """Where the request leads; raises `Malformed` for what is no address and `EgressRefused` as the policy does."""
    try:
        return policy.judge(request.url)
    except EgressRefused:
        try:
            origin(request.url)
        except ValueError:
            raise malformed(request, NO_ADDRESS) from None
        raise


def sent_headers(request: Request) -> dict[str, str]:
    """The headers to send, names in lower case; those that frame the message are up to the library beneath.

    Raises `Malformed` for a length that is not that of the body.
    """
    headers = {"accept": "*/*", "user-agent": USER_AGENT}
    for name, value in request.headers.items():
        headers[name.lower()] = value
    if headers.get("content-length", length := str(len(request.body))) != length:
        raise malformed(request, WRONG_LENGTH)
    # gzip, whatever was given: nothing else can be inflated under a cap
    headers["accept-encoding"] = "gzip"
    return headers


class Incoming:
    """The body of an answer as it arrives: at most `limit` bytes before and after decoding, decoded at the end."""

    def __init__(self, request: Request, encoding: str, limit: int) -> None:
        self._request = request
        self._encoding = encoding
        self._limit = limit
        self._received = 0
        try:
            self._body = body_for(encoding, limit)
        except EncodingError:
            raise self._undecodable() from None

    def feed(self, piece: bytes) -> None:
        """Take the next piece as it came over the wire; raises `Malformed`."""
        self._received += len(piece)
        try:
            if self._received > self._limit:
                raise TooLargeError
            self._body.feed(piece)
        except TooLargeError:
            raise malformed(self._request, f"an answer of more than {self._limit} bytes") from None
        except EncodingError:
            raise self._undecodable() from None

    def finish(self, status: int, said: str) -> bytes:
        """The decoded body; raises `Unreachable` where it is shorter than its `content-length` says."""
        try:
            decoded = self._body.finish()
        except EncodingError:
            raise self._undecodable() from None
        bodiless = status in BODILESS or self._request.method.upper() == "HEAD"
        if said.isdecimal() and self._received != int(said) and not bodiless:
            raise Unreachable(f"{asked(self._request)}: the answer ended after {self._received} of {said} bytes")
        return decoded

    def _undecodable(self) -> Malformed:
        return malformed(self._request, f"a body that is not {self._encoding[:40]!r} as its header says")


def asked(request: Request) -> str:
    """How messages name a request: nothing in it is secret."""
    return f"{request.method} {without_query(request.url)}"


def malformed(request: Request, what: str) -> Malformed:
    """The error for a request or an answer that is not what it should be."""
    return Malformed(f"{asked(request)}: {what}")
