"""What the administrator sees of connectors, page by page and at a fixed cost."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from gateway.graph.context import CircuitState, HealthState, PlatformState
from gateway.harvesting import HarvestKind, RunState
from gateway.identity import ADMINISTRATOR
from schema.identifiers import GlobalId
from tests.gateway.graph.connectors.partner import ZIBO, ask, connector_id, run_id, serving
from tests.gateway.graph.harvests import reject_of, run_of
from tests.gateway.graph.records import NOON
from tests.gateway.graph.registry import manifest
from tests.gateway.graph.world import MemoryStates, World

PAGE = """
query($states: [ConnectorState!], $health: [HealthState!], $first: Int! = 50, $after: String) {
  connectors(states: $states, health: $health, first: $first, after: $after) {
    nodes { id state platform { code } health { state } }
    edges { cursor }
    totalCount pageInfo { hasNextPage hasPreviousPage endCursor }
  }
}
"""


async def many() -> World:
    """重庆 is healthy and served, 渝中 is down and verified, the others are drafts nobody has spoken to."""
    world = World()
    for code in ("anyue", "chongqing", "dazhou", "yuzhong", "zibo"):
        await world.connectors.register(manifest=manifest(code), credentials={}, by="setup")
    for code in ("chongqing", "yuzhong"):
        await world.connectors.verify(platform=code, version=None, by="setup")
    await world.connectors.activate(platform="chongqing", version=None, by="setup")
    return world


def codes(page: dict[str, Any]) -> list[str]:
    return [one["platform"]["code"] for one in page["nodes"]]


async def test_connectors_come_by_platform_code_page_by_page() -> None:
    world = await many()
    first = (await ask(world, PAGE, {"first": 2}))["connectors"]
    assert codes(first) == ["anyue", "chongqing"]
    assert first["totalCount"] == 5
    assert (first["pageInfo"]["hasNextPage"], first["pageInfo"]["hasPreviousPage"]) == (True, False)
    second = (await ask(world, PAGE, {"first": 9, "after": first["pageInfo"]["endCursor"]}))["connectors"]
    assert codes(second) == ["dazhou", "yuzhong", "zibo"]
    assert (second["pageInfo"]["hasNextPage"], second["pageInfo"]["hasPreviousPage"]) == (False, True)


async def test_connectors_are_found_by_state_and_by_health() -> None:
    world = await many()
    assert codes((await ask(world, PAGE, {"states": ["DRAFT"]}))["connectors"]) == ["anyue", "dazhou", "zibo"]
    unhealthy = (await ask(world, PAGE, {"health": ["DOWN", "HEALTHY"]}))["connectors"]
    assert [(one["platform"]["code"], one["health"]["state"]) for one in unhealthy["nodes"]] == [
        ("chongqing", "HEALTHY"),
        ("yuzhong", "DOWN"),
    ]
    unknown = (await ask(world, PAGE, {"health": ["UNKNOWN"], "states": ["DRAFT"], "first": 2}))["connectors"]
    assert (codes(unknown), unknown["totalCount"]) == (["anyue", "dazhou"], 3)
    assert (unknown["pageInfo"]["hasNextPage"], unknown["pageInfo"]["hasPreviousPage"]) == (True, False)
    rest = {"health": ["UNKNOWN"], "states": ["DRAFT"], "after": unknown["pageInfo"]["endCursor"]}
    page = (await ask(world, PAGE, rest))["connectors"]
    assert (codes(page), page["totalCount"]) == (["zibo"], 3)
    assert (page["pageInfo"]["hasNextPage"], page["pageInfo"]["hasPreviousPage"]) == (False, True)


async def test_a_filter_by_health_looks_beyond_one_page_of_the_registry() -> None:
    world = World()
    for number in range(101):
        await world.connectors.register(manifest=manifest(f"p{number:03}"), credentials={}, by="setup")
    await world.connectors.register(manifest=manifest("yuzhong"), credentials={}, by="setup")
    page = (await ask(world, PAGE, {"health": ["DOWN"]}))["connectors"]
    assert (codes(page), page["totalCount"]) == (["yuzhong"], 1)
    assert world.connectors.calls["connectors"] == 2
    assert world.states.calls["states"] == 1


async def test_a_page_of_connectors_costs_no_more_calls_when_it_is_longer() -> None:
    async def cost(first: int) -> tuple[dict[str, int], dict[str, int]]:
        world = await many()
        world.connectors.calls.clear()
        assert len((await ask(world, PAGE, {"first": first}))["connectors"]["nodes"]) == first
        return dict(world.connectors.calls), dict(world.states.calls)

    assert await cost(1) == await cost(5) == ({"connectors": 1}, {"states": 1})


async def test_connectors_of_many_platforms_are_loaded_together() -> None:
    world = await many()
    world.connectors.calls.clear()
    data = await ask(world, "{ platforms { code connector { id } } }")
    assert [one["connector"]["id"] for one in data["platforms"]] == [
        connector_id(code) for code in ("chongqing", "yuzhong", "zibo")
    ]
    assert dict(world.connectors.calls) == {"connectors_by_code": 1}


async def test_every_field_of_a_connector_is_told() -> None:
    world = await serving(versions=2)
    data = await ask(
        world,
        """query($id: ID!) { connector(id: $id) {
          id state owner { code name } platform { id code name }
          activeVersion { version } canaryVersion { version } versions { version createdBy createdAt }
          credentials { name set updatedAt } health { state circuits { operation open } }
          drift { field kind message firstSeenAt records } unmappedValues(first: 1) { field value count example }
        } }""",
        {"id": ZIBO},
    )
    assert data["connector"] == {
        "id": ZIBO,
        "state": "ACTIVE",
        "owner": {"code": "370300", "name": "淄博市"},
        "platform": {"id": str(GlobalId("Platform", ("zibo",))), "code": "zibo", "name": "淄博交互式在线教学系统"},
        "activeVersion": {"version": 2},
        "canaryVersion": None,
        "versions": [
            {"version": number, "createdBy": "setup", "createdAt": "2026-03-01T04:00:00+00:00"} for number in (2, 1)
        ],
        "credentials": [
            {"name": name, "set": True, "updatedAt": "2026-03-01T04:00:00+00:00"} for name in ("account", "password")
        ],
        "health": {"state": "UNKNOWN", "circuits": []},
        "drift": [
            {
                "field": "team[].name",
                "kind": "WIDENED",
                "message": "text and null, was text",
                "firstSeenAt": "2026-03-01T04:00:00+00:00",
                "records": 12,
            }
        ],
        "unmappedValues": [{"field": "subject", "value": "国学", "count": 9, "example": "Z-1"}],
    }


async def test_a_connector_whose_platform_is_not_served_yet_shows_its_own_manifest() -> None:
    world = World()
    await world.connectors.register(manifest=manifest("anyue"), credentials={}, by="setup")
    data = await ask(world, f'{{ connector(id: "{connector_id("anyue")}") {{ platform {{ code name simulated }} }} }}')
    assert data["connector"]["platform"] == {
        "code": "anyue",
        "name": "淄博市交互式在线教学系统",
        "simulated": True,
    }


async def test_runs_of_a_connector_are_those_of_its_canary_too_and_come_page_by_page() -> None:
    world = await serving()
    world.harvests.stored = [
        run_of(1, "zibo@canary", kind=HarvestKind.INCREMENTAL),
        run_of(2, "chongqing"),
        run_of(3, "zibo", RunState.PARTIAL, error_code="PAGING_BROKEN", error="page 3 came twice"),
        run_of(4, "zibo", expected=60),
    ]
    query = """query($id: ID!, $after: String) { connector(id: $id) { runs(first: 2, after: $after) {
        nodes { id kind state seen expected errorCode error connector { id } } totalCount
        pageInfo { hasNextPage hasPreviousPage endCursor } } } }"""
    first = (await ask(world, query, {"id": ZIBO}))["connector"]["runs"]
    assert [one["id"] for one in first["nodes"]] == [run_id(1), run_id(3)]
    assert {one["connector"]["id"] for one in first["nodes"]} == {ZIBO}
    assert first["nodes"][1]["error"] == "page 3 came twice"
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (3, True)
    second = (await ask(world, query, {"id": ZIBO, "after": first["pageInfo"]["endCursor"]}))["connector"]["runs"]
    assert [(one["id"], one["expected"]) for one in second["nodes"]] == [(run_id(4), 60)]
    assert (second["pageInfo"]["hasNextPage"], second["pageInfo"]["hasPreviousPage"]) == (False, True)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, [1, 2, 3, 4]),
        ({"platforms": ["zibo"]}, [1, 3, 4]),
        ({"platforms": []}, []),
        ({"kinds": ["INCREMENTAL"]}, [1]),
        ({"states": ["FAILED", "RUNNING"]}, [3]),
        ({"since": "2026-03-01T10:00:00+08:00"}, [1, 2]),
        ({"platforms": None, "states": ["FAILED"]}, [3]),
    ],
)
async def test_runs_of_all_connectors_are_filtered(wanted: dict[str, Any], found: list[int]) -> None:
    world = await serving()
    world.harvests.stored = [
        run_of(1, "zibo@canary", kind=HarvestKind.INCREMENTAL),
        run_of(2, "chongqing"),
        run_of(3, "zibo", RunState.FAILED),
        run_of(4, "zibo"),
    ]
    data = await ask(world, "query($f: HarvestRunFilter) { harvestRuns(filter: $f) { nodes { id } } }", {"f": wanted})
    assert [one["id"] for one in data["harvestRuns"]["nodes"]] == [run_id(number) for number in found]


async def test_rejects_are_found_by_code_with_one_look_at_their_run() -> None:
    world = await serving()
    world.harvests.rejects = [*(reject_of(number) for number in range(1, 9)), reject_of(9, code="stage.unmapped")]
    query = """query($id: ID!, $code: String) { connector(id: $id) { quarantine(code: $code) { totalCount
        nodes { id nativeId raw seenAt findings { code severity pointer expected found } run { id seen } } } } }"""
    page = (await ask(world, query, {"id": ZIBO}))["connector"]["quarantine"]
    assert page["totalCount"] == 9
    assert page["nodes"][0] == {
        "id": str(GlobalId("QuarantinedRecord", ("reject-1",))),
        "nativeId": "Z-1",
        "raw": "{}",
        "seenAt": "2026-03-01T03:59:00+00:00",
        "findings": [
            {
                "code": "title.missing",
                "severity": "ERROR",
                "pointer": "/title",
                "expected": "text",
                "found": "null",
            }
        ],
        "run": {"id": run_id(1), "seen": 60},
    }
    assert world.harvests.calls["run"] == 1
    page = (await ask(world, query, {"id": ZIBO, "code": "stage.unmapped"}))["connector"]["quarantine"]
    assert [one["nativeId"] for one in page["nodes"]] == ["Z-9"]


async def test_a_run_of_a_platform_without_a_connector_blames_its_own_field() -> None:
    world = World()
    world.harvests.stored = [run_of(1, "gone")]
    body = await world.answer("{ harvestRuns { edges { cursor } nodes { id } } }", principal=ADMINISTRATOR)
    assert body["data"]["harvestRuns"]["nodes"] == [{"id": run_id(1)}]
    code, message = await world.refusal("{ harvestRuns { nodes { connector { id } } } }", principal=ADMINISTRATOR)
    assert (code, message) == ("INVALID_INPUT", "platform 'gone' was harvested, but has no registered connector")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ connectors(first: 101) { totalCount } }", "LIMIT_EXCEEDED"),
        ("{ connectors(first: -1) { totalCount } }", "LIMIT_EXCEEDED"),
        ('{ connectors(after: "zibo") { totalCount } }', "CURSOR_INVALID"),
        (f'{{ connectors(after: "{run_id(1)}") {{ totalCount }} }}', "CURSOR_INVALID"),
        ("{ harvestRuns(first: 101) { totalCount } }", "LIMIT_EXCEEDED"),
        ('{ harvestRuns(after: "nothing") { totalCount } }', "CURSOR_INVALID"),
        (f'{{ connector(id: "{ZIBO}") {{ runs(first: 101) {{ totalCount }} }} }}', "LIMIT_EXCEEDED"),
        (f'{{ connector(id: "{ZIBO}") {{ quarantine(first: 101) {{ totalCount }} }} }}', "LIMIT_EXCEEDED"),
        (f'{{ connector(id: "{ZIBO}") {{ unmappedValues(first: 101) {{ count }} }} }}', "LIMIT_EXCEEDED"),
    ],
)
async def test_a_page_that_cannot_be_is_refused(query: str, code: str) -> None:
    world = await serving()
    assert (await world.refusal(query, principal=ADMINISTRATOR))[0] == code
    assert not world.harvests.calls["quarantined"]


@pytest.mark.parametrize("text", ["", "zibo", run_id(1), connector_id("gone")])
async def test_an_id_of_no_connector_finds_none(text: str) -> None:
    data = await ask(await serving(), "query($id: ID!) { connector(id: $id) { id } }", {"id": text})
    assert data == {"connector": None}


NODES: list[tuple[str, tuple[str, ...], str, dict[str, Any]]] = [
    ("Connector", ("zibo",), "state", {"state": "ACTIVE"}),
    ("ManifestVersion", ("zibo", "1"), "version manifest", {"version": 1, "manifest": manifest()}),
    ("HarvestRun", ("run-2",), "kind finishedAt", {"kind": "FULL", "finishedAt": "2026-03-01T02:05:00+00:00"}),
    ("QuarantinedRecord", ("reject-1",), "nativeId", {"nativeId": "Z-1"}),
]


@pytest.mark.parametrize(("name", "parts", "fields", "told"), NODES, ids=[one[0] for one in NODES])
async def test_a_node_is_found_by_its_id_for_the_administrator_only(
    name: str, parts: tuple[str, ...], fields: str, told: dict[str, Any]
) -> None:
    world = await serving()
    shown = f"{{ id ... on {name} {{ {fields} }} }}"
    query = f"query($id: ID!, $ids: [ID!]!) {{ node(id: $id) {shown} nodes(ids: $ids) {{ id }} }}"
    known, unknown = str(GlobalId(name, parts)), str(GlobalId(name, (*parts[:-1], "404")))
    given = {"id": known, "ids": [unknown, known]}
    assert await ask(world, query, given) == {"node": {"id": known, **told}, "nodes": [None, {"id": known}]}
    assert await world.data(query, given) == {"node": None, "nodes": [None, None]}


@pytest.mark.parametrize("number", ["01", "1.0", "-1", "²", "9" * 30, "x"])
async def test_a_version_has_one_id(number: str) -> None:
    text = str(GlobalId("ManifestVersion", ("zibo", number)))
    assert await ask(await serving(), "query($id: ID!) { node(id: $id) { id } }", {"id": text}) == {"node": None}


async def test_provenance_leads_to_the_connector() -> None:
    world = await many()
    query = '{ platform(code: "chongqing") { resource(nativeId: "L-1") { provenance { connector { id } } } } }'
    shown = (await ask(world, query))["platform"]["resource"]["provenance"]
    assert shown == {"connector": {"id": connector_id("chongqing")}}
    hidden = (await world.data(query))["platform"]["resource"]["provenance"]
    assert hidden == {"connector": None}


async def test_a_run_that_started_at_noon_is_told_in_utc() -> None:
    world = await serving()
    world.harvests.stored = [run_of(0)]
    data = await ask(world, "{ harvestRuns { nodes { startedAt } } }")
    assert data["harvestRuns"]["nodes"] == [{"startedAt": NOON.isoformat()}]


async def test_circuits_of_a_platform_are_told() -> None:
    class Tripped(MemoryStates):
        async def states(self, codes: Sequence[str]) -> Mapping[str, PlatformState]:
            circuit = CircuitState("harvest", open=True, failures=5, retry_at=NOON)
            return {"zibo": PlatformState(HealthState.DOWN, NOON, "UPSTREAM_TIMEOUT", None, (circuit,))}

    world = await serving()
    world.states = Tripped()
    query = f'{{ connector(id: "{ZIBO}") {{ health {{ state circuits {{ operation open failures retryAt }} }} }} }}'
    assert (await ask(world, query))["connector"]["health"] == {
        "state": "DOWN",
        "circuits": [{"operation": "harvest", "open": True, "failures": 5, "retryAt": NOON.isoformat()}],
    }
