"""A server on loopback that answers in raw bytes, so that it can break HTTP in every way a platform might."""

import asyncio
import gzip
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Writer = asyncio.StreamWriter
Behavior = Callable[[Writer], Awaitable[None]]


@dataclass
class Platform:
    """What the server is called and what it was asked, as raw request heads and bodies."""

    url: str = ""
    heads: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)


def message(
    body: bytes = b"", *, status: str = "200 OK", headers: tuple[str, ...] = (), length: int | None = None
) -> bytes:
    """A whole answer; `length` may lie."""
    said = len(body) if length is None else length
    head = "\r\n".join([f"HTTP/1.1 {status}", *headers, f"Content-Length: {said}", "Connection: close", "", ""])
    return head.encode("latin-1") + body


def plain(body: bytes, **more: object) -> Behavior:
    """Answers with a fixed message."""

    async def answer(writer: Writer) -> None:
        writer.write(message(body, **more))  # type: ignore[arg-type]  # keyword arguments of message
        await writer.drain()

    return answer


async def drip(writer: Writer) -> None:
    """One byte every 20 milliseconds, for as long as somebody listens."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not writer.is_closing():
        writer.write(b".")
        await writer.drain()
        await asyncio.sleep(0.02)


async def hang(writer: Writer) -> None:
    """Never a byte."""
    await writer.wait_closed()


async def hang_in_the_head(writer: Writer) -> None:
    """Half a head, then nothing."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-")
    await writer.drain()
    await hang(writer)


async def drip_in_the_head(writer: Writer) -> None:
    """One byte of a header every 20 milliseconds, for as long as somebody listens."""
    writer.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not writer.is_closing():
        writer.write(b".")
        await writer.drain()
        await asyncio.sleep(0.02)


async def endless_head(writer: Writer) -> None:
    """Headers without end."""
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while not writer.is_closing():
        writer.write(b"X-More: " + b"x" * 1000 + b"\r\n")
        await writer.drain()


async def never_final(writer: Writer) -> None:
    """Interim answers without end."""
    while not writer.is_closing():
        writer.write(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.001)


async def endless_chunk_head(writer: Writer) -> None:
    """A chunk whose size line never ends."""
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;")
    while not writer.is_closing():
        writer.write(b"x" * 1000)
        await writer.drain()


async def reset(writer: Writer) -> None:
    """Half a body, then a TCP reset."""
    writer.write(message(b"half", length=100))
    await writer.drain()
    await asyncio.sleep(0.02)
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def endless(writer: Writer) -> None:
    """Chunks without end."""
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not writer.is_closing():
        writer.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
        await writer.drain()


async def disconnect(writer: Writer) -> None:
    """Closes without an answer."""


async def gibberish(writer: Writer) -> None:
    """Bytes that are not HTTP."""
    writer.write(b"220 welcome to something else\r\n\r\n")
    await writer.drain()


GZIPPED = ("Content-Encoding: gzip",)
BEHAVIORS: dict[str, Behavior] = {
    "/hello": plain("山海".encode(), headers=("X-Part: a", "x-part: b", "Set-Cookie: one=1", "Set-Cookie: two=2")),
    "/moved": plain(b"", status="302 Found", headers=("Location: /hello",)),
    "/moved-inside": plain(b"", status="307 Temporary Redirect", headers=("Location: http://169.254.169.254/",)),
    "/moved-nowhere": plain(b"", status="302 Found", headers=("Location: http://a:x/",)),
    "/drip": drip,
    "/hang": hang,
    "/hang-in-the-head": hang_in_the_head,
    "/drip-in-the-head": drip_in_the_head,
    "/never-final": never_final,
    "/endless-head": endless_head,
    "/endless-chunk-head": endless_chunk_head,
    "/large-header": plain(b"{}", headers=("X-Large: " + "x" * 1_000_000,)),
    "/reset": reset,
    "/truncated": plain(b"half", length=100),
    "/large": plain(b"x" * 5000),
    "/endless": endless,
    "/disconnect": disconnect,
    "/gibberish": gibberish,
    "/head-only": plain(b"", length=100),
    "/foreign-header": plain(b"{}", headers=("X-Name: \xe5\xb1\xb1\xff", "X-After: 1")),
    "/foreign-encoding": plain(b"{}", headers=("Content-Encoding: gz\xefp",)),
    "/two-lengths": plain(b"{}", headers=("Content-Length: 3",)),
    "/status/204": plain(b"", status="204 No Content", length=100),
    "/status/304": plain(b"", status="304 Not Modified", length=100),
    "/gzip": plain(gzip.compress("勾股定理".encode() * 50), headers=GZIPPED),
    "/bomb": plain(gzip.compress(bytes(50_000_000), 9), headers=GZIPPED),
    "/bomb-in-a-bomb": plain(
        gzip.compress(gzip.compress(bytes(50_000_000))), headers=("Content-Encoding: gzip, gzip",)
    ),
    "/two-encodings": plain(gzip.compress(gzip.compress(b"{}")), headers=GZIPPED * 2),
    "/many-members": plain(gzip.compress(b"") * 90 + gzip.compress(bytes(5000)), headers=GZIPPED),
    "/too-many-members": plain(gzip.compress(b"") * 1_500, headers=GZIPPED),
    "/gzip-truncated": plain(gzip.compress(b"x" * 3000)[:-9], headers=GZIPPED),
    "/gzip-lie": plain(b"{}", headers=GZIPPED),
    "/brotli": plain(b"\x0b\x02\x80hello\x03", headers=("Content-Encoding: br",)),
    **{f"/status/{status}": plain(b"{}", status=f"{status} Whatever") for status in (201, 400, 401, 403, 404, 429)},
    **{f"/status/{status}": plain(b"{}", status=f"{status} Whatever") for status in (500, 502, 503, 504)},
}


@asynccontextmanager
async def serving(host: str = "127.0.0.1") -> AsyncIterator[Platform]:
    """The server on a free port of an address."""
    platform = Platform()
    connections: dict[asyncio.Task[None] | None, Writer] = {}

    async def handle(reader: asyncio.StreamReader, writer: Writer) -> None:
        connections[asyncio.current_task()] = writer
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            lengths = [line.split(":")[1] for line in head.split("\r\n") if line.lower().startswith("content-length:")]
            platform.heads.append(head)
            platform.bodies.append(await reader.readexactly(int(lengths[0])) if lengths else b"")
            platform.asked.set()
            path = head.split(" ")[1].partition("?")[0]
            await BEHAVIORS[path](writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            del connections[asyncio.current_task()]

    server = await asyncio.start_server(handle, host, 0)
    shown = f"[{host}]" if ":" in host else host
    platform.url = f"http://{shown}:{server.sockets[0].getsockname()[1]}"
    try:
        yield platform
    finally:
        server.close()
        tasks = [task for task in connections if task]
        for writer in connections.values():
            writer.close()
        await asyncio.gather(*tasks)
        await server.wait_closed()
