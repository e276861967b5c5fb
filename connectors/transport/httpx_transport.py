"""The transport on httpx: harvests, checks, plug-ins, in-process fakes, and the reference for faster ones."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from time import perf_counter
from typing import Any

import httpx

from connectors.errors import ConnectorError, Malformed, Timeout, Unreachable
from connectors.transport.deadline import timed_out
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
from connectors.transport.guard import Resolver, guarded_client
from connectors.transport.seam import Request, Response
from connectors.transport.tls import ClientCertificate
from connectors.transport.urls import origin

# httpx logs whole addresses at INFO and httpcore whole headers at DEBUG, and both hold credentials
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Message, Receive, Send], Awaitable[None]]


class HttpxTransport:
    """One httpx client, meant for one platform: no proxies of the environment, no redirects, no cookies kept.

    Connections are opened by the egress guard under `policy`, the strictest when none is given; names are resolved by
    `resolver`. A `client` brings its own connections instead, such as one into this process, and is not guarded.

    Bodies are gzip on the wire at most and arrive decoded; their `content-encoding` and `content-length` are removed.
    An answer of more than `max_bytes`, before or after decoding, is `Malformed`.
    """

    def __init__(
        self,
        *,
        client: httpx.AsyncClient | None = None,
        max_bytes: int = MAX_BYTES,
        policy: EgressPolicy | None = None,
        resolver: Resolver | None = None,
        certificate: ClientCertificate | None = None,
        authorities: str | None = None,
    ) -> None:
        self._policy = (policy or EgressPolicy()) if client is None else None
        self._client = client or guarded_client(policy or EgressPolicy(), resolver, certificate, authorities)
        self._max_bytes = max_bytes

    async def send(self, request: Request) -> Response:
        """Ask and read the whole answer within `request.timeout` seconds."""
        if self._client.is_closed:
            raise RuntimeError("the transport is closed")
        outgoing = _outgoing(request, self._policy)
        started = perf_counter()
        try:
            # the four timeouts of httpx add up and none of them bounds a body that drips
            async with asyncio.timeout(request.timeout):
                status, headers, body = await self._exchange(request, outgoing)
        except TimeoutError:
            raise timed_out(request, request.timeout) from None
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, httpx.CookieConflict, OSError) as error:
            # from None: messages of httpx quote headers and addresses, which hold credentials
            raise translated(error, request) from None
        return Response(status, headers, body, request.url, perf_counter() - started)

    async def aclose(self) -> None:
        """Close the client; sending afterwards raises `RuntimeError`."""
        await self._client.aclose()

    async def _exchange(self, request: Request, outgoing: httpx.Request) -> tuple[int, dict[str, str], bytes]:
        # an explicit empty auth keeps httpx from reading user and password out of the address
        answer = await self._client.send(outgoing, stream=True, auth=httpx.Auth(), follow_redirects=False)
        # a Request of our own carries no cookies; without this the client would still hoard them
        self._client.cookies.clear()
        try:
            body = await self._body(request, answer)
        finally:
            await answer.aclose()
        headers = {name: value for name, value in answer.headers.items() if name not in DECODED}
        return answer.status_code, headers, body

    async def _body(self, request: Request, answer: httpx.Response) -> bytes:
        headers = answer.headers
        incoming = Incoming(request, headers.get("content-encoding", ""), self._max_bytes)
        async for piece in answer.aiter_raw():
            incoming.feed(piece)
        return incoming.finish(answer.status_code, headers.get("content-length", ""))


def in_process(app: AsgiApp, *, max_bytes: int = MAX_BYTES) -> HttpxTransport:
    """A transport into an ASGI application of this process, whatever the host.

    As with a real server an exception becomes status 500, and one in mid-answer a broken connection. The
    application's lifespan is not run.
    """
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app=_served(app)), trust_env=False)
    return HttpxTransport(client=client, max_bytes=max_bytes)


def _served(app: AsgiApp) -> AsgiApp:
    """`app` as a server would run it."""

    async def serve(scope: Message, receive: Receive, send: Send) -> None:
        started = complete = False

        async def watched(message: Message) -> None:
            nonlocal started, complete
            started = True
            complete = message["type"] == "http.response.body" and not message.get("more_body", False)
            await send(message)

        with suppress(Exception):
            await app(scope, receive, watched)
        if not started:
            await watched({"type": "http.response.start", "status": 500, "headers": []})
            await watched({"type": "http.response.body", "body": b"Internal Server Error"})
        if not complete:
            raise httpx.RemoteProtocolError("the application ended without a complete answer")

    return serve


def translated(error: Exception, request: Request) -> ConnectorError:
    """Our error for one of httpx or of the operating system; it never quotes headers or a query."""
    if isinstance(error, httpx.TimeoutException):
        return Timeout(f"{asked(request)}: no complete answer in time")
    if isinstance(error, httpx.RemoteProtocolError) and isinstance(error.__context__, httpx.InvalidURL):
        return malformed(request, "a redirect to something that is no address")
    if isinstance(error, httpx.NetworkError | httpx.ProxyError | httpx.RemoteProtocolError | OSError):
        return Unreachable(f"{asked(request)}: no connection, or it broke ({type(error).__name__})")
    if isinstance(error, httpx.LocalProtocolError | httpx.UnsupportedProtocol | httpx.InvalidURL):
        return Malformed(f"{asked(request)}: the request cannot be sent ({type(error).__name__})")
    return malformed(request, f"an answer that cannot be read ({type(error).__name__})")


def _outgoing(request: Request, policy: EgressPolicy | None) -> httpx.Request:
    try:
        if policy is None:
            origin(request.url)
        else:
            judged(request, policy)
        url = httpx.URL(request.url)
    except (httpx.InvalidURL, ValueError):
        raise malformed(request, NO_ADDRESS) from None
    timeouts = httpx.Timeout(request.timeout).as_dict()
    try:
        return httpx.Request(
            request.method, url, headers=sent_headers(request), content=request.body, extensions={"timeout": timeouts}
        )
    except ValueError:
        raise malformed(request, NOT_ASCII) from None
