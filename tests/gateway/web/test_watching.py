"""Requests are counted from outside, traces are continued, and metrics are told to who may read them."""

from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from gateway.access.authentication import Credentials
from gateway.access.quotas import Allowance, Quotas
from gateway.errors import NotReady
from gateway.graph.observing import ObservedExecutor
from gateway.identity import Principal
from gateway.telemetry import Telemetry
from gateway.web import Authenticator, build_routes
from gateway.web.identity import base_url_of, wants_fresh
from gateway.web.watching import METRICS_PATH, Readers, Watched, metrics_routes
from tests.gateway.graph.world import EXECUTOR, World
from tests.gateway.web.client import KEY

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def watched(telemetry: Telemetry, readers: Readers = "local") -> Starlette:
    """A small world, watched, with a route that breaks and one below which there are many paths."""

    async def broken(_request: Request) -> PlainTextResponse:
        raise RuntimeError("broken")

    async def many(request: Request) -> PlainTextResponse:
        return PlainTextResponse(request.path_params["name"])

    world, authenticator = World(), Authenticator(Credentials(KEY))
    executor = ObservedExecutor(EXECUTOR, telemetry)
    routes = build_routes(executor, lambda _r, who, _id: world.context(who), lambda _r: authenticator, {})
    routes += [Route("/broken", broken), Route("/many/{name}", many)]
    routes += metrics_routes(telemetry, readers, lambda _r: authenticator)
    return Starlette(routes=routes, middleware=[Middleware(Watched, telemetry=telemetry, routes=routes)])


async def ask(app: Starlette, method: str, path: str, peer: str = "127.0.0.1", **options: Any) -> httpx.Response:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(peer, 5000))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        return await client.request(method, path, **options)


def requests_of(telemetry: Telemetry) -> dict[tuple[str, str, str], float]:
    return {
        (sample.labels["route"], sample.labels["method"], sample.labels["status"]): sample.value
        for metric in telemetry.registry.collect()
        for sample in metric.samples
        if sample.name == "shanhai_http_requests_total"
    }


async def test_requests_are_counted_by_route_method_and_status_and_none_stays_in_flight() -> None:
    telemetry = Telemetry()
    app = watched(telemetry)
    for method, path in (
        ("GET", "/healthz"), ("GET", "/healthz"), ("POST", "/graphql"), ("GET", "/nowhere"), ("GET", "/other/way"),
        ("GET", "/many/a"), ("GET", "/many/b"), ("GET", "/broken"), ("BREW", "/healthz"),
    ):  # fmt: skip
        await ask(app, method, path)
    assert requests_of(telemetry) == {
        ("/healthz", "GET", "200"): 2,
        ("/graphql", "POST", "415"): 1,
        ("other", "GET", "404"): 2,
        ("/many/{name}", "GET", "200"): 2,
        ("/broken", "GET", "500"): 1,
        ("/healthz", "other", "405"): 1,
    }
    assert telemetry.registry.get_sample_value("shanhai_http_requests_in_flight") == 0


@pytest.mark.parametrize(
    ("readers", "peer", "headers", "status"),
    [
        ("local", "127.0.0.1", {}, 200),
        ("local", "::1", {}, 200),
        ("local", "127.0.0.1", {"x-forwarded-for": "203.0.113.9"}, 403),
        ("local", "127.0.0.1", {"forwarded": "for=203.0.113.9"}, 403),
        ("local", "203.0.113.9", {}, 403),
        ("local", "203.0.113.9", {"authorization": f"Bearer {KEY}"}, 200),
        ("local", "203.0.113.9", {"authorization": "Bearer wrong"}, 401),
        ("open", "203.0.113.9", {}, 200),
        ("off", "127.0.0.1", {}, 404),
        ("off", "127.0.0.1", {"authorization": f"Bearer {KEY}"}, 404),
    ],
)
async def test_metrics_are_told_to_callers_here_and_to_administrators(
    readers: Readers, peer: str, headers: dict[str, str], status: int
) -> None:
    telemetry = Telemetry()
    app = watched(telemetry, readers)
    await ask(app, "GET", "/healthz")
    response = await ask(app, "GET", "/metrics", peer, headers=headers)
    assert response.status_code == status
    told = 'shanhai_http_requests_total{method="GET",route="/healthz",status="200"} 1.0' in response.text
    assert told is (status == 200)
    if status == 200:
        assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    if status in (401, 403):
        assert response.json()["errors"][0]["extensions"]["code"] in ("FORBIDDEN", "UNAUTHENTICATED")
        assert response.headers["cache-control"] == "no-store"


async def test_a_trace_is_continued_and_the_operation_stands_within_the_request() -> None:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    app = watched(Telemetry(provider))
    await ask(app, "POST", "/graphql", json={"query": "{ platforms { code } }"}, headers={"traceparent": PARENT})
    await ask(app, "GET", "/healthz", headers={"traceparent": "nonsense"})
    operation, request, begun = exporter.get_finished_spans()
    assert (request.name, operation.name, begun.name) == ("POST /graphql", "query platforms", "GET /healthz")
    assert request.context is not None
    assert request.parent is not None
    assert operation.parent is not None
    assert f"{request.context.trace_id:032x}" == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert f"{request.parent.span_id:016x}" == "00f067aa0ba902b7"
    assert operation.parent.span_id == request.context.span_id
    assert begun.parent is None
    assert dict(request.attributes or {}) == {
        "http.request.method": "POST", "http.route": "/graphql", "http.response.status_code": 200,
    }  # fmt: skip


@given(
    scheme=st.sampled_from(["http", "https"]),
    host=st.none() | st.text(st.characters(max_codepoint=255), max_size=30) | st.just("gateway.example:8443"),
    server=st.none() | st.sampled_from([("127.0.0.1", 8000), ("::1", 443), ("example", 80)]),
    root=st.sampled_from(["", "/shanhai"]),
)
def test_the_address_is_the_one_that_starlette_reads(
    scheme: str, host: str | None, server: tuple[str, int] | None, root: str
) -> None:
    headers = [] if host is None else [(b"host", host.encode("latin-1"))]
    scope = {
        "type": "http", "method": "POST", "scheme": scheme, "path": f"{root}/graphql", "query_string": b"a=b",
        "root_path": root, "headers": headers, "server": server,
    }  # fmt: skip
    assert base_url_of(Request(scope)) == str(Request(scope).base_url).rstrip("/")


@pytest.mark.parametrize(
    ("header", "fresh"),
    [(None, False), ("", False), ("max-age=0", False), ("no-cache", True), ("max-age=0, No-Store", True)],
)
def test_clients_ask_for_fresh_answers_by_cache_control(header: str | None, fresh: bool) -> None:
    assert wants_fresh(header) is fresh


async def test_while_the_keys_of_an_issuer_cannot_be_had_metrics_are_a_reason_to_come_back() -> None:
    class Away:
        async def principal(self, _token: str) -> Principal:
            raise NotReady("the keys of the issuer of tokens cannot be had now")

    authenticator = Authenticator(Credentials(KEY, None, Away()))
    app = Starlette(routes=metrics_routes(Telemetry(), "local", lambda _r: authenticator))
    response = await ask(app, "GET", METRICS_PATH, "203.0.113.9", headers={"authorization": "Bearer a.b.c"})
    extensions = response.json()["errors"][0]["extensions"]
    assert (response.status_code, extensions["code"], extensions["retryable"]) == (503, "NOT_READY", True)


async def test_who_guesses_keys_at_the_metrics_is_counted_by_address() -> None:
    allowance = Allowance(Quotas(2, ticks=lambda: 0))
    authenticator = Authenticator(Credentials(KEY), anonymous=allowance)
    app = Starlette(routes=metrics_routes(Telemetry(), "local", lambda _r: authenticator, trusted_proxies=1))
    wrong = {"authorization": "Bearer wrong"}
    for address, statuses in (("203.0.113.7", [401, 401, 429]), ("203.0.113.8", [401])):
        headers = {**wrong, "x-forwarded-for": address}
        assert [(await ask(app, "GET", METRICS_PATH, headers=headers)).status_code for _ in statuses] == statuses
