"""Every request counted and traced from outside the application, and the metrics told to who may read them."""

import time
from collections.abc import Callable, Iterable
from typing import Literal

from opentelemetry.trace import SpanKind, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.errors import Forbidden
from gateway.telemetry import Telemetry
from gateway.web.addresses import client_address
from gateway.web.failures import NO_STORE, failure_response
from gateway.web.graphql import FindAuthenticator
from gateway.web.identity import request_id
from gateway.web.negotiation import JSON
from gateway.web.responses import json_response, refused

METRICS_PATH = "/metrics"
Readers = Literal["off", "local", "open"]
"""Who reads metrics: nobody; callers on this machine, and administrators; everybody."""
OTHER = "other"
_METHODS = frozenset({"GET", "POST", "HEAD", "OPTIONS"})
_LOOPBACK = ("127.", "::1", "::ffff:127.")
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
"""Headers by which a request shows that a proxy on this machine has only passed it on."""
_TRACE_CONTEXT = TraceContextTextMapPropagator()
_HEADERS = {"Content-Type": CONTENT_TYPE_PLAIN_0_0_4, "Cache-Control": "no-store"}


class Watched:
    """ASGI middleware around everything else; `routes` are what requests are counted by, all others being `other`."""

    def __init__(self, app: ASGIApp, telemetry: Telemetry, routes: Iterable[BaseRoute]) -> None:
        self._app, self._telemetry, self._in_flight = app, telemetry, 0
        telemetry.in_flight.set_function(lambda: self._in_flight)
        paths = {route.path for route in routes if isinstance(route, Route)}
        self._exact = frozenset(path for path in paths if "{" not in path)
        self._stems = {path.split("{")[0]: path for path in paths if "{" in path}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and count how it went."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        route, started, status = self._route(scope["path"]), time.perf_counter(), "500"

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        self._in_flight += 1
        try:
            tracer = self._telemetry.tracer
            if tracer is None:
                await self._app(scope, receive, watch)
            else:
                await self._traced(tracer, route, lambda: status, (scope, receive, watch))
        finally:
            self._in_flight -= 1
            method = scope["method"] if scope["method"] in _METHODS else OTHER
            self._telemetry.observe_request(route, method, status, time.perf_counter() - started)

    async def _traced(
        self, tracer: Tracer, route: str, status: Callable[[], str], asked: tuple[Scope, Receive, Send]
    ) -> None:
        """Answer within a span that continues the trace of who asks (W3C `traceparent`), or begins one."""
        scope = asked[0]
        parent = _TRACE_CONTEXT.extract(Headers(scope=scope))
        name, kind = f"{scope['method']} {route}", SpanKind.SERVER
        with tracer.start_as_current_span(name, context=parent, kind=kind) as span:
            span.set_attributes({"http.request.method": scope["method"], "http.route": route})
            await self._app(*asked)
            span.set_attribute("http.response.status_code", int(status()))

    def _route(self, path: str) -> str:
        if path in self._exact:
            return path
        return next((known for stem, known in self._stems.items() if path.startswith(stem)), OTHER)


def metrics_routes(
    telemetry: Telemetry, readers: Readers, find_authenticator: FindAuthenticator, trusted_proxies: int = 0
) -> list[BaseRoute]:
    """The route of the metrics, or none."""

    async def is_administrator(request: Request) -> bool:
        authorization, address = request.headers.get("authorization"), client_address(request, trusted_proxies)
        admitted = await find_authenticator(request).admit(authorization, None, address)
        return admitted.principal.is_administrator

    async def metrics(request: Request) -> Response:
        try:
            if readers == "open" or is_local(request) or await is_administrator(request):
                return Response(await telemetry.text(), headers=_HEADERS)
        except Exception as error:
            return failure_response(error, request_id(request))
        identifier = request_id(request)
        message = "metrics are for callers on this machine and for administrators; see SHANHAI_METRICS"
        return json_response(refused(Forbidden.code, message, identifier), JSON, 403, identifier, NO_STORE)

    return [] if readers == "off" else [Route(METRICS_PATH, metrics)]


def is_local(request: Request) -> bool:
    """Whether a request comes from this machine itself, and not through a proxy on it."""
    host = request.client.host if request.client else ""
    return host.startswith(_LOOPBACK) and not any(name in request.headers for name in _FORWARDED)
