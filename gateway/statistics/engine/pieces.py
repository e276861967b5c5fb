"""The first step of a report: what each origin (platform, program, region) says of each combination of keys by period.

Pieces go into the temporary table `piece`, one family of measures after the other. `lo` and `hi` bound the number;
`day` is stated where reports of a joint program by several platforms have to be compared day by day.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import duckdb

from gateway.errors import LimitExceeded
from gateway.statistics.engine.conditions import dimensions, one_of, reading, summed_by_day
from gateway.statistics.engine.plan import FOLDS, UNKNOWN, Family, Plan
from gateway.statistics.engine.store import files
from gateway.statistics.questions import Interval
from gateway.statistics.sources import Origin
from gateway.statistics.spans import Span, period_end

ADDED = {
    Family.FLOW: ("sum(value)", "sum(value)", "total", "total"),
    Family.PEAK: ("max(value)", "max(value)", "high", "high"),
    Family.PEOPLE: ("max(value)", "sum(value)", "high", "total"),
}
"""Bounds of several facts by family: from facts, and from rows of the rollup."""
MOST_PIECES = 3_000_000


@dataclass(frozen=True, slots=True)
class Scope:
    """What a report reads: a transaction on the store, its plan, and the origins whose facts are asked for."""

    cursor: duckdb.DuckDBPyConnection
    plan: Plan
    origins: Sequence[Origin]
    shared: frozenset[str]
    """Joint programs that several platforms report on."""

    @property
    def platforms(self) -> list[str]:
        """Platforms that told anything that is asked for."""
        return sorted({origin.platform for origin in self.origins})


def create_pieces(cursor: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """An empty table of pieces."""
    keys = "".join(f"{key} VARCHAR, " for key in plan.raw_keys)
    cursor.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE piece (
            measure VARCHAR, platform VARCHAR, program VARCHAR, region VARCHAR, {keys}p DATE, day DATE,
            lo DECIMAL(38, 6), hi DECIMAL(38, 6), n BIGINT, weight DECIMAL(38, 6), weighed BIGINT,
            least DECIMAL(38, 6), most DECIMAL(38, 6), as_of DATE, resets BIGINT DEFAULT 0,
            carried BOOLEAN DEFAULT false, thin BOOLEAN DEFAULT false)
        """
    )


def check_size(cursor: duckdb.DuckDBPyConnection) -> None:
    """Raise LimitExceeded where the pieces are too many to be put together."""
    row = cursor.execute("SELECT count(*) FROM piece").fetchone()
    if row is not None and row[0] > MOST_PIECES:
        raise LimitExceeded(
            f"this report would be put together from {row[0]} numbers, {MOST_PIECES} are possible; ask for fewer "
            "dimensions, a longer interval or fewer days"
        )


def add_sums(scope: Scope, family: Family, measures: Sequence[str], *, sketched: bool = False) -> None:
    """Pieces of flows, peaks and people; with `sketched` facts of people that have a sketch are left out."""
    plan = scope.plan
    compared = bool(scope.shared) and family is not Family.PEAK
    if sketched:
        _from_facts(scope, family, measures, plan.span, [*_within(plan.span), "sketch IS NULL"])
    elif summed_by_day(plan):
        day = f"CASE WHEN {one_of('program', scope.shared)} THEN fact.day END" if compared else "NULL::DATE"
        _from_summary(scope, family, measures, "daily", "fact.day", _within(plan.span), day)
    else:
        wanted = reading(plan)
        for span in wanted.days:
            _from_facts(scope, family, measures, span, _within(span))
        if wanted.months is not None:
            first, last = wanted.months
            alone = [f"(program IS NULL OR NOT {one_of('program', scope.shared)})"] if compared else []
            months = [f"month BETWEEN DATE '{first}' AND DATE '{last}'", *alone]
            _from_summary(scope, family, measures, "rollup", "fact.last_day", months)
            if compared:
                whole = Span(first, period_end(last, Interval.MONTH))
                _from_facts(scope, family, measures, whole, [*_within(whole), one_of("program", scope.shared)])


def _within(span: Span) -> list[str]:
    return [f"fact.day BETWEEN DATE '{span.first}' AND DATE '{span.last}'"]


def _from_summary(
    scope: Scope,
    family: Family,
    measures: Sequence[str],
    table: str,
    last_day: str,
    conditions: Sequence[str],
    day: str = "NULL::DATE",
) -> None:
    """Pieces from facts that are summed up in memory, in a table whose rows end with some day of theirs."""
    _, _, lower, upper = ADDED[family]
    fold_lower, fold_upper = FOLDS[family]
    plan = scope.plan
    where = [one_of("measure", measures), one_of("platform", scope.platforms), *dimensions(plan), *conditions]
    scope.cursor.execute(
        f"""
        INSERT INTO piece BY NAME
        SELECT {origin_columns(plan.raw_keys)}, {plan.period(last_day)} AS p, {day} AS day,
            {fold_lower}({lower}) AS lo, {fold_upper}({upper}) AS hi, sum(facts) AS n, max({last_day}) AS as_of
        FROM {table} AS fact WHERE {" AND ".join(where)} GROUP BY ALL
        """
    )


def _from_facts(scope: Scope, family: Family, measures: Sequence[str], span: Span, conditions: list[str]) -> None:
    lower, upper, _, _ = ADDED[family]
    plan = scope.plan
    listed = fact_files(scope, span)
    if not listed:
        return
    where = [one_of("measure", measures), *dimensions(plan), *conditions]
    compared = scope.shared and family is not Family.PEAK
    day = f"CASE WHEN {one_of('program', scope.shared)} THEN fact.day END" if compared else "NULL::DATE"
    scope.cursor.execute(
        f"""
        INSERT INTO piece BY NAME
        SELECT {origin_columns(plan.raw_keys)}, {plan.period("fact.day")} AS p, {day} AS day,
            {lower} AS lo, {upper} AS hi, count(*) AS n, max(fact.day) AS as_of
        FROM read_parquet($files) AS fact WHERE {" AND ".join(where)} GROUP BY ALL
        """,
        {"files": listed},
    )


def add_means(scope: Scope, measures: Sequence[str]) -> None:
    """Pieces of averages and ratios: `lo` sums number times weight, `hi` the numbers; they lie in `least` to `most`.

    Products are floating, since exact ones of numbers with 24 digits fit nowhere.
    """
    plan = scope.plan
    listed = fact_files(scope, plan.span)
    if not listed:
        return
    where = [
        one_of("measure", measures),
        f"fact.day BETWEEN DATE '{plan.span.first}' AND DATE '{plan.span.last}'",
        *dimensions(plan),
    ]
    day = f"CASE WHEN {one_of('program', scope.shared)} THEN fact.day END" if scope.shared else "NULL::DATE"
    scope.cursor.execute(
        f"""
        INSERT INTO piece BY NAME
        SELECT {origin_columns(plan.raw_keys)}, {plan.period("fact.day")} AS p, {day} AS day,
            TRY_CAST(sum(value::DOUBLE * weight::DOUBLE) AS DECIMAL(38, 6)) AS lo, sum(value) AS hi,
            count(*) AS n, sum(weight) AS weight,
            count(weight) AS weighed, min(value) AS least, max(value) AS most, max(fact.day) AS as_of
        FROM read_parquet($files) AS fact WHERE {" AND ".join(where)} GROUP BY ALL
        """,
        {"files": listed},
    )


def fact_files(scope: Scope, span: Span) -> list[str]:
    """Fact files of the report's platforms for the months of these days."""
    counted = scope.plan.resources is not None
    return files(scope.cursor, scope.platforms, span.first, span.last, resources=counted)


def origin_columns(keys: Iterable[str], table: str = "fact") -> str:
    """Measure, origin and keys of a table as pieces have them."""
    stated = ", ".join(f"coalesce({table}.{key}, '{UNKNOWN}') AS {key}" for key in keys)
    origin = (
        f"{table}.measure AS measure, {table}.platform AS platform, coalesce({table}.program, '') AS program, "
        f"coalesce({table}.region, '') AS region"
    )
    return f"{origin}, {stated}" if stated else origin
