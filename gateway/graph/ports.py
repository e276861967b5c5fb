"""What the graph needs from the slices: small protocols, satisfied where the application is put together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from gateway.catalog.query import FacetDimension, SearchRequest
from gateway.catalog.results import Facet, Highlight, RelatedPage, ResourceKey, SearchPage, Suggestion
from schema.access import Access
from schema.platforms import Capability, PlatformDescription
from schema.programs import Program
from schema.relations import Relation
from schema.resources import CatalogResource


class Catalog(Protocol):
    """Search and look-up; `visible` are the tiers that the viewer may see."""

    async def search(self, request: SearchRequest) -> SearchPage:
        """One page; raises CursorInvalid, CursorExpired and NotReady."""
        ...

    async def facets(self, request: SearchRequest, dimensions: Sequence[FacetDimension], limit: int) -> Sequence[Facet]:
        """Counts of the same search, one facet for each dimension in the order asked."""
        ...

    async def suggest(self, prefix: str, first: int, visible: frozenset[Access]) -> Sequence[Suggestion]:
        """At most `first` completions, most frequent first."""
        ...

    def highlights(self, query: str, resource: CatalogResource) -> Sequence[Highlight]:
        """Where the words of a query stand in a resource; no I/O."""
        ...

    async def resources(
        self, keys: Sequence[ResourceKey], visible: frozenset[Access]
    ) -> Sequence[CatalogResource | None]:
        """One entry for each key, None where nothing is found or may be seen."""
        ...

    async def copies(
        self, keys: Sequence[ResourceKey], visible: frozenset[Access]
    ) -> Sequence[Sequence[CatalogResource]]:
        """For each key the same work on other platforms."""
        ...

    async def related(
        self,
        key: ResourceKey,
        relations: Sequence[Relation] | None,
        first: int,
        after: str | None,
        visible: frozenset[Access],
    ) -> RelatedPage:
        """One page of links of one resource, all relations where None is given."""
        ...

    async def counts_by_platform(self) -> Mapping[str, int]:
        """Stored resources of every tier by platform code."""
        ...


@dataclass(frozen=True, slots=True)
class PlatformView:
    """A platform with what its connector can do."""

    description: PlatformDescription
    capabilities: frozenset[Capability]


class Platforms(Protocol):
    """Every platform that is connected."""

    def all(self) -> tuple[PlatformView, ...]:
        """All platforms in a stable order."""
        ...

    def get(self, code: str) -> PlatformView | None:
        """The platform with this code."""
        ...


class HealthState(StrEnum):
    """How a platform has been answering."""

    HEALTHY = "HEALTHY"
    DEGRADED = "DEGRADED"
    DOWN = "DOWN"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class PlatformState:
    """How a platform is doing; `last_harvested_at` is the end of its last complete harvest."""

    health_state: HealthState = HealthState.UNKNOWN
    since: datetime | None = None
    last_error: str | None = None
    last_harvested_at: datetime | None = None


class PlatformStates(Protocol):
    """What harvests and checks have seen of the platforms."""

    async def states(self, codes: Sequence[str]) -> Mapping[str, PlatformState]:
        """States by platform code; a platform nobody has spoken to yet may be absent."""
        ...


class Programs(Protocol):
    """Every joint program."""

    def all(self) -> tuple[Program, ...]:
        """All programs in a stable order."""
        ...

    def get(self, code: str) -> Program | None:
        """The program with this code."""
        ...
