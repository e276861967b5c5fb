"""The transport on pyreqwest, for live search: a tenth of what httpx takes, under the same guard and the same caps."""

import asyncio
from datetime import timedelta
from functools import lru_cache
from time import perf_counter
from urllib.parse import quote, urlsplit

import httpcore
from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import (
    BuilderError,
    ClientClosedError,
    ConnectError,
    ConnectTimeoutError,
    DecodeError,
    PyreqwestError,
    RequestTimeoutError,
    TransportError,
)
from pyreqwest.http import HeaderMap, Url
from pyreqwest.request import StreamRequest
from pyreqwest.response import Response as Answer

from connectors.errors import ConnectorError, EgressRefused, Timeout, Unreachable
from connectors.transport.deadline import timed_out
from connectors.transport.destinations import Destination
from connectors.transport.egress import EgressPolicy
from connectors.transport.exchange import (
    DECODED,
    MAX_BYTES,
    NO_ADDRESS,
    NOT_ASCII,
    Incoming,
    asked,
    judged,
    malformed,
    sent_headers,
)
from connectors.transport.guard import GuardedBackend, Resolver, system_resolver
from connectors.transport.pinned import PinnedClients
from connectors.transport.seam import Request, Response
from connectors.transport.tls import ClientCertificate, tls_context

IDLE_SECONDS = timedelta(seconds=30)
BUFFERED_BYTES = 1024 * 1024
"""Up to this size an answer is waited for in one go, which spares a change of threads for each piece of it."""
UNREADABLE = "\ufffd"
"""Stands for a header value outside ASCII, of which the library gives nothing."""
# what the URL standard leaves in a path as it is, percent signs among it
_KEPT_IN_PATHS = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"#<>?^`{}')
# what it leaves in a query, but for the apostrophe: httpx sends that as it is, and the library never does
_KEPT_IN_QUERIES = "".join(chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"#<>')
_WITHOUT_BODY = {"GET", "HEAD"}


class FastTransport:
    """Satisfies the contract of `Transport` as `HttpxTransport` does.

    Names are resolved by `resolver` and judged under `policy`, and the client connects to the very address that was
    judged. Beside the public authorities those of the operating system are trusted. Header values outside ASCII arrive
    as U+FFFD. Raises `ValueError` for a certificate or authorities that cannot be used.

    The library does not end a request whose caller is canceled: its connection stays until the answer is there or
    `request.timeout` is over. So give requests no more time than there is (`Until`); such connections count among the
    `most_connections` of a host, and who finds no place among these in time gets a `Timeout`.
    """

    def __init__(
        self,
        *,
        max_bytes: int = MAX_BYTES,
        most_connections: int | None = None,
        policy: EgressPolicy | None = None,
        resolver: Resolver | None = None,
        certificate: ClientCertificate | None = None,
        authorities: str | None = None,
    ) -> None:
        self._certificate, self._authorities = certificate, authorities
        self._max_bytes, self._most_connections = max_bytes, most_connections
        self._buffered = min(max_bytes + 1, BUFFERED_BYTES)
        self._policy = policy or EgressPolicy()
        self._clients = PinnedClients(GuardedBackend(self._policy, resolver or system_resolver), self._build)
        self._closed = False
        if certificate is not None or authorities is not None:
            self._check_certificates()

    async def send(self, request: Request) -> Response:
        """Ask and read the whole answer within `request.timeout` seconds."""
        if self._closed:
            raise RuntimeError("the transport is closed")
        place = judged(request, self._policy)
        url = read_alike(request, place)
        started = perf_counter()
        client = self._clients.known(place) or await self._opened(request, place)
        seconds = request.timeout - (perf_counter() - started)
        if seconds <= 0:  # the library's timer is too coarse to see that
            raise timed_out(request, request.timeout)
        outgoing = self._outgoing(client, request, url, seconds)
        try:
            async with outgoing as answer:
                headers = _headers(answer.headers)
                body = await self._body(request, answer, headers)
        except PyreqwestError as error:
            if isinstance(error, ConnectError | ConnectTimeoutError):
                self._clients.doubt(place, client)
            # from None: messages of the library quote whole addresses, which hold credentials
            raise translated(error, request) from None
        for name in DECODED:
            headers.pop(name, None)
        return Response(answer.status, headers, body, request.url, perf_counter() - started)

    async def aclose(self) -> None:
        """Close every connection; sending afterwards raises `RuntimeError`."""
        self._closed = True
        await self._clients.aclose()

    async def _opened(self, request: Request, place: Destination) -> Client:
        try:
            async with asyncio.timeout(request.timeout):
                client = await self._clients.open(place)
        except TimeoutError:
            raise timed_out(request, request.timeout) from None
        except PyreqwestError as error:
            raise translated(error, request) from None
        except (OSError, ValueError, httpcore.NetworkError, httpcore.TimeoutException) as error:
            # the library takes no IPv6 address with a zone
            raise Unreachable(f"{asked(request)}: no address that answers ({type(error).__name__})") from None
        if self._closed:
            await self._clients.aclose()
            raise Unreachable(f"{asked(request)}: the transport was closed meanwhile")
        return client

    def _outgoing(self, client: Client, request: Request, url: Url, seconds: float) -> StreamRequest:
        headers = sent_headers(request)
        if not request.body and request.method not in _WITHOUT_BODY:
            headers["content-length"] = "0"
        try:
            if not "".join(headers.values()).isascii():
                raise ValueError
            builder = client.request(request.method, url).headers(headers).timeout(timedelta(seconds=seconds))
            if request.body:
                builder = builder.body_bytes(request.body)
            return builder.streamed_read_buffer_limit(self._buffered).build_streamed()
        except ValueError:
            raise malformed(request, NOT_ASCII) from None

    async def _body(self, request: Request, answer: Answer, headers: dict[str, str]) -> bytes:
        incoming = Incoming(request, headers.get("content-encoding", ""), self._max_bytes)
        reader = answer.body_reader
        while (piece := await reader.read_chunk()) is not None:
            incoming.feed(piece.to_bytes())
        return incoming.finish(answer.status, headers.get("content-length", ""))

    def _check_certificates(self) -> None:
        tls_context(self._certificate, self._authorities)  # says what is wrong with them
        try:
            self._build("", None)
        except BuilderError:
            raise ValueError(
                "the client certificate cannot be used by the fast transport: a key on P-256, P-384 or P-521, Ed25519, "
                "or RSA of 2,048 bits or more is needed; SHANHAI_LIVE_TRANSPORT=httpx takes others"
            ) from None

    def _build(self, host: str, address: str | None) -> Client:
        builder = ClientBuilder().no_proxy().follow_redirects(False).referer(False).http1_only()
        builder = builder.gzip(False).brotli(False).zstd(False).deflate(False)
        builder = builder.http1_lower_case_headers().pool_idle_timeout(IDLE_SECONDS)
        builder = builder.max_connections(self._most_connections)
        for authority in _public_authorities():
            builder = builder.add_root_certificate_der(authority)
        if self._authorities is not None:
            builder = builder.add_root_certificate_pem(self._authorities.encode())
        if self._certificate is not None:
            builder = builder.identity_pem(f"{self._certificate.key}\n{self._certificate.certificate}".encode())
        if address is not None:
            builder = builder.resolve(host, address, 0)  # port 0 leaves the port to the URL
        return builder.build()


@lru_cache(maxsize=1)
def _public_authorities() -> tuple[bytes, ...]:
    """Those that httpx trusts, so that a host without a store of its own can ask too."""
    return tuple(tls_context().get_ca_certs(binary_form=True))


def read_alike(request: Request, place: Destination) -> Url:
    """The address as the library reads it; raises unless that is where it was judged to lead."""
    try:
        url = Url(request.url)
    except ValueError:
        raise malformed(request, NO_ADDRESS) from None
    host = f"[{place.host}]" if ":" in place.host else place.host
    if (url.scheme, url.host_str, url.port_or_known_default) != (place.scheme, host, place.port):
        raise EgressRefused(f"host {place.host!r} is refused: it can be read in two ways")
    if str(url) == request.url:
        return url
    parts = urlsplit(request.url)
    if (url.query_string or "") not in (parts.query, quote(parts.query, safe=_KEPT_IN_QUERIES)):
        # a signature was made over the one query and the other would be sent
        raise EgressRefused(f"{asked(request)} is refused: its query can be read in two ways; write %27 for '")
    path = parts.path or "/"
    if url.path != path and url.path != quote(path, safe=_KEPT_IN_PATHS):
        # dot segments and backslashes: a signature was made over the one path and the other would be asked
        raise EgressRefused(f"{asked(request)} is refused: its path can be read in two ways; write it without . and ..")
    return url


def _headers(found: HeaderMap) -> dict[str, str]:
    """Headers by their names in lower case, repeated ones joined."""
    try:
        every = found.dict_multi_value()
    except ValueError:
        every = {name: _readable(found, name) for name in found}
    return {name: value if isinstance(value, str) else ", ".join(value) for name, value in every.items()}


def _readable(found: HeaderMap, name: str) -> str | list[str]:
    try:
        return found.getall(name)
    except ValueError:
        return UNREADABLE


def translated(error: PyreqwestError, request: Request) -> ConnectorError:
    """Our error for one of pyreqwest; it never quotes headers or a query.

    A `ConnectTimeoutError` also is what a platform that hangs causes, so it does not mean that nothing was sent. A
    `DecodeError` is about HTTP itself, truncated answers among it, since the library decodes no content here.
    """
    name = type(error).__name__
    if isinstance(error, RequestTimeoutError):
        return Timeout(f"{asked(request)}: no complete answer in time")
    if isinstance(error, TransportError | DecodeError | ClientClosedError):
        return Unreachable(f"{asked(request)}: no connection, or it broke ({name})")
    if isinstance(error, BuilderError):
        return malformed(request, f"the request cannot be sent ({name})")
    return malformed(request, f"an answer that cannot be read ({name})")
