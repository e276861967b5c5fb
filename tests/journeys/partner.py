"""What a partner province does through GraphQL: every action on a connector, and waiting for what follows from it."""

import asyncio
import base64
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gateway.settings import Settings
from schema.identifiers import GlobalId
from tests.journeys.gateway import Client, settings_for

ADMIN_KEY = "correct horse battery staple"
SEALING_KEY = base64.b64encode(bytes(range(32))).decode()
PATIENCE = 60.0
_CONNECTOR = """{ connector { id state activeVersion { version } canaryVersion { version } credentials { name set } }
  report { ok findings { code severity message pointer expected found suggestion } } errors { code message path } }"""
_RUN = """{ id kind state manifestVersion pages seen expected created updated unchanged withdrawn quarantined
  errorCode error }"""
ACTIONS = {
    "registerConnector": "mutation($manifest: String!, $credentials: [CredentialInput!]) "
    "{ done: registerConnector(manifest: $manifest, credentials: $credentials) " + _CONNECTOR + " }",
    "publishConnectorVersion": "mutation($connectorId: ID!, $manifest: String!, $canary: Boolean! = false) { done: "
    "publishConnectorVersion(connectorId: $connectorId, manifest: $manifest, canary: $canary) " + _CONNECTOR + " }",
    "verifyConnector": "mutation($connectorId: ID!, $version: Int) "
    "{ done: verifyConnector(connectorId: $connectorId, version: $version) " + _CONNECTOR + " }",
    "activateConnector": "mutation($connectorId: ID!, $version: Int) "
    "{ done: activateConnector(connectorId: $connectorId, version: $version) " + _CONNECTOR + " }",
    "rollbackConnector": "mutation($connectorId: ID!) { done: rollbackConnector(connectorId: $connectorId) "
    + _CONNECTOR
    + " }",
    "suspendConnector": "mutation($connectorId: ID!, $reason: String!) "
    "{ done: suspendConnector(connectorId: $connectorId, reason: $reason) " + _CONNECTOR + " }",
    "retireConnector": "mutation($connectorId: ID!) { done: retireConnector(connectorId: $connectorId) "
    + _CONNECTOR
    + " }",
    "setCredentials": "mutation($connectorId: ID!, $credentials: [CredentialInput!]!) "
    "{ done: setCredentials(connectorId: $connectorId, credentials: $credentials) " + _CONNECTOR + " }",
    "startHarvest": "mutation($connectorId: ID!, $kind: HarvestKind! = FULL) "
    "{ done: startHarvest(connectorId: $connectorId, kind: $kind) { run " + _RUN + " errors { code message path } } }",
    "cancelHarvest": "mutation($runId: ID!) "
    "{ done: cancelHarvest(runId: $runId) { run " + _RUN + " errors { code message path } } }",
    "testRead": """mutation($manifest: String!, $connectorId: ID, $credentials: [CredentialInput!], $limit: Int! = 5)
  { done: testRead(manifest: $manifest, connectorId: $connectorId, credentials: $credentials, limit: $limit) {
    report { ok findings { code message expected found suggestion } }
    rows { nativeId raw mapped findings { code message expected found suggestion } unmapped }
    requests { method url status } errors { code message path } } }""",
}
"""Every action as a document; what it did is under `done`."""
RUNS = "query($platform: String!) { harvestRuns(filter: {platforms: [$platform]}) { nodes " + _RUN + " } }"


def partner_settings(directory: Path, reroutes: Mapping[str, str], **more: Any) -> Settings:
    """Settings of a gateway that knows no platform yet, harvests only what it is told to, and can seal secrets."""
    chosen = {"builtin_platforms": False, "schedule": False, "admin_key": ADMIN_KEY, "sealing_key": SEALING_KEY}
    return settings_for(directory, reroutes, **(chosen | more))


def connector_id(code: str) -> str:
    """The id of a platform's connector."""
    return str(GlobalId("Connector", (code,)))


def credentials(values: Mapping[str, str]) -> list[dict[str, str]]:
    """Secrets as clients send them."""
    return [{"name": name, "value": value} for name, value in values.items()]


class Partner:
    """Acts on one gateway with the administrator's key."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.headers = {"authorization": f"Bearer {ADMIN_KEY}"}

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """Data of an answer without errors."""
        response = await self.client.http.post(
            "/graphql", json={"query": query, "variables": variables}, headers=self.headers
        )
        answer = response.json()
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    async def act(self, action: str, **arguments: Any) -> dict[str, Any]:
        """What an action says, refused or not."""
        said: dict[str, Any] = (await self.ask(ACTIONS[action], **arguments))["done"]
        return said

    async def do(self, action: str, code: str, **arguments: Any) -> dict[str, Any]:
        """Carry an action on a platform's connector out, and demand that it is not refused."""
        said = await self.act(action, connectorId=connector_id(code), **arguments)
        assert said["errors"] == [], said
        return said

    async def register(self, manifest: str, secrets: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Register a connector, and demand that it is not refused."""
        said = await self.act("registerConnector", manifest=manifest, credentials=credentials(secrets or {}))
        assert said["errors"] == [], said
        return said

    async def serve(self, code: str, manifest: str, secrets: Mapping[str, str] | None = None) -> None:
        """Register, verify and activate, which asks for a first full harvest."""
        await self.register(manifest, secrets)
        verified = await self.do("verifyConnector", code)
        assert verified["report"]["ok"], verified["report"]
        served = await self.do("activateConnector", code)
        assert served["connector"]["state"] == "ACTIVE"

    async def runs(self, code: str) -> list[dict[str, Any]]:
        """Runs of a platform and of its canary, newest first."""
        nodes: list[dict[str, Any]] = (await self.ask(RUNS, platform=code))["harvestRuns"]["nodes"]
        return nodes

    async def ended(self, code: str, run_id: str | None = None) -> dict[str, Any]:
        """A run of a platform, by default the newest, once it is over."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            runs = [run for run in await self.runs(code) if run_id in (None, run["id"])]
            if runs and runs[0]["state"] not in ("QUEUED", "RUNNING"):
                return runs[0]
            await asyncio.sleep(0.05)
        raise AssertionError(f"the run of {code} is not over after {PATIENCE:.0f} s")

    async def harvest(self, code: str) -> dict[str, Any]:
        """A full harvest to its end, which may be the one that an activation asked for; the index has it too."""
        started = await self.act("startHarvest", connectorId=connector_id(code))
        if started["run"] is None:
            assert [error["code"] for error in started["errors"]] == ["HARVEST_IN_PROGRESS"], started
        run = await self.ended(code, started["run"] and started["run"]["id"])
        await self.client.services.catalog.catch_up()
        return run
