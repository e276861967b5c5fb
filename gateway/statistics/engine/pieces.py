"""The first step of a report: what each source says of each combination of keys by period, in one statement or more.

Pieces are queries of which claims are made, with the columns of `PIECE` and the plan's keys. `lo` and `hi` bound the
number; `day` is stated where reports of a joint program by several platforms have to be compared day by day.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import duckdb

from gateway.statistics.engine.claims import Sources
from gateway.statistics.engine.conditions import dimensions, one_of, parquet, reading, summed_by_day
from gateway.statistics.engine.holdings import Holdings
from gateway.statistics.engine.plan import FOLDS, UNKNOWN, Family, Plan, comma
from gateway.statistics.questions import Interval
from gateway.statistics.spans import Span, period_end

ADDED = {
    Family.FLOW: ("sum(value)", "sum(value)", "total", "total"),
    Family.PEAK: ("max(value)", "max(value)", "high", "high"),
    Family.PEOPLE: ("max(value)", "sum(value)", "high", "total"),
}
"""Bounds of several facts by family: from facts, and from rows that sum them up."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a report reads: a transaction on the store and what that holds, its plan, and whose facts are asked."""

    cursor: duckdb.DuckDBPyConnection
    holdings: Holdings
    plan: Plan
    sources: Sources

    @property
    def platforms(self) -> list[str]:
        """Platforms that told anything that is asked for."""
        return sorted({origin.platform for origin in self.sources.origins})

    def files(self, measures: Collection[str], span: Span) -> str | None:
        """SQL that reads the facts of these measures and days, and more; None where there are none."""
        counted = self.plan.resources is not None
        found = self.holdings.files(self.platforms, measures, span, resources=counted)
        return parquet(found) if found else None


def sums(scope: Scope, family: Family, measures: Sequence[str], *, sketched: bool = False) -> list[str]:
    """Pieces of flows, peaks and people; with `sketched` facts of people that have a sketch are left out."""
    plan = scope.plan
    if sketched:
        return _from_facts(scope, family, measures, plan.span, [*within(plan.span), "sketch IS NULL"])
    if summed_by_day(plan):
        day = day_column(scope, family)
        return [_from_summary(scope, family, measures, "daily", "fact.day", within(plan.span), day)]
    wanted = reading(plan)
    pieces = [piece for span in wanted.days for piece in _from_facts(scope, family, measures, span, within(span))]
    whole = list(wanted.weeks)
    compared = scope.sources.shared if family is not Family.PEAK else frozenset()
    alone = [f"(fact.program IS NULL OR NOT {one_of('fact.program', compared)})"] if compared else []
    for span in wanted.weeks:
        if months := scope.holdings.months(scope.platforms, measures, span):
            inside = [f"fact.first_day >= DATE '{span.first}'", f"fact.last_day <= DATE '{span.last}'", *alone]
            weeks = parquet(one.weeks for one in months)
            pieces.append(_from_summary(scope, family, measures, weeks, "fact.last_day", inside))
    if wanted.months is not None:
        first, last = wanted.months
        inside = [f"month BETWEEN DATE '{first}' AND DATE '{last}'", *alone]
        pieces.append(_from_summary(scope, family, measures, "rollup", "fact.last_day", inside))
        whole.append(Span(first, period_end(last, Interval.MONTH)))
    if compared:
        joint = one_of("fact.program", compared)
        pieces += [
            piece for span in whole for piece in _from_facts(scope, family, measures, span, [*within(span), joint])
        ]
    return pieces


def means(scope: Scope, measures: Sequence[str]) -> list[str]:
    """Pieces of averages and ratios: `lo` sums number times weight, `hi` the numbers; they lie in `least` to `most`.

    Products are floating, since exact ones of numbers with 24 digits fit nowhere.
    """
    plan = scope.plan
    facts = scope.files(measures, plan.span)
    where = [one_of("fact.measure", measures), *within(plan.span), *dimensions(plan)]
    columns = f"""
        {plan.period("fact.day")} AS p, {day_column(scope, Family.MEAN)} AS day,
        TRY_CAST(sum(value::DOUBLE * weight::DOUBLE) AS DECIMAL(38, 6)) AS lo, sum(value) AS hi,
        count(*) AS n, sum(weight) AS weight, count(weight) AS weighed, min(value) AS least, max(value) AS most,
        max(fact.day) AS as_of
        """
    return [sourced(scope, facts, columns, where)] if facts else []


def within(span: Span) -> list[str]:
    """The condition that a fact is of one of these days."""
    return [f"fact.day BETWEEN DATE '{span.first}' AND DATE '{span.last}'"]


def day_column(scope: Scope, family: Family) -> str:
    """SQL of the day of a fact of a program that several platforms speak of, which matters but for peaks."""
    if family is Family.PEAK or not scope.sources.shared:
        return "NULL::DATE"
    return f"CASE WHEN {one_of('fact.program', scope.sources.shared)} THEN fact.day END"


def sourced(scope: Scope, facts: str, columns: str, where: Iterable[str], joins: str = "") -> str:
    """SQL of facts put together by source and keys; `columns` are of the groups."""
    keys = scope.plan.raw_keys
    stated = comma([f"coalesce(fact.{key}, '{UNKNOWN}') AS {key}" for key in keys])
    # of one source several platforms speak only where they share a program
    tellers = "teller AS tellers" if scope.sources.shared else "any_value(teller) AS tellers"
    return f"""
        SELECT fact.measure AS measure, sid, {stated}{columns}, {tellers}
        FROM {facts} AS fact JOIN source
          ON source.platform = fact.platform AND source.program = coalesce(fact.program, '')
          AND source.region = coalesce(fact.region, ''){joins}
        WHERE {" AND ".join(where)} GROUP BY ALL
        """


def _from_summary(
    scope: Scope,
    family: Family,
    measures: Sequence[str],
    table: str,
    last_day: str,
    conditions: Sequence[str],
    day: str = "NULL::DATE",
) -> str:
    """Pieces from facts that are summed up, in a table whose rows end with some day of theirs."""
    _, _, lower, upper = ADDED[family]
    fold_lower, fold_upper = FOLDS[family]
    where = [one_of("fact.measure", measures), *dimensions(scope.plan), *conditions]
    columns = f"""
        {scope.plan.period(last_day)} AS p, {day} AS day, {fold_lower}({lower}) AS lo, {fold_upper}({upper}) AS hi,
        sum(facts) AS n, max({last_day}) AS as_of
        """
    return sourced(scope, table, columns, where)


def _from_facts(
    scope: Scope, family: Family, measures: Sequence[str], span: Span, conditions: Sequence[str]
) -> list[str]:
    lower, upper, _, _ = ADDED[family]
    facts = scope.files(measures, span)
    where = [one_of("fact.measure", measures), *dimensions(scope.plan), *conditions]
    columns = f"""
        {scope.plan.period("fact.day")} AS p, {day_column(scope, family)} AS day, {lower} AS lo, {upper} AS hi,
        count(*) AS n, max(fact.day) AS as_of
        """
    return [sourced(scope, facts, columns, where)] if facts else []
