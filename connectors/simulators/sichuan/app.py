"""四川云教 as an ASGI app: `POST /graphql` with an API key as bearer token, every error beside data under HTTP 200."""

import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import orjson
from graphql import GraphQLResolveInfo
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from connectors.simulators.catalog import Catalog, Native
from connectors.simulators.faults import Faults
from connectors.simulators.sichuan.alliances import alliance, alliance_numbers
from connectors.simulators.sichuan.execution import answer, question, refused
from connectors.simulators.sichuan.paging import connection, page
from connectors.simulators.sichuan.records import SichuanRecords
from connectors.simulators.sichuan.schools import anchors
from connectors.simulators.sichuan.statistics import CODE, program_days, usage_days
from connectors.simulators.sichuan.training import COUNT, training_record, updated
from connectors.simulators.simulation import Clock, Json, Simulation, Simulator, assemble, present

SIZE = 1_800
SECRETS: Mapping[str, str] = {"token": "demo-scyj-5d0b7c2e9a41"}
KEPT_LISTS = 16


def _failure(message: str, code: str, **more: Any) -> Native:
    return {"message": message, "extensions": {"code": code, **more}}


UNAUTHENTICATED: Native = {"errors": [_failure("令牌无效或已过期", "UNAUTHENTICATED")]}
FAILURES: Mapping[str, tuple[int, Native]] = {
    "throttled": (200, {"errors": [_failure("请求过于频繁，请稍后再试", "THROTTLED", retryAfter=3)]}),
    "unauthenticated": (200, UNAUTHENTICATED),
    "partial": (
        200,
        {"data": {"lessons": None}, "errors": [_failure("上游服务超时", "UPSTREAM_TIMEOUT") | {"path": ["lessons"]}]},
    ),
    "busy": (200, {"errors": [_failure("系统繁忙", "SERVICE_BUSY")]}),
    "server": (200, {"errors": [_failure("系统内部错误", "INTERNAL_SERVER_ERROR")]}),
}


def build(seed: int = 2026, size: int | None = None, now: Clock = present, *, control: bool = False) -> Starlette:
    """The app with its catalog of `size` records."""
    count = SIZE if size is None else size
    catalog = Catalog(SichuanRecords(seed, count), seed=seed, size=count, now=now, tombstones=True)
    simulation = Simulation(CODE, catalog, Faults(FAILURES), now, SECRETS)
    platform = _Platform(simulation, seed)
    return assemble(simulation, [Route("/graphql", platform.endpoint, methods=["POST"])], control=control)


SIMULATOR = Simulator(CODE, "四川云教", ("https://api.scyunjiao.example",), SECRETS, SIZE, build)


class _Platform:
    """Its fields at the root, and how the fields below are found."""

    def __init__(self, simulation: Simulation, seed: int) -> None:
        self._simulation, self._seed = simulation, seed
        self._lists: dict[object, list[int]] = {}
        self._roots: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
            "lessons": self.lessons,
            "lesson": self.lesson,
            "searchLessons": self.search,
            "alliances": self.alliances,
            "usageDaily": self.usage,
            "programDaily": self.program,
            "trainingRecords": self.training,
        }

    async def endpoint(self, request: Request) -> Json:
        """Judge the key, read the question, answer it."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        known = self._simulation.secrets["token"].encode()
        if scheme.lower() != "bearer" or not hmac.compare_digest(token.encode(), known):
            return Json(UNAUTHENTICATED)
        try:
            asked = question(orjson.loads(await request.body()))
        except ValueError as wrong:
            return Json({"errors": [_failure(f"请求格式错误: {wrong}", "BAD_REQUEST")]}, 400)
        return Json(answer(asked, self.resolve))

    def resolve(self, source: Any, info: GraphQLResolveInfo[Any], **args: Any) -> Any:
        """The value of a field; a fault at `field:<name>` makes it fail while everything beside it is answered."""
        name = info.field_name
        faults = self._simulation.faults
        if faults.active and faults.due(f"field:{name}"):
            raise refused("上游服务超时", "UPSTREAM_TIMEOUT")
        if info.parent_type.name == "Query":
            return self._roots[name](args)
        if name == "lesson":
            return self.lesson(source)
        if name == "alliance" and source[name]:
            return alliance(self._seed, alliance_numbers()[source[name]["id"]])
        if name == "playCount" and source[name] is None:
            raise refused("统计服务暂无此课数据", "STATISTICS_UNAVAILABLE")
        return source.get(name)

    def lessons(self, args: Mapping[str, Any]) -> Native:
        """The catalog, or what of it meets the filter; withdrawn lessons are marked."""
        catalog, order = self._simulation.catalog, args["orderBy"] or "CREATED_ASC"
        return connection(self._chosen(args.get("filter") or {}, order), self._rank(order), order, catalog.record, args)

    def lesson(self, args: Mapping[str, Any]) -> Native:
        """One lesson by its id."""
        try:
            return self._simulation.catalog.get(args["id"])
        except KeyError:
            raise refused("课程不存在", "NOT_FOUND") from None

    def search(self, args: Mapping[str, Any]) -> Native:
        """Published lessons whose title, tags, summary or teachers hold every word of `keyword`."""
        catalog = self._simulation.catalog
        words = _words(args)
        wanted = {name: args[name] for name in ("stage", "grade", "subject") if args.get(name)}
        key = (words, tuple(sorted(wanted.items())))
        return page(catalog.search(key, lambda record: _matches(record, words, wanted)), catalog.record, args)

    def alliances(self, args: Mapping[str, Any]) -> Native:
        """The teaching alliances."""
        return page(range(len(anchors())), lambda number: alliance(self._seed, number), args)

    def usage(self, args: Mapping[str, Any]) -> list[Native]:
        """Daily figures, both ends included."""
        return usage_days(self._seed, args.get("stage"), *_days(args), self._simulation.today())

    def program(self, args: Mapping[str, Any]) -> list[Native]:
        """Daily figures of programs that are shared with other platforms, both ends included."""
        return program_days(self._seed, *_days(args), self._simulation.today())

    def training(self, args: Mapping[str, Any]) -> Native:
        """Training records in the order of their activities."""
        since = _instant(args)
        numbers = [n for n in range(COUNT) if since is None or updated(self._seed, n) >= since]
        return connection(numbers, lambda _: 0, "TRAINING", lambda n: training_record(self._seed, n), args)

    def _rank(self, order: str) -> Callable[[int], int]:
        sign = {"UPDATED_ASC": 1, "UPDATED_DESC": -1}.get(order, 0)
        stamp = self._simulation.catalog.stamp
        return lambda ordinal: sign * stamp(ordinal).updated if sign else 0

    def _chosen(self, wanted: Mapping[str, Any], order: str) -> Sequence[int]:
        """Ordinals of the lessons that meet the filter, in order; the last few lists are kept until an edit."""
        catalog, since, words = self._simulation.catalog, _instant(wanted), _words(wanted)
        exact = {n: v for n, v in wanted.items() if v and n not in ("updatedAfter", "keyword")}
        found = catalog.ordinals(since)
        if order == "CREATED_ASC" and not words and not exact:
            return found
        key = (since, words, tuple(sorted(exact.items())), order, catalog.revision)
        if key not in self._lists:
            rank = self._rank(order)
            chosen = (o for o in found if not (words or exact) or _matches(catalog.record(o), words, exact))
            self._lists[key] = sorted(chosen, key=lambda ordinal: (rank(ordinal), ordinal))
            if len(self._lists) > KEPT_LISTS:
                self._lists.pop(next(iter(self._lists)))
        return self._lists[key]


def _matches(record: Native, words: Sequence[str], exact: Mapping[str, str]) -> bool:
    held = {
        "stage": (record["stage"],),
        "grade": (record["grade"],),
        "subject": record["subject"].values(),
        "mode": record["modes"],
        "allianceId": (record["alliance"]["id"],),
    }
    if not all(value in held[name] for name, value in exact.items()):
        return False
    people = " ".join(person["name"] for person in record["teachers"])
    text = f"{record['title']} {' '.join(record['tags'])} {record['summary']} {people}".lower()
    return all(word in text for word in words)


def _words(args: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple((args.get("keyword") or "").lower().split())


def _instant(args: Mapping[str, Any]) -> int | None:
    text = args.get("updatedAfter")
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise refused("updatedAfter 应为 ISO 8601 时间", "BAD_USER_INPUT") from None
    if moment.tzinfo is None:
        raise refused("updatedAfter 应带时区，如 2024-03-05T09:30:00+08:00", "BAD_USER_INPUT")
    return int(moment.timestamp() * 1000)


def _days(args: Mapping[str, Any]) -> tuple[date, date]:
    first, last = _day(args, "from"), _day(args, "to")
    if (last - first).days > 366:
        raise refused("日期范围不能超过 366 天", "LIMIT_EXCEEDED", max=366)
    return first, last


def _day(args: Mapping[str, Any], name: str) -> date:
    try:
        return date.fromisoformat(args[name])
    except (TypeError, ValueError):
        raise refused(f"{name} 应为 YYYY-MM-DD", "BAD_USER_INPUT") from None
