"""The signed form of a query depends on its parameters and not on how the address spells them."""

from random import Random
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.credentials.canonical import QueryForm, canonical_path, canonical_query

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
parameters = st.lists(st.tuples(texts.filter(bool), texts), max_size=8)


def address(pairs: list[tuple[str, str]], *, plus: bool = True) -> str:
    return "https://platform.example/api?" + (urlencode(pairs) if plus else urlencode(pairs, quote_via=quote, safe=""))


@given(parameters, st.randoms(use_true_random=False), st.booleans(), st.booleans())
def test_the_order_in_the_address_does_not_matter(
    pairs: list[tuple[str, str]], random: Random, encoded: bool, drop: bool
) -> None:
    form = QueryForm(encoded=encoded, empty_values="drop" if drop else "keep")
    shuffled = list(pairs)
    random.shuffle(shuffled)
    assert canonical_query(address(pairs), form) == canonical_query(address(shuffled), form)


@given(parameters, st.booleans())
def test_the_spelling_of_the_address_does_not_matter(pairs: list[tuple[str, str]], encoded: bool) -> None:
    form = QueryForm(encoded=encoded)
    assert canonical_query(address(pairs), form) == canonical_query(address(pairs, plus=False), form)


@given(parameters)
def test_the_order_is_the_one_of_utf_8_bytes(pairs: list[tuple[str, str]]) -> None:
    expected = sorted(pairs, key=lambda pair: (pair[0].encode(), pair[1].encode()))
    assert canonical_query(address(pairs), QueryForm()) == "&".join(f"{name}={value}" for name, value in expected)


@given(parameters)
def test_encoded_and_unsorted_is_the_address_itself(pairs: list[tuple[str, str]]) -> None:
    form = QueryForm(sorted=False, encoded=True)
    assert canonical_query(address(pairs), form) == address(pairs, plus=False).partition("?")[2]


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        (QueryForm(), "A=&a=勾 股&b=10&b=2"),
        (QueryForm(sorted=False), "b=2&a=勾 股&A=&b=10"),
        (QueryForm(encoded=True), "A=&a=%E5%8B%BE%20%E8%82%A1&b=10&b=2"),
        (QueryForm(assign="", joiner="", empty_values="drop"), "a勾 股b10b2"),
    ],
)
def test_the_forms_by_example(form: QueryForm, expected: str) -> None:
    url = "https://platform.example/?b=2&a=%E5%8B%BE+%E8%82%A1&A=&b=10"
    assert canonical_query(url, form) == expected


def test_named_parameters_are_left_out() -> None:
    assert canonical_query("https://platform.example/?sign=x&a=1", QueryForm(), ["sign"]) == "a=1"


@pytest.mark.parametrize(("url", "path"), [("https://a.example", "/"), ("https://a.example/a%2Fb/勾?c", "/a%2Fb/勾")])
def test_the_path_stays_as_it_travels(url: str, path: str) -> None:
    assert canonical_path(url) == path
