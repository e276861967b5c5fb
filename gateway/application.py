"""The composition root: opens everything, satisfies every port, and is the ASGI application."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request

from connectors.context import ConnectorContext
from connectors.transport import open_transport
from gateway.cache import open_cache
from gateway.catalog import CatalogService, open_catalog
from gateway.errors import InvalidInput, NotReady
from gateway.graph.context import (
    GraphContext,
    GraphServices,
    HealthState,
    PlatformState,
    PlatformView,
)
from gateway.graph.execution import Executor
from gateway.graph.schema import build_schema
from gateway.harvesting import HarvestingService, HarvestRun, RunState
from gateway.identity import Principal
from gateway.registry import RegisteredConnector, Registry, SecretStore
from gateway.settings import Settings
from gateway.storage import Database, is_current, open_database, upgrade
from gateway.web import Authenticator, build_routes
from schema.programs import Program, programs

FOLLOW_SECONDS = 1.0
"""How often a node looks for changes that another process committed."""

_HEALTH = {
    RunState.SUCCEEDED: HealthState.HEALTHY,
    RunState.PARTIAL: HealthState.DEGRADED,
    RunState.FAILED: HealthState.DOWN,
}


class RegistryPlatforms:
    """Platforms as the graph and the catalog ask for them, answered by the registry."""

    def __init__(self, registry: Registry) -> None:
        self._views = {
            code: PlatformView(entry.platform, entry.capabilities)
            for code, entry in sorted(registry.connectors.items())
        }

    def all(self) -> tuple[PlatformView, ...]:
        """All platforms by code."""
        return tuple(self._views.values())

    def get(self, code: str) -> PlatformView | None:
        """The platform with this code."""
        return self._views.get(code)

    def codes(self) -> Collection[str]:
        """Codes of every platform."""
        return self._views.keys()

    def label(self, code: str) -> str | None:
        """The platform's name."""
        view = self._views.get(code)
        return view.description.name if view else None

    def region(self, code: str) -> str | None:
        """The platform's region."""
        view = self._views.get(code)
        return view.description.region if view else None


class HarvestStates:
    """How platforms are doing, judged by their harvests."""

    def __init__(self, harvesting: HarvestingService) -> None:
        self._harvesting = harvesting

    async def states(self, codes: Sequence[str]) -> Mapping[str, PlatformState]:
        """States of the platforms that were harvested at least once."""
        last = await self._harvesting.last_ended(codes)
        harvested = await self._harvesting.last_harvested(codes)
        return {code: _state(run, harvested) for code, run in last.items()}


def _state(run: HarvestRun, harvested: Mapping[str, datetime]) -> PlatformState:
    return PlatformState(
        health_state=_HEALTH.get(run.state, HealthState.UNKNOWN),
        since=run.finished_at or run.started_at,
        last_error=run.error_code,  # everybody may ask; what the platform said is in the run's report
        last_harvested_at=harvested.get(run.platform),
    )


class ProgramTable:
    """Joint programs from the schema's table."""

    def all(self) -> tuple[Program, ...]:
        """All programs in the order of the table."""
        return tuple(programs().values())

    def get(self, code: str) -> Program | None:
        """The program with this code."""
        return programs().get(code)


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that is open while the gateway runs."""

    settings: Settings
    database: Database
    registry: Registry
    secrets: SecretStore
    harvesting: HarvestingService
    catalog: CatalogService
    platforms: RegistryPlatforms

    @asynccontextmanager
    async def connector_context(self, entry: RegisteredConnector) -> AsyncIterator[ConnectorContext]:
        """The world of one connector, with a transport of its own that is closed at the end of the block."""
        transport = open_transport(entry.connector.limits, self.settings.reroutes)
        code = entry.platform.code
        try:
            yield ConnectorContext(code, transport, self.secrets.for_platform(code, entry.secret_names))
        finally:
            await transport.aclose()

    def graph_services(self) -> GraphServices:
        """The slices as the graph sees them."""
        return GraphServices(self.catalog, self.platforms, HarvestStates(self.harvesting), ProgramTable())


@asynccontextmanager
async def open_database_of(settings: Settings) -> AsyncIterator[Database]:
    """The database of these settings, at the version this program needs."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(f"data directory {settings.data_dir}: {error.strerror}") from None
    database = open_database(settings.resolved_database_url)
    try:
        try:
            if not await is_current(database):
                await upgrade(database)
        except (OSError, SQLAlchemyError) as error:
            raise NotReady(
                f"the database cannot be opened: {type(error).__name__}; see SHANHAI_DATABASE_URL"
            ) from error
        yield database
    finally:
        await database.aclose()


@asynccontextmanager
async def open_services(settings: Settings, secrets: SecretStore | None = None) -> AsyncIterator[Services]:
    """Open everything in order; it is closed in reverse."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database_of(settings))
        registry = Registry.load(settings.manifests, builtin=settings.builtin_platforms)
        platforms = RegistryPlatforms(registry)
        cache = await stack.enter_async_context(open_cache(settings.redis_url))
        catalog = await stack.enter_async_context(
            await open_catalog(database, settings.index_dir, platforms, cache=cache)
        )
        yield Services(
            settings=settings,
            database=database,
            registry=registry,
            secrets=secrets or SecretStore.from_file(settings.secrets_file),
            harvesting=HarvestingService(database),
            catalog=catalog,
            platforms=platforms,
        )


def create_app(settings: Settings | None = None) -> Starlette:
    """The ASGI application; nothing is opened before its lifespan starts."""
    settings = settings or Settings()
    admin_key = settings.admin_key.get_secret_value() if settings.admin_key else None

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with open_services(settings) as services:
            app.state.services = services
            app.state.graph_services = services.graph_services()
            stopping = asyncio.Event()
            following = asyncio.create_task(services.catalog.follow(FOLLOW_SECONDS, stopping))
            try:
                yield
            finally:
                stopping.set()
                await following

    def make_context(request: Request, principal: Principal, request_id: str) -> GraphContext:
        return GraphContext(request.app.state.graph_services, principal, request_id)

    async def database_ready() -> str | None:
        services: Services | None = getattr(app.state, "services", None)
        if services is None:
            return "starting"
        return None if await is_current(services.database) else "the database needs `shanhai database upgrade`"

    executor = Executor(build_schema(), introspection=settings.introspection)
    routes = build_routes(executor, make_context, Authenticator(admin_key), {"database": database_ready})
    app = Starlette(routes=routes, lifespan=lifespan, middleware=_cors(settings.cors_origins))
    return app


def _cors(origins: Sequence[str]) -> list[Middleware]:
    """Let pages of these origins ask from a browser; nobody else's may."""
    if not origins:
        return []
    headers = ["content-type", "authorization", "x-request-id"]
    methods = ["GET", "POST"]
    return [Middleware(CORSMiddleware, allow_origins=list(origins), allow_headers=headers, allow_methods=methods)]
