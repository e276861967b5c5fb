"""The simulators as real servers on loopback, in a thread of their own."""

import asyncio
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from connectors.simulators import SIMULATORS
from gateway.errors import NotReady
from gateway.registry import SecretStore
from gateway.registry.secrets import variable_name


@contextmanager
def simulators(size: int | None = None, apps: Mapping[str, ASGIApp] | None = None) -> Iterator[dict[str, str]]:
    """Run every simulator on a free loopback port; gives the reroutes from their public origins.

    `apps` are simulators by platform code that were built already, so that the caller can change their catalogs.
    """
    servers: list[uvicorn.Server] = []
    sockets: list[socket.socket] = []
    reroutes: dict[str, str] = {}
    for simulator in SIMULATORS.values():
        listener = socket.create_server(("127.0.0.1", 0))
        app = (apps or {}).get(simulator.code) or simulator.build(size=size)
        servers.append(uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off")))
        sockets.append(listener)
        target = f"http://127.0.0.1:{listener.getsockname()[1]}"
        reroutes.update(dict.fromkeys(simulator.origins, target))

    async def run() -> None:
        await asyncio.gather(
            *(server.serve(sockets=[listener]) for server, listener in zip(servers, sockets, strict=True))
        )

    thread = threading.Thread(target=lambda: asyncio.run(run()), name="simulators", daemon=True)
    thread.start()
    try:
        _wait_until_started(servers, thread)
        yield reroutes
    finally:
        for server in servers:
            server.should_exit = True
        thread.join(timeout=10)
        for listener in sockets:
            listener.close()


def _wait_until_started(servers: list[uvicorn.Server], thread: threading.Thread) -> None:
    pause = threading.Event()
    for _ in range(1_000):
        if all(server.started for server in servers):
            return
        if not thread.is_alive():
            break
        pause.wait(0.01)
    raise NotReady("the simulators did not start")


def demo_secrets() -> SecretStore:
    """The fixed secrets of the simulators."""
    return SecretStore({code: dict(simulator.secrets) for code, simulator in SIMULATORS.items()}, environment={})


def demo_secrets_environment() -> dict[str, str]:
    """The same secrets as the environment of a gateway process."""
    return {
        variable_name(code, name): value
        for code, simulator in SIMULATORS.items()
        for name, value in simulator.secrets.items()
    }
