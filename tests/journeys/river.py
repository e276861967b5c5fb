"""江城云课堂: a small platform on loopback that tests hold in their hands, and manifests that speak to it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp

HOME = "https://api.river.example"


def river_manifest(
    version: int = 1,
    *,
    code: str = "river",
    origin: str = HOME,
    title: str = "title",
    credentials: str = "",
    more: str = "",
) -> str:
    """A manifest that pages through `/items`; `credentials` and `more` are further YAML."""
    return (
        f"manifest: 1\nversion: {version}\n"
        f'platform: {{code: {code}, name: 江城云课堂, region: "500000", simulated: true}}\n'
        f"origin: {origin}\n{credentials}{more}"
        "limits: {requestsPerSecond: 1000}\n"
        "harvest:\n  protocol: rest\n  request: {path: /items}\n"
        "  paging: {kind: page, parameter: page, size: 10}\n  records: items\n"
        f"  fields:\n    nativeId: id\n    title: {title}\n    kind: {{constant: LESSON}}\n    summary: note\n"
    )


@dataclass
class River:
    """Answers `/items?page=`, ten records a page; `asked` counts requests by page, a closed `gate` holds them up."""

    records: int = 30
    note: str = "勾股定理"
    held_from: int = 1_000_000
    asked: list[int] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def app(self) -> Starlette:
        """The platform as an application."""
        return Starlette(routes=[Route("/items", self._items)])

    async def _items(self, request: Request) -> JSONResponse:
        page = int(request.query_params["page"])
        self.asked.append(page)
        if page >= self.held_from:
            await self.gate.wait()
        numbers = range((page - 1) * 10, min(page * 10, self.records))
        rows = [{"id": f"r{n}", "title": f"第{n}课", "name": f"新第{n}课", "note": self.note} for n in numbers]
        return JSONResponse({"items": rows})


@asynccontextmanager
async def on_loopback(app: ASGIApp) -> AsyncIterator[str]:
    """Serve an application from this very event loop; gives its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="error", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve([listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
        listener.close()
