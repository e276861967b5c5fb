"""Actions on records, credit and certificates: what is refused says why and where, and changed nothing."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.identity import ANONYMOUS, Principal
from schema.identifiers import resource_id
from tests.gateway.graph.training.facts import ANALYST, CHONGQING, SICHUAN, THEMSELVES, node_id, officer
from tests.gateway.graph.world import World

JOINT, QUEUED = node_id("TrainingRecord", "joint-1"), node_id("TrainingRecord", "queue-00")
FOREIGN, LINE = node_id("TrainingRecord", "foreign"), node_id("LedgerEntry", "entry-1")
ERRORS = "errors { code message path }"
INPUT = {
    "idempotencyKey": "k1", "teacherId": node_id("Teacher", "teacher-1"), "title": "同步教研", "kind": "OBSERVATION",
    "level": "DISTRICT", "form": "LIVE", "role": "PARTICIPANT", "startsOn": "2026-03-01", "quantity": "1.5",
    "unit": "LESSON", "outcome": "ATTENDED", "issuer": "渝中区教师进修学院",
}  # fmt: skip
RECORD = (
    f"mutation($i: RecordTrainingInput!) {{ recordTraining(input: $i) {{ record {{ id title version }} {ERRORS} }} }}"
)
CALLS = {
    "recordTraining": RECORD,
    "correctTraining": (
        "mutation($i: RecordTrainingInput!)"
        f' {{ correctTraining(recordId: "{JOINT}", expectedVersion: 2, reason: "录入错误",'
        f" input: $i) {{ record {{ version }} {ERRORS} }} }}"
    ),
    "reviewTraining": (
        f'mutation {{ reviewTraining(recordIds: ["{QUEUED}"], decision: RECOGNIZE)'
        f" {{ records {{ state }} {ERRORS} }} }}"
    ),
    "revokeTraining": (
        f'mutation {{ revokeTraining(recordId: "{JOINT}", reason: "重复") {{ record {{ state }} {ERRORS} }} }}'
    ),
    "recognizeCredit": (
        f'mutation {{ recognizeCredit(entryId: "{LINE}", region: "370000") {{ entry {{ id }} {ERRORS} }} }}'
    ),
    "issueCertificate": f'mutation {{ issueCertificate(recordId: "{JOINT}") {{ certificate {{ id }} {ERRORS} }} }}',
}


async def act(world: World, name: str, who: Principal = CHONGQING, **changes: Any) -> Any:
    """The payload of one action, whose input may be changed."""
    variables = {"i": {**INPUT, **changes}} if "$i" in CALLS[name] else {}
    return (await world.data(CALLS[name], variables, principal=who))[name]


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize(
    ("who", "entering", "acting"),
    [
        (ANONYMOUS, "FORBIDDEN", "INVALID_INPUT"),
        (ANALYST, "FORBIDDEN", "INVALID_INPUT"),
        (THEMSELVES, "FORBIDDEN", "FORBIDDEN"),
        (officer("500000", None), "PURPOSE_REQUIRED", "INVALID_INPUT"),
    ],
    ids=["anonymous", "analyst", "teacher", "officer without a purpose"],
)
async def test_who_may_not_act_is_refused_and_nothing_changed(
    name: str, who: Principal, entering: str, acting: str
) -> None:
    world = World()
    records, recognitions = dict(world.training.facts.records), dict(world.training.facts.recognitions)
    body = await world.answer(CALLS[name], {"i": INPUT} if "$i" in CALLS[name] else {}, principal=who)
    told = [one["extensions"]["code"] for one in body.get("errors", [])]
    told += [one["code"] for one in (body["data"][name] or {"errors": []})["errors"]]
    assert told == [{"recordTraining": entering, "recognizeCredit": "FORBIDDEN"}.get(name, acting)]
    assert (world.training.facts.records, world.training.facts.recognitions) == (records, recognitions)
    assert (world.training.facts.requests, world.audit.noted) == ({}, [])


async def test_a_record_is_entered_once_by_its_key() -> None:
    world = World()
    first = await act(world, "recordTraining")
    assert first["record"]["title"] == "同步教研"
    assert await act(world, "recordTraining") == first
    refused = await act(world, "recordTraining", title="另一个")
    assert (refused["record"], refused["errors"][0]["code"], refused["errors"][0]["path"]) == (
        None, "IDEMPOTENCY_KEY_REUSED", ["input", "idempotencyKey"],
    )  # fmt: skip
    assert len(world.training.facts.records) == 30


async def test_every_value_of_the_input_reaches_the_service() -> None:
    world = World()
    record = (
        "nativeId kind level form role startsOn endsOn quantity unit outcome issuer { name } program { code }"
        " resource { id } platform { code } state"
    )
    lesson = resource_id("chongqing", "L-3")
    given = {
        **INPUT,
        "endsOn": "2026-03-02",
        "program": "chengyu",
        "resourceId": lesson,
        "evidence": ["https://a.example"],
    }
    text = f"mutation($i: RecordTrainingInput!) {{ recordTraining(input: $i) {{ record {{ {record} }} {ERRORS} }} }}"
    data = await world.data(text, {"i": given}, principal=CHONGQING)
    shown = data["recordTraining"]["record"]
    same = ("kind", "level", "form", "role", "startsOn", "endsOn", "quantity", "unit", "outcome")
    assert {name: shown[name] for name in same} == {name: given[name] for name in same}
    assert (shown["issuer"], shown["program"]) == ({"name": INPUT["issuer"]}, {"code": "chengyu"})
    assert (shown["resource"], shown["platform"], shown["state"]) == ({"id": lesson}, None, "REPORTED")


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"teacherId": "T2023-118"}, ["input", "teacherId"]),
        ({"teacherId": JOINT}, ["input", "teacherId"]),
        ({"teacherId": node_id("Teacher", "nobody")}, ["input", "teacherId"]),
        ({"resourceId": JOINT}, ["input", "resourceId"]),
    ],
)
async def test_ids_of_something_else_are_refused_where_they_stand_and_not_repeated(
    changes: dict[str, Any], path: list[str]
) -> None:
    world = World()
    for name in ("recordTraining", "correctTraining"):
        if name == "correctTraining" and path[-1] == "teacherId" and changes["teacherId"] != JOINT:
            continue
        payload = await act(world, name, **changes)
        (error,) = payload["errors"]
        assert (payload["record"], error["code"], error["path"]) == (None, "INVALID_INPUT", path)
        assert not any(value in error["message"] for value in changes.values())
    assert len(world.training.facts.records) == 29


async def test_a_correction_is_a_new_version_and_a_second_one_of_the_old_version_is_refused() -> None:
    world = World()
    assert (await act(world, "correctTraining"))["record"] == {"version": 3}
    refused = await act(world, "correctTraining", title="另一个")
    assert refused["record"] is None
    assert [(one["code"], one["path"]) for one in refused["errors"]] == [("VERSION_CONFLICT", ["expectedVersion"])]
    assert world.training.facts.records["joint-1"].title == "同步教研"


async def test_a_review_names_those_it_refuses_by_their_place_and_the_others_stand() -> None:
    world = World()
    ids = [JOINT, QUEUED, "no id", FOREIGN, node_id("TrainingRecord", "queue-01")]
    call = f"reviewTraining(recordIds: $r, decision: REJECT) {{ records {{ id state }} {ERRORS} }}"
    text = f"mutation($r: [ID!]!) {{ {call} }}"
    payload = (await world.data(text, {"r": ids}, principal=CHONGQING))["reviewTraining"]
    assert payload["records"] == [{"id": QUEUED, "state": "REJECTED"}, {"id": ids[4], "state": "REJECTED"}]
    assert [(one["code"], one["path"]) for one in payload["errors"]] == [
        ("STATE_IMPOSSIBLE", ["recordIds", "0"]),
        ("INVALID_INPUT", ["recordIds", "2"]),
        ("INVALID_INPUT", ["recordIds", "3"]),
    ]
    assert world.training.facts.records["joint-1"].state == "RECOGNIZED"


async def test_a_review_of_more_than_a_hundred_is_refused_whole() -> None:
    world = World()
    text = "mutation($r: [ID!]!) { reviewTraining(recordIds: $r, decision: REJECT) { records { id } } }"
    code, message = await world.refusal(text, {"r": [QUEUED] * 101}, principal=CHONGQING)
    assert (code, message) == ("LIMIT_EXCEEDED", "number of recordIds: 101 is not between 0 and 100")
    assert world.training.facts.records["queue-00"].state == "REPORTED"


async def test_a_revoked_record_cannot_be_revoked_again() -> None:
    world = World()
    assert (await act(world, "revokeTraining")) == {"record": {"state": "REVOKED"}, "errors": []}
    refused = await act(world, "revokeTraining")
    assert [(one["code"], one["path"]) for one in refused["errors"]] == [("STATE_IMPOSSIBLE", ["recordId"])]


async def test_recognition_with_and_without_a_decision() -> None:
    for words, state in (('decision: NOT_RECOGNIZED, note: "不符"', "NOT_RECOGNIZED"), ("", "RECOGNIZED")):
        call = f'recognizeCredit(entryId: "{LINE}", region: "510000" {words})'
        recognition = "region { code } state hours rule { code } note"
        data = await World().data(
            f"mutation {{ {call} {{ entry {{ id recognitions {{ {recognition} }} }} {ERRORS} }} }}", principal=SICHUAN
        )
        (found,) = data["recognizeCredit"]["entry"]["recognitions"]
        assert data["recognizeCredit"]["entry"]["id"] == LINE
        assert (found["state"], found["hours"], found["rule"]) == (state, "4.5", {"code": "cq-course-hours"})
        assert found["note"] == ("不符" if words else None)


async def test_the_answer_of_an_action_withholds_what_the_agreement_does_not_name() -> None:
    world = World()
    agreed = world.agreements.stored
    agreed["agreement-1"] = replace(agreed["agreement-1"], fields=("TrainingRecord.title",))
    call = f'mutation {{ recognizeCredit(entryId: "{LINE}", region: "510000") {{ entry {{ hours }} {ERRORS} }} }}'
    body = await world.answer(call, principal=SICHUAN)
    assert body["data"]["recognizeCredit"] == {"entry": None, "errors": []}
    assert [(one["path"], one["extensions"]["code"]) for one in body["errors"]] == [
        (["recognizeCredit", "entry"], "NOT_SHARED")
    ]
    assert world.audit.noted == []
    assert len(world.training.facts.recognitions["entry-1"]) == 1


async def test_a_certificate_is_issued_for_a_recognized_record_only() -> None:
    world = World()
    issued = await act(world, "issueCertificate")
    assert issued == {"certificate": {"id": node_id("Certificate", "cert-1")}, "errors": []}
    await act(world, "revokeTraining")
    refused = await act(world, "issueCertificate")
    assert (refused["certificate"], refused["errors"][0]["code"]) == (None, "STATE_IMPOSSIBLE")


async def test_fields_after_an_action_tell_what_is_true_now() -> None:
    text = (
        f'mutation {{ reviewTraining(recordIds: ["{QUEUED}"], decision: RECOGNIZE) {{ records {{ state }} }}'
        f' revokeTraining(recordId: "{QUEUED}", reason: "重复")'
        " { record { state version sameActivity { reason } } } }"
    )
    data = await World().data(text, principal=CHONGQING)
    assert data["reviewTraining"]["records"] == [{"state": "RECOGNIZED"}]
    assert data["revokeTraining"]["record"] == {"state": "REVOKED", "version": 2, "sameActivity": None}
