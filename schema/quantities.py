"""Numbers with bounds: a value, what it is at least and at most, and the word that says which of them is known.

Every quantity here counts or measures something, so that no true number is negative.
"""

from dataclasses import dataclass, field
from decimal import Context, Decimal
from enum import StrEnum

ARITHMETIC = Context(prec=100)
"""Digits enough that sums, differences and products of reported numbers are exact."""


class Qualifier(StrEnum):
    """What is known of a number: all of it, one side of it, about where it lies, or both of its sides."""

    EXACT = "EXACT"
    AT_LEAST = "AT_LEAST"
    MORE_THAN = "MORE_THAN"
    AT_MOST = "AT_MOST"
    LESS_THAN = "LESS_THAN"
    ABOUT = "ABOUT"
    BETWEEN = "BETWEEN"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as it is known.

    `lower` is inclusive and `upper` exclusive, but for EXACT, where both are the value, and AT_MOST, whose upper bound
    may be reached; None stands for no bound. A BETWEEN that was computed may reach its upper bound too: it is `closed`.
    MORE_THAN states its bound and lies above it. `surface` is how it was written, where it was read from text; two
    quantities that say the same in other words are equal.
    """

    value: Decimal | None
    lower: Decimal | None
    upper: Decimal | None
    qualifier: Qualifier
    unit: str
    surface: str | None = field(default=None, compare=False)
    closed: bool = False


Number = Decimal | int


def exact(value: Number, unit: str) -> Quantity:
    """Just this number."""
    number = Decimal(value)
    return Quantity(number, number, number, Qualifier.EXACT, unit)


def at_least(lower: Number, unit: str) -> Quantity:
    """This number or more."""
    return Quantity(Decimal(lower), Decimal(lower), None, Qualifier.AT_LEAST, unit)


def more_than(lower: Number, unit: str) -> Quantity:
    """More than this number."""
    return Quantity(Decimal(lower), Decimal(lower), None, Qualifier.MORE_THAN, unit)


def at_most(upper: Number, unit: str) -> Quantity:
    """This number or less."""
    return Quantity(Decimal(upper), None, Decimal(upper), Qualifier.AT_MOST, unit)


def less_than(upper: Number, unit: str) -> Quantity:
    """Less than this number."""
    return Quantity(Decimal(upper), None, Decimal(upper), Qualifier.LESS_THAN, unit)


def about(value: Number, unit: str) -> Quantity:
    """Near this number, nobody says how near."""
    return Quantity(Decimal(value), None, None, Qualifier.ABOUT, unit)


def between(lower: Number, upper: Number, unit: str, *, value: Number | None = None, closed: bool = False) -> Quantity:
    """From `lower` up to `upper`, which is reached only where `closed`; `value` is the best single number, if any.

    Raises ValueError for bounds that leave no number between them and for a value outside of them.
    """
    low, high = Decimal(lower), Decimal(upper)
    if low > high or (low == high and not closed):
        raise ValueError(f"no number lies between {low} and {high}")
    best = None if value is None else Decimal(value)
    if best is not None and not low <= best <= high:
        raise ValueError(f"{best} does not lie between {low} and {high}")
    return Quantity(best, low, high, Qualifier.BETWEEN, unit, closed=closed)


def bounded(lower: Number | None, upper: Number | None, unit: str, value: Number | None = None) -> Quantity:
    """A number between two bounds that it may reach, in the word that fits: None is no bound.

    Equal bounds are EXACT, one bound is AT_LEAST or AT_MOST, two are a closed BETWEEN with `value` as the best single
    number, none is ABOUT `value`. Raises ValueError where nothing is known at all, and as `between` does.
    """
    if lower is not None and upper is not None:
        same = lower == upper and value in (None, lower)
        return exact(lower, unit) if same else between(lower, upper, unit, value=value, closed=True)
    if lower is not None:
        return at_least(lower, unit)
    if upper is not None:
        return at_most(upper, unit)
    if value is None:
        raise ValueError("a bound or a value was expected, and there is neither")
    return about(value, unit)
