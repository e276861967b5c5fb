"""The last step of a report: cells stand in numbered rows, with those of platforms that say nothing."""

from collections.abc import Sequence

import duckdb

from gateway.statistics.engine.cells import measures_asked
from gateway.statistics.engine.claims import Sources, spot_keys
from gateway.statistics.engine.plan import OF_SOURCE, Plan, comma
from gateway.statistics.questions import ReportDimension
from gateway.statistics.sources import Source

_OF_PLATFORM = frozenset(OF_SOURCE) - {ReportDimension.PROGRAM}

_DONE = ("cell", "claim", "line", "weighed", "standing", "inside", "aside", "heard")


def add_lines(cursor: duckdb.DuckDBPyConnection, plan: Plan, sources: Sources, silent: Sequence[Source]) -> None:
    """Keys and periods of all rows: those of cells, and those of platforms that report nothing that is asked for.

    Rows of silent platforms exist where every key follows from the platform, in each period that the report has.
    """
    keys = comma(plan.cell_keys)
    cursor.execute(f"CREATE TEMP TABLE line AS SELECT DISTINCT {keys}p FROM cell")
    possible = {spot_keys(plan, source) for source in silent}
    if not plan.question.group_by:
        possible = {()}
    if not possible or plan.resources is not None or not _OF_PLATFORM.issuperset(plan.question.group_by):
        return
    told, starts = cursor.execute("SELECT list(DISTINCT spot), list(DISTINCT p) FROM line").fetchone() or ((), ())
    missing = sorted(possible - {sources.spots[spot] for spot in told or ()})
    sources.spots.extend(one for one in missing if one not in sources.spots)
    if missing:
        periods = "unnest($starts::DATE[]) AS period(p)"
        cursor.execute(
            f"INSERT INTO line BY NAME SELECT unnest($spots::BIGINT[]) AS spot, p FROM {periods}",
            {"spots": [sources.spots.index(one) for one in missing], "starts": starts or [plan.first_period]},
        )


def create_spots(cursor: duckdb.DuckDBPyConnection, plan: Plan, sources: Sources) -> None:
    """The table of spots with their keys."""
    columns = [list(column) for column in zip(*sources.spots, strict=True)] or [[] for _ in plan.source_keys]
    listed = "".join(f", unnest(${key}::VARCHAR[]) AS {key}" for key in plan.source_keys)
    cursor.execute(
        f"CREATE OR REPLACE TEMP TABLE spot AS SELECT unnest($spot::BIGINT[]) AS spot{listed}",
        {"spot": list(range(len(sources.spots))), **dict(zip(plan.source_keys, columns, strict=True))},
    )


def number_rows(cursor: duckdb.DuckDBPyConnection, plan: Plan) -> int:
    """Give every row its number in the asked order, from 1; returns how many there are.

    Rows without a number in the measure that orders them come last, equal ones by keys and period.
    """
    order = plan.question.order
    joined, by = "", "NULL::DECIMAL(38, 6)"
    if order is not None:
        same = "".join(f" AND cell.{key} = line.{key}" for key in (*plan.cell_keys, "p"))
        joined = f"LEFT JOIN cell ON cell.measure = $measure{same}"
        by = "CAST(coalesce(cell.value, (cell.lo + cell.hi) / 2, cell.lo, cell.hi) AS DECIMAL(38, 6))"
    way = "DESC" if order is not None and order.descending else "ASC"
    raw = "".join(f"line.{key} AS {key}, " for key in plan.raw_keys)
    places = "".join(f"spot.{key} AS {key}, " for key in plan.source_keys)
    found = cursor.execute(
        f"""
        CREATE TEMP TABLE numbered AS
        SELECT row_number() OVER (ORDER BY rank {way} NULLS LAST, {comma(plan.keys)}p) AS number, *
        FROM (
            SELECT line.spot AS spot, {raw}{places}line.p AS p, {by} AS rank
            FROM line JOIN spot ON spot.spot = line.spot {joined}
        )
        """,
        {"measure": order.measure} if order is not None else None,
    ).fetchone()
    _place_cells(cursor, plan)
    return int(found[0]) if found else 0


def _place_cells(cursor: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """Cells by the number of their row, in that order, so that a page or a part of an export is a range of them."""
    same = " AND ".join(f"cell.{key} = numbered.{key}" for key in (*plan.cell_keys, "p"))
    cursor.execute(
        f"""
        CREATE TEMP TABLE placed AS
        SELECT numbered.number AS number, asked.number::UTINYINT AS measure_number, cell.measure AS measure, status,
            method, value, lo, hi, as_of, complete, tellers::VARCHAR AS tellers
        FROM numbered JOIN cell ON {same} JOIN {measures_asked(plan)} ON asked.measure = cell.measure
        ORDER BY number, measure_number
        """
    )
    cursor.execute("".join(f"DROP TABLE IF EXISTS {table};" for table in _DONE))
