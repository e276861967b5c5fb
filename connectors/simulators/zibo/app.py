"""淄博 交互式在线教学系统 as an ASGI app: every call is a POST with JSON, and sessions end while one is reading."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from connectors.simulators.catalog import Catalog, Native
from connectors.simulators.faults import Faults
from connectors.simulators.people import ZIBO_RURAL_SCHOOLS, ZIBO_SCHOOLS
from connectors.simulators.simulation import CHINA, Clock, Json, Simulation, Simulator, assemble, present
from connectors.simulators.training import TrainingFact, training_fact, training_numbers
from connectors.simulators.zibo.records import ZiboRecords, local
from connectors.simulators.zibo.sessions import LIFETIME, Sessions
from connectors.simulators.zibo.statistics import CODE, usage_rows

SIZE = 2_000
TRAINING = 900
MAX_PAGE = 100
SECRETS: Mapping[str, str] = {"account": "shanhai", "password": "demo-4d1f77a0"}
SCHOOLS = ZIBO_SCHOOLS + ZIBO_RURAL_SCHOOLS


def _error(code: str, message: str) -> Native:
    return {"success": False, "errCode": code, "errMsg": message, "data": None}


FAILURES = {
    "throttled": (429, _error("TOO_FREQUENT", "操作过于频繁")),
    "server": (200, _error("SYSTEM_ERROR", "系统异常，请稍后重试")),
    "expired": (200, _error("SESSION_EXPIRED", "会话已过期，请重新登录")),
}
FILTERS = ("xueduan", "nianji", "xueke", "classroomType", "tier", "districtCode", "category")

Body = Mapping[str, Any]
Handler = Callable[[Body], Any]


class RefusedError(Exception):
    """A body that the platform does not take."""


def build(seed: int = 2026, size: int | None = None, now: Clock = present, *, control: bool = False) -> Starlette:
    """The app with its catalog of `size` records."""
    count = SIZE if size is None else size
    catalog = Catalog(ZiboRecords(seed, count), seed=seed, size=count, now=now, tombstones=False)
    simulation = Simulation(CODE, catalog, Faults(FAILURES), now, SECRETS)
    platform = _Platform(simulation, seed)
    routes = [
        Route("/api/auth/login", platform.login, methods=["POST"]),
        Route("/api/resource/list", platform.answer(platform.resources), methods=["POST"]),
        Route("/api/resource/search", platform.answer(platform.search), methods=["POST"]),
        Route("/api/stat/daily", platform.answer(platform.usage), methods=["POST"]),
        Route("/api/training/list", platform.answer(platform.training), methods=["POST"]),
    ]
    return assemble(simulation, routes, control=control)


SIMULATOR = Simulator(CODE, "交互式在线教学系统", ("https://jiaohu.zbedu.example",), SECRETS, SIZE, build)


class _Platform:
    """Its endpoints."""

    def __init__(self, simulation: Simulation, seed: int) -> None:
        self._simulation, self._seed = simulation, seed
        self._sessions = Sessions(simulation, seed)

    async def login(self, request: Request) -> Json:
        """Give a token."""
        try:
            body = await _body(request)
        except RefusedError as wrong:
            return Json(_error("BAD_REQUEST", str(wrong)))
        token = self._sessions.login(body.get("account"), body.get("password"))
        if token is None:
            return Json(_error("LOGIN_FAILED", "账号或密码错误"))
        return Json(_success({"token": token, "expiresIn": LIFETIME // 1000}))

    def answer(self, handler: Handler) -> Callable[[Request], Any]:
        """Judge the session, call the handler, wrap in the envelope."""

        async def endpoint(request: Request) -> Json:
            token = request.headers.get("x-session-token")
            if not token:
                return Json(_error("SESSION_REQUIRED", "请先登录"), 401)
            if not self._sessions.use(token):
                return Json(_error("SESSION_EXPIRED", "会话已过期，请重新登录"))
            try:
                return Json(_success(handler(await _body(request))))
            except RefusedError as wrong:
                return Json(_error("BAD_REQUEST", str(wrong)))

        return endpoint

    def resources(self, body: Body) -> Native:
        """The catalog, or what was modified since `modifiedSince`."""
        catalog = self._simulation.catalog
        return _page(body, catalog.ordinals(_since(body)), catalog.record)

    def search(self, body: Body) -> Native:
        """Records whose name, remark or speaker hold every word of `keyword`."""
        given = _filter(body)
        words = tuple(str(given.get("keyword") or "").lower().split())
        wanted = {name: given[name] for name in FILTERS if given.get(name)}
        key = (words, tuple(sorted((name, str(value)) for name, value in wanted.items())))
        catalog = self._simulation.catalog
        return _page(body, catalog.search(key, lambda record: _matches(record, words, wanted)), catalog.record)

    def usage(self, body: Body) -> Native:
        """Daily figures from `beginDate` to `endDate`, both included; see `usage_rows`."""
        first, last = _day(body, "beginDate"), _day(body, "endDate")
        return {"rows": usage_rows(self._seed, first, last, self._simulation.today())}

    def training(self, body: Body) -> Native:
        """Training records, paged like resources."""
        numbers = training_numbers(self._seed, CODE, TRAINING, SCHOOLS, _since(body))
        return _page(body, numbers, lambda n: _trained(training_fact(self._seed, CODE, n, TRAINING, SCHOOLS)))


def _success(data: Any) -> Native:
    return {"success": True, "errCode": None, "errMsg": None, "data": data}


def _trained(fact: TrainingFact) -> Native:
    return {
        "id": 700_001 + fact.number,
        "teacherNo": fact.teacher,
        "activityNo": f"HD{fact.activity_number:05d}",
        "activityName": fact.activity,
        "leibie": fact.kind,
        "jibie": fact.level,
        "xingshi": fact.form,
        "juese": fact.role,
        "school": fact.school.name,
        "districtCode": fact.school.region,
        "rural": fact.school.rural,
        "beginTime": local(fact.starts),
        "endTime": local(fact.ends),
        "amount": fact.quantity,
        "danwei": fact.unit,
        "result": "合格" if fact.passed else "不合格",
        "zhuangtai": fact.state,
        "version": fact.version,
        "modifyTime": local(fact.updated),
    }


def _page(body: Body, numbers: Sequence[int], record: Callable[[int], Native]) -> Native:
    page = body.get("page") or {}
    if not isinstance(page, dict):
        raise RefusedError("page 应为对象")
    index, size = _whole(page, "index", 1, 10**9), _whole(page, "size", 50, MAX_PAGE)
    rows = [record(number) for number in numbers[(index - 1) * size : index * size]]
    total = len(numbers)
    return {"rows": rows, "page": {"index": index, "size": size, "total": total, "pages": -(-total // size)}}


def _matches(record: Native, words: Sequence[str], wanted: Mapping[str, Any]) -> bool:
    text = f"{record['name']} {record['remark']} {record['speaker']['name']}".lower()
    return all(word in text for word in words) and all(record[name] == value for name, value in wanted.items())


async def _body(request: Request) -> Body:
    try:
        body = await request.json()
    except ValueError:
        raise RefusedError("请求体应为 JSON") from None
    if not isinstance(body, dict):
        raise RefusedError("请求体应为 JSON 对象")
    return body


def _filter(body: Body) -> Body:
    given = body.get("filter") or {}
    if not isinstance(given, dict):
        raise RefusedError("filter 应为对象")
    return given


def _whole(page: Body, name: str, default: int, most: int) -> int:
    value = page.get(name, default)
    if not isinstance(value, int) or not 1 <= value <= most:
        raise RefusedError(f"page.{name} 应为 1 到 {most} 的整数")
    return value


def _since(body: Body) -> int | None:
    text = _filter(body).get("modifiedSince")
    if not text:
        return None
    try:
        moment = datetime.strptime(str(text), "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)
    except ValueError:
        raise RefusedError("filter.modifiedSince 应为 YYYY-MM-DD HH:MM:SS") from None
    return int(moment.timestamp() * 1000)


def _day(body: Body, name: str) -> date:
    try:
        return date.fromisoformat(str(_filter(body).get(name)))
    except ValueError:
        raise RefusedError(f"filter.{name} 应为 YYYY-MM-DD") from None
