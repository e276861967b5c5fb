"""Claims of distinct people from sketches: everybody of a cell united, whoever told it and on whatever day."""

from collections.abc import Iterator, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any

import duckdb

from gateway.statistics.engine.conditions import dimensions, one_of
from gateway.statistics.engine.pieces import Scope, within
from gateway.statistics.engine.plan import UNKNOWN, Plan, comma
from gateway.statistics.sketches import united

_AT_ONCE = 500
_ONE = Decimal(1)


def sketched(scope: Scope, measures: Sequence[str]) -> tuple[list[str], list[str]]:
    """Those of the measures that any platform has sent sketches for, and those that have facts without one."""
    told = [
        (code, *found)
        for code in sorted(measures)
        for platform in scope.platforms
        if (found := scope.holdings.sketched.get((code, platform)))
    ]
    drawn = dict.fromkeys(code for code, drawn, _ in told if drawn)
    return list(drawn), list(dict.fromkeys(code for code, _, plain in told if plain))


def claim_united(scope: Scope, measures: Sequence[str]) -> None:
    """Add claims of these measures from facts that have a sketch; a single fact is its own exact number."""
    plan = scope.plan
    facts = scope.files(measures, plan.span)
    if facts is None:
        return
    where = [one_of("fact.measure", measures), *within(plan.span), "sketch IS NOT NULL", *dimensions(plan)]
    told = scope.cursor.execute(
        f"""
        SELECT fact.measure AS measure, {_placed(plan)}{plan.period("fact.day")} AS p, sketch, value, fact.day AS day,
            teller::VARCHAR AS teller, owner
        FROM {facts} AS fact JOIN source
          ON source.platform = fact.platform AND source.program = coalesce(fact.program, '')
          AND source.region = coalesce(fact.region, '')
        JOIN owner USING (sid)
        WHERE {" AND ".join(where)}
        ORDER BY measure, {comma(plan.cell_keys)}p
        """
    )
    of_cell = itemgetter(slice(len(plan.cell_keys) + 2))
    _insert(scope, [_claim(keys, list(rows)) for keys, rows in groupby(_rows(told), of_cell)])


def _placed(plan: Plan) -> str:
    """SQL of the keys of a fact's cell beside its period."""
    return comma(["spot", *(f"coalesce(fact.{key}, '{UNKNOWN}') AS {key}" for key in plan.raw_keys)])


def _rows(told: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while batch := told.fetchmany(_AT_ONCE):
        yield from batch


def _claim(keys: tuple[Any, ...], facts: Sequence[tuple[Any, ...]]) -> tuple[Any, ...]:
    """The cell's keys and what its sketches amount to: lower, upper, estimate, facts, last day, tellers, owner."""
    sketches, values, days, tellers, owners = zip(*(fact[len(keys) :] for fact in facts), strict=True)
    bits = "".join("1" if "1" in column else "0" for column in zip(*set(tellers), strict=True))
    said = (len(sketches), max(days), bits, owners[0] if len(set(owners)) == 1 else "")
    if len(sketches) == 1:
        return (*keys, values[0], values[0], None, *said)
    estimates = list(united(sketches).values())
    lower = max(Decimal(one.lower) for one in estimates).quantize(_ONE, ROUND_FLOOR)
    upper = sum((Decimal(one.upper) for one in estimates), Decimal(0)).quantize(_ONE, ROUND_CEILING)
    estimate = Decimal(estimates[0].value).quantize(_ONE) if len(estimates) == 1 else None
    return (*keys, lower, upper, estimate, *said)


def _insert(scope: Scope, rows: Sequence[tuple[Any, ...]]) -> None:
    if not rows:
        return
    names = ("measure", *scope.plan.cell_keys, "p", "lo", "hi", "estimate", "n", "as_of", "tellers", "owner")
    types = {"spot": "BIGINT[]", "p": "DATE[]", "n": "BIGINT[]", "as_of": "DATE[]", "tellers": "VARCHAR[]"}
    types |= dict.fromkeys(("lo", "hi", "estimate"), "DECIMAL(38, 6)[]")
    columns = dict(zip(names, (list(column) for column in zip(*rows, strict=True)), strict=True))
    listed = ", ".join(f"unnest(${name}::{types.get(name, 'VARCHAR[]')}) AS {name}" for name in names)
    scope.cursor.execute(
        f"""
        INSERT INTO claim BY NAME
        SELECT * REPLACE (tellers::BIT AS tellers), false AS joint, 0 AS resets, false AS carried, false AS thin,
            false AS conflict, n > 1 AND lo <> hi AS estimated
        FROM (SELECT {listed})
        """,
        columns,
    )
