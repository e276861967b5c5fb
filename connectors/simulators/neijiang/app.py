"""内江市教育云平台 as an ASGI app: open OAI-PMH and a protected drop of files; it publishes no usage figure."""

import hmac
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.simulators.catalog import Catalog
from connectors.simulators.faults import Faults
from connectors.simulators.neijiang.drop import INDEX, DropFile, drop_files, index
from connectors.simulators.neijiang.oai import OaiError, answer, arguments
from connectors.simulators.neijiang.records import NeijiangRecords
from connectors.simulators.neijiang.repository import BASE_URL, ORIGIN, Habits, Repository
from connectors.simulators.simulation import Clock, Json, Simulation, Simulator, assemble, present

CODE = "neijiang"
SIZE = 700
SECRETS: Mapping[str, str] = {"dropKey": "demo-drop-4e7a90c1"}
FAILURES = {
    "throttled": (429, {"error": "too many requests"}),
    "server": (503, {"error": "service unavailable"}),
    "key": (401, {"error": "X-Drop-Key is missing or wrong"}),
}
"""What the server in front of both answers; the errors of OAI-PMH come from real requests."""


def build(
    seed: int = 2026,
    size: int | None = None,
    now: Clock = present,
    *,
    control: bool = False,
    habits: Habits | None = None,
) -> Starlette:
    """The app with its catalog of `size` records; `app.state` also holds `habits`, `repository`, `drop`."""
    count = SIZE if size is None else size
    records = NeijiangRecords(seed, count)
    catalog = Catalog(records, seed=seed, size=count, now=now, tombstones=True)
    simulation = Simulation(CODE, catalog, Faults(FAILURES), now, SECRETS)
    held, files = habits or Habits(), dict(drop_files(seed))
    repository = Repository(simulation, records, held)
    routes = [
        Route("/oai", _oai(simulation, repository), methods=["GET", "POST"]),
        Route("/drop/training/{name}", _drop(files)),
    ]
    app = assemble(simulation, routes, control=control)
    app.state.habits, app.state.repository, app.state.drop = held, repository, files
    return app


SIMULATOR = Simulator(CODE, "内江市教育云平台", (ORIGIN,), SECRETS, SIZE, build)


def _oai(simulation: Simulation, repository: Repository) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        if request.method == "POST":
            body = (await request.body()).decode("utf-8", "replace")
            pairs = parse_qsl(body, keep_blank_values=True)
        else:
            pairs = request.query_params.multi_items()
        now = simulation.now().timestamp()
        given: dict[str, str] = {}
        try:
            given = arguments(pairs)
            document = answer(BASE_URL, now, given, repository.content(given))
        except OaiError as wrong:
            document = answer(BASE_URL, now, given, wrong)
        return Response(document, media_type="text/xml; charset=utf-8")

    return endpoint


def _drop(files: Mapping[str, DropFile]) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        if not hmac.compare_digest(request.headers.get("x-drop-key", "").encode(), SECRETS["dropKey"].encode()):
            return Json(FAILURES["key"][1], 401)
        name = request.path_params["name"]
        if name == INDEX:
            return Json(index(files))
        if name not in files:
            return Json({"error": f"no such file: {name}"}, 404)
        return Response(files[name].content, media_type=files[name].media_type)

    return endpoint
