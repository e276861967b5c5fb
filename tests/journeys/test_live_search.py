"""Live search through the whole gateway: simulators over HTTP that fail, hang and recover while clients read on."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from connectors.simulators import SIMULATORS
from connectors.simulators.faults import Faults
from gateway.cli.simulation import demo_secrets_environment, simulators
from tests.journeys.gateway import Client, harvest, running, settings_for

LIVE = """query($q: String!, $mode: SearchMode! = LIVE, $first: Int! = 20, $after: String, $ms: Int! = 5000,
  $filter: ResourceFilter) {
  search(query: $q, mode: $mode, first: $first, after: $after, timeoutMs: $ms, filter: $filter) {
    totalCount totalIsExact pageInfo { hasNextPage endCursor }
    edges { cursor score node { id title openToViewer platform { code } } }
    sources { platform { code } state count total latencyMs asOf filteredHere errorCode message } } }"""
SEARCHING = ["chongqing", "sichuan", "yuzhong", "zibo"]
ADMIN = {"Authorization": "Bearer correct horse battery staple"}
SKIPPED = ["national", "neijiang"]


class Platforms:
    """The gateway and the faults of every platform beneath it."""

    def __init__(self, client: Client, apps: dict[str, Starlette]) -> None:
        self.client = client
        self._apps = apps

    def faults(self, code: str) -> Faults:
        faults: Faults = self._apps[code].state.simulation.faults
        return faults

    async def search(self, **variables: Any) -> dict[str, Any]:
        body = {"query": LIVE, "variables": variables}
        answer = (await self.client.http.post("/graphql", json=body, headers=ADMIN)).json()
        assert "errors" not in answer, answer["errors"]
        page: dict[str, Any] = answer["data"]["search"]
        return page


@asynccontextmanager
async def platforms(directory: Path, **more: Any) -> AsyncIterator[Platforms]:
    apps = {code: simulator.build(size=60) for code, simulator in SIMULATORS.items()}
    with simulators(apps=apps) as reroutes, pytest.MonkeyPatch.context() as environment:
        for name, value in demo_secrets_environment().items():
            environment.setenv(name, value)
        key = ADMIN["Authorization"].removeprefix("Bearer ")
        settings = settings_for(directory, reroutes, schedule=False, harvest_workers=0, admin_key=key, **more)
        async with running(settings) as client:
            yield Platforms(client, apps)


def states(page: dict[str, Any]) -> dict[str, str]:
    return {source["platform"]["code"]: source["state"] for source in page["sources"]}


def found(page: dict[str, Any]) -> list[str]:
    return [edge["node"]["id"] for edge in page["edges"]]


async def test_every_platform_with_a_search_is_asked_and_the_others_are_named(tmp_path: Path) -> None:
    async with platforms(tmp_path) as world:
        page = await world.search(q="", first=50)
        assert states(page) == dict.fromkeys(SEARCHING, "OK") | dict.fromkeys(SKIPPED, "SKIPPED")
        assert {edge["node"]["platform"]["code"] for edge in page["edges"]} == set(SEARCHING)
        scores = [edge["score"] for edge in page["edges"]]
        assert scores == sorted(scores, reverse=True)
        assert sum(source["count"] for source in page["sources"]) == len(page["edges"])
        public = [edge["node"]["id"] for edge in page["edges"] if edge["node"]["openToViewer"]]
        again = await world.client.ask("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=[public[0], "nobody"])
        assert again["nodes"] == [{"id": public[0]}, None]


async def test_one_platform_that_hangs_costs_nobody_elses_hits(tmp_path: Path) -> None:
    async with platforms(tmp_path) as world:
        sound = await world.search(q="课", first=50)
        world.faults("sichuan").delay(4, times=None)
        page = await world.search(q="课 ", first=50, ms=1_500)
        assert states(page)["sichuan"] == "TIMEOUT"
        assert [code for code, state in states(page).items() if state == "OK"] == [
            code for code in SEARCHING if code != "sichuan"
        ]
        expected = {edge["node"]["id"] for edge in sound["edges"] if edge["node"]["platform"]["code"] != "sichuan"}
        assert expected <= set(found(page))


async def test_an_answer_comes_at_the_deadline_when_all_platforms_hang(tmp_path: Path) -> None:
    async with platforms(tmp_path) as world:
        for code in SEARCHING:
            world.faults(code).delay(4, times=None)
        page = await world.search(q="课", ms=500)
        assert states(page) == dict.fromkeys(SEARCHING, "TIMEOUT") | dict.fromkeys(SKIPPED, "SKIPPED")
        assert (page["edges"], page["totalCount"], page["totalIsExact"]) == ([], 0, False)
        assert page["pageInfo"]["hasNextPage"] is False


async def walk(world: Platforms, failing: Callable[[int], str | None] = lambda page: None) -> list[str]:
    """Ids on all pages in their order; `failing` names the platform that fails while a page is asked for."""
    seen: list[str] = []
    after, has_next = None, True
    for number in itertools.count():
        if not has_next:
            return seen
        if code := failing(number):
            world.faults(code).error(500, times=None)
        page = await world.search(q="课", first=19, after=after)
        if code:
            world.faults(code).clear()
            await asyncio.sleep(2.1)  # a failure is remembered for two seconds
        seen += found(page)
        after, has_next = page["pageInfo"]["endCursor"] or after, page["pageInfo"]["hasNextPage"]
    raise AssertionError


async def test_a_walk_repeats_nothing_and_misses_nothing_while_platforms_fail_and_recover(tmp_path: Path) -> None:
    async with platforms(tmp_path, live_fresh_seconds=0, live_revalidate_seconds=0, live_stale_seconds=0) as world:
        everything = await walk(world)
        assert len(everything) > 100
        assert len(everything) == len(set(everything))
        # the last pages are undisturbed, since a walk ends where all that answer have given everything
        disturbed = await walk(world, lambda page: SEARCHING[page] if page < 4 else None)
        assert len(disturbed) == len(set(disturbed))
        assert set(disturbed) == set(everything)


async def test_auto_asks_only_the_platforms_whose_harvest_is_missing_or_old(tmp_path: Path) -> None:
    async with platforms(tmp_path) as world:
        for code in ("chongqing", "zibo", "national", "neijiang"):
            await harvest(world.client.services, code)
        await world.client.services.catalog.catch_up()
        page = await world.search(q="课", mode="AUTO", first=100)
        assert states(page) == dict.fromkeys([*SEARCHING, *SKIPPED], "OK")
        told = {source["platform"]["code"]: source["latencyMs"] is not None for source in page["sources"]}
        assert [code for code, asked in sorted(told.items()) if asked] == ["sichuan", "yuzhong"]
        assert len(found(page)) == len(set(found(page)))
        assert {edge["node"]["platform"]["code"] for edge in page["edges"]} >= set(SEARCHING)
