"""Cells of reports: numbers with how they were put together and what they are worth."""

from datetime import date

import strawberry

from gateway.graph.usage.measures import Measure
from gateway.graph.usage.quantities import Quantity
from gateway.statistics.reports import CellStatus
from schema.measures import AggregationMethod


@strawberry.type
class DescribedCell:
    """A cell without its platforms."""

    measure: Measure
    status: CellStatus
    quantity: Quantity | None
    method: AggregationMethod
    as_of: date | None = strawberry.field(
        description="Last day that entered the value; for a stock or counter the day it was true."
    )
    complete: bool = strawberry.field(description="False where a platform reported fewer days than asked.")
