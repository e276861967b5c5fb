"""Pieces of measures that stand or grow: what a stock or counter shows on a day, and what a counter grew by."""

from collections.abc import Sequence

from gateway.statistics.engine.conditions import Reading, dimensions, one_of, reading
from gateway.statistics.engine.pieces import Scope, fact_files, origin_columns
from gateway.statistics.engine.plan import Plan, overlaps
from gateway.statistics.engine.series import SERIES, grown_within
from gateway.statistics.engine.store import files


def add_changes(scope: Scope, measures: Sequence[str]) -> None:
    """Pieces of what counters grew by: differences of neighboring days of each series, the first one having none.

    A drop is a reset or a correction, nobody knows which: after a reset the new number was added, after a correction
    what is shown at the end less what was shown at the beginning. Those are the bounds; without a drop they are one.
    """
    plan = scope.plan
    wanted = reading(plan)
    if wanted.months is not None:
        listed = [path for span in wanted.days for path in fact_files(scope, span)]
        grown = _grown_by_month(scope, measures, wanted, edges=bool(listed))
    else:
        listed = fact_files(scope, plan.span)
        grown = _grown_by_day(scope, measures, read=bool(listed))
    scope.cursor.execute(
        f"""
        INSERT INTO piece BY NAME
        WITH grown AS ({grown})
        SELECT {origin_columns(plan.raw_keys, "grown")}, p, sum(lo) AS lo, sum(hi) AS hi, sum(n) AS n,
            max(as_of) AS as_of, sum(resets) AS resets
        FROM grown GROUP BY ALL
        """,
        {"files": listed} if listed else None,
    )


def _grown_by_month(scope: Scope, measures: Sequence[str], wanted: Reading, *, edges: bool) -> str:
    """SQL of what each series grew by, month by month: within each, and from the last day before it.

    Months that the span cuts are read by day, and what lies before the span in the first of them stands by itself.
    """
    plan = scope.plan
    cut = [span.first.replace(day=1) for span in wanted.days]
    whole = "".join(f" AND month <> DATE '{month}'" for month in cut)
    chunks = f"""
        SELECT {SERIES}, month AS begins, first_value, last_day, last_value, gained, steps, drops FROM counter
        WHERE {_where(scope, measures)} AND month <= DATE '{plan.span.last}'{whole}
        """
    if edges:
        first = f"DATE '{plan.span.first}'"
        begins = f"CASE WHEN day < {first} THEN DATE '{cut[0]}' ELSE greatest(date_trunc('month', day), {first}) END"
        chunks += f"""
        UNION ALL BY NAME
        {
            grown_within(
                f"SELECT *, CAST({begins} AS DATE) AS begins FROM read_parquet($files)",
                "begins",
                f"{_where(scope, measures)} AND day <= DATE '{plan.span.last}'",
            )
        }
        """
    return f"""
        WITH chunk AS ({chunks}), linked AS (
            SELECT *, last_value - first_value AS within,
                first_value - lag(last_value) OVER (PARTITION BY {SERIES} ORDER BY begins) AS between_chunks FROM chunk
        )
        SELECT {SERIES}, {plan.period("begins")} AS p, greatest(sum(within + coalesce(between_chunks, 0)), 0) AS lo,
            sum(gained + CASE WHEN between_chunks < 0 THEN first_value ELSE coalesce(between_chunks, 0) END) AS hi,
            sum(steps) + count(between_chunks) AS n, max(last_day) AS as_of,
            sum(drops) + count(*) FILTER (between_chunks < 0) AS resets
        FROM linked WHERE begins >= DATE '{plan.span.first}' AND (steps > 0 OR between_chunks IS NOT NULL)
        GROUP BY ALL
        """


def _grown_by_day(scope: Scope, measures: Sequence[str], *, read: bool) -> str:
    """SQL of what each series grew by from day to day; the months before the span are known by their last day."""
    plan = scope.plan
    where = _where(scope, measures)
    told = f"""
        SELECT {SERIES}, last_day AS day, last_value AS value FROM counter
        WHERE {where} AND month < DATE '{plan.span.first.replace(day=1)}'
        QUALIFY row_number() OVER (PARTITION BY {SERIES} ORDER BY month DESC) = 1
        """
    if read:
        told += f"""
        UNION ALL
        SELECT {SERIES}, day, value FROM read_parquet($files) WHERE {where} AND day <= DATE '{plan.span.last}'
        """
    return f"""
        WITH told AS ({told}), step AS (
            SELECT *, value - lag(value) OVER (PARTITION BY {SERIES} ORDER BY day) AS grown FROM told
        )
        SELECT {SERIES}, {plan.period("day")} AS p, greatest(sum(grown), 0) AS lo,
            sum(CASE WHEN grown < 0 THEN value ELSE grown END) AS hi, count(*) AS n, max(day) AS as_of,
            count(*) FILTER (grown < 0) AS resets
        FROM step WHERE grown IS NOT NULL AND day >= DATE '{plan.span.first}' GROUP BY ALL
        """


def _where(scope: Scope, measures: Sequence[str]) -> str:
    return " AND ".join([one_of("measure", measures), one_of("platform", scope.platforms), *dimensions(scope.plan)])


def add_standings(scope: Scope, measures: Sequence[str], asked: Sequence[str]) -> None:
    """Pieces of what stocks and counters show: all that an owner reported on its last day at or before a period's end.

    Periods are those in which anything of the `asked` measures was reported. What was reported before a period began is
    carried into it, and says so; so does a day on which fewer numbers were reported than on the one before, because
    the rest may still come.
    """
    plan, cursor = scope.plan, scope.cursor
    overlapping = one_of("any_value(fact.measure)", [one.code for one in plan.measures if overlaps(one)])
    cursor.execute(
        f"CREATE OR REPLACE TEMP TABLE standing AS {_standing(plan)}",
        {
            "measures": list(measures),
            "asked": list(asked),
            "platforms": scope.platforms,
            "first": plan.span.first,
            "last": plan.span.last,
        },
    )
    reach = cursor.execute("SELECT min(day), max(day) FROM standing").fetchone()
    if reach is None or reach[0] is None:
        return
    listed = files(cursor, scope.platforms, reach[0], reach[1], resources=plan.resources is not None)
    if not listed:
        return
    where = " AND ".join([one_of("fact.measure", measures), *dimensions(plan)])
    cursor.execute(
        f"""
        INSERT INTO piece BY NAME
        SELECT {origin_columns(plan.raw_keys)}, standing.p,
            CASE WHEN {overlapping} THEN max(value) ELSE sum(value) END AS lo, sum(value) AS hi, count(*) AS n,
            max(fact.day) AS as_of, bool_or(fact.day < standing.begins) AS carried, bool_or(standing.thin) AS thin
        FROM read_parquet($files) AS fact JOIN standing
          ON fact.measure = standing.measure AND fact.platform = standing.platform
          AND coalesce(fact.program, '') = standing.program AND fact.day = standing.day
        WHERE {where} GROUP BY ALL
        """,
        {"files": listed},
    )


def _standing(plan: Plan) -> str:
    """SQL of the last day, for each owner and measure, that was reported at or before the end of each period."""
    instants = """
        SELECT DISTINCT {} AS p FROM reported
        WHERE measure IN (SELECT unnest($asked::VARCHAR[]))
          AND platform IN (SELECT unnest($platforms::VARCHAR[])) AND day BETWEEN $first::DATE AND $last::DATE
        """.format(plan.period("day"))
    ends = f"CAST(least(p + INTERVAL 1 {plan.interval} - INTERVAL 1 DAY, $last::DATE) AS DATE)"
    if plan.interval is None:  # one period, whether or not anything was reported in it
        instants, ends = "SELECT $first::DATE AS p WHERE len($asked::VARCHAR[]) > 0", "$last::DATE"
    return f"""
        WITH instant AS ({instants}), ending AS (
            SELECT p, greatest(p, $first::DATE) AS begins, {ends} AS ends FROM instant
        ), teller AS (
            SELECT DISTINCT measure, platform, program FROM reported
            WHERE measure IN (SELECT unnest($measures::VARCHAR[]))
              AND platform IN (SELECT unnest($platforms::VARCHAR[]))
        ), moment AS (SELECT * FROM teller CROSS JOIN ending), told AS (
            SELECT measure, platform, program, day,
                facts < lag(facts) OVER (PARTITION BY measure, platform, program ORDER BY day) AS thin
            FROM reported WHERE measure IN (SELECT unnest($measures::VARCHAR[]))
        )
        SELECT moment.measure, moment.platform, moment.program, moment.p, moment.begins, told.day,
            coalesce(told.thin, false) AS thin
        FROM moment ASOF JOIN told
          ON moment.measure = told.measure AND moment.platform = told.platform
          AND moment.program = told.program AND moment.ends >= told.day
        """
