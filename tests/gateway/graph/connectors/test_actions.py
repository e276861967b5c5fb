"""Actions: what they do, what they refuse, and that one failure hides nothing else."""

from collections.abc import Mapping
from typing import Any

import pytest

from gateway.errors import NotReady
from gateway.graph.connectors.manifests import MAX_MANIFEST
from gateway.graph.connectors.mutations.test_read import MAX_RECORDS
from gateway.harvesting import RunState
from gateway.identity import ADMINISTRATOR
from gateway.registry.records import ConnectorOutcome
from schema.identifiers import GlobalId
from tests.gateway.graph.connectors.partner import (
    ACTIONS,
    CREDENTIALS,
    SECRETS,
    ZIBO,
    act,
    ask,
    connector_id,
    document,
    run_id,
    serving,
    variables,
)
from tests.gateway.graph.harvests import run_of
from tests.gateway.graph.registry import BROKEN, MemoryConnectors, manifest
from tests.gateway.graph.world import World

REGISTER = """
mutation($m: String!, $c: [CredentialInput!]) {
  registerConnector(manifest: $m, credentials: $c) {
    connector { id state credentials { name set } activeVersion { id } versions { id version manifest } }
    report { ok findings { code severity } } errors { code message path }
  }
}
"""
WITH_ID = "mutation($id: ID!, $v: Int) {{ {0}(connectorId: $id{1}) {{ connector {{ {2} }} errors {{ code path }} }} }}"


async def test_a_new_connector_is_a_draft_with_one_version() -> None:
    world = World()
    payload = await act(world, REGISTER, {"m": manifest(), "c": CREDENTIALS})
    assert payload["errors"] == []
    assert payload["report"]["ok"] is True
    assert payload["connector"] == {
        "id": ZIBO,
        "state": "DRAFT",
        "credentials": [{"name": "account", "set": True}, {"name": "password", "set": True}],
        "activeVersion": None,
        "versions": [
            {"id": str(GlobalId("ManifestVersion", ("zibo", "1"))), "version": 1, "manifest": manifest()},
        ],
    }
    assert world.connectors.sealed == {"zibo": SECRETS}
    assert world.connectors.done == [("register", "zibo", "administrator")]


@pytest.mark.parametrize("credentials", [{}, {"c": None}, {"c": []}])
async def test_a_connector_may_be_registered_before_its_credentials(credentials: dict[str, Any]) -> None:
    payload = await act(World(), REGISTER, {"m": manifest(), **credentials})
    assert payload["connector"]["credentials"] == [
        {"name": "account", "set": False},
        {"name": "password", "set": False},
    ]


async def test_a_refusal_tells_its_code_the_argument_and_the_report() -> None:
    world = await serving()
    before = dict(world.connectors.entries)
    broken = await act(world, REGISTER, {"m": BROKEN})
    assert [(one["code"], one["path"]) for one in broken["errors"]] == [("MANIFEST_INVALID", ["manifest"])]
    assert broken["report"]["ok"] is False
    assert broken["report"]["findings"]
    known = await act(world, REGISTER, {"m": manifest()})
    assert known["errors"] == [
        {"code": "CONNECTOR_EXISTS", "message": "platform 'zibo' has a connector", "path": ["manifest"]}
    ]
    assert known["connector"] is None
    assert (world.connectors.entries, world.connectors.done) == (before, [])


async def test_a_version_goes_from_published_to_canary_to_active_and_back() -> None:
    world = await serving()
    published = await act(
        world,
        "mutation($id: ID!, $m: String!) { publishConnectorVersion(connectorId: $id, manifest: $m, canary: true)"
        " { connector { canaryVersion { version } activeVersion { version } } report { ok } errors { code } } }",
        {"id": ZIBO, "m": manifest(version=2)},
    )
    assert published == {
        "connector": {"canaryVersion": {"version": 2}, "activeVersion": {"version": 1}},
        "report": {"ok": True},
        "errors": [],
    }
    verified = await act(world, WITH_ID.format("verifyConnector", ", version: $v", "state"), {"id": ZIBO, "v": 2})
    assert verified == {"connector": {"state": "ACTIVE"}, "errors": []}
    fields = "state activeVersion { version } canaryVersion { version }"
    activated = await act(world, WITH_ID.format("activateConnector", ", version: $v", fields), {"id": ZIBO})
    assert activated["connector"] == {"state": "ACTIVE", "activeVersion": {"version": 2}, "canaryVersion": None}
    text = f'mutation {{ rollbackConnector(connectorId: "{ZIBO}") {{ connector {{ {fields} }} errors {{ code }} }} }}'
    assert (await act(world, text))["connector"]["activeVersion"] == {"version": 1}
    assert (await act(world, text))["errors"] == [{"code": "INVALID_STATE"}]
    assert [action for action, _, _ in world.connectors.done] == ["publish", "verify", "activate", "rollback"]


async def test_a_connector_is_suspended_given_credentials_and_retired() -> None:
    world = await serving()
    text = f'mutation {{ suspendConnector(connectorId: "{ZIBO}", reason: "汛期") {{ connector {{ state }} }} }}'
    assert (await act(world, text)) == {"connector": {"state": "SUSPENDED"}}
    assert world.connectors.entries["zibo"].suspended_because == "汛期"
    text = "mutation($id: ID!, $c: [CredentialInput!]!) { setCredentials(connectorId: $id, credentials: $c)"
    text += " { connector { id } errors { code path } } }"
    given = [{"name": "password", "value": "rotated"}]
    assert (await act(world, text, {"id": ZIBO, "c": given})) == {"connector": {"id": ZIBO}, "errors": []}
    assert world.connectors.sealed["zibo"] == {"account": "shanhai", "password": "rotated"}
    unknown = await act(world, text, {"id": ZIBO, "c": [{"name": "token", "value": "x"}]})
    assert unknown["errors"] == [{"code": "CREDENTIAL_UNKNOWN", "path": ["credentials"]}]
    twice = await act(world, text, {"id": ZIBO, "c": [*given, *given]})
    assert twice == {"connector": None, "errors": [{"code": "INVALID_INPUT", "path": ["credentials"]}]}
    assert world.connectors.sealed["zibo"]["password"] == "rotated"
    text = f'mutation {{ retireConnector(connectorId: "{ZIBO}") {{ connector {{ state activeVersion {{ id }} }} }} }}'
    assert (await act(world, text)) == {"connector": {"state": "RETIRED", "activeVersion": None}}


@pytest.mark.parametrize("action", [one for one in ACTIONS if one not in ("registerConnector", "cancelHarvest")])
@pytest.mark.parametrize("text", ["", "zibo", run_id(1), "x" * 5_000])
async def test_an_id_of_no_connector_is_refused_and_changes_nothing(action: str, text: str) -> None:
    world = await serving()
    used = {name: value for name, value in variables(id=text).items() if f"${name}" in document(action)}
    (error,) = (await act(world, document(action), used))["errors"]
    assert (error["code"], error["path"]) == ("INVALID_INPUT", ["connectorId"])
    assert "is not the id of a Connector" in error["message"]
    assert len(error["message"]) < 200
    assert world.connectors.done == []
    assert len(world.harvests.stored) == 2


@pytest.mark.parametrize(
    "action", [one for one in ACTIONS if one not in ("registerConnector", "startHarvest", "cancelHarvest")]
)
async def test_a_connector_nobody_registered_is_refused_by_the_registry(action: str) -> None:
    world = await serving()
    used = {name: value for name, value in variables(id=connector_id("gone")).items() if f"${name}" in document(action)}
    (error,) = (await act(world, document(action), used))["errors"]
    assert (error["code"], error["path"]) == ("CONNECTOR_NOT_FOUND", ["connectorId"])
    assert world.connectors.done == []


START = """
mutation($id: ID!, $k: HarvestKind! = INCREMENTAL) {
  startHarvest(connectorId: $id, kind: $k) {
    run { id kind state connector { id } } errors { code message path }
  }
}
"""
CANCEL = "mutation($run: ID!) { cancelHarvest(runId: $run) { run { id state } errors { code message path } } }"


async def test_a_harvest_is_started_and_cancelled() -> None:
    world = await serving()
    started = await act(world, START, {"id": ZIBO})
    assert started["errors"] == []
    run = started["run"]
    assert run == {"id": run["id"], "kind": "INCREMENTAL", "state": "QUEUED", "connector": {"id": ZIBO}}
    assert world.harvests.stored[0].requested_by == "administrator"
    again = await act(world, START, {"id": ZIBO, "k": "FULL"})
    assert (again["run"], [one["code"] for one in again["errors"]]) == (None, ["HARVEST_IN_PROGRESS"])
    assert len(world.harvests.stored) == 3
    assert await act(world, CANCEL, {"run": run["id"]}) == {
        "run": {"id": run["id"], "state": "CANCELLED"},
        "errors": [],
    }
    assert world.harvests.stored[0].cancel_requested_by == "administrator"
    over = await act(world, CANCEL, {"run": run["id"]})
    number = world.harvests.stored[0].id
    assert over["errors"] == [{"code": "INVALID_STATE", "message": f"run {number} is over: CANCELLED", "path": None}]
    unknown = await act(world, CANCEL, {"run": run_id(404)})
    assert [(one["code"], one["path"]) for one in unknown["errors"]] == [("INVALID_INPUT", ["runId"])]
    unsupported = await act(world, START, {"id": ZIBO, "k": "TRAINING"})
    assert [(one["code"], one["path"]) for one in unsupported["errors"]] == [("HARVEST_KIND_UNSUPPORTED", ["kind"])]
    assert len(world.harvests.stored) == 3
    malformed = await act(world, CANCEL, {"run": ZIBO})
    assert [(one["code"], one["path"]) for one in malformed["errors"]] == [("INVALID_INPUT", ["runId"])]


TEST_READ = """
mutation($m: String!, $id: ID, $c: [CredentialInput!], $k: Capability! = HARVEST, $n: Int! = 5) {
  testRead(manifest: $m, connectorId: $id, credentials: $c, capability: $k, limit: $n) {
    report { ok }
    rows { nativeId raw mapped findings { code pointer } unmapped }
    requests { method url status durationMs }
    errors { code message path }
  }
}
"""


async def test_a_test_read_shows_records_requests_and_what_ended_it_and_stores_nothing() -> None:
    world = World()
    assert await act(world, TEST_READ, {"m": manifest(), "k": "USAGE"}) == {
        "report": {"ok": True},
        "rows": [
            {
                "nativeId": "1",
                "raw": '{"t": "x"}',
                "mapped": '{"title": "x"}',
                "findings": [],
                "unmapped": ["subject: 国学"],
            },
            {
                "nativeId": "2",
                "raw": "{}",
                "mapped": None,
                "findings": [{"code": "title.missing", "pointer": "/title"}],
                "unmapped": [],
            },
        ],
        "requests": [{"method": "GET", "url": "https://jiaohu.zbedu.example/usage", "status": 200, "durationMs": 12.5}],
        "errors": [],
    }
    slow = await act(world, TEST_READ, {"m": manifest(), "n": 9})
    assert slow["errors"] == [{"code": "UPSTREAM_TIMEOUT", "message": "no answer within 5 s", "path": None}]
    assert len(slow["rows"]) == 2
    broken = await act(world, TEST_READ, {"m": BROKEN})
    assert (broken["report"], broken["rows"]) == ({"ok": False}, [])
    assert [one["code"] for one in broken["errors"]] == ["MANIFEST_INVALID"]
    twice = await act(world, TEST_READ, {"m": manifest(), "c": [*CREDENTIALS, *CREDENTIALS]})
    assert (twice["report"], twice["errors"][0]["path"]) == ({"ok": True}, ["credentials"])
    assert world.connectors.entries == {}


async def test_what_is_beyond_a_limit_is_a_graphql_error_and_nothing_happens() -> None:
    world = await serving()
    for given in ({"n": MAX_RECORDS + 1}, {"n": -1}, {"m": "#" * (MAX_MANIFEST + 1)}):
        code, _ = await world.refusal(TEST_READ, {"m": manifest(), **given}, principal=ADMINISTRATOR)
        assert code == "LIMIT_EXCEEDED"
    for action in ("registerConnector", "publishConnectorVersion"):
        given = variables(m="#" * (MAX_MANIFEST + 1))
        code, _ = await world.refusal(document(action), given, principal=ADMINISTRATOR)
        assert code == "LIMIT_EXCEEDED"
    assert not world.connectors.calls
    assert world.connectors.done == []


class Stumbling(MemoryConnectors):
    """Suspends nothing: it is not ready, or falls over when asked to."""

    failure: Exception = NotReady("the vault is locked")

    async def suspend(self, *, platform: str, reason: str, by: str) -> ConnectorOutcome:
        raise self.failure


SERIAL = f"""
mutation($m: String!) {{
  first: publishConnectorVersion(connectorId: "{ZIBO}", manifest: $m) {{ connector {{ state }} errors {{ code }} }}
  second: suspendConnector(connectorId: "{ZIBO}", reason: "tests") {{ errors {{ code message path }} }}
  third: activateConnector(connectorId: "{ZIBO}") {{
    connector {{ activeVersion {{ version }} platform {{ connector {{ activeVersion {{ version }} }} }} }}
  }}
  fourth: rollbackConnector(connectorId: "{ZIBO}") {{
    connector {{ activeVersion {{ version }} platform {{ connector {{ activeVersion {{ version }} }} }} }}
  }}
}}
"""


async def stumbling() -> World:
    world = await serving()
    world.connectors = Stumbling(world.connectors.entries, world.connectors.history, world.connectors.sealed)
    return world


async def test_actions_are_carried_out_one_after_the_other_and_each_tells_what_is_true_then() -> None:
    world = await stumbling()
    data = await ask(world, SERIAL, {"m": manifest(version=2)})
    assert data["second"]["errors"] == [{"code": "NOT_READY", "message": "the vault is locked", "path": None}]
    for name, version in (("third", 2), ("fourth", 1)):
        shown = {"activeVersion": {"version": version}}
        assert data[name]["connector"] == {**shown, "platform": {"connector": shown}}
    assert [action for action, _, _ in world.connectors.done] == ["publish", "activate", "rollback"]


async def test_an_unexpected_failure_of_one_action_hides_no_other() -> None:
    world = await stumbling()
    assert isinstance(world.connectors, Stumbling)
    world.connectors.failure = RuntimeError("planted")
    body = await world.answer(SERIAL, {"m": manifest(version=2)}, principal=ADMINISTRATOR)
    (error,) = body["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["second"], "INTERNAL")
    assert body["data"]["second"] is None
    assert body["data"]["first"] == {"connector": {"state": "ACTIVE"}, "errors": []}
    assert body["data"]["fourth"]["connector"]["activeVersion"] == {"version": 1}


async def test_every_action_names_who_asked() -> None:
    world = await serving(versions=2)
    world.harvests.stored.append(run_of(5, "chongqing", RunState.RUNNING))
    given: Mapping[str, Any] = variables(run=run_id(5))
    changes = {"registerConnector": {"m": manifest("anyue")}, "publishConnectorVersion": {"m": manifest(version=3)}}
    order = [*(one for one in ACTIONS if one != "retireConnector"), "retireConnector"]
    for action in order:
        used = {**given, **changes.get(action, {})}
        used = {name: value for name, value in used.items() if f"${name}" in document(action)}
        assert (await act(world, document(action), used))["errors"] == [], action
    assert {by for _, _, by in world.connectors.done} == {"administrator"}
    assert len(world.connectors.done) == 8
