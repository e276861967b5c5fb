"""What every resolver of one request is handed: services, the viewer and fresh loaders."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self

import strawberry

from gateway.catalog.results import ResourceKey
from gateway.graph.agreements.ports import Agreements
from gateway.graph.budget import Budget
from gateway.graph.disclosures import Disclosures
from gateway.graph.loaders import Loaders, Recent, opened
from gateway.graph.ports import (
    Catalog,
    CircuitState,
    Connectors,
    Harvests,
    HealthState,
    Platforms,
    PlatformState,
    PlatformStates,
    PlatformView,
    Programs,
)
from gateway.graph.search.ports import LiveSearch
from gateway.graph.training.loaders import TrainingLoaders
from gateway.graph.training.ports import Audit, Training
from gateway.graph.usage.ports import Usage
from gateway.identity import ANONYMOUS, Principal
from schema.access import Access
from schema.resources import CatalogResource

__all__ = [
    "Agreements",
    "Audit",
    "Catalog",
    "CircuitState",
    "Connectors",
    "GraphContext",
    "GraphServices",
    "Harvests",
    "HealthState",
    "Info",
    "LiveSearch",
    "PlatformState",
    "PlatformStates",
    "PlatformView",
    "Platforms",
    "Programs",
    "Training",
    "Usage",
]


FROM_MEMORY = "live hits"
"""In `made` where an answer holds what this process remembers of live searches, which no generation tells of."""
CHECKS = 2
"""Manifests that are checked at one time: anybody may ask for it, and other work needs processors too."""


@dataclass(frozen=True, slots=True)
class GraphServices:
    """The slices as the graph sees them; one value for the life of the application.

    Without `connectors`, `harvests`, `usage`, `training`, `agreements` or `live` the fields that need them answer
    NOT_READY, and without `audit` no personal data is answered.
    """

    catalog: Catalog
    platforms: Platforms
    states: PlatformStates
    programs: Programs
    connectors: Connectors | None = None
    harvests: Harvests | None = None
    usage: Usage | None = None
    training: Training | None = None
    agreements: Agreements | None = None
    audit: Audit | None = None
    live: LiveSearch | None = None
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the process is told to end, so that streams end properly."""
    checking: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CHECKS))


@dataclass(frozen=True)
class GraphContext:
    """One request: who asks, under which id, what it may cost, what it has shown, and the loaders that die with it.

    `base_url` is the address under which the client reaches the gateway, without a slash at its end; `fresh` says that
    the client wants no answer that was kept.
    """

    services: GraphServices
    principal: Principal = ANONYMOUS
    request_id: str = ""
    base_url: str = ""
    fresh: bool = False
    budget: Budget = field(default_factory=Budget)
    disclosures: Disclosures = field(default_factory=Disclosures)
    made: dict[str, Any] = field(default_factory=dict)
    """What areas of the graph make once for a request, by names of theirs."""

    @cached_property
    def loaders(self) -> Loaders:
        """What is fetched together; most requests need a few of them or none."""
        services = self.services
        return Loaders(
            services.catalog,
            services.states,
            services.connectors,
            services.harvests,
            services.usage,
            recent_of(services.live, self.visible, self.made),
            self.visible,
        )

    @cached_property
    def training(self) -> TrainingLoaders:
        """The same for training."""
        return TrainingLoaders(self.services.training, self.principal)

    @cached_property
    def visible(self) -> frozenset[Access]:
        """Tiers of resources that the viewer may see."""
        return self.principal.visible_tiers

    def renewed(self) -> Self:
        """The same viewer with nothing loaded, spent or shown yet: each event of a stream is a request of its own."""
        return replace(self, budget=self.budget.renewed(), disclosures=Disclosures(), made={})

    async def settle(self) -> None:
        """Write into the audit log which personal data was shown; where that fails, nothing may be answered."""
        if events := self.disclosures.events(self.principal, self.request_id):
            await opened(self.services.audit, "the audit log").note(*events)


def recent_of(live: LiveSearch | None, visible: frozenset[Access], made: dict[str, Any]) -> Recent:
    """Live hits of the last minutes; `made` is told when there were any."""

    def recent(keys: Sequence[ResourceKey]) -> Sequence[CatalogResource | None]:
        found = live.recent(keys, visible) if live is not None else [None] * len(keys)
        if any(found):
            made[FROM_MEMORY] = True
        return found

    return recent


Info = strawberry.Info[GraphContext, None]
