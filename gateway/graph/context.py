"""What every resolver of one request is handed: services, the viewer and fresh loaders."""

import asyncio
from dataclasses import dataclass, field
from functools import cached_property

import strawberry

from gateway.graph.budget import Budget
from gateway.graph.loaders import Loaders
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
from gateway.graph.usage.ports import Usage
from gateway.identity import ANONYMOUS, Principal
from schema.access import Access

__all__ = [
    "Catalog",
    "CircuitState",
    "Connectors",
    "GraphContext",
    "GraphServices",
    "Harvests",
    "HealthState",
    "Info",
    "PlatformState",
    "PlatformStates",
    "PlatformView",
    "Platforms",
    "Programs",
    "Usage",
]


CHECKS = 2
"""Manifests that are checked at one time: anybody may ask for it, and other work needs processors too."""


@dataclass(frozen=True, slots=True)
class GraphServices:
    """The slices as the graph sees them; one value for the life of the application.

    Without `connectors`, `harvests` or `usage` the fields that need them answer NOT_READY.
    """

    catalog: Catalog
    platforms: Platforms
    states: PlatformStates
    programs: Programs
    connectors: Connectors | None = None
    harvests: Harvests | None = None
    usage: Usage | None = None
    checking: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CHECKS))


@dataclass(frozen=True)
class GraphContext:
    """One request: who asks, under which id, what it may cost, and the loaders that die with it.

    `base_url` is the address under which the client reaches the gateway, without a slash at its end.
    """

    services: GraphServices
    principal: Principal = ANONYMOUS
    request_id: str = ""
    base_url: str = ""
    loaders: Loaders = field(init=False)
    budget: Budget = field(default_factory=Budget)

    def __post_init__(self) -> None:
        services = self.services
        loaders = Loaders(
            services.catalog, services.states, services.connectors, services.harvests, services.usage, self.visible
        )
        object.__setattr__(self, "loaders", loaders)

    @cached_property
    def visible(self) -> frozenset[Access]:
        """Tiers of resources that the viewer may see."""
        return self.principal.visible_tiers


Info = strawberry.Info[GraphContext, None]
