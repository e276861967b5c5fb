"""The registry as it is served: swapped whole, so that a request in flight keeps the one it started with."""

import asyncio
import contextlib
import logging

from sqlalchemy.exc import SQLAlchemyError

from gateway.registry.directory import Registry
from gateway.registry.service import RegistryService

LOG = logging.getLogger("shanhai.registry")


class LiveRegistry:
    """Holds the current registry; readers take `current` once per operation."""

    def __init__(self, service: RegistryService, current: Registry) -> None:
        self._service = service
        self._current = current
        self._refreshing = asyncio.Lock()

    @classmethod
    async def open(cls, service: RegistryService) -> "LiveRegistry":
        """With the registry of this moment."""
        return cls(service, await service.snapshot())

    @property
    def current(self) -> Registry:
        """What is served now."""
        return self._current

    async def refresh(self) -> bool:
        """Take over what any process has changed since, and say whether there was anything."""
        async with self._refreshing:  # a slower one must not put an older registry in place of a newer
            if not await self._service.changed_since(self._current.revision):
                return False
            self._current = await self._service.snapshot()
            return True

    async def follow(self, interval: float, stopping: asyncio.Event) -> None:
        """Refresh every so many seconds until told to stop; a database that is away is tried again."""
        while not stopping.is_set():
            try:
                await self.refresh()
            except (OSError, SQLAlchemyError) as error:
                LOG.warning("the registry cannot be read: %s", type(error).__name__)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), interval)
