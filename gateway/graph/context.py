"""What every resolver of one request is handed: services, the viewer and fresh loaders."""

from dataclasses import dataclass, field
from functools import cached_property

import strawberry

from gateway.graph.budget import Budget
from gateway.graph.loaders import Loaders
from gateway.graph.ports import (
    Catalog,
    HealthState,
    Platforms,
    PlatformState,
    PlatformStates,
    PlatformView,
    Programs,
)
from gateway.identity import ANONYMOUS, Principal
from schema.access import Access

__all__ = [
    "Catalog",
    "GraphContext",
    "GraphServices",
    "HealthState",
    "Info",
    "PlatformState",
    "PlatformStates",
    "PlatformView",
    "Platforms",
    "Programs",
]


@dataclass(frozen=True, slots=True)
class GraphServices:
    """The slices as the graph sees them; one value for the life of the application."""

    catalog: Catalog
    platforms: Platforms
    states: PlatformStates
    programs: Programs


@dataclass(frozen=True)
class GraphContext:
    """One request: who asks, under which id, what it may cost, and the loaders that die with it."""

    services: GraphServices
    principal: Principal = ANONYMOUS
    request_id: str = ""
    loaders: Loaders = field(init=False)
    budget: Budget = field(default_factory=Budget)

    def __post_init__(self) -> None:
        loaders = Loaders(self.services.catalog, self.services.states, self.visible)
        object.__setattr__(self, "loaders", loaders)

    @cached_property
    def visible(self) -> frozenset[Access]:
        """Tiers of resources that the viewer may see."""
        return self.principal.visible_tiers


Info = strawberry.Info[GraphContext, None]
