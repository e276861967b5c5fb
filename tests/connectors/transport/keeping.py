"""A server on loopback that keeps its connections open, and knows how many there are."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

PATIENCE = 20.0
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@dataclass
class Kept:
    """Its port, its connections, and what it was asked: targets and hosts, one each a request."""

    port: int = 0
    opened: int = 0
    writers: set[asyncio.StreamWriter] = field(default_factory=set)
    targets: list[str] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)
    idle: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def open(self) -> int:
        """Connections that are open now."""
        return len(self.writers)

    async def reached(self, opened: int) -> None:
        """Wait until so many connections have been opened."""
        async with asyncio.timeout(PATIENCE):
            while self.opened < opened:  # noqa: ASYNC110  # each is counted as it comes
                await asyncio.sleep(0.005)

    async def quiet(self) -> None:
        """Wait until nobody is connected."""
        async with asyncio.timeout(PATIENCE):
            await self.idle.wait()


async def at_once(writer: asyncio.StreamWriter) -> None:
    """Answers."""
    writer.write(ANSWER)


async def never(writer: asyncio.StreamWriter) -> None:
    """Never answers."""


@asynccontextmanager
async def keeping(
    host: str = "127.0.0.1", port: int = 0, answer: Callable[[asyncio.StreamWriter], Awaitable[None]] = at_once
) -> AsyncIterator[Kept]:
    """The server; at the end of the block its connections are closed."""
    served = Kept()
    tasks: set[asyncio.Task[None] | None] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())
        served.opened += 1
        served.writers.add(writer)
        served.idle.clear()
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                served.targets.append(head.split(" ")[1])
                served.hosts.extend(line[6:] for line in head.split("\r\n") if line.lower().startswith("host: "))
                served.asked.set()
                await answer(writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            served.writers.discard(writer)
            if not served.writers:
                served.idle.set()
            writer.close()

    server = await asyncio.start_server(handle, host, port)
    served.port = server.sockets[0].getsockname()[1]
    try:
        yield served
    finally:
        server.close()
        for writer in list(served.writers):
            writer.close()
        await asyncio.gather(*(task for task in tasks if task is not None))
