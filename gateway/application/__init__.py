"""The composition root: opens everything, satisfies every port, and is the ASGI application."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import HTTPConnection

from gateway.application.endpoint import KEPT_DOCUMENTS, rules_of
from gateway.application.services import Services, egress_policy, open_database_of, open_services
from gateway.application.stopping import heeding
from gateway.application.tokens import identity_keys, open_authenticator, token_rules
from gateway.cache import open_cache
from gateway.graph.budget import Budget
from gateway.graph.context import GraphContext, GraphServices
from gateway.graph.execution import Executor
from gateway.graph.schema import build_schema
from gateway.identity import Principal
from gateway.settings import Settings
from gateway.storage import is_current
from gateway.training.certificates import Published
from gateway.web import Authenticator, Exports, Places, build_routes, credential_routes, export_routes
from gateway.web.documents import Kept

__all__ = ["Services", "create_app", "egress_policy", "open_database_of", "open_services"]


@dataclass(frozen=True, slots=True)
class _Opened:
    """What requests find while the application runs."""

    graph: GraphServices
    authenticator: Authenticator
    exports: Exports
    credentials: Published
    persisted: Kept


def create_app(settings: Settings | None = None) -> Starlette:
    """The ASGI application; nothing is opened before its lifespan starts."""
    settings = settings or Settings()
    places = Places()
    token_rules(settings)  # settings that cannot be are told before anything is opened

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with open_services(settings) as services, _opened(settings, services) as opened:
            app.state.services, app.state.opened = services, opened
            stopping = asyncio.Event()
            working = asyncio.create_task(services.work(stopping))
            try:
                with heeding(opened.graph.stopping, places.emptied):
                    yield
            finally:
                stopping.set()
                await rules.gate.aclose()
                await working

    def make_context(connection: HTTPConnection, principal: Principal, request_id: str) -> GraphContext:
        base_url, budget = _base_url(settings, connection), Budget(settings.cost_limit)
        return GraphContext(_found(connection).graph, principal, request_id, base_url, budget=budget)

    async def database_ready() -> str | None:
        services: Services | None = getattr(app.state, "services", None)
        if services is None:
            return "starting"
        return None if await is_current(services.database) else "the database needs `shanhai database upgrade`"

    executor = Executor(build_schema(), introspection=settings.introspection, compiled=settings.compiled)
    rules = rules_of(settings, executor, lambda connection: _found(connection).persisted)
    checks, origins = {"database": database_ready}, _page_origins(settings)
    routes = build_routes(executor, make_context, _find_authenticator, checks, rules, origins=origins, places=places)
    routes += export_routes(lambda request: _found(request).exports)
    routes += credential_routes(lambda request: _found(request).credentials)
    app = Starlette(routes=routes, lifespan=lifespan, middleware=_cors(settings.cors_origins))
    return app


@asynccontextmanager
async def _opened(settings: Settings, services: Services) -> AsyncIterator[_Opened]:
    policy = egress_policy(settings)
    async with (
        open_authenticator(settings, services.database, identity_keys(settings), policy) as authenticator,
        open_cache(settings.redis_url, namespace="shanhai:documents:", entries=KEPT_DOCUMENTS) as persisted,
    ):
        exports = Exports(services.statistics.links, services.statistics, settings.exports_dir)
        yield _Opened(services.graph_services(), authenticator, exports, services.training.published, persisted)


def _found(connection: HTTPConnection) -> _Opened:
    opened: _Opened = connection.app.state.opened
    return opened


def _find_authenticator(connection: HTTPConnection) -> Authenticator:
    return _found(connection).authenticator


def _base_url(settings: Settings, connection: HTTPConnection) -> str:
    """The address that the client used, where no other is set; one of HTTP also where it came by WebSocket."""
    if settings.public_url is not None:
        return settings.public_url
    asked = connection.base_url
    return str(asked.replace(scheme=asked.scheme.replace("ws", "http", 1))).rstrip("/")


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
            *("graphql-require-preflight", "traceparent", "tracestate"),
        ],
        allow_methods=["GET", "POST"],
        expose_headers=["x-request-id", "retry-after", "ratelimit", "ratelimit-policy"],
    )
    return [cors]
