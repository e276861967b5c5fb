"""Keys in a whole gateway: let in at once, counted, shown what is theirs, and locked out at once."""

import shutil
from pathlib import Path
from typing import Any

import httpx

from gateway.access.key_store import KeyStore
from gateway.clock import utc_now
from gateway.identity import Grant, Role, Scope
from tests.journeys.gateway import Client, running
from tests.journeys.partner import ACTIONS, Partner, connector_id, partner_settings
from tests.journeys.river import HOME, River, on_loopback, river_manifest

SEEN = """query($id: ID!) { viewer { name grants { role region { id } } } connectors { nodes { id } }
  connector(id: $id) { id } harvestRuns { totalCount } }"""


QUOTAS = '"minute";q=1200;w=60, "cost";q=600000;w=60;qu="cost"'


async def by(client: Client, key: str, query: str, **variables: Any) -> httpx.Response:
    body = {"query": query, "variables": variables}
    return await client.http.post("/graphql", json=body, headers={"authorization": f"Bearer {key}"})


async def test_a_partner_sees_and_manages_the_connectors_of_its_region_by_its_key(
    tmp_path: Path, sqlite_template: Path
) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "shanhai.db")
    async with on_loopback(River().app()) as address, running(partner_settings(tmp_path, {HOME: address})) as client:
        await Partner(client).serve("river", river_manifest(), {})
        await Partner(client).harvest("river")
        river = connector_id("river")
        view = await client.services.registrations.connector("river")
        assert view is not None
        region = view.platform.region
        elsewhere = "510000" if region[:2] != "51" else "500000"
        keys = KeyStore(client.services.database, utc_now, client.services.access.audit)
        own = await keys.create("own", [Grant(Role.PARTNER, region)], by="t")
        other = await keys.create("other", [Grant(Role.PARTNER, elsewhere)], by="t")
        reading = await keys.create("reading", [Grant(Role.PARTNER, region)], scopes=[Scope.READ], by="t")

        seen = await by(client, own.text, SEEN, id=river)
        assert seen.json()["data"]["connector"] == {"id": river}
        assert seen.json()["data"]["harvestRuns"]["totalCount"] >= 1
        assert (seen.headers["cache-control"], seen.headers["ratelimit-policy"]) == ("no-store", QUOTAS)
        hidden = (await by(client, other.text, SEEN, id=river)).json()["data"]
        assert (hidden["connectors"], hidden["connector"]) == ({"nodes": []}, None)
        assert hidden["harvestRuns"] == {"totalCount": 0}

        given = {"connectorId": river, "reason": "because"}
        foreign = (await by(client, other.text, ACTIONS["suspendConnector"], **given)).json()
        assert "CONNECTOR_NOT_FOUND" in str(foreign)
        assert (await by(client, reading.text, ACTIONS["suspendConnector"], **given)).status_code == 403
        assert await client.services.registrations.connector("river") == view
        done = (await by(client, own.text, ACTIONS["suspendConnector"], **given)).json()
        assert "errors" not in done
        events = await client.services.registrations.events("river")
        assert events[-1].by == f"own ({own.key.id})"

        await keys.revoke(own.key.id, "t")
        assert (await by(client, own.text, SEEN, id=river)).status_code == 401
