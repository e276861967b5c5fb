"""Undoing content encodings piece by piece, so that a small body cannot become a huge one."""

import zlib
from typing import Protocol

GZIP_WINDOW, ZLIB_WINDOW, RAW_WINDOW = 31, 15, -15
MOST_MEMBERS = 1_000
"""Of one body; bgzip writes one for every 64 KB."""
_PIECE = 1 << 16


class TooLargeError(Exception):
    """More bytes than allowed."""


class EncodingError(Exception):
    """Bytes that are not what the content encoding says."""


class Body(Protocol):
    """Collects the bytes of an answer and refuses more than it may hold."""

    def feed(self, data: bytes) -> None:
        """Take the next piece as it came over the wire."""
        ...

    def finish(self) -> bytes:
        """The whole decoded body."""
        ...


class PlainBody:
    """A body that is not encoded."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._data = bytearray()

    def feed(self, data: bytes) -> None:
        """Keep `data`; raises `TooLargeError` past the limit."""
        self._data += data
        if len(self._data) > self._limit:
            raise TooLargeError

    def finish(self) -> bytes:
        """The bytes as they came."""
        return bytes(self._data)


class DeflatedBody:
    """A gzip or deflate body of at most `MOST_MEMBERS`, inflated to at most one byte more than allowed."""

    def __init__(self, limit: int, *, gzip: bool) -> None:
        self._plain = PlainBody(limit)
        self._limit = limit
        self._gzip = gzip
        self._inflater: zlib._Decompress | None = None
        self._members = 0

    def feed(self, data: bytes) -> None:
        """Inflate `data`; raises `TooLargeError` past the limit and `EncodingError` for anything but the encoding."""
        # what follows a member is copied, so a member may cost as much as a piece is long
        for start in range(0, len(data), _PIECE):
            self._inflate(data[start : start + _PIECE])

    def finish(self) -> bytes:
        """The inflated bytes, none where none came; raises `EncodingError` when the stream is cut short."""
        if self._inflater is not None:
            raise EncodingError
        return self._plain.finish()

    def _inflate(self, data: bytes) -> None:
        while data:
            if self._inflater is None:
                self._inflater = self._next_member(data[0])
            room = self._limit - len(self._plain._data) + 1
            try:
                self._plain.feed(self._inflater.decompress(data, room))
            except zlib.error:
                raise EncodingError from None
            data = self._inflater.unconsumed_tail or self._inflater.unused_data
            if self._inflater.eof:
                self._inflater = None

    def _next_member(self, first: int) -> "zlib._Decompress":
        self._members += 1
        if self._members > MOST_MEMBERS:
            raise EncodingError
        return zlib.decompressobj(self._window(first))

    def _window(self, first: int) -> int:
        if self._gzip:
            return GZIP_WINDOW
        # "deflate" means zlib, but many servers send the raw stream
        return ZLIB_WINDOW if first & 0x0F == zlib.DEFLATED else RAW_WINDOW


def body_for(content_encoding: str, limit: int) -> Body:
    """The collector for a content encoding; raises `EncodingError` for one that was never asked for."""
    match content_encoding.strip().lower():
        case "" | "identity":
            return PlainBody(limit)
        case "gzip" | "x-gzip":
            return DeflatedBody(limit, gzip=True)
        case "deflate":
            return DeflatedBody(limit, gzip=False)
        case _:
            raise EncodingError
