"""Root fields for platforms."""

import strawberry

from gateway.graph.context import Info
from gateway.graph.linked import Platform
from gateway.graph.pagination import given
from gateway.graph.platforms.description import shown_platform
from gateway.graph.regions.codes import known_regions
from schema.regions import region_tree


@strawberry.type
class PlatformQuery:
    """Connected platforms."""

    @strawberry.field
    def platforms(self, info: Info, regions: list[str] | None = strawberry.UNSET) -> list[Platform] | None:
        wanted = known_regions("regions", given(regions))
        found = [Platform.of(view) for view in info.context.services.platforms.all()]
        if wanted is None:
            return found
        return [one for one in found if not set(wanted).isdisjoint(region_tree().path(one.region.code))]

    @strawberry.field
    def platform(self, info: Info, code: str) -> Platform | None:
        view = shown_platform(code, info.context)
        return Platform.of(view) if view else None
