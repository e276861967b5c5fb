"""Teachers, records, ledgers, rules and certificates as an officer reads them."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from gateway.identity import ANONYMOUS
from gateway.training.questions import (
    RecognitionFilter,
    RecordFilter,
    RecordQuestion,
    TeacherQuestion,
    TrainingRecordSort,
)
from schema.quality import Level, RecognitionState
from schema.training import RecordState, TrainingForm, TrainingKind, TrainingRole
from tests.gateway.graph.training.facts import CHONGQING, CREDENTIAL, SICHUAN, node_id
from tests.gateway.graph.world import World

JOINT, T1 = node_id("TrainingRecord", "joint-1"), node_id("Teacher", "teacher-1")


async def test_every_condition_of_a_filter_reaches_the_service() -> None:
    world = World()
    await world.data(
        '{ trainingRecords(filter: { regions: ["500103"], platforms: ["yuzhong"], programs: [], kinds: [COURSE]'
        " levels: [DISTRICT], roles: [HOST], forms: [LIVE], states: [REPORTED, REVIEWED]"
        ' recognition: { region: "510000", states: [PENDING] }, from: "2026-01-01", to: "2026-12-31" }'
        ' orderBy: UPDATED, first: 7, after: "c2") { totalCount } }',
        principal=CHONGQING,
    )
    assert world.training.questions == [
        RecordQuestion(
            RecordFilter(
                regions=("500103",),
                platforms=("yuzhong",),
                programs=(),
                kinds=(TrainingKind.COURSE,),
                levels=(Level.DISTRICT,),
                roles=(TrainingRole.HOST,),
                forms=(TrainingForm.LIVE,),
                states=(RecordState.REPORTED, RecordState.REVIEWED),
                recognition=RecognitionFilter("510000", (RecognitionState.PENDING,)),
                first=date(2026, 1, 1),
                last=date(2026, 12, 31),
            ),
            TrainingRecordSort.UPDATED,
            7,
            "c2",
        )
    ]


async def test_conditions_that_are_null_or_left_out_ask_nothing() -> None:
    world = World()
    await world.data(
        "{ a: trainingRecords(filter: null) { totalCount } b: trainingRecords(filter: { kinds: null }) { totalCount }"
        " c: teachers { totalCount } d: teachers(filter: { school: null }) { totalCount } }",
        principal=CHONGQING,
    )
    assert world.training.questions == [RecordQuestion(), RecordQuestion(), TeacherQuestion(), TeacherQuestion()]


async def test_a_list_is_walked_to_its_end_without_gap_or_repetition() -> None:
    world, seen, after, more = World(), list[str](), None, True
    query = (
        "query($a: String) { trainingRecords(first: 10, after: $a)"
        " { totalCount edges { cursor node { id } } nodes { id } pageInfo { hasNextPage hasPreviousPage endCursor } } }"
    )
    while more:
        page = (await world.data(query, {"a": after}, principal=CHONGQING))["trainingRecords"]
        assert [edge["node"] for edge in page["edges"]] == page["nodes"]
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        seen += [node["id"] for node in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert len(seen) == len(set(seen)) == page["totalCount"] == 28


async def test_sources_tell_what_each_platform_has_to_do_with_the_page() -> None:
    fields = "platform { code } state count total asOf filteredHere latencyMs errorCode message"
    data = await World().data(f"{{ trainingRecords(first: 26) {{ sources {{ {fields} }} }} }}", principal=CHONGQING)
    shared: dict[str, Any] = {"state": "OK", "filteredHere": [], "latencyMs": None, "errorCode": None, "message": None}
    assert [{**one, "asOf": one["asOf"][:10]} for one in data["trainingRecords"]["sources"]] == [
        {"platform": {"code": "chongqing"}, "count": 1, "total": 1, "asOf": "2026-03-01", **shared},
        {"platform": {"code": "yuzhong"}, "count": 25, "total": 26, "asOf": "2026-03-01", **shared},
    ]


@pytest.mark.parametrize("field", ["trainingRecords", "teachers", "creditless: trainingRecords"])
@pytest.mark.parametrize("first", [-1, 101])
async def test_a_page_beyond_the_limit_is_refused_before_anything_is_asked(field: str, first: int) -> None:
    world = World()
    code, message = await world.refusal(f"{{ {field}(first: {first}) {{ totalCount }} }}", principal=CHONGQING)
    assert (code, message) == ("LIMIT_EXCEEDED", f"first: {first} is not between 0 and 100")
    assert world.training.questions == []


async def test_a_cursor_of_another_list_is_refused() -> None:
    code, _ = await World().refusal('{ teachers(after: "r1") { totalCount } }', principal=CHONGQING)
    assert code == "CURSOR_INVALID"


async def test_records_of_a_teacher_are_asked_for_by_our_id() -> None:
    world = World()
    query = f'{{ teacher(id: "{T1}") {{ records(filter: {{ from: "2026-03-01" }}, first: 5) {{ totalCount }} }} }}'
    data = await world.data(query, principal=CHONGQING)
    assert data["teacher"]["records"] == {"totalCount": 3}
    assert world.training.questions == [
        RecordQuestion(RecordFilter(first=date(2026, 3, 1)), first=5, teacher="teacher-1")
    ]


async def test_a_transcript_explains_every_hour() -> None:
    entry = (
        "id account hours uncappedHours capsHit { scope hours } explanation awardedAt reverses { id } record { id }"
        " rule { id code version sample rounding { step mode } shares { role weight } }"
        " recognitions { region { code } state hours rule { code } decidedAt note }"
    )
    query = (
        f'{{ teacher(id: "{T1}") {{ transcript(on: "2026-06-30", region: "510000") {{ cycle {{ from to }}'
        f" region {{ code }} requiredHours awardedHours requirementMet byLevel {{ level hours }}"
        f" entries {{ {entry} }} }} }} }}"
    )
    found = (await World().data(query, principal=CHONGQING))["teacher"]["transcript"]
    assert found["cycle"] == {"from": "2025-01-01", "to": "2029-12-31"}
    assert (found["region"], found["requiredHours"], found["requirementMet"]) == ({"code": "510000"}, "360", False)
    assert found["awardedHours"] == "6" == str(sum(Decimal(one["hours"]) for one in found["entries"]))
    assert found["byLevel"] == [{"level": "DISTRICT", "hours": "6"}]
    first, reversed_one, reversal = found["entries"]
    assert (first["hours"], first["uncappedHours"], first["capsHit"]) == (
        "6", "8", [{"scope": "RECORD", "hours": "6"}],
    )  # fmt: skip
    assert first["rule"] == {
        "id": node_id("CreditRule", "cq-course-hours@1"),
        "code": "cq-course-hours",
        "version": 1,
        "sample": True,
        "rounding": {"step": "0.01", "mode": "HALF_UP"},
        "shares": [{"role": "LEAD_DEVELOPER", "weight": "2"}],
    }
    assert first["recognitions"] == [
        {"region": {"code": "510000"}, "state": "PENDING", "hours": "0", "rule": None, "decidedAt": None, "note": None}
    ]
    assert (reversal["reverses"], reversal["hours"]) == ({"id": reversed_one["id"]}, "-6")


async def test_the_award_in_force_and_the_whole_ledger_of_a_record() -> None:
    fields = "award { hours } ledger { hours reverses { hours } } certificate { credential issuedAt revokedAt }"
    query = f'{{ a: trainingRecord(id: "{JOINT}") {{ {fields} }} b: trainingRecord(id: "%s") {{ {fields} }} }}'
    data = await World().data(query % node_id("TrainingRecord", "joint-2"), principal=CHONGQING)
    assert data["a"]["award"] == {"hours": "6"}
    assert data["a"]["certificate"]["credential"] == CREDENTIAL
    assert data["b"] == {
        "award": None,
        "ledger": [{"hours": "6", "reverses": None}, {"hours": "-6", "reverses": {"hours": "6"}}],
        "certificate": None,
    }


async def test_history_is_told_oldest_first() -> None:
    query = f'{{ trainingRecord(id: "{JOINT}") {{ history {{ by state version note }} }} }}'
    data = await World().data(query, principal=CHONGQING)
    assert data["trainingRecord"]["history"] == [
        {"by": None, "state": "REPORTED", "version": 1, "note": None},
        {"by": "officer-500000", "state": "RECOGNIZED", "version": 2, "note": "已核对"},
    ]


async def test_rules_are_public_and_narrowed_by_region_and_day() -> None:
    query = '{ a: creditRules(region: "500000") { code } b: creditRules(region: "370000") { code } %s }'
    data = await World().data(query % 'c: creditRules(on: "2020-01-01") { code } d: creditRules { code }')
    assert data == {"a": [{"code": "cq-course-hours"}], "b": [], "c": [], "d": [{"code": "cq-course-hours"}]}
    assert (await World().refusal('{ creditRules(region: "999999") { code } }'))[0] == "INVALID_INPUT"


async def test_anybody_may_verify_a_certificate_but_its_record_is_shown_to_who_may_see_it() -> None:
    query = f'{{ verifyCertificate(credential: "{CREDENTIAL}") {{ valid reason issuer record {{ id }} }} }}'
    issuer = "https://gateway.example/credentials/issuer"
    shown: dict[str, Any] = {"valid": True, "reason": None, "issuer": issuer}
    assert (await World().data(query, principal=ANONYMOUS))["verifyCertificate"] == {**shown, "record": None}
    for who in (CHONGQING, SICHUAN):
        assert (await World().data(query, principal=who))["verifyCertificate"] == {**shown, "record": {"id": JOINT}}
    wrong = await World().data('{ verifyCertificate(credential: "x") { valid reason issuer record { id } } }')
    assert wrong["verifyCertificate"] == {
        "valid": False, "reason": "the signature does not fit", "issuer": None, "record": None,
    }  # fmt: skip


async def test_text_that_is_no_id_finds_nothing() -> None:
    query = '{ trainingRecord(id: "%s") { id } teacher(id: "%s") { id } }'
    for text in ("", "T2023-118", node_id("Teacher", "nobody"), node_id("Platform", "yuzhong")):
        found = await World().data(query % (text, text), principal=CHONGQING)
        assert found == {"trainingRecord": None, "teacher": None}


async def test_without_the_credit_bank_its_fields_say_that_it_is_not_open() -> None:
    world = World()
    world.training = None  # type: ignore[assignment]  # as where it is not opened
    body = await world.answer("{ creditRules { code } trainingRecords { totalCount } viewer { name } }")
    assert [one["extensions"]["code"] for one in body["errors"]] == ["NOT_READY", "NOT_READY"]
    assert body["data"]["viewer"] == {"name": None}
