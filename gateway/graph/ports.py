"""What the graph needs from the slices: small protocols, satisfied where the application is put together."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from gateway.catalog.query import FacetDimension, SearchRequest
from gateway.catalog.results import Facet, Highlight, RelatedPage, ResourceKey, SearchPage, Suggestion
from gateway.harvesting import (
    HarvestKind,
    HarvestRun,
    QuarantinedRecord,
    QuarantinePage,
    RunFilter,
    RunPage,
    UnmappedValue,
)
from gateway.registry import (
    ConnectorOutcome,
    ConnectorPage,
    ConnectorState,
    ConnectorView,
    DriftView,
    TestReadOutcome,
    VersionView,
)
from schema.access import Access
from schema.findings import Finding
from schema.platforms import Capability, PlatformDescription
from schema.programs import Program
from schema.relations import Relation
from schema.resources import CatalogResource


class Catalog(Protocol):
    """Search and look-up; `visible` are the tiers that the viewer may see."""

    async def search(
        self, request: SearchRequest, *, by_platform: bool = True, facets: Sequence[FacetDimension] = ()
    ) -> SearchPage:
        """One page; raises CursorInvalid, CursorExpired and NotReady.

        Totals by platform are left out where nobody needs them; `facets` names dimensions worth counting on the way,
        because `facets` will be asked for them.
        """
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
class CircuitState:
    """The circuit breaker around one operation, as it is at the moment of the question; see `Circuit` of the graph."""

    operation: str
    open: bool
    failures: int
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PlatformState:
    """How a platform is doing; `last_harvested_at` is the end of its last complete harvest."""

    health_state: HealthState = HealthState.UNKNOWN
    since: datetime | None = None
    last_error: str | None = None
    last_harvested_at: datetime | None = None
    circuits: tuple[CircuitState, ...] = ()


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


class CoveredField(Protocol):
    """Whether a field of the common schema is mapped; `filled` is its share of the records looked at, 0 to 1."""

    @property
    def field(self) -> str: ...
    @property
    def required(self) -> bool: ...
    @property
    def mapped(self) -> bool: ...
    @property
    def filled(self) -> float | None: ...


class CheckedManifest(Protocol):
    """The report of a manifest's check; `resolved` is the manifest with its defaults filled in."""

    @property
    def ok(self) -> bool: ...
    @property
    def findings(self) -> Sequence[Finding]: ...
    @property
    def coverage(self) -> Sequence[CoveredField]: ...
    @property
    def resolved(self) -> str | None: ...


class Connectors(Protocol):
    """The registry. Actions name the platform, and `by`, who asks; what was refused changed nothing and is told."""

    async def connectors(
        self, *, states: Collection[ConnectorState] | None = None, first: int = 50, after: str | None = None
    ) -> ConnectorPage:
        """Connectors by platform code; `after` is the code of the last one of the page before."""
        ...

    async def connector(self, code: str) -> ConnectorView | None:
        """The connector of one platform."""
        ...

    async def connectors_by_code(self, codes: Collection[str]) -> Mapping[str, ConnectorView]:
        """Those of the connectors that exist."""
        ...

    async def versions(self, code: str) -> tuple[VersionView, ...]:
        """Every version of a connector, newest first."""
        ...

    async def version(self, code: str, number: int) -> VersionView | None:
        """One version of a connector."""
        ...

    async def drift(self, code: str) -> tuple[DriftView, ...]:
        """How the shape of the platform's records changed since the active version was first harvested."""
        ...

    def check(self, manifest: str) -> CheckedManifest:
        """Offline check of a manifest: no network, no stored state; blocks while it reads."""
        ...

    async def register(self, *, manifest: str, credentials: Mapping[str, str], by: str) -> ConnectorOutcome:
        """A new connector, in draft."""
        ...

    async def publish(self, *, platform: str, manifest: str, canary: bool, by: str) -> ConnectorOutcome:
        """A new version of a connector, on trial beside the active one if `canary`."""
        ...

    async def verify(self, *, platform: str, version: int | None, by: str) -> ConnectorOutcome:
        """Check a version offline and live; the newest one where None is given."""
        ...

    async def activate(self, *, platform: str, version: int | None, by: str) -> ConnectorOutcome:
        """Serve a version; the newest one where None is given."""
        ...

    async def rollback(self, *, platform: str, by: str) -> ConnectorOutcome:
        """Serve the version that was active before."""
        ...

    async def suspend(self, *, platform: str, reason: str, by: str) -> ConnectorOutcome:
        """Stop asking the platform for now."""
        ...

    async def retire(self, *, platform: str, by: str) -> ConnectorOutcome:
        """Stop asking the platform for good."""
        ...

    async def set_credentials(self, *, platform: str, values: Mapping[str, str], by: str) -> ConnectorOutcome:
        """Seal values in place of those of the same names."""
        ...

    async def test_read(
        self,
        *,
        manifest: str,
        platform: str | None,
        credentials: Mapping[str, str],
        capability: Capability,
        limit: int,
    ) -> TestReadOutcome:
        """The first records through a manifest; with `platform`, that connector's sealed credentials are used."""
        ...


class Harvests(Protocol):
    """Harvest runs and what they found; raises CursorInvalid for an `after` that is not of the list."""

    async def run(self, run_id: str) -> HarvestRun | None:
        """One run."""
        ...

    async def runs(self, wanted: RunFilter, *, first: int, after: str | None) -> RunPage:
        """Runs, newest first; `after` is the id of the last one of the page before."""
        ...

    async def quarantined(self, platform: str, *, code: str | None, first: int, after: str | None) -> QuarantinePage:
        """Rejected records of a platform, newest first; `after` is the id of the last one of the page before."""
        ...

    async def quarantined_record(self, record_id: str) -> QuarantinedRecord | None:
        """One rejected record."""
        ...

    async def unmapped_values(self, platform: str) -> Sequence[UnmappedValue]:
        """Values of a platform that no vocabulary table knows, most frequent first."""
        ...

    async def start(self, platform: str, kind: HarvestKind, *, by: str) -> HarvestRun:
        """Start a run and return it while it works; raises HarvestInProgress and InvalidInput."""
        ...

    async def cancel(self, run_id: str, *, by: str) -> HarvestRun:
        """Ask a run to end and return it; raises InvalidInput for one that is unknown or over."""
        ...
