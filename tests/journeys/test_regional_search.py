"""The question the product exists for: one lesson topic on several regional platforms, while they are harvested."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import text
from starlette.applications import Starlette

from connectors.simulators import SIMULATORS
from gateway.cli.simulation import demo_secrets, simulators
from gateway.settings import Settings
from schema.regions import region_tree
from tests.journeys.gateway import Client, harvest_once, running, settings_for

FILTER = {"stages": ["JUNIOR_SECONDARY"], "regions": ["500000"]}
SEARCH = """query S($after: String, $sort: ResourceSort! = RELEVANCE, $first: Int! = 20) {
  search(query: "勾股定理", filter: {stages: [JUNIOR_SECONDARY], regions: ["500000"]},
         sort: $sort, first: $first, after: $after) {
    totalCount totalIsExact
    facets(dimensions: [PLATFORM, KIND], limit: 50) { dimension buckets { value count } }
    edges { node { id nativeId platform { code } } } pageInfo { hasNextPage endCursor } } }"""


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[tuple[Settings, dict[str, Starlette]]]:
    """重庆 and 渝中 harvested into an embedded gateway, and their simulators."""
    apps = {code: SIMULATORS[code].build() for code in ("chongqing", "yuzhong", "zibo")}
    with simulators(size=20, apps=apps) as reroutes:
        settings = settings_for(tmp_path, reroutes)
        runs = await harvest_once(settings, demo_secrets(), "chongqing", "yuzhong", "zibo")
        assert [(run.state, run.created) for run in runs] == [
            ("SUCCEEDED", 2330),
            ("SUCCEEDED", 874),
            ("SUCCEEDED", 1990),
        ]
        yield settings, apps


async def expected(client: Client) -> list[tuple[str, str, str]]:
    """Platform, native id and kind of what must be found, by looking at every stored record."""
    async with client.services.database.reading() as connection:
        rows = await connection.execute(
            text("SELECT platform, native_id, body, access FROM resources WHERE withdrawn_at IS NULL")
        )
        stored = [(row.platform, row.native_id, orjson.loads(row.body), row.access) for row in rows]
    return sorted(
        (platform, native_id, record["kind"])
        for platform, native_id, record, access in stored
        if "勾股定理" in " ".join([record["title"], record.get("summary", ""), *record.get("keywords", ())])
        and "JUNIOR_SECONDARY" in record.get("stages", ())
        and region_tree().is_within(record.get("region") or _home(platform), "500000")
        and access in ("PUBLIC", "REGISTERED", "PROVINCE")
    )


def _home(platform: str) -> str:
    return {"chongqing": "500000", "yuzhong": "500103", "zibo": "370300"}[platform]


async def walk(client: Client, sort: str, first: int = 7) -> list[dict[str, Any]]:
    """Every node of the search, page by page."""
    nodes: list[dict[str, Any]] = []
    after = None
    while True:
        page = (await client.ask(SEARCH, after=after, sort=sort, first=first))["search"]
        nodes += [edge["node"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return nodes


@pytest.mark.slow
async def test_results_totals_and_facets_equal_what_is_stored(world: tuple[Settings, dict[str, Starlette]]) -> None:
    settings, _ = world
    async with running(settings) as client:
        wanted = await expected(client)
        found = (await client.ask(SEARCH))["search"]
        assert found["totalCount"] == len(wanted)
        assert found["totalIsExact"] is True
        facets = {f["dimension"]: {b["value"]: b["count"] for b in f["buckets"]} for f in found["facets"]}
        assert facets["PLATFORM"] == dict(Counter(platform for platform, _, _ in wanted))
        assert set(facets["PLATFORM"]) == {"chongqing", "yuzhong"}
        assert facets["KIND"] == dict(Counter(kind for _, _, kind in wanted))
        for sort in ("RELEVANCE", "NEWEST", "TITLE", "MOST_USED"):
            nodes = await walk(client, sort)
            assert sorted((node["platform"]["code"], node["nativeId"]) for node in nodes) == [
                (platform, native_id) for platform, native_id, _ in wanted
            ]


@pytest.mark.slow
async def test_a_walk_beside_a_harvest_meets_every_unchanged_record_once(
    world: tuple[Settings, dict[str, Starlette]],
) -> None:
    settings, apps = world
    catalog = apps["chongqing"].state.simulation.catalog
    async with running(settings) as client:
        before = [(platform, native_id) for platform, native_id, _ in await expected(client)]
        changed = {native_id for platform, native_id in before if platform == "chongqing"}
        touched = sorted(changed)[:20]
        for native_id in touched[:10]:
            catalog.delete(native_id)
        for native_id in touched[10:]:
            catalog.update(native_id, courseName="勾股定理的另一种证明")
        harvesting = asyncio.create_task(harvest_once(settings, demo_secrets(), "chongqing"))
        walks = [await walk(client, sort, first=3) for sort in ("NEWEST", "RELEVANCE", "OLDEST")]
        [run] = await harvesting
        assert run.withdrawn == 10
        for nodes in walks:
            keys = [(node["platform"]["code"], node["nativeId"]) for node in nodes]
            assert len(keys) == len(set(keys))
            assert {key for key in before if key[1] not in touched} <= set(keys)


async def test_tiers_below_the_province_are_counted_but_shown_to_the_administrator_only(tmp_path: Path) -> None:
    with simulators(size=120) as reroutes:
        settings = settings_for(tmp_path, reroutes, admin_key="correct horse battery staple")
        [run] = await harvest_once(settings, demo_secrets(), "zibo")
        query = """{ search { totalCount facets(dimensions: [ACCESS]) { buckets { value count } } }
                     platform(code: "zibo") { resourceCount } }"""
        async with running(settings) as client:
            everybody = await client.ask(query)
            client.http.headers["authorization"] = "Bearer correct horse battery staple"
            administrator = await client.ask(query)
        assert everybody["platform"]["resourceCount"] == run.created
        assert administrator["search"]["totalCount"] == run.created
        assert everybody["search"]["totalCount"] < run.created
        shown = {bucket["value"] for bucket in everybody["search"]["facets"][0]["buckets"]}
        assert shown.isdisjoint({"CITY", "DISTRICT", "SCHOOL"})
