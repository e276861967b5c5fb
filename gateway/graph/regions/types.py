"""Region as the graph shows it."""

import functools

import strawberry
from strawberry import federation

from gateway.graph.nodes.types import Node
from gateway.graph.rows import unchanging
from schema.identifiers import GlobalId
from schema.regions import RegionLevel, region_tree


@unchanging
@federation.type(keys=["id", "code"])
class Region(Node):
    """An administrative division."""

    code: str
    name: str
    level: RegionLevel

    @strawberry.field
    def parent(self) -> "Region | None":
        above = region_tree().require(self.code).parent
        return Region.of(above) if above else None

    @strawberry.field
    def ancestors(self) -> list["Region"]:
        return [Region.known(code) for code in region_tree().path(self.code)[:-1]]

    @classmethod
    def of(cls, code: str | None) -> "Region | None":
        """The region with this code; None for a code that is no region."""
        return cls.known(code) if code and region_tree().get(code) else None

    @staticmethod
    @functools.cache
    def known(code: str) -> "Region":
        """The region with a code that is known to exist; one object for each, they never change."""
        row = region_tree().require(code)
        return Region(id=strawberry.ID(str(GlobalId("Region", (code,)))), code=code, name=row.name, level=row.level)
