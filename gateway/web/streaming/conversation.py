"""One WebSocket that speaks graphql-transport-ws, from its first message to its last."""

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect

from gateway.errors import GatewayError, LimitExceeded
from gateway.graph.subscriptions import Interrupted
from gateway.web.failures import failed
from gateway.web.identity import Admitted, Authenticator
from gateway.web.operations import Operations
from gateway.web.refusals import Refusal
from gateway.web.requests import GraphRequest, graph_request
from gateway.web.streaming.messages import CloseCode, Closing, Message, credentials_of, read_message

_log = logging.getLogger("shanhai.web")


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: until a client says who it is, between signs of life, until it takes what is sent, at the end, and
    without any operation."""

    init: float = 10.0
    keep_alive: float = 12.0
    send: float = 30.0
    farewell: float = 0.25
    idle: float = 60.0


MOST_OPERATIONS = 20
"""Operations of one connection at one time."""
_SPEECHLESS = (OSError, RuntimeError, WebSocketDisconnect)
"""What servers raise where the other side is gone."""


@dataclass(frozen=True, slots=True)
class Client:
    """Lets the client of one connection in; `address` is counted where it sends no credentials."""

    authenticator: Authenticator
    address: str | None = None

    async def admit(self, credentials: tuple[str | None, str | None]) -> Admitted:
        """Who it is by authorization and purpose; raises Refusal and GatewayError."""
        return await self.authenticator.admit(*credentials, self.address)


class _Gone(Exception):
    """The client has left."""


class Conversation:
    """What a client says, and the operations it asked for.

    Whatever ends the connection settles one future: a code and a reason, or None where the client has left.
    """

    def __init__(self, socket: WebSocket, operations: Operations, client: Client, patience: Patience) -> None:
        self._socket, self._operations, self._client = socket, operations, client
        self._patience = patience
        self._credentials: tuple[str | None, str | None] | None = None
        self._running: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._sending = asyncio.Lock()
        self._begun = asyncio.Event()
        self._stopping = operations.stopping(socket)
        self._retiring = asyncio.Event()
        self._ended: asyncio.Future[Closing | None] = asyncio.get_running_loop().create_future()

    async def hold(self) -> None:
        """Talk until somebody ends it; every operation has ended when this returns."""
        for work in (
            self._listen,
            self._await_init,
            self._keep_alive,
            self._close_idle,
            self._heed_the_end,
            self._retire,
        ):
            self._start(work)
        closing: Closing | None = None
        try:
            closing = await self._ended
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        if closing is not None:
            await self._close(closing)

    async def _close(self, closing: Closing) -> None:
        """Close, and give the client a moment to say that it heard, since what is not sent by then may be lost."""
        with suppress(*_SPEECHLESS):
            async with asyncio.timeout(self._patience.farewell):
                await self._socket.close(closing.code, closing.reason)
                while (await self._socket.receive())["type"] == "websocket.receive":
                    continue

    def _end(self, closing: Closing | None) -> None:
        if not self._ended.done():
            self._ended.set_result(closing)

    def _start(self, work: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        task = asyncio.create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            await work()
        except _Gone:
            self._end(None)
        except Closing as closing:
            self._end(closing)
        except Exception:  # the last line of defense: a client never sees a trace
            _log.exception("a WebSocket failed")
            self._end(Closing(CloseCode.INTERNAL, "something went wrong here"))

    async def _listen(self) -> None:
        while True:
            try:
                frame = await self._socket.receive()
            except _SPEECHLESS:
                raise _Gone from None
            if frame["type"] != "websocket.receive":
                raise _Gone
            await self._hear(read_message(frame.get("text")))

    async def _hear(self, message: Message) -> None:
        match message.type:
            case "connection_init":
                await self._init(message.payload or {})
            case "ping":
                await self._send({"type": "pong", **({"payload": message.payload} if message.payload else {})})
            case "subscribe":
                await self._subscribe(message)
            case "complete":
                if running := self._running.pop(message.id, None):
                    running.cancel()

    async def _init(self, payload: dict[str, Any]) -> None:
        if self._credentials is not None:
            raise Closing(CloseCode.REPEATED_INIT, "too many initialisation requests")
        self._credentials = credentials_of(payload, self._socket.headers)
        try:
            await self._client.admit(self._credentials)
        except Refusal as refusal:
            raise Closing(CloseCode.FORBIDDEN, f"{refusal.code}: {refusal.message}") from None
        except GatewayError as error:
            raise Closing(CloseCode.TRY_AGAIN, f"{error.code}: {error.message}") from None
        await self._send({"type": "connection_ack"})

    async def _subscribe(self, message: Message) -> None:
        if self._credentials is None:
            raise Closing(CloseCode.UNAUTHORIZED, "send connection_init and wait for connection_ack first")
        if message.id in self._running:
            raise Closing(CloseCode.DUPLICATE, f"subscriber for {message.id} already exists")
        try:
            asked = graph_request(message.payload)
        except Refusal as refusal:
            raise Closing(CloseCode.INVALID, f"{refusal.code}: {refusal.message}") from None
        if self._retiring.is_set() or self._stopping.is_set():
            return  # an `error` would be final; what is not answered is asked again over the next connection
        if len(self._running) >= MOST_OPERATIONS:
            refused = LimitExceeded(f"a connection may have {MOST_OPERATIONS} operations at one time")
            errors = failed(refused, uuid.uuid4().hex)["errors"]
            await self._send({"id": message.id, "type": "error", "payload": errors})
            return
        self._running[message.id] = self._start(partial(self._carry_out, message.id, asked))
        self._begun.set()

    async def _carry_out(self, identifier: str, asked: GraphRequest) -> None:
        try:
            last = await self._tell(identifier, asked)
        except Interrupted:
            last = None
            self._retiring.set()
        self._running.pop(identifier, None)  # the id is free before the client can know it
        if last is not None:
            await self._send(last)

    async def _tell(self, identifier: str, asked: GraphRequest) -> dict[str, Any]:
        """Send every body, each operation admitted and counted like a request; gives the message that is the last.

        Raises Interrupted where there is none.
        """
        trace_id = uuid.uuid4().hex
        try:
            admitted = await self._client.admit(self._credentials or (None, None))
            authenticator = self._client.authenticator
            operation = await self._operations.prepare(asked, self._socket, admitted, authenticator, trace_id)
        except Exception as failure:
            return {"id": identifier, "type": "error", "payload": failed(failure, trace_id)["errors"]}
        async with aclosing(self._operations.bodies(operation, self._retiring)) as bodies:
            async for body in bodies:
                if "data" not in body:
                    return {"id": identifier, "type": "error", "payload": body["errors"]}
                await self._send({"id": identifier, "type": "next", "payload": body})
        return {"id": identifier, "type": "complete"}

    async def _send(self, message: dict[str, Any]) -> None:
        """Send and wait until it is taken, so that what a slow client asked for waits too instead of piling up."""
        text = orjson.dumps(message).decode()
        try:
            async with self._sending, asyncio.timeout(self._patience.send):
                await self._socket.send({"type": "websocket.send", "text": text})
        except TimeoutError:
            raise Closing(CloseCode.TRY_AGAIN, "messages are not taken") from None
        except _SPEECHLESS:
            raise _Gone from None

    async def _await_init(self) -> None:
        await asyncio.sleep(self._patience.init)
        if self._credentials is None:
            raise Closing(CloseCode.INIT_TIMEOUT, "connection initialisation timeout")

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(self._patience.keep_alive)
            if self._credentials is not None:
                await self._send({"type": "ping"})

    async def _close_idle(self) -> None:
        """Close what carries no operation for long: signs of life alone keep no place."""
        while True:
            while self._running:
                await asyncio.wait(self._running.values())
            self._begun.clear()
            try:
                async with asyncio.timeout(self._patience.idle):
                    await self._begun.wait()
            except TimeoutError:
                raise Closing(CloseCode.NORMAL, "no operation for a while; connect again for the next one") from None

    async def _heed_the_end(self) -> None:
        await self._stopping.wait()
        self._retiring.set()

    async def _retire(self) -> None:
        """Close so that clients connect and subscribe again, once a subscription was cut or the process is told to end.

        The protocol has no message for a subscription that was cut: `complete` and `error` are final to clients, and
        only a closed connection makes them subscribe again. That goes for everything else on it too, so queries and
        actions are let end before, and subscriptions are cut by the same event.
        """
        await self._retiring.wait()
        while self._running:
            await asyncio.wait(self._running.values())
        async with self._sending:  # the last word of the last one comes first
            why = "this process is ending" if self._stopping.is_set() else "a subscription lasted as long as it may"
            raise Closing(CloseCode.RESTART, f"{why}; connect and subscribe again")
