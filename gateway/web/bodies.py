"""Bodies of requests: read up to limits of size and time, inflated up to the same, decoded as JSON that says nothing
twice."""

import asyncio
import json
import re
import zlib
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request

from gateway.web.refusals import Refusal

MAX_BODY = 1024 * 1024
"""Bytes of a request body, before it is inflated and after."""
SECONDS = 30.0
"""Seconds until a body has come."""
MOST_DISCARDED = 16 * MAX_BODY
"""Bytes of a refused body that are read, since many clients read no answer before they have sent everything."""
LONGEST_COUNTED = 4_300
"""Bytes of a body whose keys are counted; no number in it can have more digits than Python reads."""
DEEPEST_COUNTED = 32
_KEY_ENDS, _KEY_ENDS_OF_TEXT = re.compile(rb'"\s*:'), re.compile(r'"\s*:')
_GZIP = 31
"""zlib's word for a gzip header."""


async def read_json(request: Request, seconds: float = SECONDS) -> Any:
    """What the body says; raises Refusal for another media type, what is too large or late, and what is not JSON."""
    sent, refusal = _Sent(request), None
    try:
        async with asyncio.timeout(seconds):
            try:
                body = await _plain(sent)
            except Refusal as error:
                refusal = error
                await sent.discard()
    except TimeoutError:
        message = f"a body must have come within {seconds:g} s"
        refusal = refusal or Refusal("BODY_TIMEOUT", message, {"Connection": "close"})
    if refusal is not None:
        raise refusal
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


class _Sent:
    """A body as it is sent, part by part."""

    def __init__(self, request: Request) -> None:
        self.headers, self.more = request.headers, True
        self._receive, self._bytes = request.receive, 0

    async def part(self) -> bytes:
        """The next part; raises Refusal where it becomes too large with those before."""
        stated = self._stated()
        if stated > MAX_BODY:
            raise Refusal("BODY_TOO_LARGE", f"a body may have {MAX_BODY} bytes, this one has {stated}")
        part = await self._next()
        if self._bytes > MAX_BODY:
            raise Refusal("BODY_TOO_LARGE", f"a body may have {MAX_BODY} bytes, this one has more")
        return part

    async def discard(self) -> None:
        """Read what is still to come and keep nothing, unless it is very much or the client waits for our word."""
        if self._stated() > MOST_DISCARDED or "expect" in self.headers:
            return
        while self.more and self._bytes <= MOST_DISCARDED:
            await self._next()

    async def _next(self) -> bytes:
        """The next part; raises ClientDisconnect where the client has gone."""
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        part: bytes = message.get("body", b"")
        self._bytes += len(part)
        self.more = message.get("more_body", False)
        return part

    def _stated(self) -> int:
        stated = self.headers.get("content-length", "")
        return int(stated) if stated.isdecimal() and len(stated) < 20 else 0


async def _plain(sent: _Sent) -> bytes:
    """The body without its compression."""
    _check_media_type(sent.headers.get("content-type", ""))
    encoding = sent.headers.get("content-encoding", "").strip().lower()
    if encoding in ("", "identity"):
        return await _read(sent)
    if encoding in ("gzip", "x-gzip"):
        return await _inflated(sent)
    raise Refusal("UNSUPPORTED_MEDIA_TYPE", f"send the body plain or by gzip, not by {encoding[:100]}")


async def _read(sent: _Sent) -> bytes:
    first, rest = await sent.part(), bytearray()
    while sent.more:
        rest += await sent.part()
    return first + rest if rest else first


async def _inflated(sent: _Sent) -> bytes:
    """One byte more than is allowed is inflated at most."""
    inflating, read = zlib.decompressobj(_GZIP), bytearray()
    try:
        while sent.more:
            read += inflating.decompress(await sent.part(), MAX_BODY + 1 - len(read))
            if len(read) > MAX_BODY:
                raise Refusal("BODY_TOO_LARGE", f"a body may have {MAX_BODY} bytes, this one inflates to more")
            if inflating.unused_data:  # it grows with every part, and would be copied each time
                break
    except zlib.error as error:
        raise Refusal("INVALID_ENCODING", f"the body is not gzip: {error}") from error
    if not inflating.eof or inflating.unused_data:
        raise Refusal("INVALID_ENCODING", "the body must be one whole member of gzip and nothing behind it")
    return bytes(read)
