"""Quantities to test with: of every qualifier, with a true number that each of them allows."""

from decimal import Decimal

from hypothesis import strategies as st

from schema.quantities import Quantity, about, at_least, at_most, between, exact, less_than, more_than

UNIT = "人次"
NUMBERS = st.one_of(
    st.integers(0, 12).map(Decimal),
    st.integers(0, 10**12).map(Decimal),
    st.decimals(0, 10**9, places=2, allow_nan=False, allow_infinity=False),
)
GAPS = st.one_of(st.integers(1, 3).map(Decimal), st.integers(1, 10**9).map(Decimal))
ONE_SIDED = st.sampled_from([at_least, more_than, at_most, less_than, about])


@st.composite
def betweens(draw: st.DrawFn) -> Quantity:
    """From one number up to another, open or closed, with a best value or without."""
    lower, gap = draw(NUMBERS), draw(GAPS)
    value = draw(st.sampled_from([None, lower, lower + gap / 2, lower + gap]))
    return between(lower, lower + gap, UNIT, value=value, closed=draw(st.booleans()))


@st.composite
def one_sided(draw: st.DrawFn) -> Quantity:
    """A bound or a guess."""
    number = draw(NUMBERS)
    return draw(ONE_SIDED)(number or Decimal(1), UNIT)


QUANTITIES = st.one_of(NUMBERS.map(lambda number: exact(number, UNIT)), one_sided(), betweens())


@st.composite
def truths(draw: st.DrawFn) -> tuple[Quantity, Decimal]:
    """A quantity and a number that it may stand for."""
    quantity = draw(QUANTITIES)
    low = quantity.lower if quantity.lower is not None else Decimal(0)
    high = quantity.upper if quantity.upper is not None else low + draw(GAPS)
    share = draw(st.sampled_from([Decimal(0), Decimal("0.001"), Decimal("0.5"), Decimal("0.999"), Decimal(1)]))
    number = low + (high - low) * share
    return quantity, number
