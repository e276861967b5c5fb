"""What counting and tracing a request adds to it, in this process and without a socket."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

from opentelemetry.sdk.trace import TracerProvider
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.graph.context import GraphContext
from gateway.graph.execution import Answer, Executes, Executor
from gateway.graph.observing import ObservedExecutor
from gateway.graph.schema import build_schema
from gateway.telemetry import Telemetry
from gateway.web.watching import Watched

QUERY = "{ platforms { code } }"
_ANSWER = Answer({"data": {"platforms": []}})
_SCOPE = {"type": "http", "method": "POST", "path": "/graphql", "headers": [(b"host", b"gateway")]}


class _Answered(Executor):
    """Answers at once."""

    async def execute(self, *_asked: Any, **_more: Any) -> Answer:
        return _ANSWER


def _application(executor: Executes) -> ASGIApp:
    services: Any = None  # nothing is asked of them

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        await executor.execute(QUERY, GraphContext(services))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    return app


async def _cost(app: ASGIApp, count: int) -> float:
    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(_message: Message) -> None:
        return

    before = time.process_time()
    for _number in range(count):
        await app(dict(_SCOPE), receive, send)
    return (time.process_time() - before) / count * 1e6


async def costs(count: int) -> Mapping[str, float]:
    """Microseconds of processor time that watching adds to one request: with metrics alone, and with spans too."""
    answered = _Answered(build_schema())
    routes = [Route("/graphql", lambda _request: None)]

    def watched(telemetry: Telemetry) -> ASGIApp:
        executor = ObservedExecutor(answered, telemetry, slow_seconds=1)
        return Watched(_application(executor), telemetry, routes)

    cases: dict[str, Callable[[], ASGIApp]] = {
        "nothing": lambda: _application(answered),
        "metrics": lambda: watched(Telemetry()),
        "metrics and spans": lambda: watched(Telemetry(TracerProvider())),
    }
    apps = {name: make() for name, make in cases.items()}
    best = dict.fromkeys(apps, float("inf"))
    for _round in range(5):
        for name, app in apps.items():
            best[name] = min(best[name], await _cost(app, count))
    return {name: value - best["nothing"] for name, value in best.items() if name != "nothing"}


def measure_watching(count: int) -> None:
    """Measure and print."""
    for name, value in asyncio.run(costs(count)).items():
        print(f"watching {name:<22} {value:6.1f} µs more for each request")
