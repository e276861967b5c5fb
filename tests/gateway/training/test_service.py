"""The doorway answers each principal by the guard, and does what actions promise or nothing."""

import asyncio
import threading
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from gateway.errors import Forbidden, InvalidInput
from gateway.graph.training.ports import Training
from gateway.identity import ANONYMOUS, Principal
from gateway.personal import Action, Reach
from gateway.storage import Database
from gateway.storage.tables import CertificateRow, CreditRecognitionRow
from gateway.training import TrainingOptions, TrainingService, open_training
from gateway.training.certificates import KeyRing, SigningKey
from gateway.training.ports import ResourceName, ResourceState
from gateway.training.questions import (
    RecognitionFilter,
    RecordDraft,
    RecordFilter,
    RecordQuestion,
    ReviewDecision,
    SummaryQuestion,
    TeacherQuestion,
)
from schema.quality import Level, RecognitionState
from schema.training import Outcome, QuantityUnit, RecordState, TrainingForm, TrainingKind, TrainingRole
from tests.gateway.training.guards import (
    CHONGQING,
    FORBIDDEN,
    SICHUAN,
    YUZHONG,
    FixedGuard,
    by_agreement,
    officer,
    own,
    receiving,
)
from tests.gateway.training.reads import RULES, put, stock
from tests.gateway.training.stored import KEYS, NOON, Resources

HOME, AWAY = officer(YUZHONG), officer(SICHUAN)
TEACHER = Principal("teacher", teacher="yz", client="t")
LINES = by_agreement(CHONGQING, "TrainingRecord.title", "TrainingRecord.ledger", "TrainingRecord.certificate")
DRAFT = RecordDraft(
    "yz", "听课", TrainingKind.OBSERVATION, Level.DISTRICT, TrainingForm.ONSITE, TrainingRole.PARTICIPANT,
    date(2026, 5, 1), None, Decimal(2), QuantityUnit.HOUR, Outcome.ATTENDED, "渝中区教师进修学院",
)  # fmt: skip
CERTIFICATES = CertificateRow.metadata.tables["certificates"]
DECISIONS = CreditRecognitionRow.metadata.tables["credit_recognitions"]


def guarded(**fields: Any) -> FixedGuard:
    """渝中 sees its own, 四川 what an agreement shows of 重庆, and 四川 may decide about 渝中."""
    reaches = {HOME.name: own(YUZHONG), AWAY.name: receiving(LINES), TEACHER.name: Reach(FORBIDDEN, teacher="yz")}
    return FixedGuard(reaches, {YUZHONG: (SICHUAN,)}, **fields)


async def opened(database: Database, guard: FixedGuard, resources: Resources | None = None) -> TrainingService:
    """The doorway over two records of 渝中."""
    await stock(database)
    await put(database, ("r", "yz", {}), ("q", "yz", {"title": "待审", "state": "REPORTED"}))
    return await open_training(
        database,
        guard,
        resources or Resources(),
        KEYS,
        RULES,
        KeyRing((SigningKey(b"\1" * 32),)),
        public_url="https://shanhai.example",
        options=TrainingOptions(cycle_hours=Decimal(360)),
        clock=lambda: NOON,
    )


async def count(database: Database, table: Any) -> int:
    """Rows of a table."""
    async with database.reading() as connection:
        return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())


async def test_everything_of_a_record_can_be_read_by_its_officer_and_its_teacher(database: Database) -> None:
    service: Training = await opened(database, guarded())
    for who in (HOME, TEACHER):
        assert sorted(await service.records_by_id(["r", "q", "x"], who)) == ["q", "r"]
        assert (await service.records(RecordQuestion(), who)).total == 2
        award = (await service.awards(["r"], who))["r"]
        assert [line.id for line in (await service.ledger(["r"], who))["r"]] == [award.id]
        assert list(await service.entries_by_id([award.id], who)) == [award.id]
        assert (await service.teachers_by_id(["yz"], who))["yz"].name == "教师甲"
        view = await service.transcript("yz", None, None, who)
        assert view is not None
        assert (view.awarded_hours, view.required_hours, view.requirement_met) == (Decimal(8), Decimal(360), False)
        (standing,) = (await service.recognitions([award.id], who))[award.id]
        assert (standing.region, standing.state, standing.hours) == (SICHUAN, RecognitionState.PENDING, Decimal(0))
        assert await service.same_activity(["r"], who) == {}
        assert await service.history(["r"], who) == {}
    assert [row.id for row in (await service.teachers(TeacherQuestion(below_requirement=True), HOME)).rows] == [
        "yz",
        "yz2",
    ]


async def test_anonymous_and_foreign_principals_get_nothing(database: Database) -> None:
    service = await opened(database, guarded())
    for who in (ANONYMOUS, officer("370000")):
        assert await service.records_by_id(["r"], who) == {}
        assert await service.teachers_by_id(["yz"], who) == {}
        assert await service.transcript("yz", None, None, who) is None
        for asked in (service.records(RecordQuestion(), who), service.teachers(TeacherQuestion(), who)):
            with pytest.raises(Forbidden):
                await asked
    with pytest.raises(Forbidden):
        await service.summary(SummaryQuestion(), ANONYMOUS)


async def test_rules_and_verification_are_for_everybody(database: Database) -> None:
    service = await opened(database, guarded())
    assert [rule.id for rule in await service.rules(YUZHONG, date(2026, 1, 1))] == ["cq@1", "support@1"]
    assert await service.rules(None, date(2019, 12, 31)) == ()
    assert list(await service.rules_by_id(["sc@1", "no@1"])) == ["sc@1"]
    assert not (await service.verify_certificate("x")).valid
    assert (await service.summary(SummaryQuestion(), HOME)).rows[0].cells[0].value is None


async def test_whose_credit_is_pending_is_asked_once_and_only_for_who_may_see_records(database: Database) -> None:
    guard = guarded()
    service = await opened(database, guard)
    await put(database, ("far", "yz2", {"region": "500106"}), ("other", "yz2", {"region": "500107", "title": "二"}))
    pending = RecordQuestion(RecordFilter(recognition=RecognitionFilter(SICHUAN, (RecognitionState.PENDING,))))
    with pytest.raises(Forbidden):
        await service.records(pending, ANONYMOUS)
    assert guard.asked_givers == []
    assert [row.id for row in (await service.records(pending, AWAY)).rows] == ["r"]
    assert guard.asked_givers == [SICHUAN]


async def test_a_receiving_region_finds_pending_credit_and_decides_about_it(database: Database) -> None:
    guard = guarded()
    service = await opened(database, guard)
    pending = RecordQuestion(RecordFilter(recognition=RecognitionFilter(SICHUAN, (RecognitionState.PENDING,))))
    assert [row.id for row in (await service.records(pending, AWAY)).rows] == ["r"]
    entry = (await service.ledger(["r"], AWAY))["r"][0].id
    assert (await service.recognize(entry, SICHUAN, None, "按四川规则", AWAY)).id == entry
    (view,) = (await service.recognitions([entry], AWAY))[entry]
    assert (view.state, view.hours, view.note) == (RecognitionState.PARTLY_RECOGNIZED, Decimal(4), "按四川规则")
    assert (await service.records(pending, AWAY)).total == 0
    assert [(event.action, event.subjects) for event in guard.written] == [
        (Action.RECOGNIZE, ("TrainingRecord:r",)),
    ]  # fmt: skip
    assert guard.asked == [(AWAY.name, Action.RECOGNIZE, SICHUAN)]


async def test_what_another_region_decided_is_not_shown_to_a_third_one(database: Database) -> None:
    guard = guarded()
    third = officer("370000")
    shown = by_agreement(CHONGQING, "TrainingRecord.ledger", receiver="370000")
    guard.reaches = {**guard.reaches, third.name: Reach(FORBIDDEN, (shown,))}
    guard.deciding = {YUZHONG: ("370000", SICHUAN)}
    service = await opened(database, guard)
    entry = (await service.ledger(["r"], AWAY))["r"][0].id
    await service.recognize(entry, SICHUAN, None, None, AWAY)
    assert [view.region for view in (await service.recognitions([entry], third))[entry]] == ["370000"]
    assert [view.region for view in (await service.recognitions([entry], HOME))[entry]] == ["370000", SICHUAN]


@pytest.mark.parametrize(
    ("fields", "region", "who", "error"),
    [
        ({"refused": frozenset({Action.RECOGNIZE})}, SICHUAN, AWAY, Forbidden),
        ({}, "370000", AWAY, Forbidden),
        ({}, "x", AWAY, InvalidInput),
        ({}, SICHUAN, officer("370000"), InvalidInput),
    ],
)
async def test_a_refused_recognition_changes_nothing(
    database: Database, fields: dict[str, Any], region: str, who: Principal, error: type[Exception]
) -> None:
    guard = guarded(**fields)
    service = await opened(database, guard)
    entry = (await service.ledger(["r"], HOME))["r"][0].id
    with pytest.raises(error):
        await service.recognize(entry, region, None, None, who)
    with pytest.raises((Forbidden, InvalidInput)):
        await service.recognize(entry, SICHUAN, None, "x" * 1_001, who)
    assert (await count(database, DECISIONS), guard.written) == (0, [])


async def test_a_certificate_is_issued_once_and_verified_by_anybody(database: Database) -> None:
    guard = guarded()
    service = await opened(database, guard)
    made = await service.issue_certificate("r", HOME)
    assert await service.issue_certificate("r", HOME) == made
    assert (await service.certificates(["r"], TEACHER))["r"] == made
    assert (await service.certificates_by_id([made.id], AWAY))[made.id] == made
    found = await service.verify_certificate(made.credential)
    assert (found.valid, found.record, found.issuer) == (True, "r", "https://shanhai.example/credentials/issuer")
    assert guard.asked == [(HOME.name, Action.CERTIFY, YUZHONG)] * 2
    assert {event.action for event in guard.written} == {Action.CERTIFY}
    await service.revoke("r", "重复", HOME)
    assert not (await service.verify_certificate(made.credential)).valid
    assert len((await service.published.revocations())["revokedCredential"]) == 1


@pytest.mark.parametrize(
    ("record", "who", "error"), [("r", ANONYMOUS, Forbidden), ("x", HOME, InvalidInput), ("x", AWAY, InvalidInput)]
)
async def test_a_refused_certificate_is_not_made(
    database: Database, record: str, who: Principal, error: type[Exception]
) -> None:
    guard = guarded(refused=frozenset({Action.CERTIFY}))
    service = await opened(database, guard)
    with pytest.raises(error):
        await service.issue_certificate(record, who)
    with pytest.raises(Forbidden):
        await service.issue_certificate("r", HOME)
    assert (await count(database, CERTIFICATES), guard.written) == (0, [])


async def test_actions_on_records_answer_with_what_may_be_seen_of_them(database: Database) -> None:
    service = await opened(database, guarded())
    entered = await service.record_training(DRAFT, "k1", HOME)
    assert (await service.record_training(DRAFT, "k1", HOME)).id == entered.id
    assert (entered.title, entered.state, entered.platform) == ("听课", RecordState.REPORTED, None)
    done = await service.review(["q", "none"], ReviewDecision.RECOGNIZE, None, HOME)
    assert [(view.id, view.state) for view in done.records] == [("q", RecordState.RECOGNIZED)]
    assert [(one.position, one.code) for one in done.refused] == [(1, "INVALID_INPUT")]
    assert (await service.awards(["q"], HOME))["q"].hours == 8
    corrected = await service.correct(entered.id, entered.version, "学时录入错误", DRAFT, "c1", HOME)
    assert corrected.version == entered.version + 1
    assert (await service.revoke("q", "重复", HOME)).state is RecordState.REVOKED


class Failing(Resources):
    """Cannot be asked the first time; `followed` is set when all that changed was posted."""

    failed = False

    def __init__(self) -> None:
        super().__init__()
        self.followed = threading.Event()

    def changed(self, connection: Connection, after: int, most: int) -> tuple[list[ResourceName], int]:
        """Fails once."""
        if not self.failed:
            self.failed = True
            raise RuntimeError("not now")
        if after == 1:
            self.followed.set()
        return super().changed(connection, after, most)


async def test_following_goes_on_after_a_failure_and_posts_what_changed(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    resources = Failing()
    service = await opened(database, guarded(), resources)
    developed = {"kind": "RESOURCE_DEVELOPMENT", "title": "研发", "resource_platform": "chongqing"}
    await put(database, ("d", "yz", {**developed, "resource_native_id": "x", "role": "LEAD_DEVELOPER"}))
    resources.put(("chongqing", "x"), ResourceState.APPROVED)
    stopping = asyncio.Event()
    following = asyncio.create_task(service.follow(0.01, stopping))
    assert await asyncio.to_thread(resources.followed.wait, 30)
    stopping.set()
    await following
    assert (await service.awards(["d"], HOME))["d"].hours == 8
    assert "could not follow the catalog" in caplog.text
