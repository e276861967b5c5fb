"""The third step of a report: claims become cells, each with a status, a method and bounds."""

from collections.abc import Iterator
from datetime import date

import duckdb

from gateway.errors import LimitExceeded
from gateway.statistics.engine.conditions import folds, literals
from gateway.statistics.engine.pieces import Scope
from gateway.statistics.engine.plan import Family, Plan, comma, family
from gateway.statistics.reports import CellStatus
from schema.measures import AggregationMethod

MOST_CELLS = 3_000_000
_BOUNDS = {
    Family.FLOW: ("sum(lo)", "sum(hi)"),
    Family.CHANGE: ("CASE WHEN any_value(overlap) THEN max(lo) ELSE sum(lo) END", "sum(hi)"),
    Family.STANDING: (
        "CASE WHEN any_value(overlap) THEN max(lo) WHEN bool_or(joint) AND count(*) > 1"
        " THEN greatest(coalesce(sum(lo) FILTER (NOT joint), 0), max(lo)) ELSE sum(lo) END",
        "sum(hi)",
    ),
    Family.PEAK: ("max(lo)", "max(hi)"),
    Family.PEOPLE: ("max(lo)", "sum(hi)"),
    Family.MEAN: ("sum(lo)", "sum(hi)"),
}
"""Bounds of the numbers of several owners; entities of a joint program may be among those that others count too."""
_METHODS = {
    Family.FLOW: "'SUM'",
    Family.CHANGE: "'DIFFERENCE'",
    Family.STANDING: "CASE WHEN lo <> hi THEN 'BOUNDS' WHEN owners = 1 THEN 'LAST' ELSE 'SUM' END",
    Family.PEAK: "'MAX'",
    Family.PEOPLE: "CASE WHEN n = 1 THEN 'NONE' WHEN estimate IS NOT NULL THEN 'SKETCH_UNION' ELSE 'BOUNDS' END",
    Family.MEAN: "CASE WHEN n > 1 AND status = 'OK' THEN 'WEIGHTED_MEAN' ELSE 'NONE' END",
}

_STATUS, _METHOD = (f"ENUM({literals(kind)})" for kind in (CellStatus, AggregationMethod))
"""Names that take a byte each where texts would take sixteen."""
_PERIODS = "SELECT DISTINCT p FROM cell"


def create_cells(cursor: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """An empty table of cells."""
    keys = "".join(f"{key} VARCHAR, " for key in plan.raw_keys)
    codes = literals(measure.code for measure in plan.measures)
    cursor.execute(
        f"""
        CREATE TEMP TABLE cell (
            measure ENUM({codes}), spot BIGINT, {keys}p DATE, status {_STATUS}, method {_METHOD}, value DECIMAL(38, 6),
            lo DECIMAL(38, 6), hi DECIMAL(38, 6), as_of DATE, complete BOOLEAN, resets BIGINT, carried BOOLEAN,
            thin BOOLEAN, estimated BOOLEAN,
            behind DECIMAL(38, 6), tellers BIT)
        """
    )


def measures_asked(plan: Plan) -> str:
    """SQL of the measures asked for: their order, and what decides how their claims are put together."""
    rows = ", ".join(
        f"({number}, {literals([measure.code])}, {measure.over_platforms is AggregationMethod.NONE}, "
        f"{measure.over_time is AggregationMethod.NONE}, {measure.over_platforms is AggregationMethod.BOUNDS})"
        for number, measure in enumerate(plan.measures)
    )
    return f"(VALUES {rows}) AS asked(number, measure, alone, single, overlap)"


def add_cells(cursor: duckdb.DuckDBPyConnection, plan: Plan, kind: Family, claims: str) -> None:
    """Turn the claims of one family, which are a query, into cells; raises LimitExceeded where those are too many."""
    keys = comma(plan.cell_keys)
    least, most = _BOUNDS[kind]
    said = _voices(plan, claims) if kind is Family.STANDING else claims
    made = cursor.execute(
        f"""
        INSERT INTO cell BY NAME
        WITH said AS ({said}), together AS (
            SELECT measure, {keys}p, {least} AS lo, {most} AS hi, {_owners(plan, kind)} AS owners, sum(n) AS n,
                sum(weight) AS weight, sum(weighed) AS weighed, min(least) AS least, max(most) AS most,
                max(as_of) AS as_of, sum(resets) AS resets, bool_or(carried) AS carried, bool_or(thin) AS thin,
                bool_or(conflict) AS conflict, any_value(alone) AS alone, any_value(single) AS single,
                CASE WHEN count(*) = 1 THEN any_value(estimate) END AS estimate,
                bool_or(estimated) AS estimated, NULL::DECIMAL(38, 6) AS behind, bit_or(tellers) AS tellers
            FROM said JOIN {measures_asked(plan)} USING (measure) GROUP BY measure, {keys}p
        ), judged AS ({_judged(kind, keys)})
        SELECT measure, {keys}p, status,
            CASE WHEN status = 'CONFLICT' THEN 'BOUNDS' ELSE {_METHODS[kind]} END AS method,
            CASE WHEN status = 'OK' THEN coalesce(estimate, CASE WHEN lo = hi THEN lo END) END AS value,
            CASE WHEN status IN ('OK', 'CONFLICT') THEN lo END AS lo,
            CASE WHEN status IN ('OK', 'CONFLICT') THEN hi END AS hi, as_of,
            NOT (coalesce(carried, false) OR coalesce(thin, false)) AS complete, coalesce(resets, 0) AS resets,
            coalesce(carried, false) AS carried, coalesce(thin, false) AS thin,
            coalesce(estimated, false) AS estimated, behind, tellers
        FROM judged
        """
    ).fetchone()
    if made is not None and made[0] > MOST_CELLS:
        raise LimitExceeded(
            f"this report would have {made[0]} numbers, {MOST_CELLS} are possible; ask for fewer dimensions, a longer "
            "interval or fewer days"
        )


def _voices(plan: Plan, claims: str) -> str:
    """Claims of each owner added up: what a platform says of its regions are parts of one stock."""
    keys = comma(plan.cell_keys)
    lower, upper = folds(plan, Family.STANDING)
    return f"""
        SELECT measure, owner, joint, {keys}p, {lower} AS lo, {upper} AS hi, sum(n) AS n, sum(weight) AS weight,
            sum(weighed) AS weighed, min(least) AS least, max(most) AS most, max(as_of) AS as_of,
            sum(resets) AS resets, bool_or(carried) AS carried, bool_or(thin) AS thin, bool_or(conflict) AS conflict,
            any_value(estimate) AS estimate, bool_or(estimated) AS estimated, bit_or(tellers) AS tellers
        FROM ({claims}) GROUP BY measure, owner, joint, {keys}p
        """


def _owners(plan: Plan, kind: Family) -> str:
    """SQL of how many owners a cell has, where it matters: counting distinct ones is slow."""
    alone = any(measure.over_platforms is AggregationMethod.NONE for measure in plan.measures)
    return "count(DISTINCT owner)" if alone or kind is Family.STANDING else "1"


def _judged(kind: Family, keys: str) -> str:
    """Cells with their status; a mean of several facts has a number where every fact has a weight."""
    apart = "(alone AND owners > 1 OR single AND n > 1)"
    if kind is not Family.MEAN:
        status = f"CASE WHEN {apart} THEN 'NOT_ADDITIVE' WHEN conflict THEN 'CONFLICT' ELSE 'OK' END"
        return f"SELECT *, {status} AS status FROM together"
    mean = "CASE WHEN n = 1 THEN hi ELSE TRY_CAST(round(lo / nullif(weight, 0), 6) AS DECIMAL(38, 6)) END"
    status = (
        f"CASE WHEN {apart} OR (n > 1 AND (weighed < n OR weight <= 0)) THEN 'NOT_ADDITIVE'"
        " WHEN conflict THEN 'CONFLICT' ELSE 'OK' END"
    )
    return f"""
        SELECT measure, {keys}p, owners, n, as_of, resets, carried, thin, estimated, tellers,
            NULL::DECIMAL(38, 6) AS estimate, CASE WHEN NOT conflict THEN coalesce(lo, hi) END AS behind,
            {status} AS status, CASE WHEN conflict THEN least ELSE {mean} END AS lo,
            CASE WHEN conflict THEN most ELSE {mean} END AS hi
        FROM together
        """


def mark_incomplete(scope: Scope) -> None:
    """Say of every cell whether each platform that speaks of its row reported on every day of its period.

    What a stock or counter shows is complete where it was reported within the period.
    """
    plan = scope.plan
    gaps = list(_gaps(scope))
    if not gaps:
        return
    same = "".join(f" AND cell.{key} = said.{key}" for key in plan.cell_keys)
    scope.cursor.execute(
        f"""
        UPDATE cell SET complete = false
        FROM (
            SELECT unnest($measure::VARCHAR[]) AS measure, unnest($p::DATE[]) AS p,
                unnest($tellers::VARCHAR[])::BIT AS tellers
        ) AS gap, (SELECT measure, {comma(plan.cell_keys)}bit_or(tellers) AS tellers FROM cell GROUP BY ALL) AS said
        WHERE cell.measure = said.measure{same} AND cell.measure = gap.measure AND cell.p = gap.p
          AND bit_count(said.tellers & gap.tellers) > 0
        """,
        dict(zip(("measure", "p", "tellers"), map(list, zip(*gaps, strict=True)), strict=True)),
    )


def _gaps(scope: Scope) -> Iterator[tuple[str, date, str]]:
    """Measure, period and bits of the platforms that reported the measure in it on fewer days than were asked for."""
    plan, holdings = scope.plan, scope.holdings
    asked = [one.code for one in plan.measures if family(one, plan.question) is not Family.STANDING]
    told = {(code, one): holdings.days(one, code, plan.span) for code in asked for one in scope.platforms}
    short = {key: days for key, days in told.items() if days is not None and len(days) < plan.span.days}
    if not short:
        return
    periods = [(start, plan.days_of(start)) for (start,) in scope.cursor.execute(_PERIODS).fetchall()]
    for code in asked:
        reported = [short.get((code, one)) for one in scope.sources.tellers]
        for start, span in periods if any(reported) else ():
            missing = [days is not None and days.count(span) < span.days for days in reported]
            if any(missing):
                yield code, start, "".join("1" if one else "0" for one in missing)
