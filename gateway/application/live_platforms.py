"""Platforms as live search asks for them: those of the registry at this moment, with worlds that stay open."""

from collections.abc import Collection, Sequence
from contextlib import AbstractAsyncContextManager

from gateway.application.live_worlds import LiveWorlds
from gateway.catalog.live.asking import Serving
from gateway.catalog.live.ports import OpenPlatform
from gateway.registry import LiveRegistry, RegisteredConnector, Registry, is_canary
from schema.access import Access
from schema.platforms import Capability


class RegistryLivePlatforms:
    """Satisfies `gateway.catalog.live.asking.ServedPlatforms`."""

    def __init__(self, live: LiveRegistry, worlds: LiveWorlds) -> None:
        self._live, self._worlds = live, worlds
        self._registry: Registry | None = None
        self._known: dict[str, RegisteredConnector] = {}
        self._searchable: frozenset[str] = frozenset()

    def codes(self) -> Sequence[str]:
        """Codes of every listed platform in their order, suspended ones among them; never of versions on trial."""
        return tuple(self._current())

    def searchable(self) -> Collection[str]:
        """Codes of those that have a search of their own and are not suspended."""
        self._current()
        return self._searchable

    def suspended(self) -> Collection[str]:
        """Codes of those that somebody has suspended."""
        return self._live.current.suspended.keys()

    def access(self, code: str) -> Access:
        """The platform's own rule; that of one nobody knows any more shows its records to nobody."""
        entry = self._current().get(code)
        return entry.platform.access if entry is not None else Access.SCHOOL

    def region(self, code: str) -> str | None:
        """GB/T 2260 code of the platform's region."""
        entry = self._current().get(code)
        return entry.platform.region if entry is not None else None

    def serving(self, code: str) -> Serving | None:
        """What serves the platform now, None where it is not served."""
        self._current()
        entry = self._known.get(code) if code in self._searchable else None
        return Serving(entry.connector.version, entry.revision) if entry is not None else None

    def open(self, code: str) -> AbstractAsyncContextManager[OpenPlatform]:
        """A lease on the platform's connector and its long-lived world, as `LiveWorlds.lease` says."""
        return self._worlds.lease(code)

    def _current(self) -> dict[str, RegisteredConnector]:
        registry = self._live.current
        if registry is not self._registry:
            served = {code: entry for code, entry in registry.connectors.items() if not is_canary(code)}
            self._known = dict(sorted({**registry.suspended, **served}.items()))
            self._searchable = frozenset(
                code for code, entry in served.items() if Capability.LIVE_SEARCH in entry.capabilities
            )
            self._registry = registry
        return self._known
