"""Measures: what each number of a report or of a published figure counts."""

import strawberry

from gateway.graph.rows import as_shown, unchanging
from schema import measures as rows
from schema.measures import AggregationMethod, MeasureKind


@unchanging
@strawberry.type
class Measure:
    """What a number counts, in which unit, and how its numbers may be put together."""

    code: str
    name: str
    unit: str
    kind: MeasureKind
    over_time: AggregationMethod
    over_platforms: AggregationMethod
    description: str

    @staticmethod
    def of(row: rows.Measure) -> "Measure":
        """The measure of its row."""
        return as_shown(Measure, row)


@strawberry.type
class MeasureQuery:
    """The catalog of measures."""

    @strawberry.field
    def measures(self) -> list[Measure] | None:
        return [Measure.of(row) for row in rows.measures().values()]
