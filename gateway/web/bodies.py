"""Bodies of requests: read up to a limit, inflated up to the same one, and decoded as JSON that says nothing twice."""

import json
import zlib
from collections.abc import AsyncIterator
from typing import Any

import orjson
from starlette.requests import Request

from gateway.web.refusals import Refusal

MAX_BODY = 1024 * 1024
"""Bytes of a request body, before it is inflated and after."""
_GZIP = 31
"""zlib's word for a gzip header."""


async def read_json(request: Request) -> Any:
    """What the body says; raises Refusal for another media type, a body that is too large and what is not JSON."""
    _check_media_type(request.headers.get("content-type", ""))
    encoding = request.headers.get("content-encoding", "").strip().lower()
    if encoding in ("", "identity"):
        body = await _read(request)
    elif encoding in ("gzip", "x-gzip"):
        body = await _inflated(request)
    else:
        raise Refusal("UNSUPPORTED_MEDIA_TYPE", f"send the body plain or by gzip, not by {encoding[:100]}")
    return decoded(body, "the body")


def decoded(text: bytes | str, what: str) -> Any:
    """JSON decoded; raises Refusal for what is none, and for an object that has a key twice.

    Of two equal keys one parser takes the first and the next one the last, so whatever checked the request before us
    may have read another one.
    """
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Refusal("INVALID_JSON", f"{what} is not JSON: {error}") from error
    try:
        _ONCE.decode(text if isinstance(text, str) else text.decode())
    except _Twice as twice:
        raise Refusal("INVALID_JSON", f"{what} has the key {twice.key[:100]!r} twice") from None
    except (ValueError, RecursionError) as error:
        raise Refusal("INVALID_JSON", f"{what} is nested too deeply, or holds a number that is too long") from error
    return value


class _Twice(Exception):
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def _once(pairs: list[tuple[str, Any]]) -> None:
    seen = set[str]()
    for key, _ in pairs:
        if key in seen:
            raise _Twice(key)
        seen.add(key)


_ONCE = json.JSONDecoder(object_pairs_hook=_once)


def _check_media_type(header: str) -> None:
    media_type, *parameters = (part.strip().lower() for part in header.split(";"))
    if media_type != "application/json":
        found = media_type or "nothing"
        raise Refusal("UNSUPPORTED_MEDIA_TYPE", f"send Content-Type: application/json, not {found[:100]}")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset" and value.strip().strip('"') not in ("utf-8", "utf8"):
            raise Refusal("UNSUPPORTED_MEDIA_TYPE", f"send JSON in UTF-8, not in {value[:100]}")


async def _read(request: Request) -> bytes:
    read = bytearray()
    async for chunk in _chunks(request):
        read += chunk
    return bytes(read)


async def _chunks(request: Request) -> AsyncIterator[bytes]:
    """The body as it was sent, which ends with a Refusal where it becomes too large."""
    stated = request.headers.get("content-length", "")
    if stated.isdecimal() and len(stated) < 20 and int(stated) > MAX_BODY:
        raise Refusal("BODY_TOO_LARGE", f"a body may have {MAX_BODY} bytes, this one has {stated}")
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BODY:
            raise Refusal("BODY_TOO_LARGE", f"a body may have {MAX_BODY} bytes, this one has more")
        yield chunk


async def _inflated(request: Request) -> bytes:
    """The body without its compression; one byte more than is allowed is inflated at most."""
    inflating, read = zlib.decompressobj(_GZIP), bytearray()
    try:
        async for chunk in _chunks(request):
            read += inflating.decompress(chunk, MAX_BODY + 1 - len(read))
            if len(read) > MAX_BODY:
                raise Refusal("BODY_TOO_LARGE", f"a body may have {MAX_BODY} bytes, this one inflates to more")
    except zlib.error as error:
        raise Refusal("INVALID_ENCODING", f"the body is not gzip: {error}") from error
    if not inflating.eof or inflating.unused_data:
        raise Refusal("INVALID_ENCODING", "the body must be one whole member of gzip and nothing behind it")
    return bytes(read)
