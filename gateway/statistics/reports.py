"""What a report answers: rows of cells, each saying what its number is worth, with coverage and caveats."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from gateway.statistics.questions import ReportDimension
from schema.measures import AggregationMethod, Measure
from schema.quantities import Quantity


class CellStatus(StrEnum):
    """Whether a cell holds a number, and if not, why."""

    OK = "OK"
    NOT_PUBLISHED = "NOT_PUBLISHED"
    NOT_ADDITIVE = "NOT_ADDITIVE"
    SUPPRESSED = "SUPPRESSED"
    CONFLICT = "CONFLICT"


class ExportFormat(StrEnum):
    """Files a report can be had as."""

    CSV = "CSV"
    PARQUET = "PARQUET"
    XLSX = "XLSX"


@dataclass(frozen=True, slots=True)
class ReportKey:
    """What a row stands for in one dimension; `value` is empty where the fact does not say or belongs to nobody."""

    dimension: ReportDimension
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class ReportCell:
    """One number. `quantity` is None for NOT_PUBLISHED, NOT_ADDITIVE and SUPPRESSED; for CONFLICT it spans the claims.

    `as_of` is the last day that entered, `complete` is False where a platform reported fewer days than asked.
    """

    measure: Measure
    status: CellStatus
    quantity: Quantity | None
    method: AggregationMethod
    as_of: date | None
    complete: bool
    platforms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReportRow:
    """The cells of one combination of keys in one period, both days included, in the order of the asked measures."""

    keys: tuple[ReportKey, ...]
    first: date
    last: date
    cells: tuple[ReportCell, ...]


@dataclass(frozen=True, slots=True)
class ReportCoverage:
    """Which days a platform has reported a measure for; a platform that reports nothing has none."""

    platform: str
    measure: Measure
    first: date | None
    last: date | None
    days: int
    complete: bool


@dataclass(frozen=True, slots=True)
class Caveat:
    """What a reader must know of a report; every code has a heading in docs/analyst.md."""

    code: str
    message: str
    platforms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReportPage:
    """One page of a report; `cursors` are those of its rows. `as_of` is when its facts last changed."""

    rows: tuple[ReportRow, ...]
    cursors: tuple[str, ...]
    total: int
    has_next: bool
    has_previous: bool
    measures: tuple[Measure, ...]
    coverage: tuple[ReportCoverage, ...]
    caveats: tuple[Caveat, ...]
    as_of: datetime
