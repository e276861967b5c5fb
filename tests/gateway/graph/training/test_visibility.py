"""Withheld fields are null with their code, one by one, and what may not be seen is as if it did not exist."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.identity import ANONYMOUS, Grant, Principal, Purpose, Role, Scope
from gateway.personal import RECORD_FIELDS, TEACHER_FIELDS
from schema.identifiers import resource_id
from tests.gateway.graph.training.facts import ANALYST, CHONGQING, SICHUAN, THEMSELVES, node_id, officer
from tests.gateway.graph.world import World

SELECTIONS = {
    "teacher": "{ id }", "issuer": "{ name }", "platform": "{ code }", "program": "{ code }", "resource": "{ id }",
    "evidence": "{ url }", "history": "{ at }", "sameActivity": "{ reason }", "award": "{ id }", "ledger": "{ id }",
    "certificate": "{ id }", "provenance": "{ digest }",
}  # fmt: skip
FIELDS = sorted(one.partition(".")[2] for one in RECORD_FIELDS)
RECORD = " ".join(f"{name} {SELECTIONS.get(name, '')}" for name in FIELDS)
TEACHER = "name region { code } school { name } records { totalCount } transcript { awardedHours }"
JOINT = node_id("TrainingRecord", "joint-1")
BOTH = replace(CHONGQING, grants=(*CHONGQING.grants, Grant(Role.ADMIN)))
T1, T2 = node_id("Teacher", "teacher-1"), node_id("Teacher", "teacher-2")


def codes(body: dict[str, Any]) -> dict[str, str]:
    """Codes by the name of the field that is null."""
    return {error["path"][-1]: error["extensions"]["code"] for error in body.get("errors", [])}


async def test_an_officer_sees_every_field_of_a_record_of_their_region() -> None:
    body = await World().answer(
        f'{{ trainingRecord(id: "{JOINT}") {{ id state version {RECORD} }} }}', principal=CHONGQING
    )
    assert "errors" not in body
    shown = body["data"]["trainingRecord"]
    assert {name for name in FIELDS if shown[name] is None} == {"endsOn"}
    assert (shown["quantity"], shown["startsOn"], shown["kind"]) == ("16", "2026-03-01", "COURSE")
    assert shown["resource"] == {"id": resource_id("chongqing", "L-3")}


async def test_fields_that_no_agreement_names_are_null_one_by_one_and_the_page_stands() -> None:
    query = (
        f"{{ trainingRecords(first: 2) {{ totalCount nodes {{ id state version {RECORD} }} }} platforms {{ code }} }}"
    )
    body = await World().answer(query, principal=SICHUAN)
    assert len(body["data"]["platforms"]) == 3
    for node in body["data"]["trainingRecords"]["nodes"]:
        assert {name for name in FIELDS if node[name] is not None} == {"title", "ledger"}
        assert (node["state"], node["version"]) == ("REPORTED", 1)
    assert len(body["errors"]) == 2 * (len(FIELDS) - 2)
    assert set(codes(body)) == set(FIELDS) - {"title", "ledger"}
    assert set(codes(body).values()) == {"NOT_SHARED"}


@pytest.mark.parametrize("field", FIELDS)
async def test_no_field_of_an_erased_record_is_shown_but_its_ledger(field: str) -> None:
    world = World()
    world.training.facts.erased.add("joint-1")
    query = f'{{ trainingRecord(id: "{JOINT}") {{ id {field} {SELECTIONS.get(field, "")} }} }}'
    body = await world.answer(query, principal=CHONGQING)
    assert codes(body) == ({} if field == "ledger" else {field: "ERASED"})
    assert (body["data"]["trainingRecord"][field] is None) is (field != "ledger")


@pytest.mark.parametrize("who", [ANONYMOUS, ANALYST, officer("500000", None), officer("370000", Purpose.COMPLAINT)])
async def test_without_a_right_a_record_and_a_teacher_are_as_if_they_did_not_exist(who: Principal) -> None:
    world = World()
    query = f'{{ trainingRecord(id: "{JOINT}") {{ id }} teacher(id: "{T1}") {{ id name }} node(id: "{T1}") {{ id }} }}'
    assert await world.data(query, principal=who) == {"trainingRecord": None, "teacher": None, "node": None}
    assert world.audit.noted == []


@pytest.mark.parametrize(
    ("who", "code"), [(ANONYMOUS, "FORBIDDEN"), (ANALYST, "FORBIDDEN"), (officer("500000", None), "PURPOSE_REQUIRED")]
)
async def test_lists_say_what_is_missing(who: Principal, code: str) -> None:
    world = World()
    for field in ("trainingRecords", "teachers"):
        body = await world.answer(f"{{ {field} {{ totalCount }} platforms {{ code }} }}", principal=who)
        assert codes(body) == {field: code}
        assert len(body["data"]["platforms"]) == 3


async def test_teachers_see_themselves_without_a_purpose_and_nobody_else() -> None:
    query = f'{{ mine: teacher(id: "{T1}") {{ {TEACHER} }} other: teacher(id: "{T2}") {{ id }} }}'
    data = await World().data(query, principal=THEMSELVES)
    assert data["mine"]["name"] == "教师甲"
    assert data["mine"]["records"] == {"totalCount": 28}
    assert data["mine"]["transcript"] == {"awardedHours": "6"}
    assert data["other"] is None


async def test_of_a_teacher_behind_an_agreement_only_the_id_is_seen() -> None:
    body = await World().answer(f'{{ teacher(id: "{T1}") {{ id {TEACHER} }} }}', principal=SICHUAN)
    assert body["data"]["teacher"] == {"id": T1, **dict.fromkeys(one.partition(".")[2] for one in TEACHER_FIELDS)}
    assert codes(body) == {one.partition(".")[2]: "NOT_SHARED" for one in TEACHER_FIELDS}


async def test_who_may_see_whose_a_record_is_sees_their_id_though_the_teacher_moved_elsewhere() -> None:
    world = World()
    moved = world.training.facts.teachers.pop("teacher-1")
    query = f'{{ trainingRecord(id: "{JOINT}") {{ teacher {{ id name }} }} }}'
    body = await world.answer(query, principal=CHONGQING)
    assert body["data"]["trainingRecord"]["teacher"] == {"id": node_id("Teacher", moved.id), "name": None}
    assert codes(body) == {"name": "FORBIDDEN"}


async def test_other_reports_of_an_activity_are_shown_as_far_as_they_may_be_seen() -> None:
    world = World()
    query = f'{{ trainingRecord(id: "{JOINT}") {{ sameActivity {{ credited {{ id }} reason records {{ id }} }} }} }}'
    data = await world.data(query, principal=CHONGQING)
    found = data["trainingRecord"]["sameActivity"]
    assert found["credited"] == {"id": JOINT}
    assert found["records"] == [{"id": JOINT}, {"id": node_id("TrainingRecord", "joint-2")}]
    assert world.training.calls["records_by_id"] == 2


@pytest.mark.parametrize("who", [CHONGQING, BOTH])
async def test_a_record_entered_by_hand_has_no_platform_and_no_connector(who: Principal) -> None:
    identifier = node_id("TrainingRecord", "hand")
    fields = "platform { code } provenance { digest manifestVersion connector { id } } evidence { url }"
    data = await World().data(f'{{ trainingRecord(id: "{identifier}") {{ {fields} }} }}', principal=who)
    assert data["trainingRecord"] == {
        "platform": None,
        "provenance": {"digest": "cd" * 32, "manifestVersion": None, "connector": None},
        "evidence": [],
    }


async def test_nothing_of_one_principal_is_kept_for_the_next() -> None:
    world = World()
    query = f'{{ trainingRecord(id: "{JOINT}") {{ title }} }}'
    assert (await world.data(query, principal=CHONGQING))["trainingRecord"] == {"title": "活动 joint-1"}
    assert (await world.data(query))["trainingRecord"] is None
    assert world.training.calls["records_by_id"] == 2


QUEUED = node_id("TrainingRecord", "queue-00")
PAYLOADS = [
    (f'revokeTraining(recordId: "{JOINT}", reason: "重复") {{ done: record {{ id state %s }} errors {{ code }} }}',
     {"title": "", "teacher": "{ name }", "award": "{ hours }"}),
    (f'reviewTraining(recordIds: ["{QUEUED}"], decision: REJECT) {{ done: records {{ id state %s }} }}',
     {"title": "", "ledger": "{ hours }", "sameActivity": "{ reason }"}),
]  # fmt: skip


@pytest.mark.parametrize(("action", "fields"), PAYLOADS)
async def test_who_may_act_and_not_read_is_answered_ids_and_states_only(action: str, fields: dict[str, str]) -> None:
    world = World()
    who = replace(CHONGQING, scopes=frozenset({Scope.WRITE}))
    selected = " ".join(f"{name} {below}" for name, below in fields.items())
    body = await world.answer(f"mutation {{ act: {action % selected} }}", principal=who)
    done = body["data"]["act"]["done"]
    [record] = done if isinstance(done, list) else [done]
    assert (record["id"], record["state"]) in {(JOINT, "REVOKED"), (QUEUED, "REJECTED")}
    assert codes(body) == dict.fromkeys(fields, "FORBIDDEN")
    assert world.audit.noted == []


async def test_who_may_act_and_not_read_is_shown_no_line_and_no_certificate() -> None:
    world = World()
    who = replace(SICHUAN, scopes=frozenset({Scope.WRITE}))
    line = f'entryId: "{node_id("LedgerEntry", "entry-1")}", region: "510000"'
    body = await world.answer(
        f"mutation {{ recognizeCredit({line}) {{ entry {{ hours }} errors {{ code }} }} }}", principal=who
    )
    assert body["data"]["recognizeCredit"] == {"entry": None, "errors": []}
    assert codes(body) == {"entry": "FORBIDDEN"}
    body = await world.answer(
        f'mutation {{ issueCertificate(recordId: "{JOINT}") {{ certificate {{ credential }} errors {{ code }} }} }}',
        principal=replace(CHONGQING, scopes=frozenset({Scope.WRITE})),
    )
    assert body["data"]["issueCertificate"] == {"certificate": None, "errors": []}
    assert codes(body) == {"certificate": "FORBIDDEN"}
    assert world.audit.noted == []
