"""Questions for a report as clients write them, and the question of the statistics they become."""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Any

import strawberry

from gateway.statistics import questions
from gateway.statistics.questions import ReportDimension
from schema.kinds import ResourceKind
from schema.modes import TeachingMode
from schema.stages import Stage

strawberry.enum(
    ReportDimension,
    description="REGION is where the use happened as reported, else the platform's region; PROVINCE, CITY and DISTRICT "
    "lift it to that level. LEVEL, ROLE, FORM are of training only.",
)


@strawberry.enum
class Direction(StrEnum):
    """Which end of an order comes first."""

    ASC = "ASC"
    DESC = "DESC"


@strawberry.input
class ReportOrder:
    """Rows by the numbers of one measure."""

    measure: str
    direction: Direction = Direction.DESC


@strawberry.input
class UsageFilter:
    """Conditions that all must hold; within one condition any value will do. Both days are included."""

    platforms: list[str] | None = strawberry.UNSET
    regions: list[str] | None = strawberry.UNSET
    programs: list[str] | None = strawberry.UNSET
    stages: list[Stage] | None = strawberry.UNSET
    subjects: list[str] | None = strawberry.UNSET
    kinds: list[ResourceKind] | None = strawberry.UNSET
    teaching_modes: list[TeachingMode] | None = strawberry.UNSET
    from_: date | None = strawberry.field(name="from", default=strawberry.UNSET)
    to: date | None = strawberry.UNSET


_DAYS = {"from_": "first", "to": "last"}


def parse_usage_filter(given: UsageFilter | None) -> questions.UsageFilter:
    """The filter of the statistics, which judge it; absent and null conditions ask nothing."""
    return questions.UsageFilter(**dict(_conditions(given))) if given else questions.UsageFilter()


def _conditions(given: UsageFilter) -> Iterator[tuple[str, Any]]:
    for name, value in vars(given).items():
        if isinstance(value, list):
            yield name, tuple(str(one) for one in value)
        elif isinstance(value, date):
            yield _DAYS[name], value


def parse_report_order(given: ReportOrder | None) -> questions.ReportOrder | None:
    """The order of the statistics."""
    return questions.ReportOrder(given.measure, descending=given.direction is Direction.DESC) if given else None
