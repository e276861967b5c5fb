"""The small world with the platforms and programs that come with the product."""

from dataclasses import dataclass, replace
from functools import cache

from gateway.application.platforms import ProgramTable
from gateway.graph.context import GraphServices, PlatformView
from gateway.registry import Registry
from tests.gateway.graph.world import World


@cache
def connected() -> tuple[PlatformView, ...]:
    """The platforms that come with the product."""
    entries = Registry.load(plugins=()).connectors
    return tuple(PlatformView(entries[code].platform, entries[code].capabilities) for code in sorted(entries))


class ConnectedPlatforms:
    """Every platform that comes with the product."""

    def all(self) -> tuple[PlatformView, ...]:
        return connected()

    def get(self, code: str) -> PlatformView | None:
        return next((view for view in connected() if view.description.code == code), None)


@dataclass
class ConnectedWorld(World):
    """The small world with the real platforms and programs."""

    @property
    def services(self) -> GraphServices:
        return replace(super().services, platforms=ConnectedPlatforms(), programs=ProgramTable())
