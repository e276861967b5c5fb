"""The registry as it is served: swapped whole, so that a request in flight keeps the one it started with."""

import asyncio
import logging
from collections.abc import Sequence

from sqlalchemy.exc import SQLAlchemyError

from connectors.plugins import BrokenPlugin, LoadedPlugin
from gateway.following import follow
from gateway.registry.directory import Registry
from gateway.registry.service import RegistryService

LOG = logging.getLogger("shanhai.registry")


class LiveRegistry:
    """Holds the current registry; readers take `current` once per operation.

    `plugins` stay the same as long as the process runs, while manifests beside them come and go.
    """

    def __init__(
        self, service: RegistryService, current: Registry, plugins: Sequence[LoadedPlugin | BrokenPlugin] = ()
    ) -> None:
        self._service = service
        self._plugins = plugins
        self._current = current.beside(plugins)
        self._refreshing = asyncio.Lock()

    @classmethod
    async def open(
        cls, service: RegistryService, plugins: Sequence[LoadedPlugin | BrokenPlugin] = ()
    ) -> "LiveRegistry":
        """With the registry of this moment; plug-ins that are left out are logged."""
        snapshot = await service.snapshot()
        opened = cls(service, snapshot, plugins)
        for each in opened.current.rejected[len(snapshot.rejected) :]:
            LOG.warning("left out %s: %s", each.source, "; ".join(finding.message for finding in each.findings[:3]))
        return opened

    @property
    def current(self) -> Registry:
        """What is served now."""
        return self._current

    async def refresh(self) -> bool:
        """Take over what any process has changed since, and say whether there was anything."""
        async with self._refreshing:  # a slower one must not put an older registry in place of a newer
            if not await self._service.changed_since(self._current.revision):
                return False
            self._current = (await self._service.snapshot()).beside(self._plugins)
            return True

    async def follow(self, interval: float, stopping: asyncio.Event) -> None:
        """Refresh every so many seconds until told to stop; a database that is away is tried again."""

        def failed(error: Exception) -> None:
            if isinstance(error, OSError | SQLAlchemyError):
                LOG.warning("the registry cannot be read: %s", type(error).__name__)
            else:
                LOG.exception("the registry could not be read; trying again in %s s", interval)

        await follow(self.refresh, interval, stopping, failed)
