"""One spelling for what platforms write in many ways."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.text import copy_form, plain_text, search_form, tidy

FORMS = [tidy, search_form, copy_form]


@given(st.text(max_size=120))
def test_every_form_is_idempotent(text: str) -> None:
    for form in FORMS:
        assert form(form(text)) == form(text)


@given(st.text(max_size=120))
def test_forms_are_trimmed_and_hold_no_double_space_or_control_character(text: str) -> None:
    for form in FORMS:
        made = form(text)
        assert made == made.strip()
        assert "  " not in made
        assert not set(made) & set(map(chr, range(32)))


@given(st.text(max_size=80))
def test_copies_are_compared_by_letters_marks_and_digits_alone(text: str) -> None:
    compared = "".join(c for c in search_form(text) if unicodedata.category(c)[0] in "LMN")
    assert copy_form(text) == unicodedata.normalize("NFC", compared)


@given(st.text(max_size=80))
def test_case_never_matters_to_search(text: str) -> None:
    assert search_form(text.casefold()) == search_form(text)


@pytest.mark.parametrize(
    ("written", "searched"),
    [
        ("Ｇｏｕｇｕ　定理", "gougu 定理"),
        ("「勾股定理」", '"勾股定理"'),
        ("“勾股定理”，证明", '"勾股定理",证明'),
        ("课程\u200b标准\ufeff", "课程标准"),
        ("2024—2030", "2024-2030"),
        ("①②", "12"),
        ("\n  两行\r\n 文字 ", "两行 文字"),
    ],
)
def test_search_sees_one_spelling(written: str, searched: str) -> None:
    assert search_form(written) == searched


def test_copies_are_compared_by_letters_and_digits() -> None:
    assert copy_form("《勾股定理》（第1课时）") == copy_form("勾股定理 第１课时") == "勾股定理第1课时"


def test_shown_text_keeps_its_punctuation_and_case() -> None:
    assert tidy("  《勾股定理》，\tPart\u00a0A ") == "《勾股定理》， Part A"


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>勾股<b>定理</b></p><p>证明</p>", "勾股定理 证明"),
        ("a&nbsp;&lt;b&gt; &amp; c", "a <b> & c"),
        ("行一<br/>行二<br>行三", "行一 行二 行三"),
        ("<script>if (a<b) {}</script>正文<style>p{}</style>", "正文"),
        ("<!-- 注释 -->正文", "正文"),
        ("<ul><li>一</li><li>二</li></ul>", "一 二"),
        ("1 < 2 且 3 > 2", "1 < 2 且 3 > 2"),
        ("<div>未闭合<p>段", "未闭合 段"),
        ("", ""),
    ],
)
def test_markup_becomes_what_a_reader_sees(markup: str, text: str) -> None:
    assert plain_text(markup) == text


@given(st.text(max_size=200))
def test_any_markup_gives_tidy_text(markup: str) -> None:
    made = plain_text(markup)
    assert tidy(made) == made


@given(st.text(st.characters(exclude_characters="<&"), max_size=100))
def test_text_without_markup_is_only_tidied(text: str) -> None:
    assert plain_text(text) == tidy(text)
