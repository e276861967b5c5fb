"""`python -m benchmarks.responses`: what a kept answer costs against one that is computed; starts all it needs.

A gateway over a catalog in a temporary folder is served by one worker. It is asked for a page of 20 hits with sources
through one connection: the same page again and again (hits, plain and compressed), pages that differ (misses), and one
with `Cache-Control: no-cache` (bypassed). Beside them stands a bare Starlette route that reads the same and answers as
much. Figures are processor time of the serving process for each request, and how much of it is spent in the kernel:
one request at a time wakes every thread that it passes anew. uvicorn needs `httptools` to be worth measuring.
"""

import argparse
import asyncio
import itertools
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import orjson
import psutil

from benchmarks.responses.serving import COMMANDS, serving
from benchmarks.responses.watching import measure_watching
from benchmarks.search.__main__ import fill as store
from gateway.application import open_database_of
from gateway.settings import Settings

QUERY = """query Page($q: String!, $first: Int!) {
  search(query: $q, first: $first) {
    totalCount didYouMean pageInfo { endCursor hasNextPage }
    edges { cursor score node { id title kind stages url publishedAt
      subjects { code label } provider { name } platform { code name region { name } } } }
    sources { platform { code } state count total asOf }
  }
}"""
JSON = {"Content-Type": "application/json"}
WORDS = ("数学", "语文", "英语", "物理", "化学", "历史", "地理", "生物", "音乐", "美术")


def question(query: str) -> bytes:
    """The body of a request for one page."""
    return orjson.dumps({"query": QUERY, "variables": {"q": query, "first": 20}})


def ask(connection: HTTPConnection, query: str, **more: str) -> tuple[str | None, int]:
    """One page, asked with more headers; returns how it was answered and its size."""
    connection.request("POST", "/graphql", question(query), {**JSON, **more})
    response = connection.getresponse()
    text = response.read()
    if response.status != 200 or b'"errors"' in text:
        raise RuntimeError(text[:500].decode())
    return response.headers["X-Cache"], len(text)


def bare(connection: HTTPConnection) -> None:
    """The bare route, which reads what it is sent."""
    connection.request("POST", "/bare", question(WORDS[0]), JSON)
    connection.getresponse().read()


@dataclass(frozen=True, order=True)
class Cost:
    """Microseconds of processor time for each request: all of it, and what of it is the kernel's."""

    all: float
    system: float

    @classmethod
    def of(cls, server: psutil.Process, count: int, request: Callable[[], object]) -> "Cost":
        """Ask so many times."""
        before = server.cpu_times()
        for _number in range(count):
            request()
        after = server.cpu_times()
        user, system = after.user - before.user, after.system - before.system
        return cls((user + system) / count * 1e6, system / count * 1e6)


def cases_of(connection: HTTPConnection, count: int) -> dict[str, tuple[int, Callable[[], object]]]:
    """What is asked, and how often in a round."""
    numbers, few = itertools.count(), max(count // 10, 20)

    def hit(**more: str) -> None:
        if ask(connection, WORDS[0], **more)[0] != "hit":
            raise RuntimeError("the answer was not kept")

    def miss() -> None:
        number = next(numbers)
        if ask(connection, f"{WORDS[number % 10]} {number}")[0] != "miss":
            raise RuntimeError("the answer was kept already")

    return {
        "bare route": (count, lambda: bare(connection)),
        "hit": (count, hit),
        "hit by gzip": (count, lambda: hit(**{"Accept-Encoding": "gzip"})),
        "miss": (few, miss),
        "bypass": (few, lambda: ask(connection, WORDS[0], **{"Cache-Control": "no-cache"})),
    }


def measure(where: str, settings: Mapping[str, str], count: int, server: str) -> None:
    """Ask and print."""
    with serving(settings, server) as (connection, process):
        size = ask(connection, WORDS[0])[1]
        cases = cases_of(connection, count)
        best = dict.fromkeys(cases, Cost(float("inf"), 0))
        for _round in range(3):
            for name, (times, request) in cases.items():
                best[name] = min(best[name], Cost.of(process, times, request))
    a_hit = best["hit"].all or float("nan")  # few requests may take less than the clock of processors tells
    for name, cost in best.items():
        told = f"{cost.all:8.0f} µs, {cost.system:6.0f} of them the kernel's, {cost.all / a_hit:6.2f} × a hit"
        print(f"{server:<8} {where:<8} {name:<12} {told}")
    print(f"{server:<8} {where:<8} answer of {size} bytes; best of 3 rounds of {count} requests, fewer where computed")


async def fill(folder: str, count: int) -> None:
    """A catalog of so many records."""
    async with open_database_of(Settings(data_dir=Path(folder))) as database:
        await store(database, count)


def main() -> None:
    """Fill, serve, ask, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.responses", description=__doc__)
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--requests", type=int, default=3_000)
    parser.add_argument("--server", action="append", choices=sorted(COMMANDS), help="default: granian; may be repeated")
    parser.add_argument("--redis", help="measure with this Redis too, such as redis://127.0.0.1:6379/15")
    arguments = parser.parse_args()
    measure_watching(arguments.requests)
    servers = arguments.server or ("granian",)
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(fill(folder, arguments.records))
        settings = {"SHANHAI_DATA_DIR": folder, "SHANHAI_HARVEST_WORKERS": "0", "SHANHAI_RESPONSE_CACHE_SECONDS": "600"}
        settings |= {"SHANHAI_ANONYMOUS_REQUESTS": "0", "SHANHAI_ANONYMOUS_COST": "0"}
        for server in servers:
            measure("memory", settings, arguments.requests, server)
            if arguments.redis:
                measure("Redis", {**settings, "SHANHAI_REDIS_URL": arguments.redis}, arguments.requests, server)


if __name__ == "__main__":
    main()
