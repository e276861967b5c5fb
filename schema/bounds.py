"""Arithmetic of quantities that keeps their bounds true: whatever the true numbers are, the true result lies inside.

A result is worded by its bounds: EXACT where they meet, BETWEEN where there are two, and closed where the upper one may
be reached. What is ABOUT has no bounds and gives results without any. The best value of a result comes of the best
values of its parts; where one has none (1600余 is a floor, not a guess) the result has none. All functions raise
UnitMismatch for different units and ValueError where there is nothing to put together.
"""

import functools
from collections.abc import Callable, Sequence
from decimal import Decimal

from schema.errors import ImpossibleDifference, UnitMismatch
from schema.intervals import End, Interval
from schema.quantities import (
    ARITHMETIC,
    Number,
    Qualifier,
    Quantity,
    about,
    at_least,
    at_most,
    between,
    exact,
    less_than,
    more_than,
)

_NOTHING = End(Decimal(0))


def interval(quantity: Quantity) -> Interval:
    """The numbers that a quantity may be."""
    low, high, qualifier = quantity.lower, quantity.upper, quantity.qualifier
    excluded = qualifier is Qualifier.LESS_THAN or (qualifier is Qualifier.BETWEEN and not quantity.closed)
    return Interval(
        None if low is None else End(low, 1 if qualifier is Qualifier.MORE_THAN else 0),
        None if high is None else End(high, -1 if excluded else 0),
    )


def total(parts: Sequence[Quantity]) -> Quantity:
    """The sum of all."""
    unit = _unit(parts)
    if len(parts) == 1:
        return parts[0]
    lows, highs = _ends(parts)
    # a part without a lower bound is no less than nothing, so that 6005 and 近70 are 6005 at least
    span = Interval(_sum(lows) if lows else None, _sum(highs) if len(highs) == len(parts) else None)
    return _result(span, unit, _stated(parts), _added, best=_best(parts))


def difference(later: Quantity, earlier: Quantity) -> Quantity:
    """How far a counter grew, never less than nothing; raises ImpossibleDifference where it certainly fell."""
    parts = (later, earlier)
    unit = _unit(parts)
    after, before = interval(later), interval(earlier)
    low = after.low.minus(before.high) if after.low and before.high else None
    high = after.high.minus(before.low or _NOTHING) if after.high else None
    if high is not None and high < _NOTHING:
        raise ImpossibleDifference(f"{later.upper} {unit} after {earlier.lower} {unit}: the counter fell")
    rough = Qualifier.ABOUT in (later.qualifier, earlier.qualifier)
    if not rough and (low is not None or high is None):
        low = max(low or _NOTHING, _NOTHING)
    return _result(Interval(low, high), unit, _stated(parts), _grown, best=_best(parts))


def maximum(parts: Sequence[Quantity]) -> Quantity:
    """The greatest of all."""
    unit = _unit(parts)
    if len(set(parts)) == 1:
        return parts[0]
    lows, highs = _ends(parts)
    span = Interval(max(lows, default=None), max(highs) if len(highs) == len(parts) else None)
    return _result(span, unit, _stated(parts), max, best=_best(parts))


def union(parts: Sequence[Quantity]) -> Quantity:
    """How many there are in groups of these sizes that may overlap: the greatest at least, all of them at most."""
    unit = _unit(parts)
    if len(parts) == 1:
        return parts[0]
    span = Interval(interval(maximum(parts)).low, interval(total(parts)).high)
    return _result(span, unit, _stated(parts), max)


def hull(claims: Sequence[Quantity]) -> Quantity:
    """What holds if any of several claims does."""
    unit = _unit(claims)
    if len(set(claims)) == 1:
        return claims[0]
    lows, highs = _ends(claims)
    span = Interval(min(lows) if len(lows) == len(claims) else None, max(highs) if len(highs) == len(claims) else None)
    return _result(span, unit, _stated(claims), _middle)


def intersection(claims: Sequence[Quantity]) -> Quantity | None:
    """What holds if all of several claims do, such as of one fact told twice; None where they contradict each other."""
    unit = _unit(claims)
    spans = [interval(claim) for claim in claims]
    span = Interval(
        max((one.low for one in spans if one.low), default=None),
        min((one.high for one in spans if one.high), default=None),
    )
    if span.is_empty:
        return None
    sharpest = [claim for claim, one in zip(claims, spans, strict=True) if one == span]
    return sharpest[0] if sharpest else _result(span, unit, _stated(claims), max)


def scaled(quantity: Quantity, factor: Number) -> Quantity:
    """A multiple by a positive exact number; ValueError for any other."""
    if factor <= 0:
        raise ValueError(f"a positive factor was expected, not {factor}")
    value, lower, upper = (
        None if number is None else ARITHMETIC.multiply(number, Decimal(factor))
        for number in (quantity.value, quantity.lower, quantity.upper)
    )
    return Quantity(value, lower, upper, quantity.qualifier, quantity.unit, closed=quantity.closed)


def _unit(parts: Sequence[Quantity]) -> str:
    if not parts:
        raise ValueError("there is no quantity")
    first = parts[0].unit
    for part in parts:
        if part.unit != first:
            raise UnitMismatch(f"{first} and {part.unit} are different units, and cannot be put together")
    return first


def _ends(parts: Sequence[Quantity]) -> tuple[list[End], list[End]]:
    """Lower and upper ends; no lower ones where a part is ABOUT, since a result of it is ABOUT too."""
    spans = [interval(part) for part in parts]
    rough = any(part.qualifier is Qualifier.ABOUT for part in parts)
    return [one.low for one in spans if one.low and not rough], [one.high for one in spans if one.high]


def _sum(ends: Sequence[End]) -> End:
    return functools.reduce(End.plus, ends)


def _stated(parts: Sequence[Quantity]) -> list[Decimal]:
    """The number that each part names, be it a value or a bound."""
    return [
        next((number for number in (part.value, part.lower, part.upper) if number is not None), _NOTHING.number)
        for part in parts
    ]


def _best(parts: Sequence[Quantity]) -> list[Decimal]:
    """The best value of each; none at all where a part has none, as 1600 of 1600余 is its bound and no guess."""
    values = [
        part.value
        for part in parts
        if part.value is not None and (part.qualifier is Qualifier.EXACT or part.value not in (part.lower, part.upper))
    ]
    return values if len(values) == len(parts) else []


def _added(values: Sequence[Decimal]) -> Decimal:
    return functools.reduce(ARITHMETIC.add, values)


def _grown(values: Sequence[Decimal]) -> Decimal:
    return max(ARITHMETIC.subtract(values[0], values[1]), _NOTHING.number)


def _middle(values: Sequence[Decimal]) -> Decimal:
    return ARITHMETIC.divide(ARITHMETIC.add(min(values), max(values)), Decimal(2))


def _result(
    span: Interval,
    unit: str,
    stated: Sequence[Decimal],
    combined: Callable[[Sequence[Decimal]], Decimal],
    *,
    best: Sequence[Decimal] = (),
) -> Quantity:
    """The quantity of an interval that is not empty; ABOUT what was stated where it has no end."""
    low, high = span.low, span.high
    if low and high:
        if low.number == high.number:
            return exact(low.number, unit)
        value = combined(best) if best else None
        inside = value if value is not None and low.number <= value <= high.number else None
        return between(low.number, high.number, unit, value=inside, closed=high.side == 0)
    if low:
        return more_than(low.number, unit) if low.side else at_least(low.number, unit)
    if high:
        return less_than(high.number, unit) if high.side else at_most(high.number, unit)
    return about(combined(stated), unit)
