"""A page of a report with its coverage and caveats; what is costly to show is made when it is asked for."""

from collections.abc import Callable
from datetime import date, datetime

import strawberry

from gateway.errors import InvalidInput
from gateway.graph.budget import CELLS
from gateway.graph.context import Info
from gateway.graph.fields import described
from gateway.graph.linked import Platform, ReportCell, platforms_by_code
from gateway.graph.loaders import opened
from gateway.graph.pagination import PageInfo, page_info
from gateway.graph.rows import as_shown
from gateway.graph.usage.measures import Measure
from gateway.graph.usage.periods import Period
from gateway.statistics import reports as results
from gateway.statistics.questions import ReportDimension, ReportQuestion
from gateway.statistics.reports import ExportFormat, ReportPage


@strawberry.type
class ReportKey:
    """What a row stands for in one dimension."""

    dimension: ReportDimension
    value: str
    label: str


@strawberry.type
class ReportRow:
    """The numbers of one combination of keys in one period, in the order of the asked measures."""

    keys: list[ReportKey]
    period: Period
    cells: list[ReportCell]

    @classmethod
    def of(cls, row: results.ReportRow, platform: Callable[[str], Platform]) -> "ReportRow":
        """The row of a report, with platforms by their codes."""
        return cls(
            keys=[as_shown(ReportKey, one) for one in row.keys],
            period=Period(from_=row.first, to=row.last),
            cells=[ReportCell.of(cell, platform) for cell in row.cells],
        )


@strawberry.type
class ReportCoverage:
    """Which days a platform has reported a measure for."""

    platform: Platform
    measure: Measure
    first_day: date | None
    last_day: date | None
    days_reported: int
    complete: bool

    @classmethod
    def of(cls, row: results.ReportCoverage, platform: Callable[[str], Platform]) -> "ReportCoverage":
        """The coverage of a report, with platforms by their codes."""
        return cls(
            platform=platform(row.platform),
            measure=Measure.of(row.measure),
            first_day=row.first,
            last_day=row.last,
            days_reported=row.days,
            complete=row.complete,
        )


@strawberry.type
class Caveat:
    """What a reader must know of a report."""

    code: str
    message: str
    platforms: list[Platform]


@strawberry.type
class Report:
    """One page of a report; one without a question cannot be exported."""

    question: strawberry.Private[ReportQuestion | None]
    page: strawberry.Private[ReportPage]
    total_count: int
    page_info: PageInfo
    measures: list[Measure]
    as_of: datetime

    @strawberry.field
    def rows(self, info: Info) -> list[ReportRow]:
        info.context.budget.spend(sum(len(row.cells) for row in self.page.rows) // CELLS)
        platform = platforms_by_code(info.context)
        return [ReportRow.of(row, platform) for row in self.page.rows]

    @described("Which platforms report which measure for the asked period, and how completely.")
    def coverage(self, info: Info) -> list[ReportCoverage]:
        platform = platforms_by_code(info.context)
        return [ReportCoverage.of(row, platform) for row in self.page.coverage]

    @described("Same-measure contradictions, nested regions left out, suppressed cells, estimated values.")
    def caveats(self, info: Info) -> list[Caveat]:
        platform = platforms_by_code(info.context)
        return [
            Caveat(code=one.code, message=one.message, platforms=[platform(code) for code in one.platforms])
            for one in self.page.caveats
        ]

    @described("Signed, short-lived link to the same report as CSV, Parquet or XLSX.")
    def export_url(self, info: Info, format: ExportFormat) -> str | None:  # noqa: A002  # the contract's name
        if self.question is None:
            raise InvalidInput("summaries cannot be exported yet; page through them with `first` and `after`")
        usage = opened(info.context.services.usage, "the report service")
        return info.context.base_url + usage.export_link(self.question, format)

    @classmethod
    def of(cls, question: ReportQuestion | None, page: ReportPage) -> "Report":
        """The page that the statistics answered to a question, or a page of the same shape from elsewhere."""
        return cls(
            question=question,
            page=page,
            total_count=page.total,
            page_info=page_info(page.cursors, has_next=page.has_next, has_previous=page.has_previous),
            measures=[Measure.of(row) for row in page.measures],
            as_of=page.as_of,
        )
