"""Pagers walked by hand: what follows what, and what is refused."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from connectors.components import discovered
from connectors.errors import PagingError
from connectors.paging import Answer, Pager, PagingSpec, Step
from connectors.paging.cursors import linked
from connectors.paging.model import Paging
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
    step: Step | None = counted.start(None)
    asked = []
    for records in (8, 8, 4):
        assert step is not None
        asked.append(step.parameters["page"])
        step = counted.after(step, answer(records, {"total": "20"}))
    assert asked == [1, 2, 3]
    assert step is None


def test_a_total_that_is_never_reached_ends_with_an_empty_page() -> None:
    counted = pager(kind="page", size=10, total="total")
    second = counted.after(counted.start(None), answer(3, {"total": 99}))
    assert second is not None
    assert counted.after(second, answer(0, {"total": 99})) is None


def test_what_was_read_is_kept_with_the_number() -> None:
    counted = pager(kind="page", size=200, total="total")
    second = counted.after(counted.start(None), answer(50, {"total": 120}))
    assert second is not None
    assert second.position == {"number": 2, "read": 50}
    resumed = pager(kind="page", size=200, total="total")
    third = resumed.after(resumed.start(second.position), answer(50, {"total": 120}))
    assert third is not None
    assert third.position == {"number": 3, "read": 100}
    assert resumed.after(third, answer(20, {"total": 120})) is None


@pytest.mark.parametrize(("kind", "read"), [("page", 30), ("offset", 3)])
def test_a_checkpoint_without_what_was_read_assumes_full_pages(kind: str, read: int) -> None:
    step = pager(kind=kind, size=10, first=1).start({"number": 4})
    assert step.position == {"number": 4, "read": read}


def test_until_empty_reads_past_short_pages() -> None:
    counted = pager(kind="page", size=10, until="empty")
    second = counted.after(counted.start(None), answer(3))
    assert second is not None
    assert counted.after(second, answer(0)) is None


def test_a_checkpoint_resumes_at_its_number() -> None:
    assert pager(kind="page", parameter="p", size=5).start({"number": 7}).parameters == {"p": 7}


@pytest.mark.parametrize("token", [None, "", False])
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


@pytest.mark.parametrize("headers", [{}, {"x-next": ""}])
def test_no_token_in_the_header_ends_a_listing(headers: dict[str, str]) -> None:
    cursors = pager(kind="cursor", header="X-Next")
    assert cursors.after(cursors.start(None), answer(5, headers=headers)) is None


def test_a_token_in_a_header_is_sent_back() -> None:
    cursors = pager(kind="cursor", header="X-Next", parameter="c")
    step = cursors.after(cursors.start(None), answer(2, {"next": "other"}, {"x-next": "t1"}))
    assert step == Step({"c": "t1"}, position={"token": "t1"})


@pytest.mark.parametrize(("more", "ends"), [(True, False), (False, True), (None, True), ("yes", False)])
def test_the_last_page_may_have_a_token_and_say_so(more: object, ends: bool) -> None:
    cursors = pager(kind="cursor", next="next", more="hasMore")
    assert (cursors.after(cursors.start(None), answer(1, {"next": "t", "hasMore": more})) is None) is ends


@pytest.mark.parametrize("places", [{}, {"next": "next", "header": "X-Next"}])
def test_a_token_stands_in_one_place(places: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="exactly one of them"):
        pager(kind="cursor", **places)


def test_the_kinds_are_found_by_name() -> None:
    assert {word: kind.__name__ for word, kind in discovered("connectors.paging", Paging, "kind").items()} == {
        "cursor": "CursorPaging",
        "link": "LinkPaging",
        "nextUrl": "NextUrlPaging",
        "none": "NoPaging",
        "offset": "OffsetPaging",
        "page": "PagePaging",
        "parts": "PartsPaging",
        "window": "WindowPaging",
    }


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


@pytest.mark.parametrize("found", [None, "", False, ...])
def test_no_address_ends_a_listing(found: object) -> None:
    pages = pager(kind="nextUrl", next="links.next")
    body = {} if found is ... else {"links": {"next": found}}
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


@given(
    kind=st.sampled_from(["page", "offset"]),
    total=st.integers(0, 60),
    size=st.integers(1, 9),
    promised=st.none() | st.integers(0, 100),
)
def test_counting_reads_every_record_whatever_the_total_says(
    kind: str, total: int, size: int, promised: int | None
) -> None:
    counted = pager(kind=kind, size=size, first=0, total="total")
    step: Step | None = counted.start(None)
    read: list[int] = []
    while step is not None:
        begin = int(step.parameters[kind]) * (size if kind == "page" else 1)
        records = range(total)[begin : begin + size]
        read += records
        step = counted.after(step, answer(len(records), {"total": promised}))
    assert read == list(range(total))


@given(
    kind=st.sampled_from(["page", "offset"]), total=st.integers(0, 60), size=st.integers(1, 9), cap=st.integers(1, 9)
)
def test_smaller_pages_than_were_asked_for_lose_nothing_where_the_total_is_known(
    kind: str, total: int, size: int, cap: int
) -> None:
    counted = pager(kind=kind, size=size, first=0, total="total")
    delivered = min(size, cap)
    step: Step | None = counted.start(None)
    read: list[int] = []
    while step is not None:
        begin = int(step.parameters[kind]) * (delivered if kind == "page" else 1)
        records = range(total)[begin : begin + delivered]
        read += records
        step = counted.after(step, answer(len(records), {"total": total}))
    assert read == list(range(total))
