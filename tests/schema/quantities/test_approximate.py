"""Approximate numbers of Chinese reports become quantities, alone and out of running text."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.approximate import LONGEST_QUOTE, find_quantity, read_quantity
from schema.bounds import interval
from schema.quantities import Quantity, about, at_least, at_most, between, exact, less_than, more_than

LETTERS = "余多超过逾近约大上数几万千百十亿零一二两六八0123456789.,%人次所节至到不足以左右（）均日 "


def odd(lower: int, upper: int, unit: str) -> Quantity:
    """A number with 余, whose value is what is written."""
    return between(lower, upper, unit, value=lower)


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("1600余所", odd(1600, 1700, "所")),
        ("百余所", odd(100, 200, "所")),
        ("千余场", odd(1000, 2000, "场")),
        ("万余份", odd(10_000, 20_000, "份")),
        ("十余所", odd(10, 20, "所")),
        ("十余万人", odd(100_000, 200_000, "人")),
        ("百万余人", odd(1_000_000, 2_000_000, "人")),
        ("3万余名", odd(30_000, 40_000, "名")),
        ("14000余名", odd(14_000, 15_000, "名")),
        ("22.33万余人", odd(223_300, 223_400, "人")),
        ("22.30万余人", odd(223_000, 223_100, "人")),
        ("20余万人", odd(200_000, 300_000, "人")),
        ("50万余名", odd(500_000, 510_000, "名")),
        ("五十万余名", odd(500_000, 510_000, "名")),
        ("1亿2000万余人次", odd(120_000_000, 120_010_000, "人次")),
        ("6000多人", odd(6000, 7000, "人")),
        ("两万多人", odd(20_000, 30_000, "人")),
        ("一百二十余所", odd(120, 130, "所")),
        ("1050余所", odd(1050, 1060, "所")),
        ("超过1600余所", odd(1600, 1700, "所")),
        ("超800人次", more_than(800, "人次")),
        ("超过650万人次", more_than(6_500_000, "人次")),
        ("过亿人次", more_than(100_000_000, "人次")),
        ("逾百所", more_than(100, "所")),
        ("突破3.48亿元", more_than(348_000_000, "元")),
        ("100所以上", more_than(100, "所")),
        ("近70项", less_than(70, "项")),
        ("将近70项", less_than(70, "项")),
        ("接近70项", less_than(70, "项")),
        ("不到70项", less_than(70, "项")),
        ("不足一百所", less_than(100, "所")),
        ("约20万人", about(200_000, "人")),
        ("大约20万人", about(200_000, "人")),
        ("20万人左右", about(200_000, "人")),
        ("20万人", about(200_000, "人")),
        ("三万名", about(30_000, "名")),
        ("百所", about(100, "所")),
        ("上万个", at_least(10_000, "个")),
        ("上千场", at_least(1000, "场")),
        ("上亿人次", at_least(100_000_000, "人次")),
        ("至少五所", at_least(5, "所")),
        ("不少于5所", at_least(5, "所")),
        ("500+所", at_least(500, "所")),
        ("至多5所", at_most(5, "所")),
        ("不超过5所", at_most(5, "所")),
        ("5所以内", at_most(5, "所")),
        ("数万个", between(20_000, 100_000, "个")),
        ("数千名", between(2000, 10_000, "名")),
        ("数十所", between(20, 100, "所")),
        ("几百万人", between(2_000_000, 10_000_000, "人")),
        ("2万至10万个", between(20_000, 100_000, "个", closed=True)),
        ("3—5所", between(3, 5, "所", closed=True)),
        ("3所到5所", between(3, 5, "所", closed=True)),
        ("1644至不足1744所", between(1644, 1744, "所")),
        ("约1234人（1200至1260人）", between(1200, 1260, "人", value=1234, closed=True)),
        ("六所", exact(6, "所")),
        ("五万三千人", exact(53_000, "人")),
        ("8,804节", exact(8804, "节")),
        ("３８４节", exact(384, "节")),
        ("43万人", exact(430_000, "人")),
        ("两千所", exact(2000, "所")),
        ("3.48亿元", exact(348_000_000, "元")),
        ("600 万元", about(6_000_000, "元")),
        ("100%", exact(100, "%")),
        ("98.5％", exact(Decimal("98.5"), "%")),
        ("超过98.5%", more_than(Decimal("98.5"), "%")),
        ("全覆盖", exact(100, "%")),
        ("日均超万人次", more_than(10_000, "人次/日")),
        ("超万人次", more_than(10_000, "人次/日")),
    ],
)
def test_a_number_in_words_becomes_a_quantity_that_keeps_the_words(text: str, quantity: Quantity) -> None:
    read = read_quantity(f" {text} ", quantity.unit)
    assert read == quantity
    assert read.surface == text


@pytest.mark.parametrize(
    ("text", "unit", "surface"),
    [
        ("1600余", "所", "1600余所"),
        ("100以上", "所", "100所以上"),
        ("20 万左右", "人", "20万人左右"),
        ("3至5", "所", "3至5所"),
        ("100万+", "人次", "100万+人次"),
    ],
)
def test_a_number_without_its_unit_gets_it_where_it_belongs(text: str, unit: str, surface: str) -> None:
    assert read_quantity(text, unit).surface == surface


@pytest.mark.parametrize(
    ("text", "unit", "reason"),
    [
        ("", "所", "worded in another way"),
        ("若干所", "所", "worded in another way"),
        ("1600余人次", "人", "worded in another way"),
        ("1600余所", "场", "worded in another way"),
        ("日均超万人次", "人次", "worded in another way"),
        ("月均超万人次", "人次/日", "worded in another way"),
        ("近70余项", "项", "say different things"),
        ("约70项以上", "项", "say different things"),
        ("近数万个", "个", "say different things"),
        ("数3个", "个", "worded in another way"),
        ("数千三个", "个", "stand before"),
        ("2至3万人", "人", "may begin at 2 or at 2万"),
        ("5至3所", "所", "no number lies between"),
        ("千百所", "所", "out of order"),
        ("约3人（1至）", "人", "worded in another way"),
        ("3人（1至4人）", "人", "an estimate is written"),
        ("约3人（约4人）", "人", "an estimate is written"),
        ("全覆盖", "所", "worded in another way"),
    ],
)
def test_other_text_is_refused_with_what_was_expected(text: str, unit: str, reason: str) -> None:
    with pytest.raises(ValueError, match=f"a number in {unit} such as '1600余{unit}'.*was expected, not .*{reason}"):
        read_quantity(text, unit)


def test_long_texts_are_refused_unread() -> None:
    with pytest.raises(ValueError, match="at most 100 characters was expected"):
        read_quantity("一" * 101, "所")
    with pytest.raises(ValueError, match="at most 2,000 characters was expected, not one of 2,001"):
        find_quantity("一" * 2001, "所")


@given(st.text(LETTERS, max_size=30), st.sampled_from(["所", "人", "人次", "节", "%", "人次/日"]))
def test_any_text_is_a_quantity_with_numbers_in_it_or_a_value_error(text: str, unit: str) -> None:
    for read in (read_quantity, find_quantity):
        try:
            quantity = read(text, unit)
        except ValueError:
            continue
        assert quantity.unit == unit
        assert quantity.surface
        assert not interval(quantity).is_empty


ARTICLE = (
    "截至2025年,平台已汇聚上万节优质课程和万余份数字教案,总浏览量超亿人次;通过3所试点学校,附近5所学校与线上万余人,"
    "两地教师互访交流超800人次,场均上万人次,六所学校;人数千人,第1、2节课,2,3所;3个月内45个应用,1.2.3场,覆盖率98.5%而非全覆盖,最高100%"
)


@pytest.mark.parametrize(
    ("unit", "which", "quantity", "surface"),
    [
        ("节", 0, at_least(10_000, "节"), "上万节"),
        ("份", 0, odd(10_000, 20_000, "份"), "万余份"),
        ("人次", 0, more_than(100_000_000, "人次"), "超亿人次"),
        ("人次", 1, more_than(800, "人次"), "超800人次"),
        ("人次/场", 2, at_least(10_000, "人次/场"), "场均上万人次"),
        ("所", 0, exact(3, "所"), "3所"),
        ("所", 1, exact(5, "所"), "5所"),
        ("所", 2, exact(6, "所"), "六所"),
        ("人", 0, odd(10_000, 20_000, "人"), "万余人"),
        ("人", 1, about(1000, "人"), "千人"),
        ("年", 0, exact(2025, "年"), "2025年"),
        ("个", 0, exact(45, "个"), "45个"),
        ("%", 0, exact(Decimal("98.5"), "%"), "98.5%"),
        ("%", 1, exact(100, "%"), "全覆盖"),
        ("%", 2, exact(100, "%"), "100%"),
    ],
)
def test_a_number_is_found_in_running_text_by_its_unit_and_its_place(
    unit: str, which: int, quantity: Quantity, surface: str
) -> None:
    found = find_quantity(ARTICLE, unit, which)
    assert found == quantity
    assert found.surface == surface


@pytest.mark.parametrize(("unit", "which", "count"), [("场", 0, 0), ("份", 1, 1), ("份", -1, 1), ("人次", 2, 2)])
def test_a_text_without_so_many_numbers_of_a_unit_says_how_many_it_has(unit: str, which: int, count: int) -> None:
    with pytest.raises(ValueError, match=f"the text has {count} numbers in {unit}"):
        find_quantity(ARTICLE, unit, which)


@pytest.mark.parametrize("piece", ["一", "1", "1,1", "万", "一至", "数", "超", "不", "余", "一万余", "（", "1至不足"])
def test_hostile_texts_take_no_more_steps_than_long_ones(piece: str) -> None:
    with pytest.raises(ValueError, match="so none has the position 9"):
        find_quantity((piece * LONGEST_QUOTE)[:LONGEST_QUOTE], "所", 9)
