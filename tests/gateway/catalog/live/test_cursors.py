"""Cursors of live walks: what was written is read back, and nothing else is."""

import base64
import zlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.catalog import ResourceFilter, ResourceSort, SearchRequest
from gateway.catalog.cursors import fingerprint
from gateway.catalog.live.given import places_and_marks, unpacked
from gateway.catalog.live.walks import MOST_GIVEN, OF_CATALOG, Kind, Walk, decoded, entry, mark, read_walk
from gateway.errors import CursorInvalid

REQUEST = SearchRequest("勾股", ResourceFilter(reviewed=None), ResourceSort.NEWEST)


@st.composite
def walks(draw: st.DrawFn) -> Walk:
    codes = draw(st.lists(st.text("abcdefgh", min_size=1, max_size=9), max_size=12, unique=True))
    walk = Walk.begin(Kind.MIXED, REQUEST, codes)
    places = [*range(len(walk.platforms)), OF_CATALOG]
    entries = draw(st.lists(st.tuples(st.sampled_from(places), st.integers(0, (1 << 24) - 1)), max_size=30))
    position = draw(st.text("AZaz09-_", max_size=120))
    return replace(walk, entries=b"".join(entry(*each) for each in sorted(entries)), position=position)


@given(walks())
def test_a_cursor_reads_back_as_it_was_written(walk: Walk) -> None:
    assert decoded(str(walk)) == walk
    assert read_walk(replace(REQUEST, after=str(walk)), Kind.MIXED) == walk
    assert sum(map(len, walk.given().values())) <= len(walk.entries) // 4


@given(walks(), walks())
def test_a_cursor_of_a_later_page_holds_both_and_is_shorter_than_the_entries(walk: Walk, more: Walk) -> None:
    earlier = decoded(str(walk))
    assert earlier is not None
    added = [each for each in more.entries[::4] if each < len(walk.platforms)]
    entries = [entry(place, number) for number, place in enumerate(added)]
    for count, cursor in enumerate(earlier.cursors(entries), start=1):
        later = decoded(cursor)
        assert later is not None
        assert (later.platforms, later.position) == (walk.platforms, walk.position)
        assert sorted(places_and_marks(later.entries)) == sorted(
            places_and_marks(walk.entries + b"".join(entries[:count]))
        )
        assert decoded(str(later)) == later


@given(walks(), st.lists(st.text("xyz", min_size=1), max_size=4))
def test_platforms_that_join_a_walk_move_nothing_that_was_given(walk: Walk, codes: list[str]) -> None:
    earlier = decoded(str(walk))
    assert earlier is not None
    joined = earlier.listing(codes)
    assert joined.given() == walk.given()
    assert decoded(str(joined)) == joined


@given(st.binary(max_size=200), st.integers(0, 5), st.integers(0, 60))
def test_what_was_never_packed_is_refused_or_within_bounds(text: bytes, places: int, most: int) -> None:
    try:
        entries = unpacked(text, places, most)
    except ValueError:
        return
    assert len(entries) <= 4 * most
    assert all(place < places for place in entries[::4])


def test_nothing_inflates_beyond_what_was_allowed() -> None:
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    bomb = deflate.compress(bytes(10_000_000)) + deflate.flush()
    assert len(bomb) < 10_000
    with pytest.raises(ValueError, match="the parts do not fit"):
        unpacked(bomb, 3, MOST_GIVEN)


def test_cursors_of_the_form_before_are_refused() -> None:
    body = b"L\0" + bytes.fromhex(fingerprint(REQUEST)) + b"\0\0"
    text = base64.urlsafe_b64encode(body + zlib.crc32(body).to_bytes(4, "big")).rstrip(b"=").decode()
    with pytest.raises(CursorInvalid, match="is no cursor of a live search"):
        read_walk(replace(REQUEST, after=text), Kind.LIVE)


@given(walks(), st.data())
def test_a_damaged_cursor_is_refused(walk: Walk, data: st.DataObject) -> None:
    text = str(walk)
    packed = bytearray(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    packed[data.draw(st.integers(0, len(packed) - 1))] ^= data.draw(st.integers(1, 255))
    damaged = base64.urlsafe_b64encode(packed).rstrip(b"=").decode()
    for wrong in (damaged, text[:-3], text[3:], text + "AAAA"):
        with pytest.raises(CursorInvalid, match="after: this text"):
            read_walk(replace(REQUEST, after=wrong), Kind.MIXED)


@given(st.text(max_size=60))
def test_text_that_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(CursorInvalid, match="is no cursor of a live search"):
        read_walk(replace(REQUEST, after=text), Kind.LIVE)


def test_the_marks_of_a_walk_tell_platforms_and_records_apart() -> None:
    walk = Walk.begin(Kind.LIVE, REQUEST).listing(["a", "b", "a"])
    assert [walk.place("a"), walk.place("b")] == [0, 1]
    assert walk.listing(["b"]) is walk
    given = replace(walk, entries=entry(0, mark("n1")) + entry(1, mark("n2")) + entry(OF_CATALOG, 7))
    assert given.given() == {mark("a"): {mark("n1")}, mark("b"): {mark("n2")}, OF_CATALOG: {7}}
    assert given.count == 2
    assert given.live_entries == given.entries[:8]
