"""重庆云课堂 as an ASGI app: signed GET, page and size, `{code,msg,data}` with errors under HTTP 200."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from connectors.simulators.catalog import Catalog, Native
from connectors.simulators.chongqing.records import ChongqingRecords
from connectors.simulators.chongqing.signing import Gatekeeper
from connectors.simulators.chongqing.statistics import CODE, usage_rows
from connectors.simulators.faults import Faults
from connectors.simulators.people import CHONGQING_SCHOOLS, teacher
from connectors.simulators.simulation import Clock, Json, Simulation, Simulator, assemble, present
from connectors.simulators.training import TrainingFact, training_fact, training_numbers

SIZE = 2_400
TRAINING = 1_200
RESOURCE_STEP = 7
"""Spreads what teachers developed over the catalog."""
MAX_PAGE = 200
SECRETS: Mapping[str, str] = {"appKey": "demo-shanhai", "appSecret": "demo-9f2c4b7a51e84d0c"}

BAD_PARAMETER, THROTTLED, BROKEN = 40001, 42900, 50000
FAILURES = {
    "throttled": (200, {"code": THROTTLED, "msg": "请求过于频繁，请稍后再试", "data": None}),
    "server": (200, {"code": BROKEN, "msg": "系统繁忙", "data": None}),
    "signature": (200, {"code": 40101, "msg": "签名错误", "data": None}),
}
FILTERS = {"stage": "stages", "grade": "grade", "subject": "subject", "resType": "resType", "edition": "edition"}

Handler = Callable[[Mapping[str, str]], Any]


class RefusedError(Exception):
    """A parameter that the platform does not take."""


def build(seed: int = 2026, size: int | None = None, now: Clock = present, *, control: bool = False) -> Starlette:
    """The app with its catalog of `size` records."""
    count = SIZE if size is None else size
    catalog = Catalog(ChongqingRecords(seed, count), seed=seed, size=count, now=now, tombstones=True)
    simulation = Simulation(CODE, catalog, Faults(FAILURES), now, SECRETS)
    platform = _Platform(simulation, seed)
    routes = [
        Route("/openapi/v1/resources", platform.answer(platform.resources)),
        Route("/openapi/v1/resources/search", platform.answer(platform.search)),
        Route("/openapi/v1/usage/daily", platform.answer(platform.usage)),
        Route("/openapi/v1/training/records", platform.answer(platform.training)),
    ]
    return assemble(simulation, routes, control=control)


SIMULATOR = Simulator(CODE, "重庆云课堂", ("https://api.cqyunketang.example",), SECRETS, SIZE, build)


class _Platform:
    """Its endpoints."""

    def __init__(self, simulation: Simulation, seed: int) -> None:
        self._simulation, self._seed = simulation, seed
        self._gatekeeper = Gatekeeper(simulation)

    def answer(self, handler: Handler) -> Callable[[Request], Any]:
        """Judge the signature, call the handler, wrap in the envelope."""

        async def endpoint(request: Request) -> Json:
            query = request.query_params.multi_items()
            if refusal := self._gatekeeper.refusal(query):
                return Json({"code": refusal[0], "msg": refusal[1], "data": None})
            try:
                return Json({"code": 0, "msg": "success", "data": handler(dict(query))})
            except RefusedError as wrong:
                return Json({"code": BAD_PARAMETER, "msg": f"参数错误: {wrong}", "data": None})

        return endpoint

    def resources(self, query: Mapping[str, str]) -> Native:
        """The catalog, or what changed since `updatedSince`; deleted records are OFFLINE."""
        catalog = self._simulation.catalog
        return self._page(catalog.ordinals(_instant(query)), query)

    def search(self, query: Mapping[str, str]) -> Native:
        """Records online whose title, keywords, intro or lecturer hold every word of `keyword`."""
        words = tuple(query.get("keyword", "").lower().split())
        wanted = {field: query[name] for name, field in FILTERS.items() if query.get(name)}
        key = (words, tuple(sorted(wanted.items())))
        return self._page(self._simulation.catalog.search(key, lambda record: _matches(record, words, wanted)), query)

    def usage(self, query: Mapping[str, str]) -> list[Native]:
        """Daily figures from `startDate` to `endDate`, both included, at most 366 days; see `usage_rows`."""
        first, last = _day(query, "startDate"), _day(query, "endDate")
        if (last - first).days > 366:
            raise RefusedError("日期范围不能超过 366 天")
        return usage_rows(self._seed, first, last, self._simulation.today())

    def training(self, query: Mapping[str, str]) -> Native:
        """Training records, paged like resources, with `updatedSince`."""
        numbers = training_numbers(self._seed, CODE, TRAINING, CHONGQING_SCHOOLS, _instant(query))
        page, size = _paging(query)
        facts = [
            training_fact(self._seed, CODE, n, TRAINING, CHONGQING_SCHOOLS)
            for n in numbers[(page - 1) * size : page * size]
        ]
        return {
            "pageNo": page,
            "pageSize": size,
            "total": len(numbers),
            "list": [self._trained(fact) for fact in facts],
        }

    def _trained(self, fact: TrainingFact) -> Native:
        """Who developed a resource says which; those of one activity developed the same."""
        catalog, developed = self._simulation.catalog, {}
        if fact.kind == "资源研发" and catalog.size:
            developed = {"resourceId": catalog.native_id(fact.activity_number * RESOURCE_STEP % catalog.size)}
        return {
            "recordId": f"TR-{fact.number:06d}",
            "teacherId": fact.teacher,
            "teacherName": teacher(int(fact.teacher.partition("-")[2])),
            "activityId": f"ACT-{fact.activity_number:05d}",
            "activityName": fact.activity,
            "activityType": fact.kind,
            "level": fact.level,
            "form": fact.form,
            "role": fact.role,
            "school": fact.school.name,
            "region": fact.school.region,
            "startTime": fact.starts,
            "endTime": fact.ends,
            "quantity": fact.quantity,
            "unit": fact.unit,
            "result": "合格" if fact.passed else "不合格",
            "status": fact.state,
            "version": fact.version,
            "updateTime": fact.updated,
            **developed,
        }

    def _page(self, ordinals: Sequence[int], query: Mapping[str, str]) -> Native:
        catalog: Catalog = self._simulation.catalog
        page, size = _paging(query)
        records = [catalog.record(o) for o in ordinals[(page - 1) * size : page * size]]
        return {"pageNo": page, "pageSize": size, "total": len(ordinals), "list": records}


def _matches(record: Native, words: Sequence[str], wanted: Mapping[str, str]) -> bool:
    people = " ".join(member["name"] for member in record["team"])
    text = f"{record['title']} {record['keywords']} {record['intro']} {people}".lower()
    return all(word in text for word in words) and all(
        value in record[field] if isinstance(record[field], list) else value == record[field]
        for field, value in wanted.items()
    )


def _whole(query: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = query.get(name, str(default))
    if not text.isdigit() or not 1 <= int(text) <= most:
        raise RefusedError(f"{name} 应为 1 到 {most} 的整数")
    return int(text)


def _paging(query: Mapping[str, str]) -> tuple[int, int]:
    return _whole(query, "pageNo", 1, 10**9), _whole(query, "pageSize", 20, MAX_PAGE)


def _instant(query: Mapping[str, str]) -> int | None:
    text = query.get("updatedSince")
    if text is None or text == "":
        return None
    if not text.isdigit():
        raise RefusedError("updatedSince 应为毫秒时间戳")
    return int(text)


def _day(query: Mapping[str, str], name: str) -> date:
    try:
        return date.fromisoformat(query.get(name, ""))
    except ValueError:
        raise RefusedError(f"{name} 应为 YYYY-MM-DD") from None
