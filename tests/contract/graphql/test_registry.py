"""The graph over the product's own registry and harvest runs: a partner's story from draft to retired."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from connectors.conformance import ManifestReport, check_manifest
from gateway.graph.context import GraphServices
from gateway.harvesting import HarvestingService, HarvestKind, HarvestRun
from gateway.identity import ADMINISTRATOR
from gateway.registry import ConnectorView, RegistryService
from gateway.storage import Database
from schema.identifiers import GlobalId
from tests.gateway.graph.world import MemoryPlatforms, MemoryPrograms, World
from tests.gateway.registry.desk import SECRET, Desk, manifest

RIVER = str(GlobalId("Connector", ("river",)))


class Registered:
    """The registry as the graph needs it."""

    def __init__(self, service: RegistryService) -> None:
        self._service = service

    def __getattr__(self, name: str) -> Any:
        return getattr(self._service, name)

    def check(self, manifest: str) -> ManifestReport:
        return check_manifest(manifest)

    async def connectors_by_code(self, codes: Collection[str]) -> Mapping[str, ConnectorView]:
        found = [await self._service.connector(code) for code in codes]
        return {view.code: view for view in found if view}


class Harvested:
    """Harvesting as the graph needs it."""

    def __init__(self, service: HarvestingService) -> None:
        self._service = service

    def __getattr__(self, name: str) -> Any:
        return getattr(self._service, name)

    async def run(self, run_id: str) -> HarvestRun | None:
        return await self._service.get(run_id)

    async def start(self, platform: str, kind: HarvestKind, *, by: str) -> HarvestRun:
        return await self._service.request(platform, kind, manifest_version=1, by=by)


@dataclass
class RealWorld(World):
    """A world with the registry and the runs of the product behind it."""

    registry: Registered | None = None
    harvesting: Harvested | None = None

    @property
    def services(self) -> GraphServices:
        return GraphServices(
            self.catalog, MemoryPlatforms(), self.states, MemoryPrograms(), self.registry, self.harvesting
        )

    async def act(self, call: str, **variables: Any) -> Any:
        """The payload of one action, which repeats no secret; `call` may use $m, $c and $run."""
        types = {"m": "String!", "c": "[CredentialInput!]!", "run": "ID!"}
        declared = ", ".join(f"${name}: {types[name]}" for name in variables)
        text = f"mutation({declared}) {{ {call} }}" if declared else f"mutation {{ {call} }}"
        ((_, payload),) = (await self.data(text, variables, principal=ADMINISTRATOR)).items()
        assert SECRET not in str(payload)
        return payload


@pytest.fixture
def world(database: Database) -> RealWorld:
    """The product's services over a platform in this process."""
    harvests = Harvested(HarvestingService(database))
    return RealWorld(registry=Registered(Desk(database).service), harvesting=harvests)


ERRORS = "errors { code path }"
STANDING = "connector { state activeVersion { version } canaryVersion { version } credentials { name set } }"


def standing(state: str, active: int | None, canary: int | None = None) -> dict[str, Any]:
    return {
        "state": state,
        "activeVersion": {"version": active} if active else None,
        "canaryVersion": {"version": canary} if canary else None,
        "credentials": [{"name": "platformKey", "set": True}],
    }


async def test_a_connector_goes_from_draft_to_retired(world: RealWorld) -> None:
    credentials = [{"name": "platformKey", "value": SECRET}]
    call = f"registerConnector(manifest: $m, credentials: $c) {{ {STANDING} report {{ ok }} {ERRORS} }}"
    payload = await world.act(call, m=manifest(), c=credentials)
    assert payload == {"connector": standing("DRAFT", None), "report": {"ok": True}, "errors": []}
    again = await world.act(call, m=manifest(), c=credentials)
    assert again["errors"] == [{"code": "CONNECTOR_EXISTS", "path": ["manifest"]}]
    early = await world.act(f'activateConnector(connectorId: "{RIVER}") {{ {STANDING} {ERRORS} }}')
    assert early["errors"] == [{"code": "NOT_VERIFIED", "path": ["version"]}]
    for call, expected in (
        (f'verifyConnector(connectorId: "{RIVER}")', standing("VERIFIED", None)),
        (f'activateConnector(connectorId: "{RIVER}")', standing("ACTIVE", 1)),
    ):
        assert await world.act(f"{call} {{ {STANDING} {ERRORS} }}") == {"connector": expected, "errors": []}
    call = f'publishConnectorVersion(connectorId: "{RIVER}", manifest: $m, canary: true) {{ {STANDING} {ERRORS} }}'
    assert await world.act(call, m=manifest(2)) == {"connector": standing("ACTIVE", 1, 2), "errors": []}
    changed = await world.act(call, m=manifest(2, title="name"))
    assert changed["errors"] == [{"code": "VERSION_NOT_GREATER", "path": ["manifest"]}]
    for call, expected in (
        (f'activateConnector(connectorId: "{RIVER}", version: 2)', standing("ACTIVE", 2)),
        (f'rollbackConnector(connectorId: "{RIVER}")', standing("ACTIVE", 1)),
        (f'suspendConnector(connectorId: "{RIVER}", reason: "汛期")', standing("SUSPENDED", 1)),
    ):
        assert await world.act(f"{call} {{ {STANDING} {ERRORS} }}") == {"connector": expected, "errors": []}
    retired = await world.act(f'retireConnector(connectorId: "{RIVER}") {{ connector {{ state }} {ERRORS} }}')
    assert retired == {"connector": {"state": "RETIRED"}, "errors": []}


async def test_a_test_read_shows_records_without_the_secret_and_stores_nothing(world: RealWorld) -> None:
    shown = "rows { nativeId raw mapped } requests { url }"
    call = f"testRead(manifest: $m, credentials: $c, limit: 2) {{ {shown} {ERRORS} }}"
    payload = await world.act(call, m=manifest(), c=[{"name": "platformKey", "value": SECRET}])
    assert [row["nativeId"] for row in payload["rows"]] == ["r0", "r1"]
    assert payload["errors"] == []
    listed = await world.data("{ connectors { totalCount } }", principal=ADMINISTRATOR)
    assert listed == {"connectors": {"totalCount": 0}}


async def test_what_was_published_is_found_again(world: RealWorld) -> None:
    await world.act(
        "registerConnector(manifest: $m, credentials: $c) { errors { code } }",
        m=manifest(),
        c=[{"name": "platformKey", "value": SECRET}],
    )
    data = await world.data(
        "{ connectors(states: [DRAFT]) { nodes { id owner { code } drift { field } unmappedValues { value }"
        " versions { id version manifest digest createdBy } runs { totalCount } quarantine { totalCount } } } }",
        principal=ADMINISTRATOR,
    )
    (found,) = data["connectors"]["nodes"]
    (version,) = found["versions"]
    assert (found["id"], found["owner"]) == (RIVER, {"code": "500000"})
    assert (version["version"], version["manifest"], version["createdBy"]) == (1, manifest(), "administrator")
    assert (found["runs"], found["quarantine"]) == ({"totalCount": 0}, {"totalCount": 0})
    node = await world.data(f'{{ node(id: "{version["id"]}") {{ id }} }}', principal=ADMINISTRATOR)
    assert node == {"node": {"id": version["id"]}}


async def test_a_harvest_is_queued_once_refused_as_another_kind_and_cancelled(world: RealWorld) -> None:
    await world.act(
        "registerConnector(manifest: $m, credentials: $c) { errors { code } }",
        m=manifest(),
        c=[{"name": "platformKey", "value": SECRET}],
    )
    call = f'startHarvest(connectorId: "{RIVER}", kind: FULL) {{ run {{ id state connector {{ id }} }} {ERRORS} }}'
    started = await world.act(call)
    assert (started["run"]["state"], started["run"]["connector"]) == ("QUEUED", {"id": RIVER})
    assert await world.act(call) == started
    other = f'startHarvest(connectorId: "{RIVER}") {{ run {{ id }} {ERRORS} }}'
    assert await world.act(other) == {"run": None, "errors": [{"code": "HARVEST_IN_PROGRESS", "path": None}]}
    call = f"cancelHarvest(runId: $run) {{ run {{ state }} {ERRORS} }}"
    assert await world.act(call, run=started["run"]["id"]) == {"run": {"state": "CANCELLED"}, "errors": []}
    assert (await world.act(call, run=started["run"]["id"]))["errors"] == [{"code": "INVALID_STATE", "path": None}]
    unknown = str(GlobalId("HarvestRun", ("gone",)))
    assert (await world.act(call, run=unknown))["errors"] == [{"code": "INVALID_INPUT", "path": ["runId"]}]
