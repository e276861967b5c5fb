"""Root fields for regions."""

import strawberry

from gateway.graph.fields import described
from gateway.graph.pagination import given
from gateway.graph.regions.codes import known_regions
from gateway.graph.regions.types import Region
from schema.regions import NATION, region_tree


@strawberry.type
class RegionQuery:
    """Administrative divisions of GB/T 2260."""

    @strawberry.field
    def region(self, code: str) -> Region | None:
        return Region.of(code)

    @described("The regions directly below `parent`; without it, the provinces.")
    def regions(self, parent: str | None = strawberry.UNSET) -> list[Region] | None:
        above = given(parent) or NATION
        known_regions("parent", (above,))
        return [Region.known(region.code) for region in region_tree().children(above)]
