"""Measures: what each number of a report or of a published figure counts."""

import functools

import strawberry

from gateway.graph.rows import unchanging
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
    @functools.cache
    def of(row: rows.Measure) -> "Measure":
        """The measure of its row; one object for each, they never change."""
        return Measure(
            code=row.code,
            name=row.name,
            unit=row.unit,
            kind=row.kind,
            over_time=row.over_time,
            over_platforms=row.over_platforms,
            description=row.description,
        )


@strawberry.type
class MeasureQuery:
    """The catalog of measures."""

    @strawberry.field
    def measures(self) -> list[Measure] | None:
        return [Measure.of(row) for row in rows.measures().values()]
