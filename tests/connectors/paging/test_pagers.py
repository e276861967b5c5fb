"""Pagers walked by hand: what follows what, and what is refused."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from connectors.errors import Malformed, PagingError
from connectors.paging import Answer, Pager, PagingSpec, Step
from connectors.paging.cursors import linked
from connectors.paging.totals import whole_number

SPECS: TypeAdapter[Any] = TypeAdapter(PagingSpec)


def pager(**spec: Any) -> Pager:
    """The pager of a specification."""
    built: Pager = SPECS.validate_python(spec).pager()
    return built


def answer(
    records: int = 0, body: Any = None, headers: Mapping[str, str] | None = None, url: str = "https://x.org/a"
) -> Answer:
    """An answer with so many records."""
    return Answer({} if body is None else body, headers or {}, url, records)


def test_no_paging_asks_once() -> None:
    alone = pager(kind="none")
    assert alone.after(alone.start(None), answer(3)) is None
    assert alone.expected(answer(3)) == 3


@pytest.mark.parametrize(("kind", "numbers"), [("page", [1, 2, 3]), ("offset", [0, 10, 20])])
def test_numbers_count_up_until_a_page_is_short(kind: str, numbers: list[int]) -> None:
    counted = pager(kind=kind, parameter="n", sizeParameter="s", size=10)
    asked, step = [], counted.start(None)
    for records in (10, 10, 4):
        asked.append(dict(step.parameters))
        following = counted.after(step, answer(records))
        if following is not None:
            step = following
    assert asked == [{"s": 10, "n": number} for number in numbers]
    assert following is None


def test_a_total_that_promises_too_little_ends_nothing() -> None:
    counted = pager(kind="page", size=10, total="total")
    assert counted.after(counted.start(None), answer(10, {"total": 5})) is not None


def test_a_short_page_goes_on_while_the_total_promises_more() -> None:
    counted = pager(kind="page", size=10, total="total")
    first = counted.start(None)
    second = counted.after(first, answer(8, {"total": "20"}))
    assert second is not None
    assert counted.after(second, answer(8, {"total": "20"})) is None


def test_until_empty_reads_past_short_pages() -> None:
    counted = pager(kind="page", size=10, until="empty")
    second = counted.after(counted.start(None), answer(3))
    assert second is not None
    assert counted.after(second, answer(0)) is None


def test_a_checkpoint_resumes_at_its_number() -> None:
    assert pager(kind="page", parameter="p", size=5).start({"number": 7}).parameters == {"p": 7}


@pytest.mark.parametrize("token", [None, ""])
def test_no_token_ends_a_listing(token: object) -> None:
    cursors = pager(kind="cursor", next="next")
    assert cursors.after(cursors.start(None), answer(5, {"next": token})) is None


def test_tokens_are_sent_back_and_resumed() -> None:
    cursors = pager(kind="cursor", parameter="c", next="next", sizeParameter="limit", size=2)
    step = cursors.after(cursors.start(None), answer(2, {"next": "t1"}))
    assert step == Step({"limit": 2, "c": "t1"}, position={"token": "t1"})
    assert cursors.start({"token": "t1"}) == step


@pytest.mark.parametrize("token", [True, {"a": 1}, ["t"], 1.5])
def test_a_token_that_is_no_token_is_an_error(token: object) -> None:
    cursors = pager(kind="cursor", next="next")
    with pytest.raises(PagingError):
        cursors.after(cursors.start(None), answer(1, {"next": token}))


def test_a_token_that_stands_still_is_an_error() -> None:
    cursors = pager(kind="cursor", next="next")
    with pytest.raises(PagingError, match="just sent"):
        cursors.after(cursors.start({"token": "t"}), answer(1, {"next": "t"}))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ("https://x.org/b?p=2", "https://x.org/b?p=2"),
        ("/b?p=2", "https://x.org/b?p=2"),
        ("?p=2", "https://x.org/a?p=2"),
    ],
)
def test_addresses_are_followed_absolute_or_relative(found: str, expected: str) -> None:
    pages = pager(kind="nextUrl", next="links.next")
    step = pages.after(pages.start(None), answer(1, {"links": {"next": found}}))
    assert step == Step(url=expected, position={"url": expected})


@pytest.mark.parametrize("body", [{}, {"links": {"next": None}}, {"links": {"next": ""}}])
def test_no_address_ends_a_listing(body: object) -> None:
    pages = pager(kind="nextUrl", next="links.next")
    assert pages.after(pages.start(None), answer(1, body)) is None


def test_an_address_of_the_same_page_is_an_error() -> None:
    pages = pager(kind="nextUrl")
    with pytest.raises(PagingError, match="just read"):
        pages.after(pages.start(None), answer(1, {"next": "https://x.org/a"}))


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('<https://x.org/b?c=1,2>; rel="next"', "https://x.org/b?c=1,2"),
        ('</first>; rel="first", </b>; title="x, y"; rel="prev next"', "/b"),
        ("</b>; rel=next", "/b"),
        ("</b>; REL=Next", "/b"),
        ('</b>; rel="prev"', None),
        ("", None),
        ("nonsense", None),
    ],
)
def test_link_headers_are_read_as_rfc_8288_says(header: str, expected: str | None) -> None:
    assert linked(header, "next") == expected


@given(header=st.text(alphabet='<>;,="relnxt /', max_size=60))
def test_no_link_header_raises(header: str) -> None:
    linked(header, "next")


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


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (12, 12),
        ("12", 12),
        (12.0, 12),
        (" 12 ", 12),
        (True, None),
        (-1, None),
        ("1e3", None),
        (None, None),
        (1.5, None),
    ],
)
def test_totals_are_read_as_platforms_write_them(value: object, expected: int | None) -> None:
    assert whole_number(value) == expected


@given(total=st.integers(0, 60), size=st.integers(1, 9), promised=st.none() | st.integers(0, 100))
def test_counting_reads_every_record_whatever_the_total_says(total: int, size: int, promised: int | None) -> None:
    counted = pager(kind="offset", size=size, total="total")
    step: Step | None = counted.start(None)
    read = 0
    while step is not None:
        offset = int(step.parameters["offset"])
        records = max(0, min(size, total - offset))
        read += records
        step = counted.after(step, answer(records, {"total": promised}))
    assert read == total
