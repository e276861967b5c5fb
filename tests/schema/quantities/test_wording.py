"""Quantities are worded as readers write them, and every wording reads back to the same quantity."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.approximate import read_quantity
from schema.bounds import scaled
from schema.quantities import (
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
from schema.wording import worded
from tests.schema.quantities.numbers import QUANTITIES

PLACES = st.integers(1, 12).map(lambda power: Decimal(10) ** power)
UNITS = st.sampled_from(["所", "人", "人次", "节", "个", "元", "%", "人次/日", "次/年"])


@st.composite
def odd_numbers(draw: st.DrawFn) -> Quantity:
    """Numbers with 余: up to one more of the last digit that is not zero, or of the digit before 万."""
    digits, place = draw(st.integers(1, 9999)), draw(PLACES)
    number = digits * place
    last = Decimal(1).scaleb(int(number.normalize().as_tuple().exponent))
    return between(number, number + last, "所", value=number)


def in_unit(quantity: Quantity, unit: str) -> Quantity:
    """The same number of something else."""
    return Quantity(quantity.value, quantity.lower, quantity.upper, quantity.qualifier, unit, closed=quantity.closed)


@given(st.one_of(QUANTITIES, odd_numbers(), PLACES.map(lambda place: between(2 * place, 10 * place, "所"))), UNITS)
def test_every_wording_reads_back_to_the_same_quantity(quantity: Quantity, unit: str) -> None:
    meant = in_unit(quantity, unit)
    read = read_quantity(worded(meant), unit)
    assert read == meant
    assert read.surface == worded(meant)


@given(QUANTITIES, UNITS)
def test_a_quantity_read_from_text_keeps_its_words(quantity: Quantity, unit: str) -> None:
    words = worded(in_unit(quantity, unit))
    assert worded(read_quantity(words, unit)) == words


@pytest.mark.parametrize(
    ("quantity", "words"),
    [
        (exact(8804, "节"), "8804节"),
        (exact(223_300, "人"), "22.33万人"),
        (exact(348_000_000, "元"), "3.48亿元"),
        (exact(14_287, "人次"), "14287人次"),
        (exact(200_000, "人"), "200000人"),
        (exact(10_000, "人"), "10000人"),
        (exact(0, "人"), "0人"),
        (exact(Decimal("98.50"), "%"), "98.5%"),
        (about(200_000, "人"), "约20万人"),
        (at_least(10_000, "个"), "上万个"),
        (at_least(100, "场"), "上百场"),
        (at_least(10, "场"), "至少10场"),
        (at_least(6005, "场"), "至少6005场"),
        (more_than(6_500_000, "人次"), "超过650万人次"),
        (more_than(100_000_000, "人次"), "超过1亿人次"),
        (at_most(500, "场"), "至多500场"),
        (less_than(70, "项"), "近70项"),
        (between(1600, 1700, "所", value=1600), "1600余所"),
        (between(100, 200, "所", value=100), "100余所"),
        (between(30_000, 40_000, "名", value=30_000), "3万余名"),
        (between(500_000, 510_000, "名", value=500_000), "50万余名"),
        (between(500_000, 600_000, "名", value=500_000), "50余万名"),
        (between(223_300, 223_400, "人", value=223_300), "22.33万余人"),
        (between(2000, 10_000, "名"), "数千名"),
        (between(20_000, 100_000, "个"), "数万个"),
        (between(20_000, 100_000, "个", closed=True), "2万至10万个"),
        (between(3, 50_000, "个", closed=True), "3至50000个"),
        (between(1644, 1744, "所"), "1644至不足1744所"),
        (between(1200, 1260, "人", value=1234, closed=True), "约1234人（1200至1260人）"),
        (more_than(10_000, "人次/日"), "日均超过1万人次"),
        (at_least(10_000, "人次/场"), "场均上万人次"),
        (scaled(between(30, 40, "节", value=30), 10), "300余节"),
        (scaled(between(30, 40, "节", value=30), 2), "约60节（60至不足80节）"),
    ],
)
def test_numbers_are_worded_as_a_reader_would_write_them(quantity: Quantity, words: str) -> None:
    assert worded(quantity) == words


@pytest.mark.parametrize("qualifier", list(Qualifier))
def test_a_quantity_of_which_nothing_is_known_is_worded_too(qualifier: Qualifier) -> None:
    assert worded(Quantity(None, None, None, qualifier, "所")) == "不详"


def test_an_average_says_what_it_is_over_even_where_its_text_said_so_elsewhere() -> None:
    assert worded(read_quantity("超过100次", "次/年")) == "年均超过100次"
    assert worded(read_quantity("年均超过100次", "次/年")) == "年均超过100次"
