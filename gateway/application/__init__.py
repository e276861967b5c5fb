"""The composition root: opens everything, satisfies every port, and is the ASGI application."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import HTTPConnection
from starlette.routing import BaseRoute

from gateway.application.endpoint import KEPT_DOCUMENTS, rules_of
from gateway.application.responses import open_responses
from gateway.application.services import Services, egress_policy, open_database_of, open_services
from gateway.application.stopping import heeding
from gateway.application.tokens import identity_keys, open_authenticator, token_rules
from gateway.application.watching import ServedState
from gateway.cache import open_cache
from gateway.graph.budget import Budget
from gateway.graph.context import GraphContext, GraphServices
from gateway.graph.execution import Executes, Executor
from gateway.graph.observing import ObservedExecutor
from gateway.graph.responses import CachingExecutor, Responses
from gateway.graph.schema import build_schema, schema_text
from gateway.identity import Principal
from gateway.logs import open_logs
from gateway.settings import Settings
from gateway.storage import is_current
from gateway.telemetry import Telemetry
from gateway.training.certificates import Published
from gateway.web import Authenticator, Check, Exports, Places, Rules, build_routes, credential_routes, export_routes
from gateway.web.documents import Kept
from gateway.web.identity import base_url_of, wants_fresh
from gateway.web.shortcut import Shortcut
from gateway.web.watching import Watched, metrics_routes

__all__ = ["Services", "create_app", "egress_policy", "open_database_of", "open_services"]


@dataclass(frozen=True, slots=True)
class _Opened:
    """What requests find while the application runs."""

    graph: GraphServices
    authenticator: Authenticator
    exports: Exports
    credentials: Published
    persisted: Kept
    responses: Responses | None


def create_app(settings: Settings | None = None) -> Starlette:
    """The ASGI application; nothing is opened before its lifespan starts."""
    settings = settings or Settings()
    token_rules(settings)  # settings that cannot be are told before anything is opened
    telemetry, places, schema = Telemetry(), Places(), build_schema()

    telemetry.gauge("shanhai_streams_open", "Event streams and WebSockets.").set_function(lambda: places.taken)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        open_logs(settings.log_level, settings.log_format)
        async with (
            open_services(settings, telemetry=telemetry) as services,
            _opened(settings, services, schema_text(schema)) as opened,
        ):
            app.state.services, app.state.opened = services, opened
            app.state.served.circuits = services.live_search.open_circuits
            stopping = asyncio.Event()
            working = asyncio.create_task(services.work(stopping))
            try:
                with heeding(opened.graph.stopping, places.emptied):
                    yield
            finally:
                stopping.set()
                await rules.gate.aclose()
                await working

    def services_of() -> Services | None:
        return getattr(app.state, "services", None)

    computing = Executor(schema, introspection=settings.introspection, compiled=settings.compiled)
    rules = rules_of(settings, computing, lambda connection: _found(connection).persisted)
    caching = CachingExecutor(computing, lambda: app.state["opened"].responses)
    executor = ObservedExecutor(caching, telemetry, settings.slow_seconds, rules.documents.name_of)
    routes = _routes(settings, executor, rules, places, {"database": _database_check(services_of)})
    routes += metrics_routes(telemetry, settings.metrics, _find_authenticator, settings.trusted_proxies)
    app = Starlette(routes=routes, lifespan=lifespan, middleware=_around(settings, telemetry, routes))
    app.state.telemetry, app.state.served = telemetry, ServedState(telemetry, services_of)
    return app


def _around(settings: Settings, telemetry: Telemetry, routes: list[BaseRoute]) -> list[Middleware]:
    watched = Middleware(Watched, telemetry=telemetry, routes=routes)
    return [watched, *_cors(settings.cors_origins), Middleware(Shortcut, routes=routes)]


def _routes(
    settings: Settings, executor: Executes, rules: Rules, places: Places, checks: dict[str, Check]
) -> list[BaseRoute]:
    def make_context(connection: HTTPConnection, principal: Principal, request_id: str) -> GraphContext:
        return GraphContext(
            _found(connection).graph,
            principal,
            request_id,
            settings.public_url or base_url_of(connection),
            fresh=wants_fresh(connection.headers.get("cache-control")),
            budget=Budget(settings.cost_limit),
        )

    origins = _page_origins(settings)
    routes = build_routes(executor, make_context, _find_authenticator, checks, rules, origins=origins, places=places)
    routes += export_routes(lambda request: _found(request).exports, settings.trusted_proxies)
    routes += credential_routes(lambda request: _found(request).credentials)
    return routes


def _database_check(find: Callable[[], Services | None]) -> Check:
    async def database_ready() -> str | None:
        if (services := find()) is None:
            return "starting"
        return None if await is_current(services.database) else "the database needs `shanhai database upgrade`"

    return database_ready


@asynccontextmanager
async def _opened(settings: Settings, services: Services, schema: str) -> AsyncIterator[_Opened]:
    policy = egress_policy(settings)
    async with (
        open_authenticator(settings, services.database, identity_keys(settings), policy) as authenticator,
        open_cache(settings.redis_url, namespace="shanhai:documents:", entries=KEPT_DOCUMENTS) as persisted,
        open_responses(settings, services, schema) as responses,
    ):
        exports = Exports(services.statistics.links, services.statistics, settings.exports_dir)
        published = services.training.published
        yield _Opened(services.graph_services(), authenticator, exports, published, persisted, responses)


def _found(connection: HTTPConnection) -> _Opened:
    opened: _Opened = connection.scope["app"].state["opened"]
    return opened


def _find_authenticator(connection: HTTPConnection) -> Authenticator:
    return _found(connection).authenticator


def _page_origins(settings: Settings) -> Sequence[str]:
    """Origins whose pages may open a WebSocket, beside the one that it is opened at."""
    if settings.public_url is None:
        return settings.cors_origins
    public = urlsplit(settings.public_url)
    return (*settings.cors_origins, f"{public.scheme}://{public.netloc}")


def _cors(origins: Sequence[str]) -> list[Middleware]:
    """Let pages of these origins ask from a browser; nobody else's may, and cookies are none of ours."""
    if not origins:
        return []
    cors = Middleware(
        CORSMiddleware,
        allow_origins=list(origins),
        allow_headers=[
            *("content-type", "authorization", "shanhai-purpose", "shanhai-cost", "x-request-id"),
            *("graphql-require-preflight", "apollo-require-preflight", "x-requested-with", "last-event-id"),
            *("cache-control", "content-encoding", "if-none-match", "traceparent", "tracestate", "baggage"),
        ],
        allow_methods=["GET", "POST"],
        expose_headers=["x-request-id", "retry-after", "ratelimit", "ratelimit-policy", "x-cache", "age"],
    )
    return [cors]
