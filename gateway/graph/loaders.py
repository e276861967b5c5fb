"""Loaders of one request: what many fields ask for is fetched once and together."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from strawberry.dataloader import DataLoader

from gateway.catalog.results import ResourceKey
from gateway.errors import GatewayError, NotReady
from gateway.graph.ports import Catalog, Connectors, Harvests, PlatformState, PlatformStates
from gateway.graph.usage.ports import Usage
from gateway.harvesting import HarvestRun
from gateway.registry import ConnectorView
from gateway.statistics.reports import ReportCell
from schema.access import Access
from schema.resources import CatalogResource

T = TypeVar("T")
Recent = Callable[[Sequence[ResourceKey]], Sequence[CatalogResource | None]]
"""Live hits of the last minutes by key, as far as the viewer may see them."""


def opened(service: T | None, name: str) -> T:
    """A service that is there; raises NotReady that names the one that is not."""
    if service is None:
        raise NotReady(f"{name} is not open here")
    return service


@dataclass(frozen=True, slots=True)
class UsageKey:
    """A resource and the measures of its usage that are asked for; None is all it has."""

    resource: ResourceKey
    measures: tuple[str, ...] | None


class Loaders:
    """One set for each request, so that nothing seen by one viewer is kept for another; each made when first asked.

    What loads knows the services only: if it knew the set, that would hold itself until the collector finds it.
    """

    def __init__(
        self,
        catalog: Catalog,
        states: PlatformStates,
        connectors: Connectors | None,
        harvests: Harvests | None,
        usage: Usage | None,
        recent: Recent,
        visible: frozenset[Access],
    ) -> None:
        self._catalog, self._states, self._connectors = catalog, states, connectors
        self._harvests, self._usage = harvests, usage
        self._recent, self._visible = recent, visible

    @cached_property
    def resources(self) -> DataLoader[ResourceKey, CatalogResource | None]:
        """Resources by key."""
        return DataLoader(lookup(self._catalog, self._recent, self._visible))

    @cached_property
    def copies(self) -> DataLoader[ResourceKey, Sequence[CatalogResource]]:
        """Other records of the same work."""
        catalog, visible = self._catalog, self._visible

        async def load(keys: list[ResourceKey]) -> Sequence[Sequence[CatalogResource]]:
            return await catalog.copies(keys, visible)

        return DataLoader(load)

    @cached_property
    def platform_states(self) -> DataLoader[str, PlatformState]:
        """How platforms are, by code."""
        states = self._states

        async def load(codes: list[str]) -> Sequence[PlatformState]:
            found = await states.states(codes)
            return [found.get(code) or PlatformState() for code in codes]

        return DataLoader(load)

    @cached_property
    def connectors(self) -> DataLoader[str, ConnectorView | None]:
        """Registered connectors by code."""
        connectors = self._connectors

        async def load(codes: list[str]) -> Sequence[ConnectorView | None]:
            found = await opened(connectors, "the connector registry").connectors_by_code(codes)
            return [found.get(code) for code in codes]

        return DataLoader(load)

    @cached_property
    def runs(self) -> DataLoader[str, HarvestRun | None]:
        """Harvest runs by id."""
        harvests = self._harvests

        async def load(ids: list[str]) -> Sequence[HarvestRun | None]:
            reports = opened(harvests, "harvesting")
            return [await reports.run(identifier) for identifier in ids]

        return DataLoader(load)

    @cached_property
    def usage(self) -> DataLoader[UsageKey, Sequence[ReportCell]]:
        """What platforms report of resources."""
        usage = self._usage

        async def load(keys: list[UsageKey]) -> Sequence[Sequence[ReportCell] | GatewayError]:
            return await usage_of(opened(usage, "the report service"), keys)

        return DataLoader(load)

    def resource_counts(self) -> Awaitable[Mapping[str, int]]:
        """Stored resources by platform."""
        return self._counts.load(None)

    def forget(self) -> None:
        """Let go of what an action may have changed: the fields after it tell what is true now."""
        for changed in ("platform_states", "connectors", "runs"):
            self.__dict__.pop(changed, None)

    @cached_property
    def _counts(self) -> DataLoader[None, Mapping[str, int]]:
        catalog = self._catalog

        async def load(moments: list[None]) -> Sequence[Mapping[str, int]]:
            return [await catalog.counts_by_platform()] * len(moments)

        return DataLoader(load)


def lookup(
    catalog: Catalog, recent: Recent, visible: frozenset[Access]
) -> Callable[[list[ResourceKey]], Awaitable[Sequence[CatalogResource | None]]]:
    """Looks resources up in the catalog, and those that it does not hold among the live hits of the last minutes."""

    async def load(keys: list[ResourceKey]) -> Sequence[CatalogResource | None]:
        found = await catalog.resources(keys, visible)
        missing = [key for key, stored in zip(keys, found, strict=True) if stored is None]
        if not missing:
            return found
        others = iter(recent(missing))
        return [next(others) if stored is None else stored for stored in found]

    return load


async def usage_of(usage: Usage, keys: Sequence[UsageKey]) -> list[Sequence[ReportCell] | GatewayError]:
    """Cells for each key, by one call for all keys that ask for the same measures; what is refused fails those only."""
    found: dict[UsageKey, Sequence[ReportCell] | GatewayError] = {}
    for measures in dict.fromkeys(key.measures for key in keys):
        alike = [key for key in keys if key.measures == measures]
        resources = [(key.resource.platform, key.resource.native_id) for key in alike]
        try:
            found.update(zip(alike, await usage.resource_cells(resources, measures), strict=True))
        except GatewayError as refused:
            found.update(dict.fromkeys(alike, refused))
    return [found[key] for key in keys]
