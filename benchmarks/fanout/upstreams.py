"""Five platforms that answer searches with 20 records of 15 fields each, cheaply; one of them can hang.

`python -m benchmarks.fanout.upstreams PORT[,PORT…] --delay SECONDS`: a bare protocol, so that the servers cost the
measured gateway nothing. The query of a request stands in every title and id, so that answers differ.
"""

import argparse
import asyncio
from functools import partial
from urllib.parse import parse_qs, unquote, urlsplit

import orjson

RECORDS = 20
NAMES = ("alpha", "beta", "gamma", "delta", "epsilon")
_MARK = "@@QUERY@@"
_SUBJECTS = ("数学", "语文", "英语", "物理", "化学")
_STAGES = ("小学", "初中", "高中")


def page(name: str, records: int = RECORDS) -> bytes:
    """A page of a platform's search, with a mark in place of the query."""
    items = [
        {
            "id": f"{name}-{_MARK}-{number}",
            "title": f"{_MARK}的第{number}课：{_SUBJECTS[number % 5]}课堂实录",
            "summary": f"围绕{_MARK}展开的第{number}次课，包含导入、探究、练习与小结四个环节。",
            "type": "课程",
            "stage": _STAGES[number % 3],
            "subject": _SUBJECTS[number % 5],
            "language": "zh",
            "url": f"https://{name}.example/lessons/{number}",
            "cover": f"https://{name}.example/covers/{number}.jpg",
            "school": f"第{number}中学",
            "teacher": f"王老师{number}",
            "createdAt": f"2026-0{number % 9 + 1}-12T08:00:00+08:00",
            "updatedAt": f"2026-0{number % 9 + 1}-13T08:00:00+08:00",
            "seconds": 2400 + number,
            "views": number * 17,
        }
        for number in range(records)
    ]
    return orjson.dumps({"total": 240, "items": items})


class Platform(asyncio.Protocol):
    """One connection to one platform."""

    hanging = False

    def __init__(self, parts: list[bytes], delay: float, *, may_hang: bool) -> None:
        self._parts, self._delay, self._may_hang = parts, delay, may_hang
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every whole request."""
        self._buffer += data
        while b"\r\n\r\n" in self._buffer:
            head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
            self._answer(head.split(b" ", 2)[1].decode())

    def _answer(self, target: str) -> None:
        parts = urlsplit(target)
        if parts.path == "/hang":
            Platform.hanging = parts.query == "1"
            self._send(b"{}")
        elif not (self._may_hang and Platform.hanging):
            query = parse_qs(parts.query).get("q", [""])[0]
            body = orjson.dumps(unquote(query))[1:-1].join(self._parts)
            asyncio.get_running_loop().call_later(self._delay, self._send, body) if self._delay else self._send(body)

    def _send(self, body: bytes) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
        if isinstance(self._transport, asyncio.Transport) and not self._transport.is_closing():
            self._transport.write(head + body)


async def serve(ports: list[int], delay: float) -> None:
    """Serve until killed; the last platform is the one that can hang."""
    loop = asyncio.get_running_loop()
    for place, (port, name) in enumerate(zip(ports, NAMES, strict=True)):
        parts = page(name).split(_MARK.encode())
        last = place == len(ports) - 1
        await loop.create_server(partial(Platform, parts, delay, may_hang=last), "127.0.0.1", port)
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fanout.upstreams", description=__doc__)
    parser.add_argument("ports")
    parser.add_argument("--delay", type=float, default=0.0)
    given = parser.parse_args()
    asyncio.run(serve([int(port) for port in given.ports.split(",")], given.delay))
