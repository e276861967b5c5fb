"""Whatever the true numbers are, the true result lies inside of the computed bounds."""

from collections.abc import Callable, Sequence
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from schema.bounds import difference, hull, intersection, interval, maximum, scaled, total, union
from schema.errors import ImpossibleDifference, SchemaError, UnitMismatch
from schema.quantities import (
    Qualifier,
    Quantity,
    about,
    at_least,
    at_most,
    between,
    bounded,
    exact,
    less_than,
    more_than,
)
from tests.schema.quantities.numbers import QUANTITIES, UNIT, truths

SEVERAL = st.lists(truths(), min_size=1, max_size=4)
Q = Qualifier


def true(pairs: Sequence[tuple[Quantity, Decimal]]) -> tuple[list[Quantity], list[Decimal]]:
    """Quantities and true numbers; pairs whose number the quantity excludes are not meant."""
    for quantity, number in pairs:
        assume(number in interval(quantity))
    return [quantity for quantity, _ in pairs], [number for _, number in pairs]


@given(SEVERAL)
def test_a_sum_holds_the_true_sum(pairs: list[tuple[Quantity, Decimal]]) -> None:
    parts, numbers = true(pairs)
    assert sum(numbers, Decimal(0)) in interval(total(parts))


@given(SEVERAL)
def test_a_maximum_holds_the_true_maximum(pairs: list[tuple[Quantity, Decimal]]) -> None:
    parts, numbers = true(pairs)
    assert max(numbers) in interval(maximum(parts))


@given(SEVERAL, st.integers(0, 100))
def test_a_union_holds_every_size_from_the_greatest_to_all(pairs: list[tuple[Quantity, Decimal]], overlap: int) -> None:
    parts, numbers = true(pairs)
    greatest, together = max(numbers), sum(numbers, Decimal(0))
    assert greatest + (together - greatest) * overlap / 100 in interval(union(parts))


@given(truths(), truths())
def test_a_difference_holds_the_true_growth(later: tuple[Quantity, Decimal], earlier: tuple[Quantity, Decimal]) -> None:
    (after, before), (end, begin) = true([later, earlier])
    assume(end >= begin)
    grown = difference(after, before)
    assert end - begin in interval(grown)
    assert grown.lower is None or grown.lower >= 0


@given(SEVERAL, st.data())
def test_a_hull_holds_whichever_claim_is_true(pairs: list[tuple[Quantity, Decimal]], data: st.DataObject) -> None:
    claims, numbers = true(pairs)
    assert data.draw(st.sampled_from(numbers)) in interval(hull(claims))


@given(st.lists(QUANTITIES, min_size=1, max_size=4), truths())
def test_an_intersection_holds_exactly_what_all_claims_allow(
    claims: list[Quantity], one: tuple[Quantity, Decimal]
) -> None:
    number = one[1]
    common = intersection(claims)
    allowed = all(number in interval(claim) for claim in claims)
    assert not allowed or (common is not None and number in interval(common))
    if common is not None and common.qualifier is not Q.BETWEEN:
        assert (number in interval(common)) == allowed


@given(truths(), st.one_of(st.integers(1, 10**6).map(Decimal), st.just(Decimal("0.25"))))
def test_a_multiple_holds_the_true_multiple_and_keeps_the_word(one: tuple[Quantity, Decimal], factor: Decimal) -> None:
    (quantity,), (number,) = true([one])
    multiple = scaled(quantity, factor)
    assert number * factor in interval(multiple)
    assert multiple.qualifier is quantity.qualifier


@given(st.lists(QUANTITIES, min_size=1, max_size=4))
def test_results_are_worded_by_their_bounds_and_hold_their_own_value(parts: list[Quantity]) -> None:
    for result in (total(parts), maximum(parts), union(parts), hull(parts)):
        both = result.lower is not None and result.upper is not None
        assert (result.qualifier in (Q.EXACT, Q.BETWEEN)) == both
        assert (result.qualifier is Q.EXACT) == (both and result.lower == result.upper)
        assert (result.qualifier is Q.ABOUT) == (result.lower is None and result.upper is None)
        if both and result.value is not None:
            assert result.lower <= result.value <= result.upper  # type: ignore[operator]  # both are numbers
        if all(part.qualifier is Q.EXACT for part in parts):
            assert result.upper is not None


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=5))
def test_exact_parts_give_exact_sums_and_maxima_and_reachable_unions(numbers: list[int]) -> None:
    parts = [exact(number, UNIT) for number in numbers]
    assert total(parts) == exact(sum(numbers), UNIT)
    assert maximum(parts) == exact(max(numbers), UNIT)
    found = union(parts)
    assert (found.lower, found.upper) == (Decimal(max(numbers)), Decimal(sum(numbers)))
    assert found.qualifier is Q.EXACT or found.closed


@pytest.mark.parametrize(
    ("operation", "parts", "result"),
    [
        (total, [between(1600, 1700, "所", value=1600), exact(44, "所")], between(1644, 1744, "所")),
        (total, [at_least(10_000, "所"), more_than(5, "所")], more_than(10_005, "所")),
        (total, [at_least(10, "所"), at_least(5, "所")], at_least(15, "所")),
        (total, [exact(6005, "所"), less_than(70, "所")], between(6005, 6075, "所")),
        (total, [exact(1, "所"), at_most(2, "所")], between(1, 3, "所", closed=True)),
        (total, [about(200_000, "所"), exact(5, "所")], about(200_005, "所")),
        (maximum, [exact(1739, "所"), at_least(1000, "所")], at_least(1739, "所")),
        (maximum, [exact(10, "所"), at_most(10, "所")], exact(10, "所")),
        (union, [exact(30, "所"), exact(40, "所")], between(40, 70, "所", closed=True)),
        (union, [exact(30, "所"), exact(0, "所")], exact(30, "所")),
        (hull, [exact(6005, "所"), between(2000, 3000, "所", value=2000)], between(2000, 6005, "所", closed=True)),
        (hull, [at_least(10, "所"), at_most(5, "所")], about(Decimal("7.5"), "所")),
        (hull, [about(20, "所"), exact(40, "所")], about(30, "所")),
        (intersection, [more_than(100, "所"), at_least(100, "所")], more_than(100, "所")),
        (intersection, [at_least(5, "所"), at_most(5, "所")], exact(5, "所")),
        (intersection, [about(20, "所"), exact(23, "所")], exact(23, "所")),
        (intersection, [more_than(100, "所"), exact(100, "所")], None),
        (intersection, [exact(6005, "所"), between(2000, 3000, "所")], None),
        (intersection, [less_than(3000, "所"), at_least(3000, "所")], None),
        (intersection, [exact(44, "所"), exact(48, "所")], None),
    ],
)
def test_results_that_readers_can_check(
    operation: Callable[[Sequence[Quantity]], Quantity | None], parts: list[Quantity], result: Quantity | None
) -> None:
    assert operation(parts) == result


@pytest.mark.parametrize(
    ("later", "earlier", "grown"),
    [
        (exact(100, "次"), exact(40, "次"), exact(60, "次")),
        (exact(100, "次"), exact(100, "次"), exact(0, "次")),
        (between(1600, 1700, "次"), exact(1650, "次"), between(0, 50, "次")),
        (more_than(100, "次"), exact(100, "次"), more_than(0, "次")),
        (at_least(100, "次"), at_least(40, "次"), at_least(0, "次")),
        (at_most(100, "次"), less_than(40, "次"), at_most(100, "次")),
        (about(100, "次"), exact(40, "次"), about(60, "次")),
        (about(30, "次"), exact(40, "次"), about(0, "次")),
    ],
)
def test_counters_grow_by_no_less_than_nothing(later: Quantity, earlier: Quantity, grown: Quantity) -> None:
    assert difference(later, earlier) == grown


@pytest.mark.parametrize(
    ("later", "earlier"),
    [
        (exact(39, "次"), exact(40, "次")),
        (exact(40, "次"), more_than(40, "次")),
        (less_than(40, "次"), exact(40, "次")),
        (at_most(39, "次"), at_least(40, "次")),
    ],
)
def test_a_counter_that_certainly_fell_has_no_growth(later: Quantity, earlier: Quantity) -> None:
    with pytest.raises(ImpossibleDifference, match="次 after 40 次: the counter fell"):
        difference(later, earlier)


@pytest.mark.parametrize("operation", [total, maximum, union, hull, intersection])
def test_different_units_never_mix_and_nothing_has_no_result(
    operation: Callable[[Sequence[Quantity]], Quantity | None],
) -> None:
    with pytest.raises(UnitMismatch, match="人 and 人次 are different units"):
        operation([exact(1, "人"), exact(1, "人"), exact(1, "人次")])
    with pytest.raises(ValueError, match="there is no quantity"):
        operation([])


def test_a_difference_of_different_units_is_a_schema_error() -> None:
    with pytest.raises(SchemaError, match="节 and 场 are different units"):
        difference(exact(2, "节"), exact(1, "场"))


@pytest.mark.parametrize("factor", [0, -1, Decimal("-0.5")])
def test_multiples_are_positive(factor: Decimal) -> None:
    with pytest.raises(ValueError, match="a positive factor was expected"):
        scaled(exact(1, "场"), factor)


def test_the_word_of_a_number_follows_from_the_bounds_it_is_given() -> None:
    assert bounded(5, 5, "所") == exact(5, "所")
    assert bounded(5, 9, "所") == between(5, 9, "所", closed=True)
    assert bounded(5, 9, "所", value=7) == between(5, 9, "所", value=7, closed=True)
    assert bounded(5, None, "所") == at_least(5, "所")
    assert bounded(None, 9, "所") == at_most(9, "所")
    assert bounded(None, None, "所", value=7) == about(7, "所")
    with pytest.raises(ValueError, match="a bound or a value was expected"):
        bounded(None, None, "所")


@pytest.mark.parametrize(
    ("lower", "upper", "value", "closed"), [(5, 4, None, True), (5, 5, None, False), (5, 9, 10, True)]
)
def test_bounds_that_hold_no_number_or_not_the_value_are_refused(
    lower: int, upper: int, value: int | None, closed: bool
) -> None:
    with pytest.raises(ValueError, match=r"no number lies between|does not lie between"):
        between(lower, upper, "所", value=value, closed=closed)


def test_sums_of_long_numbers_are_exact() -> None:
    long, short = Decimal("123456789012345678901234567890.123456"), Decimal("0.000001")
    assert total([exact(long, "元"), exact(short, "元")]).value == Decimal("123456789012345678901234567890.123457")


def test_two_quantities_that_say_the_same_in_other_words_are_equal() -> None:
    assert Quantity(Decimal(1), Decimal(1), Decimal(1), Q.EXACT, "所", "一所") == exact(1, "所")
