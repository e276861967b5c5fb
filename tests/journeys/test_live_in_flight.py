"""Connectors that come and go, and a process that is told to end, cost no live search and no stream anything."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.faults.serving_process import ServingProcess, serving
from tests.journeys.river import HOME, River, on_loopback, river_manifest

SEARCH = """query($q: String!) { search(query: $q, mode: LIVE, first: 10, timeoutMs: 8000) {
  totalCount nodes { title } sources { platform { code } state errorCode } } }"""
STREAM = """subscription($q: String!) { searchStream(query: $q, first: 10, timeoutMs: 8000) {
  source { platform { code } state } edges { node { title } } done } }"""
SECTION = "search:\n  protocol: rest\n  request: {path: /search}\n  paging: {kind: none}\n  records: items\n  text: q\n"
CODES = ("lake", "river")


def manifest(version: int = 1, title: str = "title", code: str = "river") -> str:
    return river_manifest(version, title=title, code=code) + SECTION


class SearchedRiver(River):
    """A river whose search takes a moment, so that every change of a connector meets calls under way."""

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/items", self._items), Route("/search", self._search)])

    async def _search(self, request: Request) -> JSONResponse:
        await asyncio.sleep(0.03)
        query = request.query_params.get("q", "")
        rows = [{"id": f"s{n}", "title": f"{query}第{n}课", "name": f"{query}第{n}讲", "note": query} for n in range(5)]
        return JSONResponse({"items": rows})


@asynccontextmanager
async def two_platforms(directory: Path) -> AsyncIterator[ServingProcess]:
    """A gateway process that serves a river and a lake."""
    async with (
        on_loopback(SearchedRiver().app()) as address,
        serving(directory, {HOME: address}, live_fresh_seconds=0, live_revalidate_seconds=0) as served,
    ):
        for code in CODES:
            await served.partner.serve(code, manifest(code=code))
        yield served


class Reader:
    """Searches and subscribes again and again, each time for something else."""

    def __init__(self, served: ServingProcess, name: str) -> None:
        self._http, self._name, self.asked = served.http, name, 0
        self.searches: list[dict[str, Any]] = []
        self.streams: list[list[dict[str, Any]]] = []

    async def search(self) -> None:
        response = await self._http.post("/graphql", json={"query": SEARCH, "variables": self._next()})
        assert response.status_code == 200, response.text
        self.searches.append(response.json())

    async def stream(self) -> None:
        self.streams.append(await events(self._http, self._next()))

    def _next(self) -> dict[str, str]:
        self.asked += 1
        return {"q": f"{self._name}{self.asked}"}


async def events(http: httpx.AsyncClient, variables: dict[str, str]) -> list[dict[str, Any]]:
    """What a streamed search tells; it must be told to its end."""
    body, told, complete = {"query": STREAM, "variables": variables}, list[dict[str, Any]](), False
    async with http.stream("POST", "/graphql", json=body, headers={"accept": "text/event-stream"}) as response:
        assert response.status_code == 200
        async for line in response.aiter_lines():
            complete = complete or line == "event: complete"
            if line.startswith("data: {"):
                told.append(orjson.loads(line.removeprefix("data: ")))
    assert complete
    return told


async def read_on(reader: Reader, stopping: asyncio.Event) -> None:
    while not stopping.is_set():
        await reader.search()
        await reader.stream()


async def change_the_river(served: ServingProcess) -> None:
    """New versions that are tried, served and taken back, and a stop in between."""
    partner = served.partner
    await partner.do("publishConnectorVersion", "river", manifest=manifest(2, "name"), canary=True)
    await partner.do("rollbackConnector", "river")
    await partner.do("publishConnectorVersion", "river", manifest=manifest(3, "name"))
    await partner.do("verifyConnector", "river")
    for _ in range(6):
        await partner.do("activateConnector", "river", version=3)
        await partner.do("rollbackConnector", "river")
    await partner.do("suspendConnector", "river", reason="maintenance")
    await partner.do("activateConnector", "river", version=3)


async def test_no_live_search_and_no_stream_is_lost_while_connectors_change(tmp_path: Path) -> None:
    async with two_platforms(tmp_path) as served:
        stopping = asyncio.Event()
        readers = [Reader(served, name) for name in ("甲", "乙", "丙", "丁")]
        reading = [asyncio.create_task(read_on(reader, stopping)) for reader in readers]
        try:
            await change_the_river(served)
        finally:
            stopping.set()
            await asyncio.gather(*reading)
    answers = [answer for reader in readers for answer in reader.searches]
    assert [answer["errors"] for answer in answers if "errors" in answer] == []
    assert len(answers) > 10
    for answer in answers:
        page = answer["data"]["search"]
        states = {source["platform"]["code"]: source["state"] for source in page["sources"]}
        assert states["lake"] == "OK"
        # a river that is suspended at this moment is left out or told as such; it never fails
        assert states.get("river", "SKIPPED") in ("OK", "SKIPPED")
        assert len(page["nodes"]) == 5 * sum(state == "OK" for state in states.values())
    streams = [told for reader in readers for told in reader.streams]
    assert len(streams) > 10
    for told in streams:
        assert ["errors" in one for one in told] == [False] * len(told)
        assert [one["data"]["searchStream"]["done"] for one in told] == [False] * (len(told) - 1) + [True]


async def test_requests_and_streams_under_way_are_finished_when_the_process_is_told_to_end(tmp_path: Path) -> None:
    async with two_platforms(tmp_path) as served:
        readers = [Reader(served, name) for name in ("甲", "乙", "丙", "丁")]
        under_way = [asyncio.create_task(reader.search()) for reader in readers]
        under_way += [asyncio.create_task(reader.stream()) for reader in readers]
        await asyncio.sleep(0.02)
        status = asyncio.create_task(served.end(signal.SIGTERM))
        await asyncio.gather(*under_way)
        assert await status == 0
        for reader in readers:
            assert [answer.keys() for answer in reader.searches] == [{"data"}]
            assert len(reader.streams) == 1
