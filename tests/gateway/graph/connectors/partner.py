"""A world as a partner province finds it, and ways to ask it."""

from typing import Any

from gateway.identity import ADMINISTRATOR
from schema.identifiers import GlobalId
from tests.gateway.graph.registry import manifest
from tests.gateway.graph.world import World

SECRETS = {"account": "shanhai", "password": "planted-5550001"}
PLANTED = "planted-5550001"
CREDENTIALS = [{"name": name, "value": value} for name, value in SECRETS.items()]
ACTIONS = (
    "registerConnector",
    "testRead",
    "publishConnectorVersion",
    "verifyConnector",
    "activateConnector",
    "rollbackConnector",
    "suspendConnector",
    "retireConnector",
    "setCredentials",
    "startHarvest",
    "cancelHarvest",
)


def connector_id(code: str = "zibo") -> str:
    return str(GlobalId("Connector", (code,)))


def run_id(number: int) -> str:
    return str(GlobalId("HarvestRun", (f"run-{number}",)))


ZIBO = connector_id()
CALLS: dict[str, str] = {
    "registerConnector": "registerConnector(manifest: $m, credentials: $c) { errors { code message path } }",
    "testRead": "testRead(manifest: $m, connectorId: $id, credentials: $c) { errors { code message path } }",
    "publishConnectorVersion": "publishConnectorVersion(connectorId: $id, manifest: $m) "
    "{ errors { code message path } }",
    "verifyConnector": "verifyConnector(connectorId: $id) { errors { code message path } }",
    "activateConnector": "activateConnector(connectorId: $id) { errors { code message path } }",
    "rollbackConnector": "rollbackConnector(connectorId: $id) { errors { code message path } }",
    "suspendConnector": 'suspendConnector(connectorId: $id, reason: "maintenance") { errors { code message path } }',
    "retireConnector": "retireConnector(connectorId: $id) { errors { code message path } }",
    "setCredentials": "setCredentials(connectorId: $id, credentials: $c) { errors { code message path } }",
    "startHarvest": "startHarvest(connectorId: $id) { errors { code message path } }",
    "cancelHarvest": "cancelHarvest(runId: $run) { errors { code message path } }",
}
"""Each action with variables $m, $id, $c and $run."""
TYPES = {"m": "String!", "id": "ID!", "c": "[CredentialInput!]!", "run": "ID!"}


def document(action: str) -> str:
    """A document of one action that declares what the action uses."""
    call = CALLS[action]
    declared = ", ".join(f"${name}: {kind}" for name, kind in TYPES.items() if f"${name}" in call.partition("{")[0])
    return f"mutation({declared}) {{ {call} }}"


def variables(**changes: Any) -> dict[str, Any]:
    """Variables with which every action is at least well formed."""
    return {"m": manifest(), "id": ZIBO, "c": CREDENTIALS, "run": run_id(1), **changes}


async def serving(versions: int = 1) -> World:
    """A world whose 淄博 has this many versions, the last of which is served."""
    world = World()
    await world.connectors.register(manifest=manifest(), credentials=SECRETS, by="setup")
    await world.connectors.verify(platform="zibo", version=1, by="setup")
    await world.connectors.activate(platform="zibo", version=1, by="setup")
    for number in range(2, versions + 1):
        text = manifest(version=number)
        await world.connectors.publish(platform="zibo", manifest=text, canary=False, by="setup")
        await world.connectors.activate(platform="zibo", version=number, by="setup")
    world.connectors.done.clear()
    world.connectors.calls.clear()
    return world


async def ask(world: World, text: str, given: dict[str, Any] | None = None) -> dict[str, Any]:
    """The data that the administrator is answered without any error."""
    return await world.data(text, given, principal=ADMINISTRATOR)


async def act(world: World, text: str, given: dict[str, Any] | None = None) -> dict[str, Any]:
    """The payload of the one action of a document."""
    (payload,) = (await ask(world, text, given)).values()
    assert isinstance(payload, dict)
    return payload
