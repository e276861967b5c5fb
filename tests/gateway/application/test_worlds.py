"""The world a connector is given: its secrets with where they may travel, and a transport that is closed behind it."""

import asyncio
from pathlib import Path

import pytest

from connectors.errors import EgressRefused
from connectors.manifest import ManifestConnector, read_manifest
from connectors.plugged import PluginConnector, PluginTraits
from connectors.transport import Request
from gateway.application import Services, egress_policy, open_services
from gateway.application.worlds import Worlds
from gateway.errors import InvalidInput
from gateway.registry import Secrets
from gateway.settings import Settings
from schema.platforms import Capability, PlatformDescription
from tests.journeys.partner import partner_settings
from tests.journeys.river import HOME, River, on_loopback, river_manifest

BY = "administrator"
KEYED = river_manifest(credentials="credentials: {kind: apiKey, secret: platformKey}\n")


async def serve(opened: Services) -> None:
    """Serve 江城云课堂 with a sealed key."""
    await opened.registrations.register(KEYED, {"platformKey": "0123456789"}, BY)
    await opened.registrations.verify("river", None, BY)
    await opened.registrations.activate("river", None, BY)
    assert await opened.live.refresh() is True


async def test_secrets_come_with_the_origins_they_were_set_for(tmp_path: Path) -> None:
    async with (
        on_loopback(River().app()) as address,
        open_services(partner_settings(tmp_path, {HOME: address})) as opened,
    ):
        await serve(opened)
        async with opened.harvested.open("river") as context:
            assert dict(context.secrets) == {"platformKey": "0123456789"}
            assert context.secret_origins == frozenset({HOME})
            assert context.platform == "river"
            response = await context.transport.send(Request("GET", f"{HOME}/items?page=1"))
            assert response.status == 200
            with pytest.raises(EgressRefused):
                await context.transport.send(Request("GET", "http://127.0.0.1:1/items"))


@pytest.mark.parametrize(("transport", "fast"), [("fast", True), ("httpx", False)])
async def test_live_searches_have_the_transport_of_the_settings_and_nobody_else_has(
    tmp_path: Path, transport: str, fast: bool
) -> None:
    async with on_loopback(River().app()) as address:
        settings = partner_settings(tmp_path, {HOME: address}, live_transport=transport)
        worlds = Worlds(settings, egress_policy(settings))
        traits = PluginTraits(
            platform=PlatformDescription(code="river", name="江城云课堂", region="500000"),
            version=1,
            capabilities=frozenset({Capability.LIVE_SEARCH}),
            origins=(HOME,),
        )
        manifest = read_manifest(river_manifest()).connector
        assert manifest is not None
        plugin = PluginConnector(object(), traits)
        cases: list[tuple[ManifestConnector | PluginConnector, bool, bool]] = [
            (manifest, True, fast),
            (manifest, False, False),
            (plugin, True, False),
        ]
        for connector, live, expected in cases:
            async with worlds.open(connector, Secrets({}, frozenset({HOME})), live=live) as context:
                # of the two only pyreqwest would resolve the dots, so that its transport refuses them
                asking = context.transport.send(Request("GET", f"{HOME}/up/%2e%2e/items?page=1"))
                [outcome] = await asyncio.gather(asking, return_exceptions=True)
                assert isinstance(outcome, EgressRefused) is expected


async def test_what_is_not_served_has_no_world(tmp_path: Path) -> None:
    async with (
        on_loopback(River().app()) as address,
        open_services(partner_settings(tmp_path, {HOME: address})) as opened,
    ):
        assert opened.harvested.find("river") is None
        with pytest.raises(InvalidInput, match="no connector for platform river is served"):
            async with opened.harvested.open("river"):
                pass
        await serve(opened)
        assert opened.harvested.find("river") is not None
        await opened.registrations.suspend("river", "maintenance", BY)
        await opened.live.refresh()
        assert opened.harvested.find("river") is None


@pytest.mark.parametrize("entry", ["10.0.0.0/99", "http://x", "*", "user@host"])
def test_an_egress_entry_that_is_no_host_is_refused_by_name(entry: str) -> None:
    with pytest.raises(InvalidInput, match="SHANHAI_EGRESS_ALLOW"):
        egress_policy(Settings(egress_allow=(entry,)))


async def test_a_data_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", "utf-8")
    with pytest.raises(InvalidInput, match="data directory"):
        async with open_services(partner_settings(tmp_path / "file" / "data", {})):
            pass
