"""Names outside ASCII need no quotes in JMESPath, and mean what they mean in quotes."""

from typing import Any

import jmespath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.extraction import ExpressionError, compile_expression
from connectors.extraction.names import quoted

NAMES = st.from_regex(r"[一-龥_a-z][一-龥0-9a-zé]{0,4}", fullmatch=True)
SHAPES = st.sampled_from(
    [
        "{0}",
        "{0}.{1}",
        "{0}[0].{1}",
        "{0}[?{1}=='课'].{1}",
        "{{{0}: {1}}}",
        "{0} || {1}",
        '{0}[?{1}==`"课程"`]',
        "'{0}'",
    ]
)
VALUES = st.sampled_from(["课", "课程", 1, None, [{"课": "课"}]])


@given(shape=SHAPES, one=NAMES, two=NAMES, values=st.lists(VALUES, min_size=3, max_size=3))
def test_a_bare_name_answers_as_its_quoted_spelling(shape: str, one: str, two: str, values: list[Any]) -> None:
    data = {one: {two: values[0]}, two: [{two: values[1]}, values[2]]}
    spelled = shape if shape == "'{0}'" else shape.replace("{0}", '"{0}"').replace("{1}", '"{1}"')
    assert compile_expression(shape.format(one, two))(data) == jmespath.search(spelled.format(one, two), data)


@given(text=st.text(st.characters(max_codepoint=127), max_size=20))
def test_expressions_in_ascii_stay_as_they_are(text: str) -> None:
    assert quoted(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("课程名称", '"课程名称"'),
        ("data.课程名称[0]", 'data."课程名称"[0]'),
        ("第1课.b2", '"第1课".b2'),
        ("3月", '"3月"'),
        ('"课 程".名', '"课 程"."名"'),
        (r"'it\'s 课' == `\`课`", r"'it\'s 课' == `\`课`"),
        ("{名: a, b: 题}", '{"名": a, b: "题"}'),
    ],
)
def test_only_names_outside_ascii_are_put_in_quotes(text: str, expected: str) -> None:
    assert quoted(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("课 程", "课 程: something is wrong near 程"),
        ("课程 ==", "课程 ==: it is incomplete"),
        ("课.", "课.: something is missing at its end"),
        ("'课程", "'课程: something is wrong near '课程"),
        ("（课）", "（课）: something is wrong near （"),
        ("length(课, 题)", None),
    ],
)
def test_errors_show_the_text_as_it_was_written(text: str, message: str | None) -> None:
    if message is None:
        assert compile_expression(text)({}) is None
        return
    with pytest.raises(ExpressionError) as raised:
        compile_expression(text)
    assert str(raised.value) == message
