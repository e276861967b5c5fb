"""The small world behind real servers, in this process, so that a test sees what goes on behind the socket."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import orjson
import pytest
import uvicorn
from granian.constants import Interfaces
from granian.server.embed import Server as Granian
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from gateway.access.authentication import Credentials
from gateway.graph.context import GraphContext
from gateway.graph.pricing import Pricing
from gateway.web import Authenticator, Rules
from gateway.web.graphql import GraphQLEndpoint
from gateway.web.operations import STREAM_SECONDS, Operations
from gateway.web.routes import METHODS
from gateway.web.streaming.conversation import Patience
from gateway.web.streaming.places import MOST_STREAMS, Places
from gateway.web.streaming.sockets import Sockets
from tests.gateway.graph.live import MemoryLive
from tests.gateway.graph.world import World
from tests.gateway.web.client import KEY
from tests.services.availability import answers, free_port

STREAM = "subscription { searchStream { source { platform { code } } done } }"
MUCH = "subscription { searchStream { source { message } } }"
CODES = ["chongqing", "yuzhong", "zibo"]


@dataclass(frozen=True)
class Served:
    """A world, and where it is served."""

    world: World
    live: MemoryLive
    port: int
    server: str
    places: Places

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def connect(self, **options: Any) -> connect:
        """A WebSocket that offers our subprotocol, where nothing else is said."""
        chosen: dict[str, Any] = {"subprotocols": ["graphql-transport-ws"], "proxy": None, **options}
        return connect(f"ws://127.0.0.1:{self.port}/graphql", **chosen)

    def tell_much(self) -> None:
        """Have streams tell 5,000 events of ten kilobytes each."""
        self.live.sources = [replace(self.live.sources[0], message="x" * 10_000)] * 5_000

    async def stalled(self) -> int:
        """How many events were told when no more are."""
        told = -1
        while told != self.live.told:
            told = self.live.told
            await asyncio.sleep(0.25)
        return told

    async def begun(self, count: int) -> None:
        """Wait until exactly so many streams have begun."""
        await reached(lambda: self.live.begun, count)

    async def ended(self, count: int) -> None:
        """Wait until exactly so many streams have ended."""
        await reached(lambda: self.live.ended, count)

    async def left(self) -> None:
        """Wait until every place is free again."""
        await reached(lambda: -self.places.taken, 0)


async def reached(number: Callable[[], int], wanted: int) -> None:
    """Wait until a number that only grows is exactly what is wanted.

    A server may learn late that a client has gone that took nothing; the gateway itself gives it up after 30 s.
    """
    for _ in range(3_500):
        if number() >= wanted:
            break
        await asyncio.sleep(0.01)
    assert number() == wanted


@asynccontextmanager
async def serving(
    server: str = "uvicorn",
    *,
    held: bool = False,
    authenticator: Authenticator | None = None,
    origins: Collection[str] = (),
    patience: Patience | None = None,
    most: int = MOST_STREAMS,
    rules: Rules | None = None,
    seconds: float = STREAM_SECONDS,
    grace: float = 0,
) -> AsyncIterator[Served]:
    """Serve a world; with `held` its streams send nothing before the gate is opened.

    Without `grace` they are cut at once at the end of the process, as those without end are.
    """
    live = MemoryLive(gate=asyncio.Semaphore(0)) if held else MemoryLive()
    world, known = World(live=live), authenticator or Authenticator(Credentials(KEY))
    rules, places = rules or Rules(), Places(most)
    operations = Operations(
        world.executor,
        lambda _connection, principal, identifier: GraphContext(world.services, principal, identifier),
        rules.documents,
        Pricing(world.executor.schema._schema),
        rules.gate,
        seconds,
        grace,
    )
    graphql = GraphQLEndpoint(operations, lambda _connection: known, rules, places)
    sockets = Sockets(
        operations, lambda _connection: known, places, rules.trusted_proxies, origins, patience or Patience()
    )
    routes = [Route("/graphql", graphql.answer, methods=METHODS), WebSocketRoute("/graphql", sockets.serve)]
    port, app = free_port(), Starlette(routes=routes)
    async with listening(app, port, server):
        try:
            yield Served(world, live, port, server, graphql.places)
        finally:
            world.stopping.set()


@asynccontextmanager
async def listening(app: Starlette, port: int, server: str) -> AsyncIterator[None]:
    """Serve an application at a port of this machine by a server of this name."""
    start = _uvicorn if server == "uvicorn" else _granian
    async with start(app, port):
        for _ in range(500):
            if await asyncio.to_thread(answers, "127.0.0.1", port):
                break
            await asyncio.sleep(0.01)
        yield


@asynccontextmanager
async def _uvicorn(app: Starlette, port: int) -> AsyncIterator[None]:
    config = uvicorn.Config(app, port=port, log_level="error", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve())
    try:
        yield
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def _granian(app: Starlette, port: int) -> AsyncIterator[None]:
    server = Granian(app, port=port, interface=Interfaces.ASGINL, log_enabled=False)
    task = asyncio.create_task(server.serve())
    try:
        yield
    finally:
        server.stop()  # type: ignore[no-untyped-call]
        await task


async def say(socket: ClientConnection, **message: Any) -> None:
    """Send one message."""
    await socket.send(orjson.dumps(message).decode())


async def hear(socket: ClientConnection) -> dict[str, Any]:
    """The next message that is not a sign of life."""
    message: dict[str, Any] = orjson.loads(await asyncio.wait_for(socket.recv(), 5))
    return message


async def greet(socket: ClientConnection, **payload: Any) -> None:
    """Say who asks, and hear that it is known."""
    await say(socket, type="connection_init", payload=payload)
    assert await hear(socket) == {"type": "connection_ack"}


async def begin(socket: ClientConnection, identifier: str, query: str = STREAM, **variables: Any) -> None:
    """Ask for one operation."""
    await say(socket, type="subscribe", id=identifier, payload={"query": query, "variables": variables})


async def closed(socket: ClientConnection) -> tuple[int, str]:
    """Code and reason with which the server closes; nothing but signs of life comes before."""
    with pytest.raises(ConnectionClosed) as end:
        await _only_pings(socket)
    assert end.value.rcvd is not None
    return end.value.rcvd.code, end.value.rcvd.reason


async def _only_pings(socket: ClientConnection) -> None:
    while (message := await hear(socket)) == {"type": "ping"}:
        continue
    raise AssertionError(f"not closed, but told {message}")
