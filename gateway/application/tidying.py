"""What nobody serves any more leaves the database: canaries that ended, and connectors that somebody retired.

Records and usage of a connector whose manifest file is gone stay, because files also go by mistake.
"""

import asyncio
from logging import getLogger

from sqlalchemy.exc import SQLAlchemyError

from gateway.catalog import CatalogService
from gateway.following import follow
from gateway.harvesting import HarvestingService
from gateway.registry import LiveRegistry, RegistryService, is_canary, served_code

_log = getLogger("shanhai.application")


class Tidying:
    """Compares what is stored with the registry; what another process ended is tidied by whoever sees it first."""

    def __init__(
        self, live: LiveRegistry, registrations: RegistryService, harvesting: HarvestingService, catalog: CatalogService
    ) -> None:
        self._live, self._registrations = live, registrations
        self._harvesting, self._catalog = harvesting, catalog

    async def follow(self, interval: float, stopping: asyncio.Event) -> None:
        """Tidy every so many seconds until `stopping` is set."""

        def failed(error: Exception) -> None:
            if isinstance(error, OSError | SQLAlchemyError):
                _log.warning("the catalog cannot be tidied now: %s", type(error).__name__)
            else:
                _log.exception("the catalog could not be tidied; trying again in %s s", interval)

        await follow(self.look, interval, stopping, failed)

    async def look(self) -> None:
        """Remove what belongs to no connector; counts are remembered as long as the index does not change."""
        registry = self._live.current
        kept = {*await self._catalog.counts_by_platform(), *await self._harvesting.counting_platforms()}
        for code in sorted(kept):
            if code not in registry.connectors and code not in registry.suspended and await self._is_over(code):
                removed = await self._harvesting.drop_lane(code)
                _log.info("%s resources and the usage of %s were removed: nobody serves them any more", removed, code)

    async def _is_over(self, code: str) -> bool:
        """Asked of the database, since another process may have begun a trial that this one does not serve yet."""
        if not is_canary(code):
            return await self._registrations.retired_by_hand(code)
        connector = await self._registrations.connector(served_code(code))
        return connector is None or connector.canary is None
