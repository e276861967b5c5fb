"""The composition root: opens everything, satisfies every port, and is the ASGI application."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request

from gateway.application.services import Services, egress_policy, open_database_of, open_services
from gateway.graph.context import GraphContext
from gateway.graph.execution import Executor
from gateway.graph.schema import build_schema
from gateway.identity import Principal
from gateway.settings import Settings
from gateway.storage import is_current
from gateway.web import Authenticator, Exports, build_routes, export_routes

__all__ = ["Services", "create_app", "egress_policy", "open_database_of", "open_services"]


def create_app(settings: Settings | None = None) -> Starlette:
    """The ASGI application; nothing is opened before its lifespan starts."""
    settings = settings or Settings()
    admin_key = settings.admin_key.get_secret_value() if settings.admin_key else None

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with open_services(settings) as services:
            app.state.services = services
            app.state.graph_services = services.graph_services()
            app.state.exports = Exports(services.statistics.links, services.statistics, settings.exports_dir)
            stopping = asyncio.Event()
            working = asyncio.create_task(services.work(stopping))
            try:
                yield
            finally:
                stopping.set()
                await working

    def make_context(request: Request, principal: Principal, request_id: str) -> GraphContext:
        base_url = settings.public_url or str(request.base_url).rstrip("/")
        return GraphContext(request.app.state.graph_services, principal, request_id, base_url)

    def find_exports(request: Request) -> Exports:
        exports: Exports = request.app.state.exports
        return exports

    async def database_ready() -> str | None:
        services: Services | None = getattr(app.state, "services", None)
        if services is None:
            return "starting"
        return None if await is_current(services.database) else "the database needs `shanhai database upgrade`"

    executor = Executor(build_schema(), introspection=settings.introspection)
    routes = build_routes(executor, make_context, Authenticator(admin_key), {"database": database_ready})
    routes += export_routes(find_exports)
    app = Starlette(routes=routes, lifespan=lifespan, middleware=_cors(settings.cors_origins))
    return app


def _cors(origins: Sequence[str]) -> list[Middleware]:
    """Let pages of these origins ask from a browser; nobody else's may."""
    if not origins:
        return []
    headers = ["content-type", "authorization", "x-request-id"]
    methods = ["GET", "POST"]
    return [Middleware(CORSMiddleware, allow_origins=list(origins), allow_headers=headers, allow_methods=methods)]
