"""Compiled expressions answer as the library does."""

from typing import Any

import jmespath
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jmespath.exceptions import JMESPathError

from connectors.extraction import ExpressionError, compile_expression, truthy

NAMES = st.sampled_from(["a", "b", "c", "tag_list"])
SCALARS = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-2, 2) | st.sampled_from(["", "x", "5", "勾股"])
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)
LITERALS = st.sampled_from(["`1`", "`0`", "`true`", "`null`", "'x'", "'5'", '`"x"`', "`[]`", "`{}`", "`2.5`"])


def extend(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Expressions made of smaller ones; functions include those that raise on unexpected types."""
    two = st.tuples(inner, inner)
    return st.one_of(
        two.map(lambda p: f"({p[0]}) || ({p[1]})"),
        two.map(lambda p: f"({p[0]}) && ({p[1]})"),
        two.map(lambda p: f"({p[0]}) | ({p[1]})"),
        st.tuples(inner, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), inner).map(
            lambda p: f"({p[0]}) {p[1]} ({p[2]})"
        ),
        st.tuples(inner, NAMES).map(lambda p: f"({p[0]}).{p[1]}"),
        st.tuples(inner, NAMES).map(lambda p: f"({p[0]})[].{p[1]}"),
        st.tuples(inner, NAMES).map(lambda p: f"({p[0]})[*].{p[1]}"),
        st.tuples(inner, NAMES).map(lambda p: f"({p[0]}).*.{p[1]}"),
        st.tuples(inner, st.integers(-3, 3)).map(lambda p: f"({p[0]})[{p[1]}]"),
        st.tuples(inner, st.integers(-3, 3)).map(lambda p: f"({p[0]})[{p[1]}:]"),
        st.tuples(inner, inner, NAMES).map(lambda p: f"({p[0]})[?{p[1]}].{p[2]}"),
        two.map(lambda p: f"[{p[0]}, {p[1]}]"),
        two.map(lambda p: f"{{x: {p[0]}, y: {p[1]}}}"),
        inner.map(lambda e: f"!({e})"),
        st.tuples(
            st.sampled_from(
                ["length", "to_string", "to_number", "keys", "type", "not_null", "sort", "max", "to_array"]
            ),
            inner,
        ).map(lambda p: f"{p[0]}({p[1]})"),
        st.tuples(st.sampled_from(["sort_by", "max_by"]), inner, NAMES).map(lambda p: f"{p[0]}({p[1]}, &{p[2]})"),
        st.tuples(NAMES, inner).map(lambda p: f"map(&{p[0]}, {p[1]})"),
        two.map(lambda p: f"contains({p[0]}, {p[1]})"),
    )


EXPRESSIONS = st.recursive(NAMES | LITERALS | st.just("@"), extend, max_leaves=6)


def reference(expression: str, value: Any) -> Any:
    """The library's answer, None where it raises on data it did not expect."""
    try:
        return jmespath.search(expression, value)
    except (JMESPathError, TypeError, ValueError, AttributeError):
        return None


@given(expression=EXPRESSIONS, value=JSON)
def test_closures_and_the_library_agree(expression: str, value: Any) -> None:
    assert repr(compile_expression(expression)(value)) == repr(reference(expression, value))


@pytest.mark.parametrize(
    "expression",
    [
        "a[?n>`5`].b | [0]",
        "tag_list[?tag_dimension_id=='zxxxk'].tag_name | [0]",
        "a.b[0].c[1:3][].{x: d, y: e[*].f} | [?x]",
        "sort_by(a, &n)[-1].b",
        "length(missing)",
        "a[?n>`1` && b].b",
        "join('-', a[].b)",
        '@."zh-CN"',
    ],
)
def test_expressions_of_real_manifests_agree_with_the_library(expression: str) -> None:
    value = {
        "a": [{"n": 7, "b": "x"}, {"n": "7", "b": "y"}, {"b": None}, 3, None],
        "zh-CN": "题",
        "tag_list": [
            {"tag_dimension_id": "zxxnj", "tag_name": "六年级"},
            {"tag_dimension_id": "zxxxk", "tag_name": "数学"},
        ],
    }
    assert compile_expression(expression)(value) == reference(expression, value)


@given(text=st.text(max_size=30))
def test_any_text_is_an_expression_or_a_clear_error(text: str) -> None:
    try:
        compile_expression(text)
    except ExpressionError as error:
        message = str(error)
    else:
        message = "an expression"
    assert message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (" | ".join(["[@, @]"] * 10), "hold the record more than 1,000 times"),
        ("{a: [@, @, @], b: " * 7 + "@" + "}" * 7, "hold the record more than 1,000 times"),
        ("`[0,0,0,0,0,0,0,0,0,0]`" + "[].[`[0,0,0,0,0,0,0,0,0,0]`][][]" * 3, "hold the record more than 1,000 times"),
        ('map(&`[[1, 2, 3, 4], {"a": [5, 6]}]`, @)[] | ' * 4 + "@", "hold the record more than 1,000 times"),
        ("(" * 490 + "a" + ")" * 490, "nested too deeply"),
        ("a" * 1001, "at most 1,000 characters, this one 1,001"),
    ],
)
def test_expressions_whose_answers_outgrow_the_record_are_refused(text: str, message: str) -> None:
    with pytest.raises(ExpressionError, match=message):
        compile_expression(text)


def test_texts_made_of_texts_stay_bounded() -> None:
    nested = compile_expression("to_string([" * 40 + "@" + "])" * 40)
    assert len(nested('"')) < 1_000_000  # two to the power of 40 without a bound
    assert compile_expression("to_string([@, @])")("x") == '["x","x"]'


def test_lists_that_are_written_out_grow_up_to_the_bound() -> None:
    grown = compile_expression("`[0,0,0,0,0,0,0,0,0,0]`" + "[].[`[0,0,0,0,0,0,0,0,0,0]`][][]" * 2)({})
    assert grown == [0] * 1_000
    assert compile_expression("tags[?contains(`[1, 2, 3]`, @)]")({"tags": [3, 4, 1]}) == [3, 1]


def test_unknown_functions_are_refused_when_the_manifest_is_read() -> None:
    with pytest.raises(ExpressionError, match=r"split\(\)"):
        compile_expression("split(a, ',')")


@pytest.mark.parametrize(
    ("value", "expected"), [(0, True), ("", False), ([], False), ({}, False), (None, False), ("0", True)]
)
def test_truth_is_that_of_jmespath(value: object, expected: bool) -> None:
    assert truthy(value) is expected
