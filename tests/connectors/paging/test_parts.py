"""Index files that list part files."""

import pytest

from connectors.errors import Malformed, PagingError
from connectors.paging import Step
from tests.connectors.paging.test_pagers import answer, pager


@pytest.mark.parametrize("urls", [["/p1", "/p2"], "/p1, /p2,"])
def test_parts_are_listed_as_array_or_joined_text(urls: object) -> None:
    parts = pager(kind="parts")
    index = parts.start(None)
    assert index.index
    first = parts.after(index, answer(0, {"urls": urls}))
    assert first is not None
    second = parts.after(first, answer(3))
    assert second is not None
    assert (first.url, second.url) == ("https://x.org/p1", "https://x.org/p2")
    assert parts.after(second, answer(1)) is None


def test_parts_resume_where_the_index_is_the_same_and_start_again_where_it_changed() -> None:
    one = pager(kind="parts")
    second = one.after(one.after(one.start(None), answer(0, {"urls": ["/p1", "/p2"]})) or Step(), answer(1))
    assert second is not None
    other = pager(kind="parts")
    same = other.after(other.start(second.position), answer(0, {"urls": ["/p1", "/p2"]}))
    changed = other.after(other.start(second.position), answer(0, {"urls": ["/p3", "/p4"]}))
    assert same is not None
    assert changed is not None
    assert (same.url, changed.url) == ("https://x.org/p2", "https://x.org/p3")


@pytest.mark.parametrize("body", [{}, {"urls": 3}, {"urls": [1]}, []])
def test_an_index_without_parts_is_malformed(body: object) -> None:
    parts = pager(kind="parts")
    with pytest.raises(Malformed):
        parts.after(parts.start(None), answer(0, body))


def test_an_index_that_lists_a_part_twice_is_an_error() -> None:
    parts = pager(kind="parts")
    with pytest.raises(PagingError, match="twice"):
        parts.after(parts.start(None), answer(0, {"urls": ["/p1", "https://x.org/p1"]}))
