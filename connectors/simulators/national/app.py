"""国家中小学智慧教育平台 as an ASGI app: static JSON on three hosts, with validators, and an invented live search."""

import hashlib
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from email.utils import formatdate, parsedate_to_datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.simulators.catalog import Catalog, Native
from connectors.simulators.draw import Draw
from connectors.simulators.faults import Faults
from connectors.simulators.national.records import NationalRecords
from connectors.simulators.national.tags import lesson_tags, textbook_tags
from connectors.simulators.simulation import Clock, Json, Simulation, Simulator, assemble, present

CODE = "national"
SIZE = 3_000
PART_ROWS = 1_000
FIRST_PART = 100
MAX_PAGE = 100
ORIGINS = tuple(f"https://s-file-{number}.ykt.cbern.com.cn" for number in (1, 2, 3))
LESSONS = "/zxx/ndrs/national_lesson/teachingmaterials"
TEXTBOOKS = "/zxx/ndrs/resources/tch_material"
MISSING = (
    '<?xml version="1.0" encoding="UTF-8"?><Error><Code>NoSuchKey</Code>'
    "<Message>The specified key does not exist.</Message></Error>"
)
FAILURES = {
    "throttled": (429, {"code": "CS/TOO_MANY_REQUESTS", "message": "请求过于频繁"}),
    "server": (503, {"code": "CS/SERVICE_UNAVAILABLE", "message": "服务暂不可用"}),
    "session": (401, {"code": "CS/REQUIRE_SESSION", "message": "需要登录"}),
}
TAG_FILTERS = ("zxxxd", "zxxnj", "zxxxk", "zxxbb", "zxxcc")


def build(seed: int = 2026, size: int | None = None, now: Clock = present, *, control: bool = False) -> Starlette:
    """The app with a catalog of `size` rows, two fifths of them textbooks."""
    count = SIZE if size is None else size
    records = NationalRecords(seed, count * 2 // 5)
    catalog = Catalog(records, seed=seed, size=count, now=now, tombstones=False)
    simulation = Simulation(CODE, catalog, Faults(FAILURES), now)
    platform = _Platform(catalog, records)
    routes = [
        Route(f"{LESSONS}/version/data_version.json", platform.file(platform.lesson_version)),
        Route(f"{TEXTBOOKS}/version/data_version.json", platform.file(platform.textbook_version)),
        Route(f"{LESSONS}/part_{{number:int}}.json", platform.file(platform.lesson_part)),
        Route(f"{TEXTBOOKS}/part_{{number:int}}.json", platform.file(platform.textbook_part)),
        Route("/zxx/ndrs/tags/national_lesson_tag.json", platform.file(lambda _: lesson_tags())),
        Route("/zxx/ndrs/tags/tch_material_tag.json", platform.file(lambda _: textbook_tags())),
        Route("/zxx/search/v1/resources", platform.search),
        Route("/{path:path}", _missing),
    ]
    return assemble(simulation, routes, control=control)


SIMULATOR = Simulator(CODE, "国家中小学智慧教育平台", ORIGINS, {}, SIZE, build)


class _Platform:
    """Its files."""

    def __init__(self, catalog: Catalog, records: NationalRecords) -> None:
        self._catalog, self._records = catalog, records

    def file(self, content: Callable[[Request], Any]) -> Callable[[Request], Any]:
        """A file with validators that change when the catalog does; a content of None is a file that does not exist."""

        async def endpoint(request: Request) -> Response:
            catalog = self._catalog
            key = f"{catalog.seed}:{catalog.size}:{catalog.revision}:{request.url.path}"
            tag = f'"{hashlib.blake2b(key.encode(), digest_size=8).hexdigest()}"'
            validators = {"ETag": tag, "Last-Modified": formatdate(catalog.changed_at // 1000, usegmt=True)}
            if _unchanged(request, tag, catalog.changed_at // 1000):
                return Response(status_code=304, headers=validators)
            value = content(request)
            if value is None:
                return await _missing(request)
            return Json(value, headers=validators)

        return endpoint

    def lesson_version(self, _: Request) -> Native:
        """`urls` as an array."""
        urls = self._urls(LESSONS)
        return {"module": "national_lesson", "module_version": 697_162_552 + self._catalog.revision, "urls": urls}

    def textbook_version(self, _: Request) -> Native:
        """`urls` as text joined by commas."""
        urls = ",".join(self._urls(TEXTBOOKS))
        return {"module": "tch_material", "module_version": 1_380_630_678 + self._catalog.revision, "urls": urls}

    def lesson_part(self, request: Request) -> list[Native] | None:
        """Rows of one part, or None past the last."""
        return self._part(LESSONS, request.path_params["number"])

    def textbook_part(self, request: Request) -> list[Native] | None:
        """Rows of one part, or None past the last."""
        return self._part(TEXTBOOKS, request.path_params["number"])

    async def search(self, request: Request) -> Response:
        """Rows whose title or tags hold every word of `keyword`; the total is text, as on its regional relatives."""
        query = request.query_params
        words = tuple(query.get("keyword", "").lower().split())
        wanted = {name: query[name] for name in TAG_FILTERS if query.get(name)}
        offset, limit = query.get("offset", "0"), query.get("limit", "20")
        if not (offset.isdigit() and limit.isdigit() and 1 <= int(limit) <= MAX_PAGE):
            problem = {"code": "CS/INVALID_ARGUMENT", "message": f"offset 应为非负整数，limit 应为 1 到 {MAX_PAGE}"}
            return Json(problem, 400)
        key = (words, tuple(sorted(wanted.items())))
        found = self._catalog.search(key, lambda row: _matches(row, words, wanted))
        items = [self._catalog.record(o) for o in found[int(offset) : int(offset) + int(limit)]]
        return Json({"total": str(len(found)), "items": items})

    def _rows(self, module: str) -> tuple[Sequence[int], int, int]:
        """The ordinals of the catalog, and from where to where in them the module lies."""
        ordinals = self._catalog.ordinals()
        split = bisect_left(ordinals, self._records.textbooks)
        return (ordinals, 0, split) if module == TEXTBOOKS else (ordinals, split, len(ordinals))

    def _part(self, module: str, number: int) -> list[Native] | None:
        ordinals, start, stop = self._rows(module)
        first = start + (number - FIRST_PART) * PART_ROWS
        if number < FIRST_PART or first >= max(start + 1, stop):
            return None
        return [self._catalog.record(ordinal) for ordinal in ordinals[first : min(stop, first + PART_ROWS)]]

    def _urls(self, module: str) -> list[str]:
        _, start, stop = self._rows(module)
        parts = range(FIRST_PART, FIRST_PART + max(1, -(-(stop - start) // PART_ROWS)))
        return [f"{Draw(module, number).pick(ORIGINS)}{module}/part_{number}.json" for number in parts]


def _unchanged(request: Request, tag: str, changed: int) -> bool:
    if (given := request.headers.get("if-none-match")) is not None:
        return given.strip() == "*" or tag in [entry.strip().removeprefix("W/") for entry in given.split(",")]
    since = request.headers.get("if-modified-since")
    try:
        return since is not None and parsedate_to_datetime(since).timestamp() >= changed
    except ValueError:
        return False


async def _missing(_: Request) -> Response:
    return Response(MISSING, 404, media_type="application/xml")


def _matches(row: Native, words: Sequence[str], wanted: Mapping[str, str]) -> bool:
    tags = {tag["tag_dimension_id"]: tag["tag_name"] for tag in row["tag_list"]}
    text = f"{row['title']} {' '.join(tags.values())}".lower()
    return all(word in text for word in words) and all(tags.get(name) == value for name, value in wanted.items())
