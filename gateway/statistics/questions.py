"""What a report is asked: measures, conditions, dimensions to group by, an interval and an order."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class ReportDimension(StrEnum):
    """What rows of a report stand for; LEVEL, ROLE and FORM are of training only."""

    PLATFORM = "PLATFORM"
    REGION = "REGION"
    PROVINCE = "PROVINCE"
    CITY = "CITY"
    DISTRICT = "DISTRICT"
    STAGE = "STAGE"
    SUBJECT = "SUBJECT"
    KIND = "KIND"
    TEACHING_MODE = "TEACHING_MODE"
    CLASSROOM_KIND = "CLASSROOM_KIND"
    PROGRAM = "PROGRAM"
    LEVEL = "LEVEL"
    ROLE = "ROLE"
    FORM = "FORM"


class Interval(StrEnum):
    """How days are put together; weeks begin on Monday."""

    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"
    QUARTER = "QUARTER"
    YEAR = "YEAR"


@dataclass(frozen=True, slots=True)
class UsageFilter:
    """Conditions on facts that all must hold; None asks nothing. Both days are included."""

    platforms: tuple[str, ...] | None = None
    regions: tuple[str, ...] | None = None
    programs: tuple[str, ...] | None = None
    stages: tuple[str, ...] | None = None
    subjects: tuple[str, ...] | None = None
    kinds: tuple[str, ...] | None = None
    teaching_modes: tuple[str, ...] | None = None
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class ReportOrder:
    """Rows by one measure; those without a number come last either way."""

    measure: str
    descending: bool = True


@dataclass(frozen=True, slots=True)
class ReportQuestion:
    """One report; without an interval every row covers the whole span."""

    measures: tuple[str, ...]
    filter: UsageFilter = field(default_factory=UsageFilter)
    group_by: tuple[ReportDimension, ...] = (ReportDimension.PLATFORM,)
    interval: Interval | None = None
    order: ReportOrder | None = None
