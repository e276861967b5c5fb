"""A report that has been computed: its rows page by page, and as one table for exports."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from threading import Lock
from typing import Any

import duckdb

from gateway.statistics.engine.claims import Sources
from gateway.statistics.engine.labels import label_of
from gateway.statistics.engine.plan import UNKNOWN, Plan, comma
from gateway.statistics.ports import PlatformNames
from gateway.statistics.questions import ReportDimension
from gateway.statistics.reports import Caveat, CellStatus, ReportCell, ReportCoverage, ReportKey, ReportRow
from schema.measures import AggregationMethod, Measure
from schema.quantities import bounded

_CELL = "status, method, value, lo, hi, as_of, complete, tellers"


class Report:
    """One report of one generation of the lake, in temporary tables of a connection of its own.

    Used by one thread at a time, which `lock` is for.
    """

    def __init__(
        self,
        cursor: duckdb.DuckDBPyConnection,
        plan: Plan,
        platforms: PlatformNames,
        sources: Sources,
        total: int,
        generation: str,
        as_of: datetime,
        coverage: tuple[ReportCoverage, ...],
        caveats: tuple[Caveat, ...],
    ) -> None:
        self.plan = plan
        self.total = total
        self.generation = generation
        self.as_of = as_of
        self.coverage = coverage
        self.caveats = caveats
        self.lock = Lock()
        self.cursor = cursor
        self.sources = sources
        self._platforms = platforms

    @property
    def cells(self) -> int:
        """How many cells it has."""
        return self.total * len(self.plan.measures)

    def rows(self, start: int, count: int) -> list[ReportRow]:
        """Rows behind the first `start` ones."""
        keys = self.plan.keys
        listed = self.cursor.execute(
            f"SELECT number, {comma(keys)}p FROM numbered WHERE number > $start AND number <= $end ORDER BY number",
            {"start": start, "end": start + count},
        ).fetchall()
        found = self.cursor.execute(
            f"SELECT number, measure, {_CELL} FROM placed WHERE number > $start AND number <= $end",
            {"start": start, "end": start + count},
        ).fetchall()
        cells = {(number, measure): rest for number, measure, *rest in found}
        return [self._row(number, key, start_of, cells) for number, *key, start_of in listed]

    def before(self, keys: Sequence[str], start: date, rank: Decimal | None) -> int:
        """How many rows stand at or before a place in the report's order, whether or not such a row is there."""
        names = (*self.plan.keys, "p")
        values: dict[str, Any] = {f"key{n}": key for n, key in enumerate((*keys, start))}
        types = [*("VARCHAR" for _ in keys), "DATE"]
        place = ", ".join(f"${name}::{kind}" for name, kind in zip(values, types, strict=True))
        at_or_before = f"({', '.join(names)}) <= ({place})"
        order = self.plan.question.order
        if order is None:
            condition = at_or_before
        elif rank is None:
            condition = f"rank IS NOT NULL OR {at_or_before}"
        else:
            values["rank"] = rank
            better = ">" if order.descending else "<"
            same = f"rank = $rank::DECIMAL(38, 6) AND {at_or_before}"
            condition = f"rank {better} $rank::DECIMAL(38, 6) OR ({same})"
        row = self.cursor.execute(f"SELECT count(*) FROM numbered WHERE {condition}", values).fetchone()
        return int(row[0]) if row else 0

    def places(self, start: int, count: int) -> list[tuple[tuple[str, ...], date, Decimal | None]]:
        """Keys, period and rank of the same rows, which cursors are made from."""
        rows = self.cursor.execute(
            f"""
            SELECT {comma(self.plan.keys)}p, rank FROM numbered
            WHERE number > $start AND number <= $end ORDER BY number
            """,
            {"start": start, "end": start + count},
        ).fetchall()
        return [(tuple(keys), period, rank) for *keys, period, rank in rows]

    def close(self) -> None:
        """Drop the tables."""
        self.cursor.close()

    def _row(self, number: int, keys: Sequence[str], start: date, cells: dict[tuple[int, str], list[Any]]) -> ReportRow:
        days = self.plan.days_of(start)
        named = zip(self.plan.question.group_by, keys, strict=False)
        return ReportRow(
            tuple(self._key(dimension, key) for dimension, key in named),
            days.first,
            days.last,
            tuple(self._cell(measure, cells.get((number, measure.code))) for measure in self.plan.measures),
        )

    def _key(self, dimension: ReportDimension, key: str) -> ReportKey:
        return ReportKey(dimension, "" if key == UNKNOWN else key, label_of(dimension, key, self._platforms))

    def _cell(self, measure: Measure, row: Sequence[Any] | None) -> ReportCell:
        if row is None:
            return unpublished(measure)
        status, method, value, lower, upper, as_of, complete, tellers = row
        quantity = None if lower is None else bounded(lower, upper, measure.unit, value)
        platforms = self.sources.platforms(tellers)
        return ReportCell(measure, CellStatus(status), quantity, AggregationMethod(method), as_of, complete, platforms)


def unpublished(measure: Measure) -> ReportCell:
    """The cell of what nobody reports."""
    return ReportCell(measure, CellStatus.NOT_PUBLISHED, None, AggregationMethod.NONE, None, False, ())
