"""WebSockets of the whole application: which pages may open one, and where its links lead."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

from gateway.application import create_app
from gateway.settings import Settings
from tests.gateway.web.streaming.served import begin, greet, hear
from tests.services.availability import free_port

LINK = '{ usage(measures: ["views"]) { exportUrl(format: CSV) } }'
PAGE, PUBLIC, EVIL = Origin("https://page.example"), Origin("https://shanhai.example"), Origin("https://evil.example")


@asynccontextmanager
async def served(directory: Path, **more: Any) -> AsyncIterator[int]:
    """The port of the application with these settings."""
    settings = Settings(data_dir=directory, builtin_platforms=False, schedule=False, harvest_workers=0, **more)
    port = free_port()
    config = uvicorn.Config(create_app(settings), port=port, log_level="error", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve())
    try:
        while not server.started and not serving.done():  # noqa: ASYNC110  # uvicorn has no event for it
            await asyncio.sleep(0.02)
        yield port
    finally:
        server.should_exit = True
        await serving


def opened(port: int, origin: Origin | None = None) -> connect:
    return connect(
        f"ws://127.0.0.1:{port}/graphql",
        subprotocols=[Subprotocol("graphql-transport-ws")],
        proxy=None,
        origin=origin,
    )


async def link(port: int, origin: Origin | None = None) -> str:
    """Where a link to an export leads that was asked for by a page of this origin."""
    async with opened(port, origin) as socket:
        await greet(socket)
        await begin(socket, "1", LINK)
        url: str = (await hear(socket))["payload"]["data"]["usage"]["exportUrl"]
    return url


async def test_a_link_leads_to_the_address_that_the_client_used(tmp_path: Path) -> None:
    async with served(tmp_path, cors_origins=(PAGE,)) as port:
        assert (await link(port, PAGE)).startswith(f"http://127.0.0.1:{port}/exports/usage.csv?")
        with pytest.raises(InvalidStatus) as refused:
            await link(port, PUBLIC)
        assert refused.value.response.status_code == 403


async def test_pages_of_the_public_address_may_connect_and_links_lead_there(tmp_path: Path) -> None:
    async with served(tmp_path, public_url=f"{PUBLIC}/gateway") as port:
        assert (await link(port, PUBLIC)).startswith(f"{PUBLIC}/gateway/exports/usage.csv?")
        with pytest.raises(InvalidStatus) as refused:
            await link(port, EVIL)
        assert refused.value.response.status_code == 403
