"""Intervals of numbers: two ends, each of which may be missing or out of reach."""

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from schema.quantities import ARITHMETIC


class End(NamedTuple):
    """An end of an interval, in the order of numbers.

    `side` is 0 where the number itself belongs to the interval, 1 for just above it and -1 for just below it.
    """

    number: Decimal
    side: int = 0

    def plus(self, other: "End") -> "End":
        """The end of a sum, out of reach where either is; both must be lower or both upper ends."""
        return End(ARITHMETIC.add(self.number, other.number), self.side or other.side)

    def minus(self, other: "End") -> "End":
        """The end of a difference; one must be a lower and the other an upper end."""
        return End(ARITHMETIC.subtract(self.number, other.number), self.side or -other.side)

    def times(self, factor: Decimal) -> "End":
        """The end of a positive multiple."""
        return End(ARITHMETIC.multiply(self.number, factor), self.side)


@dataclass(frozen=True, slots=True)
class Interval:
    """All numbers from `low` to `high`; None where there is no end."""

    low: End | None
    high: End | None

    def __contains__(self, number: Decimal) -> bool:
        return (self.low is None or self.low <= (number, 0)) and (self.high is None or (number, 0) <= self.high)

    @property
    def is_empty(self) -> bool:
        """Whether no number lies in it."""
        return self.low is not None and self.high is not None and self.low > self.high
