"""What a platform says of itself and how it is doing: every field that needs no other node than a region."""

import functools
from datetime import datetime
from typing import Self

import strawberry

from gateway.access.managing import manages
from gateway.graph.context import GraphContext, GraphServices
from gateway.graph.fields import loaded
from gateway.graph.nodes.types import Node
from gateway.graph.platforms.health import Health
from gateway.graph.ports import PlatformView
from gateway.graph.regions.types import Region
from gateway.graph.rows import shows
from gateway.registry import is_canary
from schema.identifiers import GlobalId
from schema.platforms import Capability, PlatformDescription
from schema.regions import NATION


@functools.lru_cache(maxsize=10_000)
def platform_id(code: str) -> str:
    """The global id of a platform."""
    return str(GlobalId("Platform", (code,)))


@shows(
    id=lambda self: platform_id(self.view.description.code),
    code="view.description.code",
    name="view.description.name",
    name_en="view.description.name_en",
    aliases="view.description.aliases",
    operator="view.description.operator",
    region=lambda self: Region.of(self.view.description.region) or Region.known(NATION),
    homepage="view.description.homepage",
    capabilities=lambda self: [one for one in Capability if one in self.view.capabilities],
    simulated="view.description.simulated",
)
@strawberry.type
class DescribedPlatform(Node):
    """A platform without what leads on to other nodes."""

    view: strawberry.Private[PlatformView]
    code: str
    name: str
    name_en: str | None
    aliases: list[str]
    operator: str | None
    region: Region
    homepage: str | None
    capabilities: list[Capability]
    simulated: bool = strawberry.field(
        description="True where the platform publishes no API that can be called from outside, "
        "so that a simulator answers in its place."
    )

    resource_count = loaded(
        int | None,
        lambda _, context: context.loaders.resource_counts(),
        lambda counts, platform, _: counts.get(platform.code, 0),
    )
    health = loaded(
        Health | None,
        lambda platform, context: context.loaders.platform_states.load(platform.code),
        lambda state, *_: Health.of(state),
    )
    last_harvested_at = loaded(
        datetime | None,
        lambda platform, context: context.loaders.platform_states.load(platform.code),
        lambda state, *_: state.last_harvested_at,
    )

    @classmethod
    def of(cls, view: PlatformView) -> Self:
        """The platform that a connector describes."""
        made = cls.__new__(cls)
        made.view = view
        return made


def platform_of(code: str, services: GraphServices) -> PlatformView:
    """The platform with this code; one whose manifest is gone still owns its records and is named by its code."""
    return services.platforms.get(code) or PlatformView(
        PlatformDescription(code=code, name=code, region=NATION), frozenset()
    )


def shown_platform(code: str, context: GraphContext) -> PlatformView | None:
    """The platform with this code that the viewer may see; a canary's lane is for those who manage the connector."""
    view = context.services.platforms.get(code)
    if view is not None and is_canary(code) and not manages(context.principal, view.description.region):
        return None
    return view
