"""A platform that is suspended or retired is asked no more, not even by the harvest that is under way."""

import asyncio
import time
from pathlib import Path

import pytest

from tests.journeys.gateway import running
from tests.journeys.partner import PATIENCE, Partner, connector_id, partner_settings
from tests.journeys.river import HOME, River, on_loopback, river_manifest


async def asked_for(river: River, page: int) -> None:
    """Wait until the platform is asked for a page."""
    until = time.monotonic() + PATIENCE
    while page not in river.asked:
        assert time.monotonic() < until, river.asked
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("action", ["suspendConnector", "retireConnector"])
async def test_a_harvest_under_way_ends_with_its_page(action: str, tmp_path: Path) -> None:
    river = River(records=200)
    async with (
        on_loopback(river.app()) as address,
        running(partner_settings(tmp_path, {HOME: address})) as client,
    ):
        partner = Partner(client)
        await partner.serve("river", river_manifest())
        await partner.ended("river")
        river.asked.clear()
        river.held_from = 3
        run = (await partner.do("startHarvest", "river"))["run"]
        await asked_for(river, 3)
        await partner.do(action, "river", **({"reason": "too much load"} if action.startswith("suspend") else {}))
        river.gate.set()
        ended = await partner.ended("river", run["id"])
        assert (ended["state"], ended["errorCode"], ended["withdrawn"]) == ("CANCELLED", "CANCELLED", 0)
        assert ended["pages"] <= 4
        refused = await partner.act("startHarvest", connectorId=connector_id("river"))
        assert [error["code"] for error in refused["errors"]] == ["INVALID_INPUT"]
    assert max(river.asked) <= 5
