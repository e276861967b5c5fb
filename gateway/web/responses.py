"""JSON answers with the headers that every one of them carries, compressed where the client takes it."""

import functools
import hashlib
import zlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from gateway.web.negotiation import accepted, quality

SMALLEST_COMPRESSED = 1_400
"""Bytes below which an answer fits into one packet anyway."""
_LEVEL, _GZIP = 4, 31
"""Level 4 takes a third of the time of level 9 and leaves a twentieth more; 31 is zlib's word for a gzip header."""
REQUEST_ID = "X-Request-Id"
MOST_SQUEEZED = 16 * 2**20
"""Bytes of compressed answers that a process holds beside those that are kept."""
VARY = "Accept, Accept-Encoding, Authorization, Shanhai-Purpose, Shanhai-Cost"


def refused(code: str, message: str, identifier: str, *, retryable: bool = False) -> dict[str, Any]:
    """The body of a request that never reached the graph."""
    extensions = {"code": code, "platform": None, "retryable": retryable, "traceId": identifier}
    return {"errors": [{"message": message, "extensions": extensions}]}


def common_headers(identifier: str) -> dict[str, str]:
    """Headers of every answer, whatever it is."""
    return {REQUEST_ID: identifier, "Vary": VARY, "X-Content-Type-Options": "nosniff"}


_COMMON = tuple(
    (name.lower().encode("latin-1"), value.encode("latin-1"))
    for name, value in common_headers("").items()
    if name != REQUEST_ID
)


def json_response(
    body: object,
    media_type: str,
    status: int,
    identifier: str,
    headers: Mapping[str, str] | None = None,
    accept_encoding: str | None = None,
    squeeze: Callable[[bytes], bytes] | None = None,
) -> Response:
    """A JSON answer that carries the request id; `body` is what is to be encoded, or bytes that are already.

    `squeeze` compresses it where that is not to be done anew.
    """
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    raw = [(b"x-request-id", identifier.encode("latin-1")), *_COMMON]
    for name, value in (headers or {}).items():
        raw.append((_name(name), value.encode("latin-1")))
    if len(content) >= SMALLEST_COMPRESSED and takes_gzip(accept_encoding):
        content = (squeeze or compressed)(content)
        raw.append((b"content-encoding", b"gzip"))
    raw.append((b"content-length", b"%d" % len(content)))
    raw.append((b"content-type", _labels(media_type)))
    return _Encoded(content, status, raw)


class _Encoded(Response):
    """A response whose headers are encoded already."""

    def __init__(self, content: bytes, status: int, raw_headers: list[tuple[bytes, bytes]]) -> None:
        self.status_code, self.body, self.raw_headers, self.background = status, content, raw_headers, None


@functools.lru_cache(maxsize=64)
def _name(name: str) -> bytes:
    """The name of a header as it is sent; all of them are ours."""
    return name.lower().encode("latin-1")


@functools.lru_cache(maxsize=8)
def _labels(media_type: str) -> bytes:
    return f"{media_type}; charset=utf-8".encode("latin-1")


def revalidated(request: Request, content: bytes, media_type: str, headers: Mapping[str, str]) -> Response:
    """Content of a page under its ETag, or 304 for a client that has it."""
    tag = _tag(content)
    sent = {**headers, "ETag": tag}
    known = {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}
    if tag in known or "*" in known:
        return Response(status_code=304, headers=sent)
    return Response(content, media_type=media_type, headers=sent)


@functools.lru_cache(maxsize=64)
def _tag(content: bytes) -> str:
    """Of the few contents that are the same as long as the process lives."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def takes_gzip(accept_encoding: str | None) -> bool:
    """Whether a client reads gzip, and not rather the plain answer."""
    if not accept_encoding:
        return False
    qualities = dict(accepted(accept_encoding))
    gzip = quality(qualities, "gzip", "x-gzip", "*")
    return gzip > 0 and gzip >= qualities.get("identity", 0.0)


class Squeezed:
    """Answers that were compressed already, by the names of those that are kept; it takes longer than all else of them.

    It holds so many bytes at most; what was not asked for longest makes way.
    """

    def __init__(self, most_bytes: int = MOST_SQUEEZED) -> None:
        self._most, self._bytes = most_bytes, 0
        self._known: OrderedDict[str, bytes] = OrderedDict()

    def of(self, name: str, content: bytes) -> bytes:
        """The content of this name, compressed."""
        known = self._known.get(name)
        if known is not None:
            self._known.move_to_end(name)
            return known
        made = self._known[name] = compressed(content)
        self._bytes += len(made)
        while self._bytes > self._most:
            _, dropped = self._known.popitem(last=False)
            self._bytes -= len(dropped)
        return made


def compressed(content: bytes) -> bytes:
    """The content as one gzip member without a time of its own, so that equal answers are equal."""
    squeezing = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
    return squeezing.compress(content) + squeezing.flush()
