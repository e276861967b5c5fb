"""An ASGI app that does everything a platform must not, one thing at a time; `hostile.yaml` is its manifest.

Every behavior answers `/lessons`. Those in `ANSWERS` spoil the whole answer; those in `RECORDS` put spoiled records
between two that are sound, whose ids are `first` and `last`.
"""

import asyncio
import gzip
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import parse_qs

import orjson

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
Headers = Mapping[str, str]
JSON: Headers = {"content-type": "application/json"}
METADATA = "http://169.254.169.254/latest/meta-data/"


def sound(name: str | float, **more: Any) -> dict[str, Any]:
    """A record with nothing wrong, but for what is given."""
    return {"id": name, "title": f"课程 {name}", "updated": "2024-03-01T08:00:00+08:00", **more}


class Hostile:
    """Behaves as `behavior` says; `scale` is the size of what is large, in bytes or entries.

    `asked` holds the path and query of every request, and `token` the credential of the last.
    """

    def __init__(self, behavior: str, *, scale: int = 1_000_000) -> None:
        self.behavior, self.scale = behavior, scale
        self.asked: list[str] = []
        self.token = ""

    async def __call__(self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Send) -> None:
        """Answer one request."""
        del receive
        query = scope["query_string"].decode()
        self.asked.append(scope["path"] + (f"?{query}" if query else ""))
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.token = headers.get("authorization", "").removeprefix("Bearer ")
        page = int(parse_qs(query).get("page", ["1"])[0])
        if self.behavior in RECORDS:
            await _whole(send, _listed(RECORDS[self.behavior](self)))
        else:
            await ANSWERS[self.behavior](self, page, send)


async def _whole(send: Send, body: bytes, status: int = 200, headers: Headers = JSON) -> None:
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})


def _listed(written: list[bytes]) -> bytes:
    first, last = orjson.dumps(sound("first")), orjson.dumps(sound("last"))
    return b'{"items":[' + b",".join([first, *written, last]) + b"]}"


async def _drip(_: Hostile, __: int, send: Send) -> None:
    """A byte now and then, for ever."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    while True:
        await send({"type": "http.response.body", "body": b" ", "more_body": True})
        await asyncio.sleep(0.01)


async def _hang(_: Hostile, __: int, send: Send) -> None:
    """Nothing at all."""
    del send
    await asyncio.Event().wait()


async def _reset(_: Hostile, __: int, send: Send) -> None:
    """Half an answer, then the connection breaks."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b'{"items": [', "more_body": True})
    raise ConnectionResetError


async def _endless(_: Hostile, page: int, send: Send) -> None:
    """Always another page with other records."""
    await _whole(send, orjson.dumps({"items": [sound(f"r{page}")], "next": f"/lessons?page={page + 1}"}))


async def _circle(_: Hostile, page: int, send: Send) -> None:
    """Pages that lead back to the second."""
    await _whole(send, orjson.dumps({"items": [sound(f"r{page}")], "next": f"/lessons?page={page % 3 + 1}"}))


async def _same(_: Hostile, page: int, send: Send) -> None:
    """Ever new addresses of the same page."""
    await _whole(send, orjson.dumps({"items": [sound("r")], "next": f"/lessons?page={page + 1}"}))


async def _astray(_: Hostile, __: int, send: Send) -> None:
    """A next page at the metadata service of the cloud."""
    await _whole(send, orjson.dumps({"items": [sound("r")], "next": METADATA}))


async def _long_address(hostile: Hostile, __: int, send: Send) -> None:
    """A next page whose address does not end."""
    await _whole(send, orjson.dumps({"items": [], "next": "https://evil" + "x" * hostile.scale + ".example/"}))


async def _redirect(_: Hostile, __: int, send: Send) -> None:
    """A redirect to the metadata service of the cloud."""
    await _whole(send, b"", 302, {"location": METADATA})


async def _echo(hostile: Hostile, __: int, send: Send) -> None:
    """The credential in the words of an error."""
    words = f"bad token {hostile.token} \x1b[31m\x00 {hostile.token}"
    await _whole(send, orjson.dumps({"error": words + "!" * hostile.scale}))


async def _echo_type(hostile: Hostile, __: int, send: Send) -> None:
    """The credential as the type of a body that is none."""
    await _whole(send, b"?", 200, {"content-type": f"x/{hostile.token}"})


async def _bomb(hostile: Hostile, __: int, send: Send) -> None:
    """A small body that becomes a large one."""
    await _whole(send, gzip.compress(b" " * hostile.scale * 32), 200, {**JSON, "content-encoding": "gzip"})


def _body(make: Callable[[Hostile], bytes], headers: Headers = JSON) -> Callable[[Hostile, int, Send], Awaitable[None]]:
    async def answer(hostile: Hostile, _: int, send: Send) -> None:
        await _whole(send, make(hostile), 200, headers)

    return answer


def _title(written: bytes) -> Callable[[Hostile], bytes]:
    return lambda _: b'{"items": [{"id": "r", "title": ' + written + b"}]}"


ANSWERS: Mapping[str, Callable[[Hostile, int, Send], Awaitable[None]]] = {
    "drip": _drip,
    "hang": _hang,
    "reset": _reset,
    "endless": _endless,
    "circle": _circle,
    "same": _same,
    "astray": _astray,
    "longAddress": _long_address,
    "redirect": _redirect,
    "echo": _echo,
    "echoType": _echo_type,
    "bomb": _bomb,
    "large": _body(lambda hostile: b'{"items": []' + b" " * hostile.scale * 32 + b"}"),
    "notGzip": _body(lambda _: b'{"items": []}', {**JSON, "content-encoding": "gzip"}),
    "html": _body(lambda _: b"<!DOCTYPE html><script>steal()</script>", {"content-type": "text/html"}),
    "gbk": _body(lambda _: '{"items": [{"id": "r", "title": "课程"}]}'.encode("gbk")),
    "surrogate": _body(_title(rb'"\ud800"')),
    "rawSurrogate": _body(_title(b'"\xed\xa0\x80"')),
    "nan": _body(_title(b"NaN")),
    "infinite": _body(_title(b"1e999")),
    "deepest": _body(lambda hostile: b'{"items": ' + b"[" * hostile.scale + b"]" * hostile.scale + b"}"),
    "truncated": _body(lambda _: b'{"items": [{"id": "r"'),
    "noList": _body(lambda _: b'{"items": {"length": 1}}'),
    "nextIsNoText": _body(lambda _: b'{"items": [], "next": {"href": "/lessons?page=2"}}'),
}
"""What spoils a whole answer."""


def _records(*records: Any) -> Callable[[Hostile], list[bytes]]:
    return lambda _: [orjson.dumps(record) for record in records]


RECORDS: Mapping[str, Callable[[Hostile], list[bytes]]] = {
    "duplicates": _records(sound("twin"), sound("twin", title="另一个")),
    "nested": lambda _: [b'{"id":"deep","title":"t","a":' + b"[" * 900 + b"]" * 900 + b"}", b"[" * 600 + b"]" * 600],
    "longText": lambda hostile: [
        orjson.dumps(sound("longTitle", title="长" * hostile.scale)),
        orjson.dumps(sound("longSummary", summary="<b>" * hostile.scale)),
        orjson.dumps(sound("x" * hostile.scale)),
        orjson.dumps({"x" * hostile.scale: 1}),
    ],
    "nul": _records(sound("nulTitle", title="a\0b"), sound("nul\0id"), {"a\0b": 1, "id": "nulKey"}),
    "script": _records(
        sound("script", title="<script>alert(1)</script>标题", summary="<script>alert(1)</script><p>好</p>")
    ),
    "echoes": lambda hostile: [
        orjson.dumps(sound("echoTitle", title=f"课 {hostile.token}")),
        orjson.dumps(sound("echoBad", updated=hostile.token)),
        orjson.dumps(sound(hostile.token, title="")),
        orjson.dumps(sound("echoWord", stage=hostile.token)),
    ],
    "paths": _records(sound("../../etc/passwd"), sound(".."), sound("a/../b?c#d")),
    "numbers": _records(
        sound("negative", minutes=-5),
        sound("huge", minutes=1e308),
        sound("words", minutes="１０" * 5_000),
        sound(10**18, minutes=10),
        sound(-1),
        sound(1.5),
    ),
    "dates": _records(
        *(
            sound(f"date{number}", updated=written)
            for number, written in enumerate(
                (
                    "0000-01-01T00:00:00Z",
                    "10000-01-01T00:00:00Z",
                    "9999-12-31T23:59:59-23:59",
                    "0001-01-01T00:00:00+14:00",
                    -1,
                )
            )
        )
    ),
    "lists": lambda hostile: [
        orjson.dumps(sound("manyWords", keywords=[f"词{number}" for number in range(hostile.scale)])),
        orjson.dumps(sound("manySubjects", subjects=[f"学科{number}" for number in range(hostile.scale)])),
        b'{"id":"manyKeys","title":"t",'
        + b",".join(b'"k%d":1' % number for number in range(hostile.scale // 10))
        + b"}",
    ],
    "strangers": _records(None, 5, "text", [], True, {}, {"id": {}, "title": []}, {"id": [1], "title": {"a": 1}}),
    "deletions": _records({"id": "gone", "state": "deleted"}, {"id": "a\0b", "state": "deleted"}, {"state": "deleted"}),
}
"""What spoils single records."""
