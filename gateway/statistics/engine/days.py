"""Sets of days as bits, so that how many of a span were reported is a shift and a count."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from gateway.statistics.spans import Span


@dataclass(frozen=True, slots=True)
class DaySet:
    """Days, of which bit n of `bits` is the nth one behind the day with the ordinal `origin`; not empty."""

    origin: int
    bits: int

    @classmethod
    def of_months(cls, months: Iterable[tuple[date, int]]) -> "DaySet":
        """The days of months, each by its first day and the bits of its days; at least one of them has a day."""
        listed = [(month.toordinal(), bits) for month, bits in months]
        origin = min(ordinal for ordinal, _ in listed)
        return cls(origin, sum(bits << (ordinal - origin) for ordinal, bits in listed))

    @property
    def span(self) -> Span:
        """From the first to the last of them."""
        lowest = (self.bits & -self.bits).bit_length() - 1
        return Span(date.fromordinal(self.origin + lowest), date.fromordinal(self.origin + self.bits.bit_length() - 1))

    def within(self, span: Span) -> "DaySet | None":
        """Those of a span; None where there is none."""
        first, last = span.first.toordinal() - self.origin, span.last.toordinal() - self.origin
        if last < 0 or first >= self.bits.bit_length():
            return None
        bits = self.bits & ((2 << min(last, self.bits.bit_length())) - 1)
        shifted = bits >> first if first > 0 else bits
        return DaySet(self.origin + max(first, 0), shifted) if shifted else None

    def count(self, span: Span) -> int:
        """How many of them are of a span."""
        days = self.within(span)
        return 0 if days is None else len(days)

    def __len__(self) -> int:
        return self.bits.bit_count()
