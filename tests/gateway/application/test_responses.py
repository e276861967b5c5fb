"""Kept answers in a whole gateway: given again until a harvest, a connector or the day changes, and shared in Redis."""

import asyncio
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy.exc import OperationalError

from gateway.application.responses import ServedGenerations
from tests.journeys.gateway import Client, harvest, running
from tests.journeys.partner import ADMIN_KEY, Partner, partner_settings
from tests.journeys.river import HOME, River, on_loopback, river_manifest

PAGE = """{ search(query: "勾股定理") { totalCount nodes { title } sources { platform { code } state total asOf } } }"""
PATIENCE = 20.0


async def asked(client: Client, query: str = PAGE, **headers: str) -> httpx.Response:
    """One query over HTTP."""
    response = await client.http.post("/graphql", json={"query": query}, headers=headers)
    assert "errors" not in response.json(), response.json()
    return response


async def until(client: Client, outcome: str, **headers: str) -> httpx.Response:
    """Ask until the answer comes so: harvests are looked up in the background."""
    deadline = time.monotonic() + PATIENCE
    while (response := await asked(client, **headers)).headers["x-cache"] != outcome:
        assert time.monotonic() < deadline, f"never {outcome}"
        await asyncio.sleep(0.02)
    return response


def template(sqlite_template: Path, directory: Path) -> None:
    shutil.copyfile(sqlite_template, directory / "shanhai.db")


async def test_an_answer_is_kept_until_a_harvest_or_a_connector_changes_it(
    tmp_path: Path, sqlite_template: Path
) -> None:
    template(sqlite_template, tmp_path)
    river = River()
    async with on_loopback(river.app()) as address, running(partner_settings(tmp_path, {HOME: address})) as client:
        await Partner(client).serve("river", river_manifest(), {})
        await Partner(client).harvest("river")
        await client.services.catalog.catch_up()
        first = await until(client, "hit")
        assert first.json()["data"]["search"]["totalCount"] == 30
        assert first.headers["vary"] == "Accept, Accept-Encoding, Authorization, Shanhai-Purpose, Shanhai-Cost"
        assert int(first.headers["age"]) <= PATIENCE

        fresh = await asked(client, **{"cache-control": "no-cache"})
        assert (fresh.headers["x-cache"], "age" in fresh.headers) == ("bypass", False)
        assert (await asked(client, **{"cache-control": "max-age=0"})).headers["x-cache"] == "hit"
        assert (await asked(client, "{ viewer { name } }")).headers["x-cache"] == "bypass"

        river.records = 20
        await harvest(client.services, "river")
        await client.services.catalog.catch_up()
        changed = await asked(client)
        assert (changed.headers["x-cache"], changed.json()["data"]["search"]["totalCount"]) == ("miss", 20)
        await until(client, "hit")

        await harvest(client.services, "river")  # which changes nothing but when it ended
        assert (await until(client, "miss")).json()["data"]["search"]["sources"][0]["state"] == "OK"
        await until(client, "hit")

        await Partner(client).do("suspendConnector", "river", reason="maintenance")
        assert (await asked(client)).headers["x-cache"] == "miss"


async def test_an_administrators_answers_are_nobody_elses(tmp_path: Path, sqlite_template: Path) -> None:
    template(sqlite_template, tmp_path)
    async with running(partner_settings(tmp_path, {})) as client:
        own = {"authorization": f"Bearer {ADMIN_KEY}"}
        await until(client, "hit", **own)
        assert (await asked(client)).headers["x-cache"] == "miss"
        again = await asked(client, **own)
        assert (again.headers["x-cache"], again.headers["cache-control"]) == ("hit", "no-store")


async def test_two_gateways_of_one_directory_share_answers_in_redis_and_another_does_not(
    tmp_path: Path, sqlite_template: Path, redis_url: str
) -> None:
    (tmp_path / "other").mkdir()
    for directory in (tmp_path, tmp_path / "other"):
        template(sqlite_template, directory)
    settings = partner_settings(tmp_path, {}, redis_url=redis_url)
    elsewhere = partner_settings(tmp_path / "other", {}, redis_url=redis_url)
    async with running(settings) as one, running(settings) as two, running(elsewhere) as three:
        await until(one, "hit")
        found = await asked(two)
        while found.headers["x-cache"] == "bypass":  # it has not looked up harvests yet
            found = await asked(two)
        assert found.headers["x-cache"] == "hit"
        assert (await until(three, "miss")).status_code == 200


async def test_a_gateway_that_keeps_nothing_says_nothing_of_it(tmp_path: Path, sqlite_template: Path) -> None:
    template(sqlite_template, tmp_path)
    async with running(partner_settings(tmp_path, {}, response_cache_seconds=0)) as client:
        assert ["x-cache" in (await asked(client)).headers for _ in range(2)] == [False, False]


class _Harvests:
    """When a harvest ended last, or that nobody can tell."""

    ended: datetime | Exception | None = None

    async def latest_end(self) -> datetime | None:
        if isinstance(self.ended, Exception):
            raise self.ended
        return self.ended


@pytest.mark.parametrize("failure", [OperationalError("SELECT", {}, OSError()), ValueError("unexpected")])
async def test_generations_tell_the_day_and_keep_silent_without_a_database(
    tmp_path: Path, sqlite_template: Path, failure: Exception
) -> None:
    template(sqlite_template, tmp_path)
    async with running(partner_settings(tmp_path, {})) as client:
        harvests: Any = _Harvests()
        now = datetime(2026, 3, 1, 15, 59, tzinfo=UTC)
        services = client.services
        generations = ServedGenerations(services.catalog, services.statistics, services.live, harvests, lambda: now)
        assert generations.token() is None
        await generations.look()
        before = generations.token()
        assert before is not None
        assert before.endswith(".None.2026-03-01")
        now = datetime(2026, 3, 1, 16, 0, tzinfo=UTC)  # midnight in China
        assert generations.token() == before.replace("2026-03-01", "2026-03-02")
        harvests.ended = now
        await generations.look()
        assert generations.token() not in (None, before)
        harvests.ended = failure
        await generations.look()
        assert generations.token() is None
