"""The composition root: opens everything, satisfies every port, and is the ASGI application."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import strawberry
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request

from gateway.application.responses import open_responses
from gateway.application.services import Services, egress_policy, open_database_of, open_services
from gateway.application.tokens import identity_keys, open_authenticator, token_rules
from gateway.application.watching import ServedState, harvest_listener
from gateway.graph.context import GraphContext, GraphServices
from gateway.graph.execution import Executes, Executor
from gateway.graph.observing import ObservedExecutor
from gateway.graph.responses import CachingExecutor, Responses
from gateway.graph.schema import build_schema, schema_text
from gateway.identity import Principal
from gateway.settings import Settings
from gateway.storage import is_current
from gateway.telemetry import Telemetry
from gateway.training.certificates import Published
from gateway.web import Authenticator, Check, Exports, build_routes, credential_routes, export_routes
from gateway.web.identity import base_url_of, wants_fresh
from gateway.web.watching import Watched, metrics_routes

__all__ = ["Services", "create_app", "egress_policy", "open_database_of", "open_services"]


@dataclass(frozen=True, slots=True)
class _Opened:
    """What requests find while the application runs."""

    graph: GraphServices
    authenticator: Authenticator
    exports: Exports
    credentials: Published
    responses: Responses | None


def create_app(settings: Settings | None = None) -> Starlette:
    """The ASGI application; nothing is opened before its lifespan starts."""
    settings = settings or Settings()
    token_rules(settings)  # settings that cannot be are told before anything is opened
    telemetry = Telemetry()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with (
            open_services(settings, on_harvest=harvest_listener(telemetry)) as services,
            _opened(settings, services, schema_text(schema)) as opened,
        ):
            app.state.services, app.state.opened = services, opened
            stopping = asyncio.Event()
            working = asyncio.create_task(services.work(stopping))
            try:
                yield
            finally:
                stopping.set()
                await working

    def make_context(request: Request, principal: Principal, request_id: str) -> GraphContext:
        base_url = settings.public_url or base_url_of(request)
        fresh = wants_fresh(request.headers.get("cache-control"))
        return GraphContext(_found(request).graph, principal, request_id, base_url, fresh=fresh)

    def services_of() -> Services | None:
        return getattr(app.state, "services", None)

    schema = build_schema()
    executor = _executor(settings, schema, telemetry, lambda: app.state.opened.responses)
    routes = build_routes(executor, make_context, _authenticator, {"database": _database_check(services_of)})
    routes += export_routes(lambda request: _found(request).exports)
    routes += credential_routes(lambda request: _found(request).credentials)
    routes += metrics_routes(telemetry, settings.metrics, _authenticator)
    watched = Middleware(Watched, telemetry=telemetry, routes=routes)
    app = Starlette(routes=routes, lifespan=lifespan, middleware=[watched, *_cors(settings.cors_origins)])
    app.state.telemetry, app.state.served = telemetry, ServedState(telemetry, services_of)
    return app


def _database_check(find: Callable[[], Services | None]) -> Check:
    async def database_ready() -> str | None:
        if (services := find()) is None:
            return "starting"
        return None if await is_current(services.database) else "the database needs `shanhai database upgrade`"

    return database_ready


def _executor(
    settings: Settings, schema: strawberry.Schema, telemetry: Telemetry, find: Callable[[], Responses | None]
) -> Executes:
    """What answers operations: watched, with kept answers, and computed where there is none."""
    computing = Executor(schema, introspection=settings.introspection)
    return ObservedExecutor(CachingExecutor(computing, find), telemetry, settings.slow_seconds)


@asynccontextmanager
async def _opened(settings: Settings, services: Services, schema: str) -> AsyncIterator[_Opened]:
    policy = egress_policy(settings)
    async with (
        open_authenticator(settings, services.database, identity_keys(settings), policy) as authenticator,
        open_responses(settings, services, schema) as responses,
    ):
        exports = Exports(services.statistics.links, services.statistics, settings.exports_dir)
        yield _Opened(services.graph_services(), authenticator, exports, services.training.published, responses)


def _found(request: Request) -> _Opened:
    opened: _Opened = request.app.state.opened
    return opened


def _authenticator(request: Request) -> Authenticator:
    return _found(request).authenticator


def _cors(origins: Sequence[str]) -> list[Middleware]:
    """Let pages of these origins ask from a browser; nobody else's may."""
    if not origins:
        return []
    cors = Middleware(
        CORSMiddleware,
        allow_origins=list(origins),
        allow_headers=["content-type", "authorization", "shanhai-purpose", "x-request-id"],
        allow_methods=["GET", "POST"],
        expose_headers=["x-request-id", "retry-after", "ratelimit", "ratelimit-policy", "x-cache", "age"],
    )
    return [cors]
