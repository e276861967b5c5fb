"""The filter of a search as clients write it, and the catalog's filter it becomes."""

from datetime import date, datetime
from typing import Any

import strawberry

from gateway.catalog import query as catalog
from schema.access import Access
from schema.kinds import ResourceKind
from schema.modes import ClassroomKind, DeliveryChannel, TeachingMode
from schema.stages import Stage


@strawberry.input
class ResourceFilter:
    """Conditions that all must hold; within one condition any value will do."""

    platforms: list[str] | None = strawberry.UNSET
    regions: list[str] | None = strawberry.field(
        default=strawberry.UNSET,
        description="Administrative division codes; a region includes everything inside it.",
    )
    stages: list[Stage] | None = strawberry.UNSET
    grades: list[str] | None = strawberry.UNSET
    subjects: list[str] | None = strawberry.UNSET
    kinds: list[ResourceKind] | None = strawberry.UNSET
    teaching_modes: list[TeachingMode] | None = strawberry.UNSET
    classroom_kinds: list[ClassroomKind] | None = strawberry.UNSET
    access: list[Access] | None = strawberry.UNSET
    languages: list[str] | None = strawberry.UNSET
    licenses: list[str] | None = strawberry.UNSET
    programs: list[str] | None = strawberry.UNSET
    editions: list[str] | None = strawberry.UNSET
    delivery: list[DeliveryChannel] | None = strawberry.UNSET
    providers: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="Exact names, as `suggest` returns them."
    )
    contributors: list[str] | None = strawberry.UNSET
    reviewed: bool | None = strawberry.UNSET
    published_from: date | None = strawberry.UNSET
    published_to: date | None = strawberry.UNSET
    starts_from: datetime | None = strawberry.field(
        default=strawberry.UNSET, description="Sessions that begin between `startsFrom` and `startsTo`, both included."
    )
    starts_to: datetime | None = strawberry.UNSET


def parse_filter(given: ResourceFilter | None) -> catalog.ResourceFilter:
    """The catalog's filter, which the catalog judges; absent and null conditions ask nothing."""
    if given is None:
        return catalog.ResourceFilter()
    conditions: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in vars(given).items()
        if value is not None and value is not strawberry.UNSET
    }
    return catalog.ResourceFilter(**conditions)
