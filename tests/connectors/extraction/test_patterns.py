"""Regular expressions: linear in time, silent on standard error, clear about what does not exist."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.extraction import PatternError, compile_pattern
from connectors.extraction.patterns import compile_cut


def test_named_groups_are_found_also_outside_ascii() -> None:
    pattern = compile_pattern(r"(?P<学段>小学|初中)(?P<grade>\p{Han}年级)?")
    assert dict(pattern.groupindex) == {"学段": 1, "grade": 2}
    found = pattern.search("人教版 小学三年级 数学")
    assert found is not None
    assert (found["grade"], found.groupdict()) == ("三年级", {"学段": "小学", "grade": "三年级"})
    alone = pattern.search("初中")
    assert alone is not None
    assert alone["grade"] is None
    assert pattern.search("高中") is None


def test_text_is_split_between_matches() -> None:
    assert compile_pattern(r"\s*[,，;；、]\s*").split("数学, 语文；英语、物理") == ["数学", "语文", "英语", "物理"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (r"(?P<v>a)(?=b)", "look-ahead and look-behind do not exist"),
        (r"(?<!a)(?P<v>b)", "look-ahead and look-behind do not exist"),
        (r"(?P<v>a)\1", r"invalid escape sequence: \\1; a group cannot be referred back to"),
        (r"(?P<v>a)(?P=v)", "a group cannot be referred back to"),
        (r"(?P<v>a*+)", "one quantifier is enough"),
        (r"(?>a)", "one quantifier is enough"),
        (r"(?P<v>a)\Z", r"the end of the text is \\z or \$"),
        (r"(?#note)a", "no comments"),
        (r"(?(1)a|b)", "no conditions"),
        (r"(?P<v>a{1001})", "at most 1,000 times"),
        (r"(?P<v>\p{L}{900}\p{N}{900})", "at most 1,000 times"),
        (r"(?P<v>\d+", r"missing \)"),
        (r"(?P<v>a)|(?P<v>b)", r"two groups have the same name; write alternatives inside"),
        ("a" * 501, "at most 500 characters, this one 501"),
        ("\ud800", "half a surrogate pair"),
    ],
)
def test_what_does_not_exist_is_refused_with_advice(text: str, message: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(PatternError, match=message):
        compile_pattern(text)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("text", [r"^(?P<v>(a+)+)$", r"^(?P<v>(a|a)*)$", r"^(?P<v>(.*,)*)$", r"(?P<v>(a?){30}a{30}b)"])
def test_patterns_that_explode_elsewhere_take_linear_time(text: str) -> None:
    started = time.process_time()
    assert compile_pattern(text).search("a" * 5_000 + "!") is None
    assert time.process_time() - started < 1  # two to the power of 5,000 elsewhere


@given(
    text=st.text("ab课1 ", max_size=12),
    pattern=st.sampled_from(
        [r"(?P<v>a+?)b", r"(?P<v>[^ab]+)", r"^(?P<v>.*)1", r"(?P<v>课|b{2})(?P<w>a)?", "(?P<v>1?)$"]
    ),
)
def test_what_both_know_matches_as_in_python(text: str, pattern: str) -> None:
    ours, theirs = compile_pattern(pattern).search(text), re.search(pattern, text)
    assert (ours and ours.groupdict()) == (theirs and theirs.groupdict())


@pytest.mark.parametrize(
    "pattern",
    [r"\.(?P<value>[a-z0-9]{1,8})$", r"^(?P<value>[^-]*)-", r"(?P<a>课)?(?P<value>\p{Han}*)", r"(?P<value>x)|y"],
)
@given(st.text("课程x.y-a1 \n", max_size=12))
def test_a_cut_is_what_the_group_of_the_pattern_matches(pattern: str, text: str) -> None:
    found = compile_pattern(pattern).search(text)
    assert compile_cut(pattern)(text) == (found["value"] if found else None)
