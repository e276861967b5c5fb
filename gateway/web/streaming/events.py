"""GraphQL over server-sent events, in distinct connections mode: one operation for each HTTP request."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.graph.subscriptions import Interrupted
from gateway.web.leaving import left
from gateway.web.operations import Body
from gateway.web.streaming.places import Places

MEDIA_TYPE = "text/event-stream"
KEEP_ALIVE_SECONDS = 12.0
"""Proxies commonly give up a connection on which nothing was sent for a minute, some after fifteen seconds."""
SEND_SECONDS = 30.0
"""How long a client may take nothing of what is sent before it is given up."""
_COMMENT = b":\n\n"
_COMPLETE = b"event: complete\ndata:\n\n"
_INTERRUPTED = b"retry: 2000\n\n"
"""How many milliseconds to wait before asking again. It is no event, so no client takes it for the end."""
_SPEECHLESS = (OSError, RuntimeError)
"""What servers raise where the other side is gone; time that is over is an OSError too."""
_log = logging.getLogger("shanhai.web")
_HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
    "X-Content-Type-Options": "nosniff",
}


class EventStream(Response):
    """Sends each body as an event `next`, then `complete`; ends the operation when the client leaves.

    One that is interrupted ends without `complete`, which clients take for a lost connection: they ask again.
    It takes a place when it is made and gives it back when it has been sent.
    """

    media_type = MEDIA_TYPE
    keep_alive_seconds = KEEP_ALIVE_SECONDS

    def __init__(
        self, bodies: AsyncGenerator[Body, None], headers: Mapping[str, str], places: Places, address: str
    ) -> None:
        super().__init__(headers={**headers, **_HEADERS})
        del self.headers["content-length"]
        places.take(address)
        self._bodies, self._places, self._address = bodies, places, address
        self._sending = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  # ASGI's own
        """Send the stream; one task at a time writes, and what is written is awaited, so that nothing piles up."""
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            telling = asyncio.create_task(self._tell(send))
            leaving = asyncio.create_task(left(receive))
            waking = asyncio.create_task(self._keep_alive(send))
            try:
                await asyncio.wait({telling, leaving, waking}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (telling, leaving, waking):
                    task.cancel()
                ends = await asyncio.gather(telling, leaving, waking, return_exceptions=True)
                for end in ends:
                    if isinstance(end, Exception) and not isinstance(end, _SPEECHLESS):
                        _log.error("an event stream failed", exc_info=end)
        finally:
            self._places.free(self._address)

    async def _tell(self, send: Send) -> None:
        last = _COMPLETE
        try:
            async with aclosing(self._bodies) as bodies:
                await self._write(send, _COMMENT)  # some servers hold headers back until there is something to send
                async for body in bodies:
                    await self._write(send, b"event: next\ndata: " + orjson.dumps(body) + b"\n\n")
        except Interrupted:
            last = _INTERRUPTED
        await self._sending.acquire()  # and never let go, since nothing may follow
        async with asyncio.timeout(SEND_SECONDS):
            await send({"type": "http.response.body", "body": last, "more_body": False})

    async def _keep_alive(self, send: Send) -> None:
        while True:
            await asyncio.sleep(self.keep_alive_seconds)
            await self._write(send, _COMMENT)

    async def _write(self, send: Send, chunk: bytes) -> None:
        async with self._sending, asyncio.timeout(SEND_SECONDS):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
