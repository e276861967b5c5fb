"""Loaders of one request: what many fields ask for is fetched once and together."""

from collections.abc import Mapping, Sequence

from strawberry.dataloader import DataLoader

from gateway.catalog.results import ResourceKey
from gateway.graph.ports import Catalog, PlatformState, PlatformStates
from schema.access import Access
from schema.resources import CatalogResource


class Loaders:
    """One set for each request, so that nothing seen by one viewer is kept for another."""

    def __init__(self, catalog: Catalog, states: PlatformStates, visible: frozenset[Access]) -> None:
        async def load_resources(keys: list[ResourceKey]) -> Sequence[CatalogResource | None]:
            return await catalog.resources(keys, visible)

        async def load_copies(keys: list[ResourceKey]) -> Sequence[Sequence[CatalogResource]]:
            return await catalog.copies(keys, visible)

        async def load_counts(moments: list[None]) -> Sequence[Mapping[str, int]]:
            return [await catalog.counts_by_platform()] * len(moments)

        async def load_states(codes: list[str]) -> Sequence[PlatformState]:
            found = await states.states(codes)
            return [found.get(code) or PlatformState() for code in codes]

        self.resources: DataLoader[ResourceKey, CatalogResource | None] = DataLoader(load_resources)
        self.copies: DataLoader[ResourceKey, Sequence[CatalogResource]] = DataLoader(load_copies)
        self._counts: DataLoader[None, Mapping[str, int]] = DataLoader(load_counts)
        self.platform_states: DataLoader[str, PlatformState] = DataLoader(load_states)

    async def resource_count(self, platform: str) -> int:
        """Stored resources of a platform; one call tells those of all platforms."""
        return (await self._counts.load(None)).get(platform, 0)
