"""Every operation of the contract that this release covers validates and runs without an error."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from graphql import OperationDefinitionNode, parse
from sqlalchemy import event

from gateway.graph.subscriptions import subscribe
from gateway.harvesting import RunState
from gateway.identity import ADMINISTRATOR, ANONYMOUS, Principal
from schema.identifiers import GlobalId, resource_id
from tests.contract.graphql.stored import StoredWorld, stored_world
from tests.gateway.graph.harvests import run_of
from tests.gateway.graph.live import MemoryLive
from tests.gateway.graph.registry import manifest
from tests.gateway.graph.training.facts import CHONGQING, CREDENTIAL, SICHUAN, node_id

FOLDER = Path(__file__).with_name("operations")
PARTNER = (FOLDER / "partner.graphql").read_text("utf-8")
OFFICER = (FOLDER / "officer.graphql").read_text("utf-8")
RECEIVING = {"PendingFromOtherProvinces", "Recognize"}
"""Operations of the officer of the province that receives credit."""
ENTERED = {
    "idempotencyKey": "k2", "teacherId": node_id("Teacher", "teacher-1"), "title": "同步教研", "kind": "OBSERVATION",
    "level": "DISTRICT", "form": "LIVE", "role": "PARTICIPANT", "startsOn": "2026-03-01", "quantity": "2",
    "unit": "LESSON", "outcome": "ATTENDED", "issuer": "渝中区教师进修学院",
}  # fmt: skip
RICH = resource_id("chongqing", "YKT-0000000")
CONNECTOR = str(GlobalId("Connector", ("zibo",)))
SECRETS = {"account": "shanhai", "password": "correct horse"}
CREDENTIALS = [{"name": name, "value": value} for name, value in SECRETS.items()]
VARIABLES: dict[str, dict[str, Any]] = {
    "SearchPage": {"q": "勾股定理", "filter": {"stages": ["JUNIOR_SECONDARY"], "regions": ["500000"]}, "after": None},
    "NextPage": {"q": "勾股定理"},
    "FilterBySchoolSuggestion": {"p": "谢家湾"},
    "DetailViaNode": {"id": RICH},
    "DetailById": {"id": RICH},
    "Live": {"q": "勾股定理"},
    "LiveRanked": {"q": "勾股定理"},
    "LiveCalendar": {"from": "2026-03-01T00:00:00+08:00", "to": "2026-03-08T00:00:00+08:00"},
    "CourseOutline": {"id": RICH, "after": None},
    "LessonCycle": {"id": RICH},
    "Quality": {"id": RICH},
    "RefetchRegion": {"id": str(GlobalId("Region", ("500103",)))},
    "Alliance": {"code": "chengyu"},
    "WhereIsMyRecord": {"p": "chongqing", "n": "YKT-0000000"},
    "RegionsOverTime": {"from": "2026-01-01", "to": "2026-03-31"},
    "ByCity": {"from": "2026-01-01", "to": "2026-03-31"},
    "Check": {"m": manifest()},
    "Register": {"m": manifest("anyue"), "c": CREDENTIALS},
    "TestFix": {"id": CONNECTOR, "m": manifest()},
    "Publish": {"id": CONNECTOR, "m": manifest(version=3)},
    "Verify": {"id": CONNECTOR, "v": 1},
    "Activate": {"id": CONNECTOR},
    "Rollback": {"id": CONNECTOR},
    "Rotate": {"id": CONNECTOR, "c": CREDENTIALS},
    "Harvest": {"id": CONNECTOR},
    "Cancel": {"run": str(GlobalId("HarvestRun", ("run-7",)))},
    "Watch": {"id": CONNECTOR},
    "Quarantine": {"id": CONNECTOR, "after": None},
    "VerifyCert": {"c": CREDENTIAL},
    "Issue": {"id": node_id("TrainingRecord", "joint-1")},
    "Revoke": {"id": node_id("TrainingRecord", "queue-00")},
    "Queue": {"after": None},
    "ReviewMany": {"ids": [node_id("TrainingRecord", "queue-00"), node_id("TrainingRecord", "queue-01")]},
    "Complaint": {"t": node_id("Teacher", "teacher-1")},
    "Recognize": {"e": node_id("LedgerEntry", "entry-1")},
    "Correct": {"id": node_id("TrainingRecord", "joint-1"), "i": ENTERED},
    "Accept": {"a": node_id("SharingAgreement", "agreement-2")},
}


def operations() -> list[tuple[str, str]]:
    """Text of the file and name of every operation in it."""
    return [
        (text, node.name.value)
        for path in sorted(FOLDER.glob("*.graphql"))
        for text in [path.read_text("utf-8")]
        for node in parse(text).definitions
        if isinstance(node, OperationDefinitionNode) and node.name
    ]


def only(text: str, name: str) -> str:
    """A document with this operation and the fragments it spreads."""
    document = parse(text)
    kept = [
        node
        for node in document.definitions
        if not isinstance(node, OperationDefinitionNode) or (node.name and node.name.value == name)
    ]
    sources = [text[node.loc.start : node.loc.end] for node in kept if node.loc]
    operation = next(part for part in sources if name in part)
    return "\n".join(part for part in sources if part == operation or "...Card" in operation)


def asking(text: str, name: str) -> Principal:
    """Who asks an operation."""
    if text == OFFICER:
        return SICHUAN if name in RECEIVING else CHONGQING
    return ADMINISTRATOR if text == PARTNER else ANONYMOUS


def test_fifty_two_operations_are_covered() -> None:
    assert len(operations()) == 52
    assert set(VARIABLES) <= {name for _, name in operations()}


@pytest.fixture
async def world(tmp_path: Path, stored_folder: Path) -> AsyncIterator[StoredWorld]:
    """The records in a real database, behind the real catalog."""
    async with stored_world(tmp_path, stored_folder) as opened:
        registry = opened.connectors
        await registry.register(manifest=manifest(), credentials=SECRETS, by="administrator")
        await registry.verify(platform="zibo", version=1, by="administrator")
        await registry.activate(platform="zibo", version=1, by="administrator")
        await registry.publish(platform="zibo", manifest=manifest(version=2), canary=False, by="administrator")
        await registry.activate(platform="zibo", version=2, by="administrator")
        opened.harvests.stored.append(run_of(7, "chongqing", RunState.RUNNING))
        yield opened


@pytest.mark.parametrize(("text", "name"), operations(), ids=[name for _, name in operations()])
async def test_the_operation_runs_and_finds_something(text: str, name: str, world: StoredWorld) -> None:
    variables = dict(VARIABLES.get(name, {}))
    if name == "NextPage":
        first = await world.data("query($q: String!) { search(query: $q) { pageInfo { endCursor } } }", variables)
        variables["after"] = first["search"]["pageInfo"]["endCursor"]
    # The contract's example names its teacher by a letter, which is no id of ours.
    asked = only(text, name).replace('teacherId: "t"', f'teacherId: "{node_id("Teacher", "teacher-1")}"')
    if asked.startswith("subscription"):
        world.live, world.harvests.stored = MemoryLive(), [run_of(8, "zibo", RunState.RUNNING)]
        data = await first_event(world, asked, variables, asking(text, name))
    else:
        data = await world.data(asked, variables, principal=asking(text, name))
    assert all(value not in (None, []) for value in data.values()), data
    assert [value["errors"] for value in data.values() if isinstance(value, dict) and value.get("errors")] == []


async def first_event(world: StoredWorld, text: str, variables: dict[str, Any], principal: Principal) -> dict[str, Any]:
    """The data of the first event of a subscription."""
    async with aclosing(subscribe(world.executor, text, world.context(principal), variables)) as bodies:
        body = await anext(bodies)
    assert "errors" not in body, body
    data: dict[str, Any] = body["data"]
    return data


async def test_what_the_partner_does_is_what_the_partner_sees(world: StoredWorld) -> None:
    async def run(name: str, **variables: Any) -> dict[str, Any]:
        given = {**VARIABLES[name], **variables}
        (answer,) = (await world.data(only(PARTNER, name), given, principal=ADMINISTRATOR)).values()
        return dict(answer)

    assert (await run("Publish"))["connector"] == {"id": CONNECTOR, "state": "ACTIVE"}
    assert (await run("Verify"))["connector"]["canaryVersion"] == {"version": 3}
    assert (await run("Activate"))["connector"]["activeVersion"] == {"version": 3}
    assert (await run("Rollback"))["connector"]["activeVersion"] == {"version": 2}
    started = (await run("Harvest"))["run"]
    assert started["state"] == "QUEUED"
    assert (await run("Cancel", run=started["id"]))["run"] == {"id": started["id"], "state": "CANCELLED"}
    assert (await run("Watch"))["runs"]["nodes"][0]["id"] == started["id"]
    page = (await run("Quarantine"))["quarantine"]
    assert [one["nativeId"] for one in page["nodes"]] == ["Z-1", "Z-2"]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (2, False)


async def test_search_details_copies_and_outline_agree_with_one_another(world: StoredWorld) -> None:
    text = (FOLDER / "frontend.graphql").read_text("utf-8")
    page = (await world.data(only(text, "SearchPage"), VARIABLES["SearchPage"]))["search"]
    assert page["totalCount"] == 82
    assert len(page["edges"]) == 20
    counts = {one["platform"]["code"]: one["total"] for one in page["sources"]}
    assert counts == {"chongqing": 61, "yuzhong": 20, "zibo": 0, "orphaned": 1}
    facets = {one["dimension"]: one["buckets"] for one in page["facets"]}
    assert {one["value"]: one["count"] for one in facets["PLATFORM"]} == {
        "chongqing": 61, "yuzhong": 20, "orphaned": 1,
    }  # fmt: skip
    assert "<em>" in page["edges"][0]["highlights"][0]["fragment"]
    lesson = resource_id("chongqing", "L-3")
    detail = (await world.data(only(text, "DetailViaNode"), {"id": lesson}))["node"]
    assert [one["id"] for one in detail["copies"]] == [resource_id("yuzhong", "L-3")]
    outline = (await world.data(only(text, "CourseOutline"), {"id": RICH}))["resource"]["related"]
    assert [one["node"]["title"] for one in outline["edges"]] == [f"勾股定理 第{number}课" for number in range(1, 51)]
    assert outline["pageInfo"]["hasNextPage"] is True
    cycle = (await world.data(only(text, "LessonCycle"), {"id": RICH}))["resource"]["related"]["edges"]
    assert [(one["relation"], one["node"]["title"]) for one in cycle] == [("BEFORE_CLASS", "登录 勾股定理")]


async def test_a_page_with_copies_and_counts_costs_a_fixed_number_of_statements(world: StoredWorld) -> None:
    assert world.database is not None
    statements: list[str] = []
    engine = world.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))

    async def cost(first: int) -> int:
        statements.clear()
        query = "query($n: Int!) { search(first: $n) { nodes { title copies { title } platform { resourceCount } } } }"
        assert len((await world.data(query, {"n": first}))["search"]["nodes"]) == first
        return len([one for one in statements if one.lstrip().upper().startswith(("SELECT", "WITH"))])

    assert await cost(20) == await cost(80) <= 3
