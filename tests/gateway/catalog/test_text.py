"""Tokens of queries and records."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.catalog.text import LONGEST_WORD, characters, fold, runs, token_text

WORDS = st.text("勾股定理直角三abcXYZ019 ，。-１Ａ㎡", max_size=30)


def test_chinese_becomes_overlapping_pairs_and_other_words_stay_whole() -> None:
    assert token_text("勾股定理：Python3入门 一") == "勾股 股定 定理 python3 入门 一"


def test_width_and_case_do_not_count() -> None:
    assert token_text("ＰＹＴＨＯＮ　３") == token_text("python 3") == "python 3"


def test_no_pair_spans_punctuation() -> None:
    assert token_text("定理。应用") == "定理 应用"


def test_marks_stay_with_their_letters() -> None:
    assert token_text("café བོད་") == "café བོད"


def test_characters_are_the_distinct_chinese_ones() -> None:
    assert set(characters(token_text("数学数 a1")).split()) == {"数", "学"}


@given(WORDS, WORDS, WORDS)
def test_every_run_of_a_part_that_stands_alone_is_found_in_the_whole(before: str, part: str, after: str) -> None:
    whole = set(token_text(f"{before} {part} {after}").split())
    assert set(token_text(part).split()) <= whole


@given(st.text(max_size=200))
def test_record_and_query_tokens_are_the_same(text: str) -> None:
    tokens = [token for run in runs(text) for token in run.tokens]
    assert " ".join(tokens) == token_text(text)
    assert all(0 < len(token) <= LONGEST_WORD and not any(c.isspace() for c in token) for token in tokens)


@given(st.text(max_size=50))
def test_folding_twice_changes_nothing_that_matters(text: str) -> None:
    assert token_text(fold(text)) == token_text(text) or fold(fold(text)) != fold(text)
