"""Everything that is open while the gateway runs, opened in order and closed in reverse."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from connectors.context import ConnectorContext
from connectors.errors import ConnectorError
from connectors.plugins import LoadedPlugin, discover
from connectors.shapes import Shape
from connectors.transport import EgressPolicy
from gateway.access.service import AccessService, open_access
from gateway.application.connectors import HarvestActions, HarvestedConnectors, RegistryActions
from gateway.application.counting import harvest_listener
from gateway.application.live import LiveParts, open_live
from gateway.application.platforms import HarvestStates, ProgramTable, RegistryPlatforms
from gateway.application.tidying import Tidying
from gateway.application.tokens import identity_keys
from gateway.application.training import open_training_of
from gateway.application.worlds import ConnectorSecrets, Worlds
from gateway.cache import open_cache
from gateway.catalog import CatalogService, open_catalog
from gateway.clock import utc_now
from gateway.errors import InvalidInput, NotReady
from gateway.graph.context import GraphServices
from gateway.harvesting import HarvestingService, Scheduler, Worker
from gateway.harvesting.reach import Reach
from gateway.harvesting.service import EndListener
from gateway.keyed import secret_key
from gateway.registry import (
    LiveRegistry,
    RegisteredConnector,
    Registry,
    RegistryService,
    SecretStore,
    Vault,
    served_code,
)
from gateway.settings import Settings
from gateway.statistics import StatisticsService, open_statistics
from gateway.statistics.links import Links
from gateway.storage import Database, is_current, open_database, upgrade
from gateway.telemetry import Telemetry
from gateway.training import TrainingService
from gateway.training.records.intake import Intake
from schema.programs import programs

FOLLOW_SECONDS = 1.0
"""How often a node looks for changes that another process committed."""


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that is open while the gateway runs."""

    settings: Settings
    database: Database
    registrations: RegistryService
    live: LiveRegistry
    harvested: HarvestedConnectors
    harvesting: HarvestingService
    catalog: CatalogService
    platforms: RegistryPlatforms
    statistics: StatisticsService
    access: AccessService
    training: TrainingService
    live_search: LiveParts

    @property
    def registry(self) -> Registry:
        """What is served at this moment."""
        return self.live.current

    def connector_context(self, entry: RegisteredConnector) -> AbstractAsyncContextManager[ConnectorContext]:
        """The world of one connector, with a transport of its own that is closed at the end of the block."""
        return self.harvested.open(entry.platform.code)

    def graph_services(self) -> GraphServices:
        """The slices as the graph sees them."""
        return GraphServices(
            self.catalog,
            self.platforms,
            HarvestStates(self.harvesting, self.live_search.asking.circuits),
            ProgramTable(),
            RegistryActions(self.registrations, self.live, self.harvesting),
            HarvestActions(self.harvesting, self.live),
            self.statistics,
            self.training,
            self.access.agreements,
            self.access,
            self.live_search.search,
        )

    async def work(self, stopping: asyncio.Event) -> None:
        """Follow other processes and harvest in the background until `stopping` is set."""
        workers = self.settings.harvest_workers
        scheduler = Scheduler(self.harvesting, self.harvested, enabled=self.settings.schedule and workers > 0)
        tidying = Tidying(self.live, self.registrations, self.harvesting, self.catalog)
        tasks = [
            self.catalog.follow(FOLLOW_SECONDS, stopping),
            self.statistics.follow(FOLLOW_SECONDS, stopping),
            self.training.follow(FOLLOW_SECONDS, stopping),
            self.live.follow(FOLLOW_SECONDS, stopping),
            self.live_search.follow(FOLLOW_SECONDS, stopping),
            scheduler.run(stopping),
            tidying.follow(FOLLOW_SECONDS, stopping),
        ]
        if workers > 0:
            tasks.append(Worker(self.harvesting, self.harvested, most=workers).run(stopping))
        await asyncio.gather(*tasks)


@asynccontextmanager
async def open_database_of(settings: Settings) -> AsyncIterator[Database]:
    """The database of these settings, at the version this program needs."""
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)  # it holds personal data
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
async def open_services(
    settings: Settings, secrets: SecretStore | None = None, telemetry: Telemetry | None = None
) -> AsyncIterator[Services]:
    """Open everything in order; it is closed in reverse. `telemetry` counts harvests and live searches."""
    on_harvest = harvest_listener(telemetry) if telemetry else None
    worlds = Worlds(settings, egress_policy(settings))
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database_of(settings))
        operator = secrets or SecretStore.from_file(settings.secrets_file)
        registrations, live = await _open_registry(settings, database, worlds, operator)
        platforms = RegistryPlatforms(live)
        cache = await stack.enter_async_context(open_cache(settings.redis_url))
        catalog = await stack.enter_async_context(
            await open_catalog(database, settings.index_dir, platforms, cache=cache)
        )

        statistics = await stack.enter_async_context(await _open_statistics(settings, database, platforms))
        keys = identity_keys(settings)
        access = open_access(database, keys, utc_now)
        training = await open_training_of(settings, database, access, keys, platforms)
        harvesting = _open_harvesting(settings, database, registrations, Intake(training.posting, keys), on_harvest)
        connector_secrets = ConnectorSecrets(registrations, operator)
        live_search = await stack.enter_async_context(
            open_live(settings, live, worlds, connector_secrets, platforms, catalog, harvesting, telemetry)
        )
        yield Services(
            settings=settings,
            database=database,
            registrations=registrations,
            live=live,
            harvested=HarvestedConnectors(live, worlds, connector_secrets),
            harvesting=harvesting,
            catalog=catalog,
            platforms=platforms,
            statistics=statistics,
            access=access,
            training=training,
            live_search=live_search,
        )


async def _open_registry(
    settings: Settings, database: Database, worlds: Worlds, operator: SecretStore
) -> tuple[RegistryService, LiveRegistry]:
    """What is registered, with the manifests of files taken in, and what of it and of plug-ins is served."""
    key = settings.sealing_key.get_secret_value() if settings.sealing_key else None
    plugins = await asyncio.to_thread(discover)  # their modules may take long, and may run loops of their own
    plugged = frozenset(each.connector.platform.code for each in plugins if isinstance(each, LoadedPlugin))
    registrations = RegistryService(database, utc_now, Vault.from_setting(key), worlds.open, operator, plugged)
    await registrations.synchronize_files(settings.manifests, builtin=settings.builtin_platforms)
    return registrations, await LiveRegistry.open(registrations, plugins)


def _open_harvesting(
    settings: Settings,
    database: Database,
    registrations: RegistryService,
    intake: Intake,
    on_end: EndListener | None,
) -> HarvestingService:
    reach = Reach(backfill_days=settings.usage_backfill_days, lookback_days=settings.usage_lookback_days)

    async def keep_shape(platform: str, version: int, run_id: str, shape: Shape) -> None:
        await registrations.record_shape(served_code(platform), version, run_id, shape.paths, shape.records)

    return HarvestingService(database, reach=reach, on_shape=keep_shape, intake=intake, on_end=on_end)


async def _open_statistics(settings: Settings, database: Database, platforms: RegistryPlatforms) -> StatisticsService:
    chosen = settings.signing_key.get_secret_value() if settings.signing_key else None
    links = Links(secret_key(chosen, settings.data_dir / "signing.key", "SHANHAI_SIGNING_KEY"), settings.export_seconds)
    return await open_statistics(
        database, settings.lake_dir, platforms, programs(), links, smallest_shown=settings.smallest_shown
    )


def egress_policy(settings: Settings) -> EgressPolicy:
    """What connectors may reach; raises `InvalidInput` for an entry that is no host."""
    try:
        return EgressPolicy.parse(settings.egress_allow)
    except (ValueError, ConnectorError) as error:
        raise InvalidInput(f"SHANHAI_EGRESS_ALLOW: {error}") from None
