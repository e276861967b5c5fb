"""Dates, instants and decimals: what is written can be read, and nothing else is guessed at."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import CursorInvalid
from gateway.graph.pagination import position_after, position_cursor
from gateway.graph.scalars import CONFIG, parse_date, parse_datetime, parse_decimal

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


def written(value: date | Decimal) -> str:
    serialize = CONFIG.scalar_map[type(value)].serialize
    assert serialize is not None
    return str(serialize(value))


@given(st.dates())
def test_a_day_is_read_as_it_was_written(day: date) -> None:
    assert parse_date(written(day)) == day


@given(st.builds(datetime.fromtimestamp, st.integers(-(10**10), 2 * 10**11), ZONES))
def test_an_instant_is_read_as_it_was_written_and_told_in_utc(instant: datetime) -> None:
    read = parse_datetime(written(instant))
    assert read == instant
    assert read.tzinfo is UTC


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**20), max_value=10**20))
def test_a_decimal_keeps_its_digits(number: Decimal) -> None:
    assert parse_decimal(written(number)) == number


@pytest.mark.parametrize(
    ("number", "text"), [("1.500000", "1.5"), ("8.000000", "8"), ("100", "100"), ("-0.000000", "0"), ("1E+3", "1000")]
)
def test_a_decimal_is_written_without_exponent_and_idle_zeros(number: str, text: str) -> None:
    assert written(Decimal(number)) == text


@pytest.mark.parametrize("text", ["20260301", "2026-W09-1", "2026-3-1", "2026-02-30", "", " 2026-03-01", 5, None, True])
def test_what_is_no_day_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="day"):
        parse_date(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01",
        "2026-03-01T08:00:00",
        "2026-03-01T08:00:00+0800",
        "2026-03-01T25:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "2026-03-01T08:00:00+99:99",
        1_700_000_000,
        None,
    ],
)
def test_an_instant_without_a_zone_or_a_sense_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match=r"instant|outside|hour|offset"):
        parse_datetime(text)


@pytest.mark.parametrize("text", [1.5, 1, "1e5", "NaN", "Infinity", "", "1,5", "9" * 31])
def test_a_decimal_is_text_of_digits(text: object) -> None:
    with pytest.raises(ValueError, match="is not a decimal"):
        parse_decimal(text)


@given(st.integers(0, 10**8))
def test_a_position_cursor_leads_to_the_entry_after_it(position: int) -> None:
    assert position_after(position_cursor(position)) == position + 1


@given(st.text(max_size=30))
def test_text_that_is_no_cursor_is_refused(text: str) -> None:
    try:
        position = position_after(text)
    except CursorInvalid:
        return
    assert position_cursor(position - 1) == text
