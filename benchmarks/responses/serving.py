"""A gateway served in processes of their own, with a bare route beside it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from http.client import HTTPConnection

import psutil
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.application import create_app

SIZE = 10_000
"""Bytes of the bare route's answer."""


def application() -> Starlette:
    """The gateway of the environment's settings, and the bare route."""
    app = create_app()
    body = b"x" * SIZE

    async def bare(request: Request) -> Response:
        await request.body()
        return Response(body, media_type="application/json")

    app.routes.append(Route("/bare", bare, methods=["POST"]))
    return app


PLACE = "benchmarks.responses.serving:application"
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "granian": ("granian", "--interface", "asgi", "--factory", "--loop", "uvloop", "--log-level", "error"),
    "uvicorn": ("uvicorn", "--factory", "--loop", "uvloop", "--no-access-log", "--log-level", "error"),
}


@contextmanager
def serving(settings: Mapping[str, str], server: str = "granian") -> Iterator[tuple[HTTPConnection, psutil.Process]]:
    """A connection to a served gateway, and the process that answers it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", *COMMANDS[server], "--port", str(port), PLACE]
    started = subprocess.Popen(command, env={**os.environ, **settings})
    try:
        with closing(HTTPConnection("127.0.0.1", port)) as connection:
            _await_answer(connection, started)
            root = psutil.Process(started.pid)
            workers = (root, *root.children(recursive=True))
            yield connection, max(workers, key=lambda worker: worker.cpu_times().user)
    finally:
        started.terminate()
        started.wait(20)


def _await_answer(connection: HTTPConnection, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < deadline:
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().read():
                time.sleep(1.5)  # until harvests were looked up first
                return
        except OSError:
            connection.close()
            time.sleep(0.1)
    raise TimeoutError("the gateway does not answer")
