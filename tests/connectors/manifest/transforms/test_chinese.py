"""Numbers with bounds, days and instants in Chinese writing."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.manifest.transforms import compile_transform

EXACT = {"1600": 1600, "1600人": 1600, "3.48亿": 348_000_000, "两千所": 2000, "五万三千": 53_000, "1.5": 1.5, "０": 0}
LOWER = {
    "1600余": 1600,
    "1600余人次": 1600,
    "上万": 10_000,
    "百余所": 100,
    "2000余万": 20_000_000,
    "1.6万多名": 16_000,
    "超过3000": 3000,
    "3000人以上": 3000,
    "100万+": 1_000_000,
    "≥5": 5,
    "至少五": 5,
}
UPPER = {"近70": 70, "近万": 10_000, "不到100": 100, "100人以内": 100, "不超过5项": 5, "＜8": 8}
ABOUT = {"约100": 100, "100左右": 100, "大约1.2万": 12_000}


@pytest.mark.parametrize(
    ("bound", "taken", "refused"),
    [
        ("exact", EXACT, LOWER | UPPER | ABOUT),
        ("lower", EXACT | LOWER, UPPER | ABOUT),
        ("upper", EXACT | UPPER, LOWER | ABOUT),
        ("value", EXACT | LOWER | UPPER | ABOUT, {}),
    ],
)
def test_bounds_stand_for_numbers_only_where_asked(
    bound: str, taken: dict[str, float], refused: dict[str, float]
) -> None:
    read = compile_transform("chineseNumber", {"bound": bound})
    assert {written: read(written) for written in taken} == taken
    for written in refused:
        with pytest.raises(ValueError, match="the option 'bound' says which bounds count"):
            read(written)


@pytest.mark.parametrize("written", ["数百", "十几", "若干", "", "余", "近", "3人5", "无", True, None, []])
def test_vague_words_are_no_numbers_under_any_bound(written: object) -> None:
    with pytest.raises(ValueError, match="was expected"):
        compile_transform("chineseNumber", {"bound": "value"})(written)


def test_numbers_stay_as_they_are() -> None:
    assert [compile_transform("chineseNumber")(value) for value in (1600, 2.5)] == [1600, 2.5]


@given(st.dates(datetime.date(1000, 1, 1)))
def test_every_day_reads_back(day: datetime.date) -> None:
    written = f"{day.year:04d}年{day.month}月{day.day}日"
    assert compile_transform("chineseDate")(written) == day
    assert compile_transform("chineseDateTime", {"zone": "UTC"})(f"{written} 9:05").date() == day


@pytest.mark.parametrize(
    ("name", "written", "first"),
    [
        ("chineseDate", "二〇二五年", "2025-01-01"),
        ("chineseDate", "2025年3月", "2025-03-01"),
        ("chineseDate", "2025年3月9日", "2025-03-09"),
        ("date", "2025", "2025-01-01"),
        ("date", "2025/3", "2025-03-01"),
        ("date", "2025-03-09T08:00:00", "2025-03-09"),
    ],
)
def test_the_first_day_stands_for_a_month_or_a_year_where_asked(name: str, written: str, first: str) -> None:
    assert str(compile_transform(name, {"incomplete": "first"})(written)) == first


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ("15:30", "15:30:00"),
        ("15时30分05秒", "15:30:05"),
        ("下午3:30", "15:30:00"),
        ("下午3点半", "15:30:00"),
        ("下午15:30", "15:30:00"),
        ("上午9点", "09:00:00"),
        ("上午12:00", "12:00:00"),
        ("中午12:30", "12:30:00"),
        ("中午11:30", "11:30:00"),
        ("中午1点", "13:00:00"),
        ("晚上8点05分", "20:05:00"),
        ("凌晨12:10", "00:10:00"),
        ("星期六 08:00:09", "08:00:09"),
    ],
)
def test_clocks_of_both_halves_of_the_day(clock: str, expected: str) -> None:
    found = compile_transform("chineseDateTime")(f"2025年3月1日 {clock}")
    assert found.isoformat() == f"2025-03-01T{expected}+08:00"


@pytest.mark.parametrize(
    "written", ["2025年3月1日 晚上12点", "2025年3月1日 25:00", "2025年3月1日", "2025年2月30日 8:00", "8:00"]
)
def test_instants_that_nobody_can_place_are_refused(written: str) -> None:
    with pytest.raises(ValueError, match="下午3:30 was expected"):
        compile_transform("chineseDateTime")(written)
