"""Officers enter, correct, review and revoke records; each step is one version, audited, with the ledger put right."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from decimal import Decimal
from typing import Any

import orjson
import pytest
from sqlalchemy import insert

from gateway.errors import Erased, Forbidden, GatewayError, InvalidInput, LimitExceeded, StateImpossible
from gateway.personal import Action
from gateway.storage import Database
from gateway.storage.tables import CertificateRow
from gateway.training.errors import IdempotencyKeyReused, VersionConflict
from gateway.training.questions import ReviewDecision
from tests.gateway.training.acting import DRAFT, OFFICER, Desk, drafted
from tests.gateway.training.guards import SICHUAN, YUZHONG, officer, own
from tests.gateway.training.stored import NOON, add_record

REVIEW, RECOGNIZE, REJECT = ReviewDecision.REVIEW, ReviewDecision.RECOGNIZE, ReviewDecision.REJECT


@pytest.fixture
async def desk(database: Database) -> Desk:
    made = Desk(database)
    await made.open()
    return made


async def test_an_entered_record_hangs_on_the_teachers_own_account_and_waits_for_review(desk: Desk) -> None:
    record = await desk.enter(title=" 区级研修 ", program="chengdu-chongqing-teacher-community")
    row = await desk.row(record)
    assert (row.platform, row.native_id, row.account_id, row.region) == ("", record, "a1", YUZHONG)
    assert (row.title, row.state, row.version, row.quantity) == ("区级研修", "REPORTED", 1, 6)
    assert orjson.loads(row.issuer) == {"name": "渝中区教师进修学院"}
    assert orjson.loads(row.evidence) == [{"name": None, "url": "https://platform.example/1.pdf"}]
    assert await desk.history(record) == [(1, "REPORTED", OFFICER.name, None)]
    assert await desk.hours(record) == []
    [event] = desk.guard.written
    assert (event.action, event.subjects, event.purpose) == (
        "recordTraining",
        (f"TrainingRecord:{record}",),
        OFFICER.purpose,
    )
    assert "研修" not in str(event)


async def test_the_same_key_and_body_answer_with_the_same_record(desk: Desk) -> None:
    one, again = await desk.enter("k1"), await desk.enter("k1")
    other = await desk.enter("k2")
    assert one == again != other
    assert len(await desk.rows("training_records")) == 2
    assert len(desk.guard.written) == 2


async def test_the_same_key_with_another_body_is_refused(desk: Desk) -> None:
    await desk.enter("k1")
    before = await desk.everything()
    with pytest.raises(IdempotencyKeyReused, match="idempotencyKey"):
        await desk.enter("k1", quantity=Decimal(7))
    assert await desk.everything() == before


async def test_another_client_may_use_the_same_key(desk: Desk) -> None:
    other = officer(None)
    desk.guard.reaches = {**desk.guard.reaches, other.name: own(None)}
    assert await desk.enter("k1") != await desk.enter("k1", other)


async def test_one_key_at_once_makes_one_record(desk: Desk) -> None:
    found = await asyncio.gather(*(desk.enter("k1") for _ in range(6)))
    assert len(set(found)) == 1
    assert len(await desk.rows("training_records")) == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": "  "}, "title: it is empty"),
        ({"title": "研" * 201}, "title: 201 characters; at most 200"),
        ({"title": "研\n修"}, "title: leave out line breaks"),
        ({"title": "教师 11010519491231002X"}, "title: leave out the national id"),
        ({"issuer": ""}, "issuer: it is empty"),
        ({"ends_on": date(2026, 2, 28)}, "endsOn: 2026-02-28 is before startsOn, 2026-03-01"),
        ({"starts_on": date(2028, 1, 1), "ends_on": None}, "startsOn: 2028-01-01 is not between 1980-01-01 and 2027-"),
        ({"quantity": Decimal(0)}, "quantity: 0 is not greater than 0"),
        ({"quantity": Decimal("NaN")}, "quantity: NaN is not greater than 0"),
        ({"quantity": Decimal("0.0000001")}, "at most 6 digits behind the point"),
        ({"quantity": Decimal("1e6")}, "it is not less than 1000000"),
        ({"evidence": ("ftp://a.example",)}, "the 1. entry is no address"),
        ({"evidence": ("https://a.example",) * 21}, "21 addresses; at most 20"),
        ({"program": "nobody"}, "program: 'nobody' is not known; there are "),
        ({"resource": ("chongqing", "a\x00")}, "resourceId"),
        ({"teacher": "a3"}, "teacherId: 'a3' is not the id of a teacher you may act on"),
        ({"teacher": "unknown"}, "teacherId: 'unknown' is not the id of a teacher you may act on"),
    ],
)  # fmt: skip
async def test_what_cannot_be_kept_is_refused_and_nothing_changes(
    desk: Desk, changes: dict[str, Any], said: str
) -> None:
    before = await desk.everything()
    with pytest.raises(InvalidInput) as refusal:
        await desk.enter(**changes)
    assert said in refusal.value.message
    assert await desk.everything() == before
    assert desk.guard.written == []


async def test_a_correction_is_a_version_and_puts_the_ledger_right(desk: Desk) -> None:
    record = await desk.enter()
    await desk.records.review([record], RECOGNIZE, None, OFFICER)
    assert await desk.records.correct(record, 2, "学时录入错误", drafted(quantity=Decimal(4)), "c1", OFFICER) == record
    assert await desk.hours(record) == ["6", "-6", "4"]
    row = await desk.row(record)
    assert (row.quantity, row.version, row.state) == (4, 3, "RECOGNIZED")
    assert await desk.history(record) == [
        (1, "REPORTED", OFFICER.name, None),
        (2, "RECOGNIZED", OFFICER.name, None),
        (3, "RECOGNIZED", OFFICER.name, "学时录入错误"),
    ]
    contents = [orjson.loads(row.content)["quantity"] for row in await desk.rows("training_versions", "version")]
    assert contents == ["6", "6", "4"]
    assert [event.action for event in desk.guard.written] == ["recordTraining", "reviewTraining", "correctTraining"]


async def test_of_corrections_at_once_of_one_version_one_is_made(desk: Desk) -> None:
    record = await desk.enter()
    attempts = [
        desk.records.correct(record, 1, "更正", drafted(quantity=Decimal(n)), f"c{n}", OFFICER) for n in (1, 2, 3)
    ]
    found = await asyncio.gather(*attempts, return_exceptions=True)
    assert sorted(type(each).__name__ for each in found) == ["VersionConflict", "VersionConflict", "str"]
    assert (await desk.row(record)).version == 2


@pytest.mark.parametrize(
    ("states", "decision", "state"),
    [
        ((), REVIEW, "REVIEWED"),
        ((), RECOGNIZE, "RECOGNIZED"),
        ((), REJECT, "REJECTED"),
        ((REVIEW,), RECOGNIZE, "RECOGNIZED"),
        ((REVIEW,), REJECT, "REJECTED"),
        ((REVIEW,), REVIEW, None),
        ((RECOGNIZE,), RECOGNIZE, None),
        ((RECOGNIZE,), REJECT, None),
        ((REJECT,), RECOGNIZE, None),
    ],
)
async def test_decisions_are_possible_from_the_states_before_them(
    desk: Desk, states: tuple[ReviewDecision, ...], decision: ReviewDecision, state: str | None
) -> None:
    record = await desk.enter()
    for before in states:
        await desk.records.review([record], before, None, OFFICER)
    kept = await desk.everything()
    done = await desk.records.review([record], decision, "已核对", OFFICER)
    if state is None:
        assert [(one.position, one.code) for one in done.refused] == [(0, "STATE_IMPOSSIBLE")]
        assert await desk.everything() == kept
    else:
        assert (done.records, done.refused) == ((record,), ())
        row = await desk.row(record)
        assert (row.state, row.decided) == (state, True)
        assert (await desk.history(record))[-1][1:] == (state, OFFICER.name, "已核对")


async def test_each_record_of_a_review_stands_by_itself(desk: Desk) -> None:
    one, two = await desk.enter("k1"), await desk.enter("k2")
    await desk.do(lambda connection: add_record(connection, "far", "a3", platform="sichuan", state="REPORTED"))
    await desk.records.revoke(two, "重复", OFFICER)
    done = await desk.records.review([one, two, "far", "unknown"], RECOGNIZE, None, OFFICER)
    assert done.records == (one,)
    assert [(each.position, each.code) for each in done.refused] == [
        (1, "STATE_IMPOSSIBLE"), (2, "INVALID_INPUT"), (3, "INVALID_INPUT"),
    ]  # fmt: skip
    assert done.refused[1].message.replace("far", "?") == done.refused[2].message.replace("unknown", "?")
    assert await desk.hours(one) == ["6"]
    with pytest.raises(LimitExceeded, match="101 ids; at most 100"):
        await desk.records.review(["x"] * 101, RECOGNIZE, None, OFFICER)


async def test_a_revoked_record_is_over(desk: Desk) -> None:
    record = await desk.enter()
    await desk.records.review([record], RECOGNIZE, None, OFFICER)
    await desk.records.revoke(record, "重复", OFFICER)
    assert await desk.hours(record) == ["6", "-6"]
    before = await desk.everything()
    for step in (
        desk.records.revoke(record, "再次", OFFICER),
        desk.records.correct(record, 3, "更正", DRAFT, "c3", OFFICER),
    ):
        with pytest.raises(StateImpossible, match="is REVOKED"):
            await step
    assert await desk.everything() == before


async def test_a_certificate_ends_with_the_version_it_was_made_of(desk: Desk) -> None:
    record = await desk.enter()
    await desk.records.review([record], RECOGNIZE, None, OFFICER)
    row = {"id": "c1", "record_id": record, "record_version": 2, "key_id": "k", "credential": "x", "issued_at": NOON}
    table = CertificateRow.metadata.tables["certificates"]
    await desk.do(lambda connection: connection.execute(insert(table), {**row, "issued_by": "test"}))
    await desk.records.revoke(record, "重复", OFFICER)
    [certificate] = await desk.rows("certificates")
    assert (certificate.revoked_at is not None, certificate.revoked_by) == (True, OFFICER.name)


Act = Callable[[Desk, str], Awaitable[object]]
ACTIONS: dict[Action, Act] = {
    Action.RECORD: lambda desk, _: desk.enter("k2"),
    Action.CORRECT: lambda desk, record: desk.records.correct(record, 1, "更正", DRAFT, "c4", OFFICER),
    Action.REVOKE: lambda desk, record: desk.records.revoke(record, "重复", OFFICER),
}


@pytest.mark.parametrize("action", ACTIONS)
async def test_who_may_not_is_refused_before_anything_else(desk: Desk, action: Action) -> None:
    record = await desk.enter("k1")
    before, written = await desk.everything(), list(desk.guard.written)
    desk.guard.refused = frozenset({action})
    with pytest.raises(Forbidden):
        await ACTIONS[action](desk, record)
    assert desk.guard.asked[-1] == (OFFICER.name, action, YUZHONG)
    desk.guard.reaches = {}
    with pytest.raises(Forbidden):
        await ACTIONS[action](desk, "unknown")
    assert (await desk.everything(), desk.guard.written) == (before, written)


async def test_a_review_by_nobody_who_may_see_anything_is_refused_as_a_whole(desk: Desk) -> None:
    record = await desk.enter()
    desk.guard.reaches = {}
    with pytest.raises(Forbidden):
        await desk.records.review([record], RECOGNIZE, None, OFFICER)
    assert (await desk.row(record)).state == "REPORTED"


@pytest.mark.parametrize(
    ("step", "error", "said"),
    [
        (lambda d, r: d.records.correct(r, 2, "更正", DRAFT, "c5", OFFICER), VersionConflict, "is at version 1, not 2"),
        (lambda d, r: d.records.correct(r, 1, " ", DRAFT, "c6", OFFICER), InvalidInput, "reason: say why"),
        (lambda d, r: d.records.revoke(r, "x" * 501, OFFICER), InvalidInput, "reason: 501 characters"),
        (lambda d, r: d.records.correct(r, 1, "更正", drafted(teacher="a2"), "c7", OFFICER), InvalidInput, "stays"),
        (lambda d, _: d.records.revoke("far", "重复", OFFICER), InvalidInput, "'far' is not the id of a"),
        (lambda d, _: d.records.revoke("none", "重复", OFFICER), InvalidInput, "'none' is not the id of a"),
        (lambda d, _: d.enter("k\n"), InvalidInput, "idempotencyKey: 1 to 200 characters"),
    ],
)  # fmt: skip
async def test_a_step_that_is_refused_changes_nothing(
    desk: Desk, step: Act, error: type[GatewayError], said: str
) -> None:
    record = await desk.enter()
    await desk.do(lambda connection: add_record(connection, "far", "a3", platform="sichuan", region=SICHUAN))
    before, written = await desk.everything(), list(desk.guard.written)
    with pytest.raises(error, match=said):
        await step(desk, record)
    assert (await desk.everything(), desk.guard.written) == (before, written)


async def test_nothing_is_done_to_erased_teachers_and_records(desk: Desk) -> None:
    record = await desk.enter()
    await desk.do(lambda connection: desk.erasing.erase(connection, NOON, "a1", "本人要求", "command line"))
    before = await desk.everything()
    for step in (desk.enter("k2"), desk.records.revoke(record, "重复", OFFICER)):
        with pytest.raises(Erased):
            await step
    done = await desk.records.review([record], RECOGNIZE, None, OFFICER)
    assert [one.code for one in done.refused] == ["ERASED"]
    assert await desk.everything() == before
