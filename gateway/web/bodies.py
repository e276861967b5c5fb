"""Bodies of requests: read up to a limit, inflated up to the same one, and decoded as JSON that says nothing twice."""

import json
import re
import zlib
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request

from gateway.web.refusals import Refusal

MAX_BODY = 1024 * 1024
"""Bytes of a request body, before it is inflated and after."""
LONGEST_COUNTED = 4_300
"""Bytes of a body whose keys are counted; no number in it can have more digits than Python reads."""
DEEPEST_COUNTED = 32
_KEY_ENDS, _KEY_ENDS_OF_TEXT = re.compile(rb'"\s*:'), re.compile(r'"\s*:')
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
    if _says_nothing_twice(text, value):
        return value
    try:
        _ONCE.decode(text if isinstance(text, str) else text.decode())
    except _Twice as twice:
        raise Refusal("INVALID_JSON", f"{what} has the key {twice.key[:100]!r} twice") from None
    except (ValueError, RecursionError) as error:
        raise Refusal("INVALID_JSON", f"{what} is nested too deeply, or holds a number that is too long") from error
    return value


def _says_nothing_twice(text: bytes | str, value: Any) -> bool:
    """Whether that is plain without a second parser: no key was lost where there are as many as ends of keys.

    What looks like the end of a key may stand within a text too. Long bodies, and such as are nested deeply, are left
    to the parser, which has limits of its own.
    """
    if len(text) > LONGEST_COUNTED:
        return False
    ends = _KEY_ENDS.findall(text) if isinstance(text, bytes) else _KEY_ENDS_OF_TEXT.findall(text)
    try:
        return _keys(value, DEEPEST_COUNTED) == len(ends)
    except RecursionError:
        return False


def _keys(value: Any, deep: int) -> int:
    """Keys of all objects in a value."""
    if not deep:
        raise RecursionError
    if isinstance(value, list):
        return sum(_keys(each, deep - 1) for each in value)
    if not isinstance(value, dict):
        return 0
    count = len(value)
    for each in value.values():
        if isinstance(each, (dict, list)):
            count += _keys(each, deep - 1)
    return count


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
    if header == "application/json":
        return
    media_type, *parameters = (part.strip().lower() for part in header.split(";"))
    if media_type != "application/json":
        found = media_type or "nothing"
        raise Refusal("UNSUPPORTED_MEDIA_TYPE", f"send Content-Type: application/json, not {found[:100]}")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset" and value.strip().strip('"') not in ("utf-8", "utf8"):
            raise Refusal("UNSUPPORTED_MEDIA_TYPE", f"send JSON in UTF-8, not in {value[:100]}")


async def _read(request: Request) -> bytes:
    chunk, more = await _chunk(request, 0)
    if not more:
        return chunk
    read = bytearray(chunk)
    while more:
        chunk, more = await _chunk(request, len(read))
        read += chunk
    return bytes(read)


async def _chunk(request: Request, before: int) -> tuple[bytes, bool]:
    """The next part of the body as it was sent, and whether there are more.

    Raises Refusal where it becomes too large with those before, and ClientDisconnect where the client has gone.
    """
    stated = request.headers.get("content-length", "")
    if stated.isdecimal() and len(stated) < 20 and int(stated) > MAX_BODY:
        raise Refusal("BODY_TOO_LARGE", f"a body may have {MAX_BODY} bytes, this one has {stated}")
    message = await request.receive()
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    chunk: bytes = message.get("body", b"")
    if before + len(chunk) > MAX_BODY:
        raise Refusal("BODY_TOO_LARGE", f"a body may have {MAX_BODY} bytes, this one has more")
    return chunk, message.get("more_body", False)


async def _inflated(request: Request) -> bytes:
    """The body without its compression; one byte more than is allowed is inflated at most."""
    inflating, read, sent, more = zlib.decompressobj(_GZIP), bytearray(), 0, True
    try:
        while more:
            chunk, more = await _chunk(request, sent)
            sent += len(chunk)
            read += inflating.decompress(chunk, MAX_BODY + 1 - len(read))
            if len(read) > MAX_BODY:
                raise Refusal("BODY_TOO_LARGE", f"a body may have {MAX_BODY} bytes, this one inflates to more")
    except zlib.error as error:
        raise Refusal("INVALID_ENCODING", f"the body is not gzip: {error}") from error
    if not inflating.eof or inflating.unused_data:
        raise Refusal("INVALID_ENCODING", "the body must be one whole member of gzip and nothing behind it")
    return bytes(read)
