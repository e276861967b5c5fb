"""Root field for summaries of training: numbers without personal data, as the same kind of report as usage."""

from collections.abc import Sequence

import strawberry

from gateway.clock import CHINA
from gateway.errors import InvalidInput
from gateway.graph.budget import REPORT
from gateway.graph.context import Info
from gateway.graph.fields import described
from gateway.graph.pagination import bounded, given
from gateway.graph.training.inputs import TrainingRecordFilter, parse_record_filter
from gateway.graph.usage.inputs import Direction, ReportOrder
from gateway.graph.usage.reports import Report
from gateway.statistics import reports
from gateway.statistics.questions import Interval, ReportDimension
from gateway.statistics.reports import CellStatus
from gateway.statistics.validation import MOST_ROWS
from gateway.training.questions import SummaryDimension, SummaryInterval, SummaryQuestion
from gateway.training.views import SummaryCell, SummaryPage, SummaryRow
from schema.measures import AggregationMethod, MeasureKind
from schema.quantities import exact

COUNTED = {MeasureKind.DISTINCT}
"""Kinds that are counted from the records themselves, so that nothing was put together."""


@strawberry.type
class SummaryQuery:
    """Training without anybody's name."""

    @described(
        "Counts and hours without personal data, as the same kind of report as `usage`; small cells are suppressed."
    )
    async def training_summary(
        self,
        info: Info,
        measures: list[str] = ["training_teachers", "training_records", "training_hours"],  # noqa: B006  # never changed
        filter: TrainingRecordFilter | None = strawberry.UNSET,  # noqa: A002  # the contract's name
        group_by: list[ReportDimension] = [ReportDimension.REGION],  # noqa: B006  # the schema's default, never changed
        interval: Interval | None = strawberry.UNSET,
        order_by: ReportOrder | None = strawberry.UNSET,
        first: int = 100,
        after: str | None = strawberry.UNSET,
    ) -> Report | None:
        period, order = given(interval), given(order_by)
        question = SummaryQuestion(
            measures=tuple(measures),
            filter=parse_record_filter(given(filter)),
            group_by=summary_dimensions(group_by),
            interval=None if period is None else SummaryInterval(period.value),
            order=(order.measure, order.direction is Direction.DESC) if order else None,
            first=bounded("first", first, MOST_ROWS),
            after=given(after),
        )
        info.context.budget.spend(REPORT)
        page = await info.context.training.service.summary(question, info.context.principal)
        return Report.of(None, report_page(page))


def summary_dimensions(asked: Sequence[ReportDimension]) -> tuple[SummaryDimension, ...]:
    """The dimensions as training knows them; raises InvalidInput for one of usage only."""
    possible = {one.value for one in SummaryDimension}
    for at, one in enumerate(asked):
        if one.value not in possible:
            raise InvalidInput(f"groupBy[{at}]: {one} is of usage only; possible are {', '.join(SummaryDimension)}")
    return tuple(SummaryDimension(one.value) for one in asked)


def report_page(page: SummaryPage) -> reports.ReportPage:
    """The page of a summary as one of a report."""
    return reports.ReportPage(
        rows=tuple(_row(row, page) for row in page.rows),
        cursors=page.cursors,
        total=page.total,
        has_next=page.has_next,
        has_previous=page.has_previous,
        measures=page.measures,
        coverage=tuple(
            reports.ReportCoverage(one.platform, measure, one.first, one.last, one.days, complete=True)
            for measure in page.measures
            for one in page.coverage
        ),
        caveats=tuple(reports.Caveat(code, message, platforms) for code, message, platforms in page.caveats),
        as_of=page.as_of,
    )


def _row(row: SummaryRow, page: SummaryPage) -> reports.ReportRow:
    return reports.ReportRow(
        keys=tuple(reports.ReportKey(ReportDimension(dimension), value, label) for dimension, value, label in row.keys),
        first=row.first,
        last=row.last,
        cells=tuple(_cell(cell, row, page) for cell in row.cells),
    )


def _cell(cell: SummaryCell, row: SummaryRow, page: SummaryPage) -> reports.ReportCell:
    """A number, or a hidden one, which tells neither its method nor its last day."""
    if cell.value is None:
        return reports.ReportCell(
            cell.measure, CellStatus.SUPPRESSED, None, AggregationMethod.NONE, None, complete=True, platforms=()
        )
    return reports.ReportCell(
        measure=cell.measure,
        status=CellStatus.OK,
        quantity=exact(cell.value, cell.measure.unit),
        method=AggregationMethod.NONE if cell.measure.kind in COUNTED else AggregationMethod.SUM,
        as_of=min(row.last, page.as_of.astimezone(CHINA).date()),
        complete=True,
        platforms=cell.platforms,
    )
