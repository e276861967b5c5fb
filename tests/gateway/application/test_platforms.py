"""Platforms as the graph and the catalog know them, at the moment of asking."""

from pathlib import Path

from gateway.application import open_services
from gateway.registry import canary_code
from schema.access import Access
from tests.journeys.partner import partner_settings
from tests.journeys.river import HOME, River, on_loopback, river_manifest

BY = "administrator"


async def test_a_lane_is_known_by_name_and_listed_nowhere(tmp_path: Path) -> None:
    async with (
        on_loopback(River().app()) as address,
        open_services(partner_settings(tmp_path, {HOME: address})) as opened,
    ):
        actions, platforms = opened.graph_services().connectors, opened.platforms
        assert actions is not None
        assert platforms.all() == ()
        await actions.register(manifest=river_manifest(), credentials={}, by=BY)
        assert platforms.get("river") is None
        await actions.verify(platform="river", version=None, by=BY)
        await actions.activate(platform="river", version=None, by=BY)
        assert [view.description.code for view in platforms.all()] == ["river"]
        await actions.publish(platform="river", manifest=river_manifest(2, title="name"), canary=True, by=BY)
        lane = canary_code("river")
        assert list(platforms.codes()) == ["river"]
        assert [view.description.code for view in platforms.all()] == ["river"]
        found = platforms.get(lane)
        assert found is not None
        assert (found.description.access, platforms.label(lane), platforms.region(lane)) == (
            Access.SCHOOL,
            "江城云课堂",
            "500000",
        )
        assert [target.platform for target in opened.harvested.targets()] == ["river", lane]
        await actions.suspend(platform="river", reason="maintenance", by=BY)
        assert platforms.get("river") is not None, "what a suspended connector brought is still shown"
        assert opened.harvested.targets() == []


async def test_views_are_made_once_for_each_registry(tmp_path: Path) -> None:
    async with open_services(partner_settings(tmp_path, {}, builtin_platforms=True)) as opened:
        first, again = opened.platforms.get("zibo"), opened.platforms.get("zibo")
        assert first is not None
        assert first is again
        assert await opened.live.refresh() is False
        assert opened.platforms.get("zibo") is first
