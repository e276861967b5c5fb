"""A question made ready: its measures, the days it covers, and the columns its rows are keyed by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from gateway.statistics.questions import Interval, ReportDimension, ReportQuestion
from gateway.statistics.spans import Span, period_end, period_start
from schema.measures import AggregationMethod, Measure, MeasureKind

UNKNOWN = "~"
"""The key of facts that do not say, or that belong to nobody; it sorts behind every code."""
RAW = {
    ReportDimension.STAGE: "stage",
    ReportDimension.SUBJECT: "subject",
    ReportDimension.KIND: "kind",
    ReportDimension.TEACHING_MODE: "teaching_mode",
    ReportDimension.CLASSROOM_KIND: "classroom_kind",
}
"""Dimensions that facts state themselves, with their column."""
OF_SOURCE = {
    ReportDimension.PLATFORM: "platform_key",
    ReportDimension.REGION: "region_key",
    ReportDimension.PROVINCE: "province_key",
    ReportDimension.CITY: "city_key",
    ReportDimension.DISTRICT: "district_key",
    ReportDimension.PROGRAM: "program_key",
}
"""Dimensions that follow from whose the facts are and where, with their column of the table of sources."""


class Family(StrEnum):
    """Measures whose numbers are put together in the same way."""

    FLOW = "flow"
    CHANGE = "change"
    """Counters as what was added within a span."""
    STANDING = "standing"
    """Stocks, and counters as what they show."""
    PEAK = "peak"
    PEOPLE = "people"
    MEAN = "mean"


_FAMILIES = {
    MeasureKind.FLOW: Family.FLOW,
    MeasureKind.STOCK: Family.STANDING,
    MeasureKind.PEAK: Family.PEAK,
    MeasureKind.DISTINCT: Family.PEOPLE,
    MeasureKind.AVERAGE: Family.MEAN,
    MeasureKind.RATIO: Family.MEAN,
}


FOLDS = {
    Family.FLOW: ("sum", "sum"),
    Family.CHANGE: ("sum", "sum"),
    Family.STANDING: ("sum", "sum"),
    Family.PEAK: ("max", "max"),
    Family.PEOPLE: ("max", "sum"),
    Family.MEAN: ("sum", "sum"),
}
"""How the numbers of one source on several days, or by several platforms that speak of different days, become one."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What the statements of one report are made from.

    `span` holds the days that are asked for, or without a wish those that anything was reported on. `resources` asks
    for facts that count single resources of one platform, whose native id is then a key of every row.
    """

    question: ReportQuestion
    measures: tuple[Measure, ...]
    span: Span
    resources: tuple[str, ...] | None = None

    @property
    def interval(self) -> Interval | None:
        """How days are put together."""
        return self.question.interval

    @property
    def raw_keys(self) -> tuple[str, ...]:
        """Columns of facts that rows are keyed by."""
        asked = tuple(RAW[one] for one in self.question.group_by if one in RAW)
        return (*asked, "resource") if self.resources is not None else asked

    @property
    def keys(self) -> tuple[str, ...]:
        """Every column that rows are keyed by, in the order asked."""
        asked = tuple(RAW.get(one) or OF_SOURCE[one] for one in self.question.group_by)
        return (*asked, "resource") if self.resources is not None else asked

    @property
    def source_keys(self) -> tuple[str, ...]:
        """Columns of sources that rows are keyed by; what they hold together is a spot."""
        return tuple(OF_SOURCE[one] for one in self.question.group_by if one in OF_SOURCE)

    @property
    def cell_keys(self) -> tuple[str, ...]:
        """Columns that cells are keyed by beside their period."""
        return ("spot", *self.raw_keys)

    @property
    def families(self) -> dict[Family, list[str]]:
        """Codes of the measures by family."""
        found: dict[Family, list[str]] = {}
        for measure in self.measures:
            found.setdefault(family(measure, self.question), []).append(measure.code)
        return found

    @property
    def first_period(self) -> date:
        """The first day of the first period."""
        return self.span.first if self.interval is None else period_start(self.span.first, self.interval)

    def days_of(self, start: date) -> Span:
        """The days of the span in the period that begins with a day."""
        if self.interval is None:
            return self.span
        return Span(max(start, self.span.first), min(period_end(start, self.interval), self.span.last))

    def period(self, day: str) -> str:
        """SQL of the first day of the period that holds a day; without an interval there is one period."""
        if self.interval is None:
            return f"DATE '{self.span.first}'"
        return f"CAST(date_trunc('{self.interval.lower()}', {day}) AS DATE)"


def family(measure: Measure, question: ReportQuestion) -> Family:
    """How a measure is put together.

    A counter answers what was added where the question has a beginning, by its first day or an interval, and else what
    it shows at the end.
    """
    if measure.kind is MeasureKind.COUNTER:
        spans = question.interval is not None or question.filter.first is not None
        return Family.CHANGE if spans else Family.STANDING
    return _FAMILIES[measure.kind]


def overlaps(measure: Measure) -> bool:
    """Whether what one number counts may be counted by another one too."""
    return measure.over_platforms in (AggregationMethod.BOUNDS, AggregationMethod.NONE)


def comma(columns: Sequence[str], prefix: str = "") -> str:
    """Columns as they follow others in SQL: each with a comma behind it."""
    return "".join(f"{prefix}{column}, " for column in columns)
