"""Encoded bodies come out as they went in, never larger than allowed."""

import gzip
import os
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.transport.inflation import MOST_MEMBERS, EncodingError, TooLargeError, body_for


def deflated(data: bytes, window: int) -> bytes:
    squeezer = zlib.compressobj(wbits=window)
    return squeezer.compress(data) + squeezer.flush()


def fed(encoding: str, data: bytes, step: int, limit: int = 1 << 20) -> bytes:
    body = body_for(encoding, limit)
    for start in range(0, len(data), step):
        body.feed(data[start : start + step])
    return body.finish()


@given(st.binary(max_size=2000), st.integers(1, 300))
def test_every_encoding_is_undone_however_the_bytes_are_cut(data: bytes, step: int) -> None:
    assert fed("", data, step) == data
    assert fed("identity", data, step) == data
    assert fed("GZip", gzip.compress(data), step) == data
    assert fed("x-gzip", gzip.compress(data) + gzip.compress(data), step) == data * 2
    assert fed("deflate", deflated(data, 15), step) == data


def test_a_raw_deflate_stream_is_undone() -> None:
    assert fed("deflate", deflated("勾股定理".encode() * 100, -15), 7) == "勾股定理".encode() * 100


@given(st.integers(0, 3000), st.integers(1, 2000), st.integers(1, 300))
def test_exactly_the_limit_is_allowed(size: int, limit: int, step: int) -> None:
    for encoding, data in (("", bytes(size)), ("gzip", gzip.compress(bytes(size)))):
        if size <= limit:
            assert fed(encoding, data, step, limit) == bytes(size)
        else:
            with pytest.raises(TooLargeError):
                fed(encoding, data, step, limit)


@given(st.binary(min_size=1, max_size=300), st.data())
def test_a_stream_that_is_cut_short_is_refused(data: bytes, drawn: st.DataObject) -> None:
    whole = gzip.compress(data)
    with pytest.raises(EncodingError):
        fed("gzip", whole[: drawn.draw(st.integers(1, len(whole) - 1))], 50)


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "nonsense"])
def test_an_encoding_that_was_not_asked_for_is_refused(encoding: str) -> None:
    with pytest.raises(EncodingError):
        body_for(encoding, 100)


def test_a_body_has_so_many_members_and_no_more() -> None:
    some = gzip.compress("山海".encode()) * MOST_MEMBERS
    assert fed("gzip", some, len(some)) == "山海".encode() * MOST_MEMBERS
    for step in (7, len(some) * 2):
        with pytest.raises(EncodingError):
            fed("gzip", some + gzip.compress(b""), step)


@pytest.mark.parametrize(("encoding", "member"), [("gzip", gzip.compress(b"")), ("deflate", deflated(b"", -15))])
def test_members_with_nothing_in_them_count_too(encoding: str, member: bytes) -> None:
    assert fed(encoding, member * MOST_MEMBERS, 1 << 20) == b""
    with pytest.raises(EncodingError):
        fed(encoding, member * (MOST_MEMBERS + 1), 1 << 20)


def test_a_large_piece_is_inflated_whole() -> None:
    data = os.urandom(500_000)
    assert fed("gzip", gzip.compress(data) * 2, 1 << 20) == data * 2


def test_no_bytes_at_all_are_an_empty_body() -> None:
    assert fed("gzip", b"", 1) == b""
