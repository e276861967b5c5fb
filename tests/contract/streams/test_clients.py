"""Clients that are not ours, with their defaults: a stream that is cut is asked for again, one that is over is not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.gateway.web.streaming.served import CODES, Served, serving
from tests.services.availability import free_port

LIBRARIES = pytest.mark.parametrize("library", ["graphql-ws", "graphql-sse"])
SERVERS = pytest.mark.parametrize("server", ["uvicorn", "granian"])
CLOSED = {"graphql-ws": ["closed 1012"], "graphql-sse": []}
"""What each library tells of a connection that is to be opened again."""


class Client:
    """What a client in a process of its own says, line by line."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def hear(self, count: int) -> list[str]:
        """The next lines."""
        assert self._process.stdout is not None
        return [
            (await asyncio.wait_for(self._process.stdout.readline(), 30)).decode().rstrip("\n") for _ in range(count)
        ]


@asynccontextmanager
async def client(
    folder: Path, library: str, port: int, patience: str = "default", key: str = ""
) -> AsyncIterator[Client]:
    """A client that has subscribed at this port of this machine."""
    words = ("node", "watch.mjs", library, f"127.0.0.1:{port}", patience, key)
    process = await asyncio.create_subprocess_exec(*words, cwd=folder, stdout=asyncio.subprocess.PIPE)
    try:
        yield Client(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def let_go(served: Served, events: int) -> None:
    for _ in range(events):
        served.live.gate.release()


@pytest.mark.slow
@LIBRARIES
@SERVERS
async def test_a_stream_that_is_over_is_not_asked_for_again(clients: Path, library: str, server: str) -> None:
    async with serving(server) as served, client(clients, library, served.port) as watcher:
        assert await watcher.hear(4) == [*(f"next {code}" for code in CODES), "completed"]
        await served.left()
        assert served.live.begun == 1


@pytest.mark.slow
@LIBRARIES
@SERVERS
async def test_a_stream_whose_time_is_over_is_asked_for_again(clients: Path, library: str, server: str) -> None:
    async with serving(server, held=True, seconds=1) as served, client(clients, library, served.port) as watcher:
        await served.begun(1)
        let_go(served, 1)
        cut = [f"next {CODES[0]}", *CLOSED[library]]
        assert await watcher.hear(len(cut)) == cut
        await served.begun(2)
        let_go(served, 3)
        assert await watcher.hear(4) == [*(f"next {code}" for code in CODES), "completed"]


@pytest.mark.slow
@LIBRARIES
@SERVERS
async def test_a_stream_is_asked_for_again_at_another_process_when_its_own_ends(
    clients: Path, library: str, server: str
) -> None:
    async with serving(server, held=True) as served, client(clients, library, served.port) as watcher:
        await served.begun(1)
        let_go(served, 1)
        assert await watcher.hear(1) == [f"next {CODES[0]}"]
        served.world.stopping.set()
        await served.ended(1)
        served.world.stopping.clear()  # whoever connects now finds a process that goes on
        assert await watcher.hear(len(CLOSED[library])) == CLOSED[library]
        await served.begun(2)
        let_go(served, 3)
        assert await watcher.hear(4) == [*(f"next {code}" for code in CODES), "completed"]


@pytest.mark.slow
async def test_graphql_ws_gives_up_where_nobody_listens_unless_it_is_told_not_to(clients: Path) -> None:
    port = free_port()
    async with client(clients, "graphql-ws", port) as watcher:
        assert await watcher.hear(2) == ["closed 1006", "failed"]
    async with client(clients, "graphql-ws", port, "tenacious") as watcher:
        assert await watcher.hear(3) == ["closed 1006"] * 3


@pytest.mark.slow
async def test_graphql_ws_as_the_guide_has_it_does_not_try_a_wrong_key_again(clients: Path) -> None:
    async with serving() as served, client(clients, "graphql-ws", served.port, "tenacious", "wrong") as watcher:
        assert await watcher.hear(2) == ["closed 4403", "failed"]
