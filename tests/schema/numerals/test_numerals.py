"""Chinese numerals: every whole number reads back, and what is no number is refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.numerals import numeral

DIGITS = "零一二三四五六七八九"


def under_ten_thousand(number: int) -> str:
    """Schoolbook writing, one 零 for a run of empty places."""
    written, gap = "", False
    for place, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // place % 10
        if digit:
            written += ("零" if gap and written else "") + DIGITS[digit] + name
            gap = False
        else:
            gap = True
    return written


def writing(number: int) -> str:
    """A number below 10^16 as a schoolbook has it."""
    written = ""
    for place, name in ((10**12, "万亿"), (10**8, "亿"), (10**4, "万"), (1, "")):
        section = number // place % 10**4
        if section:
            gap = written and section < 1000
            # 一万二千亿 says 亿 once for both of its sections
            written = written.replace("亿", "") if name == "亿" else written
            written += ("零" if gap else "") + under_ten_thousand(section) + name
    return written or "零"


@given(st.integers(0, 10**16 - 1))
def test_every_whole_number_reads_back(number: int) -> None:
    assert numeral(writing(number)) == number


@given(st.integers(0, 10**6), st.sampled_from([("", 1), ("万", 10**4), ("亿", 10**8)]), st.integers(0, 99))
def test_digits_before_a_place_count_exactly(whole: int, place: tuple[str, int], hundredths: int) -> None:
    name, size = place
    assert numeral(f"{whole:,}.{hundredths:02d}{name}") == Decimal(f"{whole}.{hundredths:02d}") * size


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("两千", 2000),
        ("十", 10),
        ("百", 100),
        ("万", 10_000),
        ("十二", 12),
        ("一百二", 120),
        ("一千二", 1200),
        ("一千零二", 1002),
        ("五万三", 53_000),
        ("二〇二五", 2025),
        ("壹仟贰佰", 1200),
        ("１亿２０００万", 120_000_000),
        ("2万5千", 25_000),
        ("1,600", 1600),
    ],
)
def test_spellings_that_reports_use(written: str, number: int) -> None:
    assert numeral(written) == number


@pytest.mark.parametrize(
    "written",
    [
        "",
        "半",
        "-5",
        "几百",
        "数千",
        "千百",
        "十十",
        "三亿五亿",
        "三万五万",
        "五零万",
        "1亿2000",
        "1.5.2",
        "百千",
        "12 课",
        "1" * 21,
        "一" * 41,
    ],
)
def test_what_is_no_number_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"number|order|place"):
        numeral(written)


@given(st.text("零〇一两九十百千万亿0123456789., 余半", max_size=12))
def test_any_text_is_a_number_or_a_value_error(written: str) -> None:
    try:
        found = numeral(written)
    except ValueError:
        found = Decimal(0)
    assert found >= 0
