"""Root field for usage reports."""

from typing import Annotated

import strawberry

from gateway.graph.budget import REPORT
from gateway.graph.context import Info
from gateway.graph.fields import described
from gateway.graph.loaders import opened
from gateway.graph.pagination import bounded, given
from gateway.graph.usage.inputs import ReportOrder, UsageFilter, parse_report_order, parse_usage_filter
from gateway.graph.usage.reports import Report
from gateway.statistics.questions import Interval, ReportDimension, ReportQuestion
from gateway.statistics.validation import MOST_ROWS


@strawberry.type
class UsageQuery:
    """Usage of every platform, as reports."""

    @described("Aggregated usage. Every cell says how it was computed, over what, and whether it is exact.")
    async def usage(
        self,
        info: Info,
        measures: list[str],
        filter: UsageFilter | None = strawberry.UNSET,  # noqa: A002  # the contract's name
        group_by: list[ReportDimension] = [ReportDimension.PLATFORM],  # noqa: B006  # the schema's default, never changed
        interval: Interval | None = strawberry.UNSET,
        order_by: Annotated[
            ReportOrder | None, strawberry.argument(description="Default: by keys, then period.")
        ] = strawberry.UNSET,
        first: int = 100,
        after: str | None = strawberry.UNSET,
    ) -> Report | None:
        bounded("first", first, MOST_ROWS)
        question = ReportQuestion(
            measures=tuple(measures),
            filter=parse_usage_filter(given(filter)),
            group_by=tuple(group_by),
            interval=given(interval),
            order=parse_report_order(given(order_by)),
        )
        usage = opened(info.context.services.usage, "the report service")
        info.context.budget.spend(REPORT)
        page = await usage.report(question, first=first, after=given(after))
        return Report.of(question, page)
