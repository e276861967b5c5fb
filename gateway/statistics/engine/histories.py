"""Pieces of measures that stand or grow: what a stock or counter shows on a day, and what a counter grew by."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from gateway.statistics.engine.conditions import dimensions, one_of, parquet, reading, summed_by_day
from gateway.statistics.engine.pieces import Scope, sourced
from gateway.statistics.engine.plan import UNKNOWN, Plan, comma, overlaps
from gateway.statistics.spans import Span

_CLOSING = ("closing_high", "closing_total", "closing_facts")
_STEP = "SELECT series, {period} AS p, {grown} AS grown, {gained} AS gained, {n} AS n, {day} AS as_of, {drops} AS drops"


def changes(scope: Scope, measures: Sequence[str]) -> list[str]:
    """Pieces of what counters grew by: differences of neighboring days of each series, the first one having none.

    A drop is a reset or a correction, nobody knows which: after a reset the new number was added, after a correction
    what is shown at the end less what was shown at the beginning. Those are the bounds; without a drop they are one.
    """
    plan = scope.plan
    keys = plan.raw_keys
    shared = bool(scope.sources.shared)
    where = " AND ".join([one_of("fact.measure", measures), *dimensions(plan)])
    named = comma([f"coalesce({key}, '{UNKNOWN}') AS {key}" for key in keys])
    return [
        f"""
        SELECT measure, sid, {comma(keys)}p, sum(lo) AS lo, sum(hi) AS hi, sum(n) AS n, max(as_of) AS as_of,
            sum(resets) AS resets, {"tellers" if shared else "any_value(tellers) AS tellers"}
        FROM (
            WITH asked AS (
                SELECT fact.* EXCLUDE (program, region), sid, teller
                FROM linked AS fact JOIN source
                  ON source.platform = fact.platform AND source.program = coalesce(fact.program, '')
                  AND source.region = coalesce(fact.region, '')
                WHERE {where}
            ), step AS ({" UNION ALL BY NAME ".join(_steps(scope, measures))}), grown AS (
                SELECT series, p, greatest(sum(grown), 0) AS lo, sum(gained) AS hi, sum(n) AS n, max(as_of) AS as_of,
                    sum(drops) AS resets
                FROM step GROUP BY series, p
            ), named AS (SELECT DISTINCT series, measure, sid, {named}teller AS tellers FROM asked)
            SELECT * FROM grown JOIN named USING (series)
        )
        GROUP BY ALL
        """
    ]


def _steps(scope: Scope, measures: Sequence[str]) -> list[str]:
    """Queries of what each series grew by, from one month to the next, within whole months, and from day to day."""
    plan = scope.plan
    span = plan.span
    linking = {"grown": "first_value - before", "gained": _gained("first_value"), "n": "1", "day": "first_day"}
    linked = _STEP.format(**linking, period=plan.period("first_day"), drops="(first_value < before)::BIGINT")
    inside = f"first_day BETWEEN DATE '{span.first}' AND DATE '{span.last}'"
    steps = [f"{linked} FROM asked WHERE before IS NOT NULL AND {inside}"]
    wanted = reading(plan)
    if wanted.months is not None:
        first, last = wanted.months
        growing = {"grown": "last_value - first_value", "gained": "gained", "n": "steps", "day": "last_day"}
        grown = _STEP.format(**growing, period=plan.period("month"), drops="drops")
        steps.append(f"{grown} FROM asked WHERE steps > 0 AND month BETWEEN DATE '{first}' AND DATE '{last}'")
    for part in wanted.weeks:
        if months := scope.holdings.months(scope.platforms, measures, part):
            weekly = {"grown": "step.grown", "gained": "step.gained", "n": "step.steps", "day": "step.last_day"}
            told = _STEP.format(**weekly, period=plan.period("step.last_day"), drops="step.drops")
            steps.append(_of_files(told, [one.strides for one in months], "step.last_day", part))
    for part in wanted.days:
        if months := scope.holdings.months(scope.platforms, measures, part):
            daily = {"grown": "value - step.before", "gained": _gained("value", "step."), "n": "1", "day": "day"}
            told = _STEP.format(**daily, period=plan.period("day"), drops="(value < step.before)::BIGINT")
            steps.append(_of_files(told, [one.steps for one in months], "day", part))
    return steps


def _of_files(told: str, files: Iterable[Path], day: str, part: Span) -> str:
    within = f"{day} BETWEEN DATE '{part.first}' AND DATE '{part.last}'"
    return f"{told} FROM {parquet(files)} AS step JOIN asked USING (platform, month, number) WHERE {within}"


def _gained(value: str, of: str = "") -> str:
    """SQL of what a step adds where a drop is a reset."""
    return f"CASE WHEN {value} < {of}before THEN {value} ELSE {value} - {of}before END"


def standings(scope: Scope, measures: Sequence[str], asked: Sequence[str]) -> list[str]:
    """Pieces of what stocks and counters show: all that an owner reported on its last day at or before a period's end.

    Periods are those in which anything of the `asked` measures was reported. What was reported before a period began is
    carried into it, and says so; so does a day on which fewer numbers were reported than on the one before, because
    the rest may still come. Days that close a month or a week of it are summed up already.
    """
    plan = scope.plan
    scope.cursor.execute(
        f"CREATE OR REPLACE TEMP TABLE standing AS {_standing(plan)}",
        {
            "measures": list(measures),
            "asked": list(asked),
            "platforms": scope.platforms,
            "first": plan.span.first,
            "last": plan.span.last,
        },
    )
    if summed_by_day(plan):
        return [_shown(scope, measures, "daily", "fact.day = standing.day", ("high", "total", "facts"))]
    closes = "'DAY'" if plan.resources is not None else "closes"
    reached = scope.cursor.execute(
        f"SELECT {closes}, min(day), max(day) FROM standing GROUP BY ALL HAVING count(*) > 0"
    ).fetchall()
    pieces = []
    for part, first, last in reached:
        months = scope.holdings.months(scope.platforms, measures, Span(first, last))
        if part == "MONTH":
            pieces.append(
                _shown(scope, measures, "rollup", "closes = 'MONTH' AND fact.month = standing.month", _CLOSING)
            )
        elif part == "WEEK":
            same = "closes = 'WEEK' AND fact.month = standing.month AND fact.week = standing.week"
            pieces.append(_shown(scope, measures, parquet(one.weeks for one in months), same, _CLOSING))
        elif facts := scope.files(measures, Span(first, last)):
            same = f"{closes} = 'DAY' AND fact.day = standing.day"
            pieces.append(_shown(scope, measures, facts, same, ("value", "value", "1")))
    return pieces


def _shown(scope: Scope, measures: Sequence[str], facts: str, same: str, columns: tuple[str, str, str]) -> str:
    """SQL of what stands on the days of `standing`: of rows that match one, by their greatest, their sum and count."""
    high, total, count = columns
    overlapping = one_of("any_value(fact.measure)", [one.code for one in scope.plan.measures if overlaps(one)])
    shown = f"""
        standing.p AS p, NULL::DATE AS day,
        CASE WHEN {overlapping} THEN max({high}) ELSE sum({total}) END AS lo, sum({total}) AS hi, sum({count}) AS n,
        max(standing.day) AS as_of, bool_or(standing.day < standing.begins) AS carried, bool_or(standing.thin) AS thin
        """
    joins = f"""
        JOIN standing
          ON fact.measure = standing.measure AND fact.platform = standing.platform
          AND coalesce(fact.program, '') = standing.program AND {same}
        """
    where = [one_of("fact.measure", measures), f"{count} > 0", *dimensions(scope.plan)]
    return sourced(scope, facts, shown, where, joins)


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
                facts < lag(facts) OVER owner AS thin, month, date_trunc('week', day)::DATE AS week,
                lead(day) OVER owner AS next
            FROM reported WHERE measure IN (SELECT unnest($measures::VARCHAR[]))
            WINDOW owner AS (PARTITION BY measure, platform, program ORDER BY day)
        )
        SELECT moment.measure, moment.platform, moment.program, moment.p, moment.begins, told.day, told.month,
            told.week, coalesce(told.thin, false) AS thin,
            CASE WHEN next IS NULL OR date_trunc('month', next) <> month THEN 'MONTH'
                WHEN date_trunc('week', next) <> week THEN 'WEEK' ELSE 'DAY' END AS closes
        FROM moment ASOF JOIN told
          ON moment.measure = told.measure AND moment.platform = told.platform
          AND moment.program = told.program AND moment.ends >= told.day
        """
