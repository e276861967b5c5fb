"""One running simulator: its catalog, its faults, its clock, and what was asked of it."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, Protocol

import orjson
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from connectors.simulators.catalog import Catalog
from connectors.simulators.faults import Fault, FaultMiddleware, Faults

Clock = Callable[[], datetime]
KEPT_REQUESTS = 1_000
CHINA = timezone(timedelta(hours=8))


def present() -> datetime:
    """The present instant in UTC."""
    return datetime.now(UTC)


class Json(JSONResponse):
    """JSON written by orjson, several times faster than the standard library."""

    def render(self, content: Any) -> bytes:
        """Compact UTF-8."""
        return orjson.dumps(content)


@dataclass(slots=True)
class Simulation:
    """What tests hold in their hands as `app.state.simulation`.

    `requests` keeps the last thousand as (method, path with query).
    """

    code: str
    catalog: Catalog
    faults: Faults
    now: Clock = present
    secrets: Mapping[str, str] = field(default_factory=dict)
    requests: deque[tuple[str, str]] = field(default_factory=lambda: deque(maxlen=KEPT_REQUESTS))

    def milliseconds(self) -> int:
        """The present as epoch milliseconds."""
        return int(self.now().timestamp() * 1000)

    def today(self) -> date:
        """The present day in China."""
        return self.now().astimezone(CHINA).date()


class Build(Protocol):
    """Makes the ASGI app of a platform."""

    def __call__(
        self, seed: int = 2026, size: int | None = None, now: Clock = present, *, control: bool = False
    ) -> Starlette:
        """`size` is the number of records (None: the platform's own); `control` serves `PUT` and `DELETE /__faults`."""
        ...


@dataclass(frozen=True, slots=True)
class Simulator:
    """A platform that can be simulated: its code, the origins its manifest uses, and fixed demonstration secrets."""

    code: str
    name: str
    origins: tuple[str, ...]
    secrets: Mapping[str, str]
    size: int
    build: Build


class _RequestLog:
    """Notes every request."""

    def __init__(self, app: ASGIApp, simulation: Simulation) -> None:
        self.app, self.simulation = app, simulation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Note the request and pass it on."""
        if scope["type"] == "http":
            query = scope["query_string"].decode("ascii", "replace")
            self.simulation.requests.append((scope["method"], scope["path"] + (f"?{query}" if query else "")))
        await self.app(scope, receive, send)


def assemble(simulation: Simulation, routes: Sequence[BaseRoute], *, control: bool) -> Starlette:
    """The app of a platform with its faults, and with the control address where it was asked for."""
    inner = Starlette(routes=routes, middleware=[Middleware(FaultMiddleware, faults=simulation.faults)])
    switch = Route("/__faults", _control(simulation.faults), methods=["PUT", "DELETE"])
    outer: list[BaseRoute] = [switch] if control else []
    app = Starlette(routes=outer, middleware=[Middleware(_RequestLog, simulation=simulation)])
    app.mount("/", inner)
    app.state.simulation = simulation
    return app


def _control(faults: Faults) -> Callable[[Request], Any]:
    async def control(request: Request) -> Response:
        wanted: list[Fault] = []
        if request.method == "PUT":
            try:
                wanted = [Fault(**entry) for entry in await request.json()]
            except (TypeError, ValueError) as wrong:
                return JSONResponse({"error": f"expected a list of faults: {wrong}"}, 400)
        faults.clear()
        faults.active.extend(wanted)
        return JSONResponse({"active": len(faults.active)})

    return control
