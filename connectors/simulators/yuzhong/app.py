"""渝中区数字教育云平台 as an ASGI app: bearer tokens, `Link: rel="next"` with opaque cursors, plain HTTP errors."""

import base64
import binascii
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import URL
from starlette.requests import Request
from starlette.routing import Route

from connectors.simulators.catalog import Catalog, Native
from connectors.simulators.faults import Faults
from connectors.simulators.people import YUZHONG_SCHOOLS
from connectors.simulators.simulation import Clock, Json, Simulation, Simulator, assemble, present
from connectors.simulators.training import TrainingFact, training_fact, training_numbers
from connectors.simulators.usage import daily_usage
from connectors.simulators.yuzhong.records import YuzhongRecords, iso
from connectors.simulators.yuzhong.statements import CODE, ORIGIN, SCHOOL_DAY_VIEWS, TRAINING
from connectors.simulators.yuzhong.tokens import Tokens
from connectors.simulators.yuzhong.xapi import PATH as XAPI_PATH
from connectors.simulators.yuzhong.xapi import StatementStore

SIZE = 900
MAX_PAGE = 100
SECRETS: Mapping[str, str] = {
    "clientId": "shanhai-gateway",
    "clientSecret": "demo-71c0e2b94f",
    "sketchKey": "demo-yuzhong-viewers-40ad7e",
}
"""The last one never reaches the platform: the gateway keys viewers by it when it counts them."""
FAILURES = {
    "throttled": (429, {"error": "rate_limited", "error_description": "too many requests"}),
    "server": (503, {"error": "temporarily_unavailable"}),
    "token": (401, {"error": "invalid_token"}),
}
FILTERS = ("stage", "grade", "subject", "type")

Answer = tuple[Native, Mapping[str, str]]
Handler = Callable[[Request], Answer]


class RefusedError(Exception):
    """A request that the platform does not take: its error code and what is wrong."""

    def __init__(self, description: str, code: str = "invalid_request") -> None:
        super().__init__(description)
        self.code = code


def build(seed: int = 2026, size: int | None = None, now: Clock = present, *, control: bool = False) -> Starlette:
    """The app with its catalog of `size` records; `app.state.statements` is its xAPI store."""
    count = SIZE if size is None else size
    catalog = Catalog(YuzhongRecords(seed, count), seed=seed, size=count, now=now, tombstones=True)
    simulation = Simulation(CODE, catalog, Faults(FAILURES), now, SECRETS)
    platform, statements = _Platform(simulation, seed), StatementStore(simulation, seed, count)
    routes = [
        Route("/oauth/token", platform.token, methods=["POST"]),
        Route("/api/v2/resources", platform.answer(platform.resources)),
        Route("/api/v2/search", platform.answer(platform.search)),
        Route("/api/v2/stats/daily", platform.answer(platform.usage)),
        Route("/api/v2/training", platform.answer(platform.training)),
        Route(XAPI_PATH, platform.guarded(statements.answer)),
    ]
    app = assemble(simulation, routes, control=control)
    app.state.statements = statements
    return app


SIMULATOR = Simulator(CODE, "渝中区数字教育云平台", (ORIGIN,), SECRETS, SIZE, build)


class _Platform:
    """Its endpoints."""

    def __init__(self, simulation: Simulation, seed: int) -> None:
        self._simulation, self._seed = simulation, seed
        self._tokens = Tokens(simulation, seed)

    async def token(self, request: Request) -> Json:
        """Give an access token."""
        status, answer = self._tokens.grant(request.headers, await request.body())
        return Json(answer, status)

    def answer(self, handler: Handler) -> Callable[[Request], Any]:
        """Judge the token, call the handler, turn refusals into 400."""

        def respond(request: Request) -> Json:
            try:
                body, headers = handler(request)
            except RefusedError as wrong:
                return Json({"error": wrong.code, "error_description": str(wrong)}, 400)
            return Json(body, headers=dict(headers))

        return self.guarded(respond)

    def guarded(self, respond: Callable[[Request], Json]) -> Callable[[Request], Any]:
        """Judge the token before what answers for itself."""

        async def endpoint(request: Request) -> Json:
            if not self._tokens.good(request.headers.get("authorization", "")):
                challenge = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
                return Json({"error": "invalid_token"}, 401, challenge)
            return respond(request)

        return endpoint

    def resources(self, request: Request) -> Answer:
        """The catalog, or what was updated since `updated_after`; deleted records carry `deleted_at`."""
        catalog = self._simulation.catalog
        return _walk(request, catalog.ordinals(_since(request)), catalog.record)

    def search(self, request: Request) -> Answer:
        """Records whose title, tags, abstract or lecturer hold every word of `q`."""
        query = request.query_params
        words = tuple(query.get("q", "").lower().split())
        wanted = {name: query[name] for name in FILTERS if query.get(name)}
        catalog: Catalog = self._simulation.catalog
        key = (words, tuple(sorted(wanted.items())))
        found = catalog.search(key, lambda record: _matches(record, words, wanted))
        offset, limit = _whole(request, "offset", 0, 0, 10**9), _whole(request, "limit", 50, 1, MAX_PAGE)
        items = [catalog.record(o) for o in found[offset : offset + limit]]
        return {"items": items, "total": len(found)}, {}

    def usage(self, request: Request) -> Answer:
        """Daily figures between `from` and `to`, both included."""
        first, last = _day(request, "from"), _day(request, "to")
        days = daily_usage(self._seed, CODE, SCHOOL_DAY_VIEWS, first, last, self._simulation.today())
        items = [
            {
                "date": day.day.isoformat(),
                "metrics": {
                    "plays": day.views,
                    "plays_cumulative": day.total_views,
                    "live_plays": day.live_viewers,
                    "concurrent_peak": day.peak,
                    "active_teachers": day.teachers,
                    "uploads": day.uploads,
                },
                "revision": day.revision,
            }
            for day in days
        ]
        return {"items": items}, {}

    def training(self, request: Request) -> Answer:
        """Training records by cursor."""
        numbers = training_numbers(self._seed, CODE, TRAINING, YUZHONG_SCHOOLS, _since(request))
        return _walk(
            request, numbers, lambda n: _trained(training_fact(self._seed, CODE, n, TRAINING, YUZHONG_SCHOOLS))
        )


def _walk(request: Request, numbers: Sequence[int], record: Callable[[int], Native]) -> Answer:
    """What follows the cursor; a cursor names the last ordinal, so that edits never repeat or skip anything."""
    limit = _whole(request, "limit", 50, 1, MAX_PAGE)
    start = bisect_right(numbers, _cursor(request))
    chosen = numbers[start : start + limit]
    headers = {}
    if start + limit < len(numbers):
        here = URL(f"{ORIGIN}{request.url.path}?{request.url.query}")
        following = here.include_query_params(cursor=_opaque(chosen[-1]))
        headers["Link"] = f'<{following}>; rel="next"'
    return {"items": [record(number) for number in chosen], "count": len(chosen)}, headers


def _opaque(ordinal: int) -> str:
    return base64.urlsafe_b64encode(f"yz1:{ordinal}".encode()).decode().rstrip("=")


def _cursor(request: Request) -> int:
    text = request.query_params.get("cursor")
    if not text:
        return -1
    try:
        mark, _, ordinal = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().partition(":")
        if mark == "yz1":
            return int(ordinal)
    except (binascii.Error, ValueError):
        pass
    raise RefusedError("cursor is not one of ours", "invalid_cursor")


def _matches(record: Native, words: Sequence[str], wanted: Mapping[str, str]) -> bool:
    text = f"{record['title']} {' '.join(record['tags'])} {record['abstract']} {record['lecturer']['name']}".lower()
    return all(word in text for word in words) and all(
        value in record[name] if isinstance(record[name], list) else value == record[name]
        for name, value in wanted.items()
    )


def _whole(request: Request, name: str, default: int, least: int, most: int) -> int:
    text = request.query_params.get(name, str(default))
    if not text.isdigit() or not least <= int(text) <= most:
        raise RefusedError(f"{name} must be a whole number from {least} to {most}")
    return int(text)


def _since(request: Request) -> int | None:
    text = request.query_params.get("updated_after")
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise RefusedError("updated_after must be an ISO 8601 instant") from None
    if moment.tzinfo is None:
        raise RefusedError("updated_after must carry a zone, as in 2024-03-05T09:30:00+0800")
    return int(moment.timestamp() * 1000)


def _day(request: Request, name: str) -> date:
    try:
        return date.fromisoformat(request.query_params.get(name, ""))
    except ValueError:
        raise RefusedError(f"{name} must be YYYY-MM-DD") from None


def _trained(fact: TrainingFact) -> Native:
    return {
        "record_id": f"yz-{fact.number}",
        "teacher_ref": fact.teacher,
        "activity": {"id": f"a{fact.activity_number}", "name": fact.activity},
        "kind": fact.kind,
        "level": fact.level,
        "form": fact.form,
        "role": fact.role,
        "school": {"name": fact.school.name, "region_code": fact.school.region},
        "starts_at": iso(fact.starts),
        "ends_at": iso(fact.ends),
        "amount": float(fact.quantity),
        "unit": "session" if fact.unit == "场" else "hour",
        "passed": fact.passed,
        "state": fact.state,
        "version": fact.version,
        "updated_at": iso(fact.updated),
    }
