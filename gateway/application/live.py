"""Live search put together: open worlds, what asks each platform, and what merges the answers."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from gateway.application.asking import asking_rules
from gateway.application.live_platforms import RegistryLivePlatforms
from gateway.application.live_worlds import LiveWorlds
from gateway.application.worlds import ConnectorSecrets, Worlds
from gateway.catalog import CatalogService
from gateway.catalog.live.asking import Asking, Observer
from gateway.catalog.live.ports import HarvestAge
from gateway.catalog.live.service import LiveSearchService
from gateway.catalog.ports import PlatformNames
from gateway.harvesting import HarvestingService
from gateway.registry import LiveRegistry
from gateway.settings import Settings


@dataclass(frozen=True, slots=True)
class LiveParts:
    """Live search, and what of it others watch or drive."""

    search: LiveSearchService
    asking: Asking
    worlds: LiveWorlds

    def open_circuits(self) -> Mapping[str, bool]:
        """By the code of each platform that was asked, whether it is left alone after failures."""
        return {code: circuit.open for code, circuit in self.asking.circuits().items()}

    async def follow(self, interval: float, stopping: asyncio.Event) -> None:
        """Close worlds that nobody needs any more, every so many seconds until told to stop."""
        await self.worlds.follow(interval, stopping)


class CatalogAges:
    """How old harvests are, and how old manifests let them become."""

    def __init__(self, live: LiveRegistry, harvesting: HarvestingService) -> None:
        self._live, self._harvesting = live, harvesting

    async def ages(self, codes: Sequence[str]) -> Mapping[str, HarvestAge]:
        """Ages of the platforms that are served."""
        harvested = await self._harvesting.last_harvested(codes)
        connectors = self._live.current.connectors
        return {
            code: HarvestAge(harvested.get(code), connectors[code].connector.freshness)
            for code in codes
            if code in connectors
        }


@asynccontextmanager
async def open_live(
    settings: Settings,
    live: LiveRegistry,
    worlds: Worlds,
    secrets: ConnectorSecrets,
    names: PlatformNames,
    catalog: CatalogService,
    harvesting: HarvestingService,
    observer: Observer | None = None,
) -> AsyncIterator[LiveParts]:
    """Live search over what is served; nothing is asked or opened before somebody searches.

    `observer` is told of every question and every call to a platform.
    """
    async with LiveWorlds(live, worlds, secrets) as opened:
        platforms = RegistryLivePlatforms(live, opened)
        asking = Asking(platforms, asking_rules(settings), observer=observer)
        search = LiveSearchService(platforms, asking, names, catalog, CatalogAges(live, harvesting), asking.recent)
        try:
            yield LiveParts(search, asking, opened)
        finally:
            await asking.aclose()
