"""Addresses are edited without disturbing what is already there."""

from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.transport.urls import origin, query_pairs, with_origin, with_query, without_query

# lone surrogates have no UTF-8 and cannot be part of an address
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
names = texts.filter(bool)
pairs = st.lists(st.tuples(names, texts), max_size=6)


def address(parameters: list[tuple[str, str]]) -> str:
    return "https://platform.example/path?" + urlencode(parameters)


@given(pairs, st.dictionaries(names, texts, max_size=4))
def test_added_parameters_are_read_back_and_the_others_stay(
    before: list[tuple[str, str]], added: dict[str, str]
) -> None:
    kept = [(name, value) for name, value in before if name not in added]
    assert query_pairs(with_query(address(before), added)) == [*kept, *added.items()]


@given(pairs)
def test_adding_nothing_changes_nothing(before: list[tuple[str, str]]) -> None:
    url = address(before)
    assert query_pairs(with_query(url, {})) == query_pairs(url)


@given(pairs, st.dictionaries(names, texts, max_size=4))
def test_adding_twice_is_adding_once(before: list[tuple[str, str]], added: dict[str, str]) -> None:
    once = with_query(address(before), added)
    assert with_query(once, added) == once


def test_existing_parameters_keep_their_exact_spelling() -> None:
    assert with_query("https://a.example/x?b=%2f+1&c&a=(1)#part", {"d": "&= ?勾"}) == (
        "https://a.example/x?b=%2f+1&c&a=(1)&d=%26%3D%20%3F%E5%8B%BE"
    )


def test_a_parameter_of_the_same_name_is_replaced() -> None:
    assert (
        with_query("https://a.example/?sign=old&a=1&%73ign=older", {"sign": "new"}) == "https://a.example/?a=1&sign=new"
    )


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://Platform.Example:443/a?b", "https://platform.example"),
        ("http://platform.example:80", "http://platform.example"),
        ("HTTP://platform.example:8080/", "http://platform.example:8080"),
        ("https://user:password@platform.example/", "https://platform.example"),
        ("http://[::1]:8000/", "http://[::1]:8000"),
    ],
)
def test_an_origin_has_one_spelling(url: str, expected: str) -> None:
    assert origin(url) == expected


@pytest.mark.parametrize(
    "url",
    ["", "platform.example", "//platform.example", "ftp://a/", "http://", "http://a:x/", "http://[", "http://a\n.b/"],
)
def test_an_address_without_an_origin_is_refused(url: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - urlsplit raises plain ones of its own
        origin(url)


@given(pairs)
def test_another_origin_keeps_path_and_query(parameters: list[tuple[str, str]]) -> None:
    moved = urlsplit(with_origin(address(parameters), "http://127.0.0.1:9000"))
    assert (moved.scheme, moved.netloc, moved.path) == ("http", "127.0.0.1:9000", "/path")
    assert parse_qsl(moved.query, keep_blank_values=True) == parameters


@pytest.mark.parametrize(
    ("url", "shown"),
    [("https://user:password@a.example/x?token=t#f", "https://a.example/x"), ("http://[", "(unreadable address)")],
)
def test_messages_show_no_user_and_no_query(url: str, shown: str) -> None:
    assert without_query(url) == shown
