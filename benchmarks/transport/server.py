"""A platform that answers every request alike and costs next to nothing, in a process of its own."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import uvloop

HEAD = "HTTP/1.1 200 OK\r\nServer: benchmark\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n"
END = b"\r\n\r\n"


class Answering(asyncio.Protocol):
    """One connection: an answer for every head that is complete; requests have no bodies."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self._pending = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to answer."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer what is complete."""
        *heads, self._pending = (self._pending + data).split(END)
        self._transport.write(self._answer * len(heads))


async def serve(size: int) -> None:
    """Print the port, then answer until the process is ended."""
    body = b'{"items":"' + b"x" * (size - 12) + b'"}'
    answer = HEAD.format(len(body)).encode() + body
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Answering(answer), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@asynccontextmanager
async def serving(size: int) -> AsyncIterator[str]:
    """The origin of a server whose answers have so many bytes; it ends with the block."""
    command = (sys.executable, "-m", __spec__.name, str(size))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        if process.stdout is None:
            raise RuntimeError("the server's output cannot be read")
        yield f"http://127.0.0.1:{int(await process.stdout.readline())}"
    finally:
        process.terminate()
        await process.wait()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
