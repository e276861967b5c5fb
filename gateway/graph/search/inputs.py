"""The filter of a search as clients write it, and the catalog's filter it becomes."""

from datetime import date, datetime
from typing import Any

import strawberry

from gateway.catalog import query as catalog
from gateway.errors import InvalidInput, LimitExceeded
from gateway.graph.regions.codes import known_regions
from schema.access import Access
from schema.kinds import ResourceKind
from schema.modes import ClassroomKind, DeliveryChannel, TeachingMode
from schema.stages import Stage

MAX_VALUES = 200
"""Values that one condition may list."""


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
        default=strawberry.UNSET, description="Sessions that run within this span, for calendars."
    )
    starts_to: datetime | None = strawberry.UNSET


def parse_filter(given: ResourceFilter | None) -> catalog.ResourceFilter:
    """The catalog's filter; absent and null conditions ask nothing. Raises InvalidInput and LimitExceeded."""
    if given is None:
        return catalog.ResourceFilter()
    conditions = {
        name: _condition(name, value)
        for name, value in vars(given).items()
        if value is not None and value is not strawberry.UNSET
    }
    if "regions" in conditions:
        conditions["regions"] = known_regions("filter.regions", conditions["regions"])
    for start, end in (("published_from", "published_to"), ("starts_from", "starts_to")):
        if start in conditions and end in conditions and conditions[start] > conditions[end]:
            raise InvalidInput(f"filter: {_camel(start)} lies after {_camel(end)}")
    return catalog.ResourceFilter(**conditions)


def _condition(name: str, value: Any) -> Any:
    if not isinstance(value, list):
        return value
    if len(value) > MAX_VALUES:
        raise LimitExceeded(f"filter.{_camel(name)} may list {MAX_VALUES} values, not {len(value)}")
    return tuple(value)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
