"""Names as platforms write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.errors import UnknownTerm
from schema.vocabularies import VocabularyScheme, fold, vocabulary

S = VocabularyScheme


@pytest.mark.parametrize(
    ("scheme", "written", "code"),
    [
        (S.STAGE, "初级中学", "JUNIOR_SECONDARY"),
        (S.STAGE, "初中学段", "JUNIOR_SECONDARY"),
        (S.STAGE, "初中（五•四学制）", "JUNIOR_SECONDARY"),
        (S.STAGE, "小学（五·四学制）", "PRIMARY"),
        (S.STAGE, "小学(五四学制)", "PRIMARY"),
        (S.STAGE, "普通高中", "SENIOR_SECONDARY"),
        (S.STAGE, "中职", "SECONDARY_VOCATIONAL"),
        (S.GRADE, "八年级", "grade-8"),
        (S.GRADE, "初二", "grade-8"),
        (S.GRADE, "８年级", "grade-8"),
        (S.GRADE, "高一年级", "grade-10"),
        (S.GRADE, "十二年级", "grade-12"),
        (S.GRADE, "12年级", "grade-12"),
        (S.GRADE, "1-2年级", "grades-1-2"),
        (S.GRADE, "1～2年级", "grades-1-2"),
        (S.GRADE, "1 — 2 年级", "grades-1-2"),
        (S.GRADE, "一至二年级", "grades-1-2"),
        (S.GRADE, "七至九年级", "grades-7-9"),
        (S.KIND, "公开课", "LESSON"),
        (S.KIND, "微课", "MICRO_LESSON"),
        (S.KIND, "数字教案", "LESSON_PLAN"),
        (S.KIND, "AR/3D", "INTERACTIVE"),
        (S.CLASSROOM_KIND, "名师课堂", "MASTER_TEACHER"),
        (S.CLASSROOM_KIND, "名校课堂", "MASTER_SCHOOL"),
        (S.TEACHING_MODE, "幼儿园观摩式", "OBSERVED"),
        (S.TEACHING_MODE, "小学植入式", "EMBEDDED"),
        (S.TEACHING_MODE, "双师", "DUAL_TEACHER"),
        (S.ACCESS, "全市公开", "CITY"),
        (S.SUBJECT, "艺术·音乐", "music"),
        (S.SUBJECT, "艺术 • 美术", "fine-arts"),
        (S.SUBJECT, "语文·书法练习指导", "chinese-calligraphy"),
        (S.SUBJECT, "装备制造大类", "vocational-manufacturing"),
        (S.SUBJECT, "行走的思政课", "topic-ideology"),
        (S.EDITION, "部编版", "tbb"),
        (S.EDITION, "沪音乐版", "hyb"),
        (S.EDITION, "接力社版", "jlb"),
        (S.EDITION, "人教社", "rjb"),
        (S.EDITION, "外研社版(主编：张祖春）", "wysb-zhang-zuchun"),
        (S.LICENSE, "CC BY-NC-SA 4.0", "cc-by-nc-sa-4.0"),
        (S.LICENSE, "https://creativecommons.org/licenses/by/4.0", "cc-by-4.0"),
        (S.TRAINING_ROLE, "评委", "REVIEWER"),
        (S.LEVEL, "区（县）级", "DISTRICT"),
    ],
)
def test_what_platforms_write_is_understood(scheme: VocabularyScheme, written: str, code: str) -> None:
    term = vocabulary(scheme).resolve(written)
    assert term is not None
    assert term.code == code


@pytest.mark.parametrize(
    ("scheme", "written"),
    [
        (S.GRADE, "世界历史"),
        (S.GRADE, "学生读本"),
        (S.LICENSE, "CC BY"),
        (S.STAGE, "中学"),
        (S.SUBJECT, ""),
        (S.KIND, "-"),
    ],
)
def test_what_has_no_single_meaning_stays_unmapped(scheme: VocabularyScheme, written: str) -> None:
    assert vocabulary(scheme).resolve(written) is None


@pytest.mark.parametrize(
    ("scheme", "written", "code"),
    [
        (S.SUBJECT, "mathmatics", "mathematics"),
        (S.SUBJECT, "数序", "mathematics"),
        (S.STAGE, "primry", "PRIMARY"),
        (S.KIND, "LESON", "LESSON"),
        (S.STAGE, "初中", "JUNIOR_SECONDARY"),
    ],
)
def test_the_nearest_term_is_suggested(scheme: VocabularyScheme, written: str, code: str) -> None:
    near = vocabulary(scheme).nearest(written)
    assert near is not None
    assert near.code == code
    with pytest.raises(UnknownTerm, match=f"{written!r} is not a code of {scheme}; did you mean '{code}'"):
        vocabulary(scheme).require(written)


def test_nothing_is_suggested_where_nothing_is_near() -> None:
    assert vocabulary(S.SUBJECT).nearest("zzzzzz") is None
    with pytest.raises(UnknownTerm, match=r"'zzzzzz' is not a code of SUBJECT$"):
        vocabulary(S.SUBJECT).require("zzzzzz")


@given(st.text(max_size=40))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(
    st.sampled_from(["八年级", "grade-8", "艺术·音乐", "CC BY 4.0"]), st.sampled_from([" ", "\u3000", "\t", "·", "•"])
)
def test_space_and_interpuncts_anywhere_do_not_matter(name: str, noise: str) -> None:
    for place in range(len(name) + 1):
        assert fold(name[:place] + noise + name[place:]) == fold(name)


@given(st.sampled_from(VocabularyScheme), st.text(max_size=200))
def test_any_text_resolves_to_a_term_of_the_scheme_or_to_none(scheme: VocabularyScheme, text: str) -> None:
    for term in (vocabulary(scheme).resolve(text), vocabulary(scheme).nearest(text)):
        assert term is None or vocabulary(scheme).get(term.code) is term
