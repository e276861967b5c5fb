"""What a process does in the background goes on whatever happens, and undoes nothing that another one has begun."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from gateway.application import Services, open_services
from gateway.application.tidying import Tidying
from gateway.registry import LiveRegistry
from tests.journeys.gateway import harvest
from tests.journeys.partner import partner_settings
from tests.journeys.river import HOME, River, on_loopback, river_manifest

BY = "administrator"
LANE = "river@canary"


def tidying(opened: Services) -> Tidying:
    """What tidies up in a process."""
    return Tidying(opened.live, opened.registrations, opened.harvesting, opened.catalog)


async def test_a_trial_that_another_process_began_is_left_alone_and_its_remains_are_removed(tmp_path: Path) -> None:
    async with on_loopback(River().app()) as address:
        one_settings = partner_settings(tmp_path, {HOME: address})
        async with open_services(one_settings) as one, open_services(one_settings) as other:
            actions = one.graph_services().connectors
            assert actions is not None
            await actions.register(manifest=river_manifest(), credentials={}, by=BY)
            await actions.publish(platform="river", manifest=river_manifest(2), canary=True, by=BY)
            await harvest(one, LANE)
            await one.catalog.catch_up()
            assert await one.catalog.counts_by_platform() == {LANE: 30}
            late = Tidying(other.live, other.registrations, other.harvesting, one.catalog)
            assert other.registry.get(LANE) is None
            await late.look()
            await one.catalog.catch_up()
            assert await one.catalog.counts_by_platform() == {LANE: 30}
            await one.registrations.rollback("river", BY)
            await one.live.refresh()
            await tidying(one).look()
            await one.catalog.catch_up()
            assert await one.catalog.counts_by_platform() == {}


async def test_records_outlive_a_missing_file_and_not_a_retirement(tmp_path: Path) -> None:
    file, away = tmp_path / "manifests" / "river.yaml", tmp_path / "river.yaml"
    file.parent.mkdir()
    file.write_text(river_manifest(), "utf-8")
    async with on_loopback(River().app()) as address:
        settings = partner_settings(tmp_path, {HOME: address}, manifests=[file.parent])
        async with open_services(settings) as opened:
            assert (await harvest(opened, "river")).created == 30
        file.rename(away)
        async with open_services(settings) as opened:
            assert opened.registry.get("river") is None
            await tidying(opened).look()
            await opened.catalog.catch_up()
            assert await opened.catalog.counts_by_platform() == {"river": 30}
        away.rename(file)
        async with open_services(settings) as opened:
            assert opened.registry.get("river") is not None
            assert await opened.catalog.counts_by_platform() == {"river": 30}
            await opened.registrations.retire("river", BY)
            await opened.live.refresh()
            await tidying(opened).look()
            await opened.catalog.catch_up()
            assert await opened.catalog.counts_by_platform() == {}


@pytest.mark.parametrize("error", [OSError("away"), LookupError("a row that nobody expects")])
@pytest.mark.parametrize("what", ["tidying", "registry"])
async def test_an_error_in_the_background_is_told_and_tried_again(
    what: str, error: Exception, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_services(partner_settings(tmp_path, {})) as opened:
        stopping, failures = asyncio.Event(), [error]
        followed: Tidying | LiveRegistry = tidying(opened) if what == "tidying" else opened.live
        wanted: Callable[[], Awaitable[object]] = getattr(followed, name := "look" if what == "tidying" else "refresh")

        async def failing_once(_self: object) -> object:
            if failures:
                raise failures.pop()
            stopping.set()
            return await wanted()

        monkeypatch.setattr(type(followed), name, failing_once)
        with caplog.at_level(logging.WARNING):
            await asyncio.wait_for(followed.follow(0.01, stopping), 10)
    [record] = [each for each in caplog.records if each.name.startswith("shanhai")]
    assert record.levelno == (logging.WARNING if isinstance(error, OSError) else logging.ERROR)
