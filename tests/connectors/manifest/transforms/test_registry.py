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


def test_the_closed_set_is_the_documented_one() -> None:
    assert transform_names() == (
        "absoluteUrl",
        "booleanText",
        "chineseDate",
        "date",
        "duration",
        "epochMilliseconds",
        "epochSeconds",
        "halfWidth",
        "htmlToText",
        "integer",
        "isoDateTime",
        "languageMap",
        "localDateTime",
        "lowerCase",
        "plainText",
        "rfc822DateTime",
        "startOfDay",
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
    options = {"base": "https://example.org/"} if name == "absoluteUrl" else {}
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
        ("duration", {"unit": 3}, "is a str"),
        ("duration", {"unit": "weeks"}, "'weeks' is none of"),
        ("isoDateTime", {"zone": "Asia/Nowhere"}, "no time zone"),
        ("localDateTime", {"pattern": "%H:%M"}, "no year, month and day"),
        ("absoluteUrl", {}, "absolute address"),
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
    ],
)
def test_spellings_that_platforms_use(name: str, value: object, expected: object) -> None:
    found = compile_transform(name)(value)
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
    ],
)
def test_values_that_mean_nothing_are_refused(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=r"expected|calendar"):
        compile_transform(name)(value)
