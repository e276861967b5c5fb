"""Sort keys."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from gateway.catalog.ranks import ORDINAL_BITS, seconds, sort_key, sort_keys, title_rank, weight
from tests.gateway.catalog.store import NOW

VALUES = st.integers(0, (1 << 34) - 1)
MOMENTS = st.datetimes(timezones=st.just(UTC)).filter(lambda moment: 1850 < moment.year < 2300)
ORDINALS = st.integers(0, (1 << ORDINAL_BITS) - 1)


@given(VALUES, VALUES, ORDINALS, ORDINALS)
def test_keys_order_by_value_first_and_never_collide(value: int, other: int, ordinal: int, another: int) -> None:
    one, two = sort_key(value, ordinal), sort_key(other, another)
    assert (one < two) == ((value, ordinal) < (other, another))
    assert 0 <= one < 1 << 64


@given(st.text(max_size=80), ORDINALS)
def test_every_title_has_a_rank_that_fits(title: str, ordinal: int) -> None:
    assert 0 <= title_rank(title) < 1 << 37
    assert all(0 <= key < 1 << 64 for key in sort_keys(title, None, None, None, ordinal).values())


def test_titles_go_by_letters_then_by_pinyin() -> None:
    ordered = ["2024 年", "Algebra", "Python 入门", "阿房宫赋", "勾股定理", "函数", "镕", "数学", "中国", "左传"]
    ranks = [title_rank(title) for title in ordered]
    assert ranks == sorted(set(ranks))


def test_case_width_and_punctuation_of_titles_do_not_count() -> None:
    assert title_rank("《勾股定理》") == title_rank("勾股定理")
    assert title_rank("ＡＢＣ") == title_rank("abc")


@given(MOMENTS, MOMENTS)
def test_moments_keep_their_order(one: datetime, other: datetime) -> None:
    first, second = sorted((one, other))
    assert 1 <= seconds(first) <= seconds(second) < 1 << 34


@given(st.datetimes(timezones=st.just(UTC)), st.integers(0, 10**12))
def test_weights_are_bounded(published: datetime, uses: int) -> None:
    record = {"summary": "x", "review": {"status": "APPROVED"}, "awards": [{}], "useCount": uses}
    assert 0 < weight(record, published, NOW) <= 2.0
    assert weight({}, None, NOW) == 0
