"""Transforms: found by name, their examples true, their errors clear."""

import doctest
import importlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.manifest.transforms import TransformError, compile_transform, transform_names
from connectors.manifest.transforms.registry import registered

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.from_regex(r"[0-9:年月日分PTMHS.+-]{1,25}"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)

REQUIRED: dict[str, dict[str, object]] = {
    "absoluteUrl": {"base": "https://example.org/"},
    "removePrefix": {"prefix": "a"},
    "removeSuffix": {"suffix": "a"},
    "replace": {"find": "a"},
}


def test_the_closed_set_is_the_documented_one() -> None:
    assert transform_names() == (
        "absoluteUrl",
        "booleanText",
        "chineseDate",
        "chineseDateTime",
        "chineseNumber",
        "date",
        "decimal",
        "duration",
        "epochMilliseconds",
        "epochSeconds",
        "halfWidth",
        "htmlToText",
        "integer",
        "isoDateTime",
        "joinedBy",
        "json",
        "langstring",
        "languageMap",
        "localDateTime",
        "lowerCase",
        "percent",
        "plainText",
        "removePrefix",
        "removeSuffix",
        "replace",
        "rfc822DateTime",
        "startOfDay",
        "upperCase",
        "urlDecoded",
        "vcardName",
    )


@pytest.mark.parametrize("name", transform_names())
def test_the_example_of_every_transform_is_true(name: str) -> None:
    module = importlib.import_module(registered()[name].function.__module__)
    results = doctest.testmod(module)
    assert results.attempted >= 1
    assert results.failed == 0


@pytest.mark.parametrize("name", transform_names())
@given(value=JSON)
def test_a_transform_reads_a_value_or_raises_a_value_error(name: str, value: Any) -> None:
    options = REQUIRED.get(name, {})
    try:
        compile_transform(name, options)(value)
    except ValueError as error:
        message = str(error)
    else:
        message = "read"
    assert message


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("epochSecond", {}, "no transform 'epochSecond'"),
        ("duration", {"units": "minutes"}, "no option 'units'"),
        ("duration", {"unit": 3}, "is text"),
        ("duration", {"unit": "weeks"}, "'weeks' is none of"),
        ("isoDateTime", {"zone": "Asia/Nowhere"}, "no time zone"),
        ("localDateTime", {"pattern": "%H:%M"}, "no year, month and day"),
        ("absoluteUrl", {}, "absolute address"),
        ("date", {"incomplete": "last"}, "refuse or first, not 'last'"),
        ("chineseDate", {"incomplete": "last"}, "refuse or first, not 'last'"),
        ("chineseDateTime", {"zone": "Asia/Nowhere"}, "no time zone"),
        ("chineseNumber", {"bound": "least"}, "'least' is none of exact, lower, upper, value"),
        ("percent", {"bare": "percent"}, "'percent' is none of signed, hundredths, fraction"),
        ("removePrefix", {}, "'prefix' is the text to remove"),
        ("removeSuffix", {}, "'suffix' is the text to remove"),
        ("replace", {"by": "x"}, "'find' is the text to replace"),
    ],
)
def test_wrong_names_and_options_are_refused_when_the_manifest_is_read(
    name: str, options: dict[str, object], message: str
) -> None:
    with pytest.raises(TransformError, match=message):
        compile_transform(name, options)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("duration", "1:02:03", 3723),
        ("duration", "90 秒", 90),
        ("duration", "1.5小时", 5400),
        ("duration", "４５分钟", 2700),
        ("date", "2024-03-15 08:00:00", "2024-03-15"),
        ("htmlToText", "a < b", "a < b"),
        ("htmlToText", "<script>x", ""),
        ("integer", "3.0", 3),
        ("languageMap", {"en": "  ", "fr": "Pythagore"}, "Pythagore"),
        ("isoDateTime", "2024-03-15T14:22:07.9301234+0800", "2024-03-15 14:22:07.930123+08:00"),
        ("isoDateTime", "2024-03-15T06:22:07Z", "2024-03-15 06:22:07+00:00"),
        ("isoDateTime", "2024-03-15 14:22:07 +08:00", "2024-03-15 14:22:07+08:00"),
        ("isoDateTime", "2024-03-15", "2024-03-15 00:00:00+08:00"),
        ("rfc822DateTime", "15 Mar 2024 14:22:07 GMT", "2024-03-15 14:22:07+00:00"),
        ("chineseDate", "2025 年 3 月 1 号", "2025-03-01"),
        ("duration", "1小时30分", 5400),
        ("duration", "二小时", 7200),
        ("duration", "半个小时", 1800),
        ("booleanText", "否", False),
        ("decimal", "-1,204.50", "-1204.50"),
        ("decimal", "+3", "3"),
        ("percent", "８５．５％", "0.855"),
        ("removePrefix", "banana", "banana"),
        ("removeSuffix", "banana", "banan"),
        ("replace", "banana", "bnn"),
        ("urlDecoded", "a%20b+c", "a b+c"),
        ("json", "[1, 2]", "[1, 2]"),
        ("json", "", "None"),
        ("json", {"a": 1}, "{'a': 1}"),
    ],
)
def test_spellings_that_platforms_use(name: str, value: object, expected: object) -> None:
    found = compile_transform(name, REQUIRED.get(name))(value)
    assert (found if isinstance(expected, int) else str(found)) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("duration", "7 hrs/wk"),
        ("isoDateTime", "2023-02-30T08:00:00.000+0800"),
        ("chineseDate", "2024年13月45日"),
        ("epochMilliseconds", 10**20),
        ("epochSeconds", True),
        ("integer", "3.5"),
        ("booleanText", "maybe"),
        ("integer", "1_000"),
        ("date", "2024-03"),
        ("date", "2024"),
        ("date", "2024-02-30"),
        ("chineseDate", "2025年3月"),
        ("chineseDateTime", "2025年3月1日"),
        ("decimal", "1,2345"),
        ("decimal", "1e5"),
        ("percent", "0.85"),
        ("percent", 85),
        ("urlDecoded", "%CE%C4"),
        ("json", "{"),
        ("langstring", 3),
        ("vcardName", "陈老师"),
    ],
)
def test_values_that_mean_nothing_are_refused(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=r"expected|calendar"):
        compile_transform(name)(value)
