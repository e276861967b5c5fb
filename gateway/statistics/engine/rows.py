"""The last step of a report: cells stand in numbered rows, with those of platforms that say nothing."""

from collections.abc import Sequence

import duckdb

from gateway.statistics.engine.plan import OF_SOURCE, UNKNOWN, Plan, comma
from gateway.statistics.ports import PlatformNames
from gateway.statistics.questions import ReportDimension
from gateway.statistics.sources import place
from schema.regions import NATION

_OF_PLATFORM = frozenset(OF_SOURCE) - {ReportDimension.PROGRAM}


def add_silent_rows(
    cursor: duckdb.DuckDBPyConnection, plan: Plan, platforms: PlatformNames, silent: Sequence[str]
) -> None:
    """The keys and periods of all rows: those of cells, and those of platforms that report nothing that is asked for.

    Rows of silent platforms exist where every key follows from the platform, in each period that the report has.
    """
    keys = comma(plan.keys)
    columns = "".join(f"{key} VARCHAR, " for key in plan.keys)
    cursor.execute(f"CREATE OR REPLACE TEMP TABLE line ({columns}p DATE)")
    cursor.execute(f"INSERT INTO line SELECT DISTINCT {keys}p FROM cell")
    if plan.resources is not None or not _OF_PLATFORM.issuperset(plan.question.group_by):
        return
    wanted = {_keys(plan, platforms, code) for code in silent}
    if not plan.question.group_by:
        wanted = set() if cursor.execute("SELECT count(*) FROM line").fetchone() != (0,) else {()}
    known = set(cursor.execute(f"SELECT DISTINCT {', '.join(plan.keys)} FROM line").fetchall()) if plan.keys else set()
    starts = [row[0] for row in cursor.execute("SELECT DISTINCT p FROM line").fetchall()] or [plan.first_period]
    rows = [[*one, start] for one in sorted(wanted - known) for start in starts]
    if rows:
        places = ", ".join("?" for _ in rows[0])
        cursor.executemany(f"INSERT INTO line VALUES ({places})", rows)


def number_rows(cursor: duckdb.DuckDBPyConnection, plan: Plan) -> int:
    """Give every row its number in the asked order, from 1; returns how many there are.

    Rows without a number in the measure that orders them come last, equal ones by keys and period.
    """
    order = plan.question.order
    by_key = ", ".join((*(f"line.{key}" for key in plan.keys), "line.p"))
    joined, by = "", "NULL::DECIMAL(38, 6)"
    if order is not None:
        same = "".join(f" AND cell.{key} = line.{key}" for key in (*plan.keys, "p"))
        joined = f"LEFT JOIN cell ON cell.measure = $measure{same}"
        by = "coalesce(cell.value, (cell.lo + cell.hi) / 2, cell.lo, cell.hi)"
    way = "DESC" if order is not None and order.descending else "ASC"
    cursor.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE numbered AS
        SELECT row_number() OVER (ORDER BY rank {way} NULLS LAST, {comma(plan.keys)}p) AS number, *
        FROM (SELECT {by_key}, CAST({by} AS DECIMAL(38, 6)) AS rank FROM line {joined})
        """,
        {"measure": order.measure} if order is not None else None,
    )
    _place_cells(cursor, plan)
    found = cursor.execute("SELECT count(*) FROM numbered").fetchone()
    return int(found[0]) if found else 0


def _place_cells(cursor: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """Cells by the number of their row, in that order, so that a page or a part of an export is a range of them."""
    same = " AND ".join(f"cell.{key} = numbered.{key}" for key in (*plan.keys, "p"))
    cursor.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE placed AS
        SELECT numbered.number AS number, asked.number AS measure_number, cell.measure AS measure, status, method, value,
            lo, hi, as_of, complete, platforms
        FROM numbered JOIN cell ON {same} JOIN asked ON asked.measure = cell.measure
        ORDER BY number, measure_number
        """
    )
    for table in ("cell", "claim", "piece", "stated", "line"):
        cursor.execute(f"DROP TABLE IF EXISTS {table}")


def _keys(plan: Plan, platforms: PlatformNames, code: str) -> tuple[str, ...]:
    """The keys of a platform's own row."""
    region = platforms.region(code) or NATION
    lifted = place(region)
    known = {
        ReportDimension.PLATFORM: code,
        ReportDimension.REGION: region,
        ReportDimension.PROVINCE: lifted.province,
        ReportDimension.CITY: lifted.city,
        ReportDimension.DISTRICT: lifted.district,
    }
    return tuple(known[dimension] or UNKNOWN for dimension in plan.question.group_by)
