"""Cursors and page numbers of 四川云教: every walk meets everything once, and foreign cursors are refused."""

import pytest
from graphql import GraphQLError
from hypothesis import given
from hypothesis import strategies as st

from connectors.simulators.sichuan.paging import connection, page

NUMBERS = st.lists(st.integers(0, 10_000), unique=True, max_size=60)


@given(numbers=NUMBERS, first=st.integers(1, 100), sign=st.sampled_from((-1, 0, 1)))
def test_a_walk_meets_everything_once_in_order(numbers: list[int], first: int, sign: int) -> None:
    def rank(number: int) -> int:
        return sign * (number % 7)

    ordered = sorted(numbers, key=lambda number: (rank(number), number))
    met: list[int] = []
    after = None
    while True:
        answer = connection(ordered, rank, "ANY", lambda number: {"number": number}, {"first": first, "after": after})
        met += [edge["node"]["number"] for edge in answer["edges"]]
        after = answer["pageInfo"]["endCursor"]
        if not answer["pageInfo"]["hasNextPage"]:
            break
    assert met == ordered
    assert answer["totalCount"] == len(numbers)


@given(numbers=NUMBERS, size=st.integers(1, 50))
def test_pages_by_number_meet_everything_once(numbers: list[int], size: int) -> None:
    pages = -(-len(numbers) // size)
    answers = [page(numbers, lambda n: {"n": n}, {"page": p, "size": size}) for p in range(1, pages + 2)]
    assert [item["n"] for answer in answers for item in answer["items"]] == numbers
    assert answers[-1] == {"items": [], "total": len(numbers), "page": pages + 1, "size": size}


@given(cursor=st.text(max_size=30))
def test_any_other_text_is_no_cursor(cursor: str) -> None:
    with pytest.raises(GraphQLError) as refusal:
        connection([1, 2], lambda _: 0, "CREATED_ASC", lambda _: {}, {"first": 1, "after": cursor})
    assert refusal.value.extensions == {"code": "BAD_USER_INPUT"}
