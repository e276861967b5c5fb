"""What live search needs from elsewhere, as protocols that the composition root satisfies."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from connectors.context import ConnectorContext
from connectors.contract import Searches
from connectors.records import LiveQuery
from gateway.catalog.live.model import SourceAnswer
from gateway.catalog.query import SearchRequest
from gateway.catalog.results import SearchPage
from schema.access import Access


@dataclass(frozen=True, slots=True)
class OpenPlatform:
    """A platform's connector and its world, open as long as the lease on them lasts."""

    connector: Searches
    context: ConnectorContext


class LivePlatforms(Protocol):
    """The platforms as they are served at this moment; cheap but for `open`."""

    def codes(self) -> Sequence[str]:
        """Codes of every listed platform, in a stable order; never of versions on trial."""
        ...

    def searchable(self) -> Collection[str]:
        """Codes of those that have a search of their own and are not suspended."""
        ...

    def suspended(self) -> Collection[str]:
        """Codes of those that somebody has suspended."""
        ...

    def access(self, code: str) -> Access:
        """The platform's own rule, which narrows that of its records."""
        ...

    def region(self, code: str) -> str | None:
        """GB/T 2260 code of the platform's region, which its records have unless they state their own."""
        ...

    def open(self, code: str) -> AbstractAsyncContextManager[OpenPlatform]:
        """A lease on the platform's connector and its long-lived transport.

        What is replaced meanwhile stays open until its last lease ends. Raises `NotReady` for a platform that is not
        served any more, and `ConnectorError` where its world cannot be opened.
        """
        ...


class Asks(Protocol):
    """Asks one platform, with everything that protects both sides: flights, kept answers, breaker."""

    async def ask(self, platform: str, query: LiveQuery, visible: frozenset[Access], seconds: float) -> SourceAnswer:
        """What the platform answers within so many seconds; its troubles are an outcome, never an exception."""
        ...


@dataclass(frozen=True, slots=True)
class HarvestAge:
    """When a platform's harvest was last complete, and how old it may become; None where nobody says."""

    harvested_at: datetime | None = None
    target: timedelta | None = None


class HarvestAges(Protocol):
    """How old the catalog's knowledge of each platform is."""

    async def ages(self, codes: Sequence[str]) -> Mapping[str, HarvestAge]:
        """Ages by platform code; one that was never harvested may be absent."""
        ...


class HarvestedCatalog(Protocol):
    """The catalog of what was harvested."""

    async def search(self, request: SearchRequest) -> SearchPage:
        """One page; raises CursorInvalid, CursorExpired and NotReady."""
        ...
