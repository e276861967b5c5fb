"""An erased person is named nowhere any more, does not come back with a harvest, and leaves a sound ledger."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert, update

from gateway.errors import Erased, InvalidInput
from gateway.storage import Database
from gateway.storage.tables import CertificateRow, CreditRecognitionRow, TeacherAccountRow
from gateway.training.credit.activities import activity_key
from gateway.training.people.links import LinkEvidence
from gateway.training.questions import ReviewDecision
from tests.gateway.harvesting.training.reporting import Office, counts, page, report
from tests.gateway.training.acting import OFFICER, Desk
from tests.gateway.training.stored import KEYS, NOON

ACCOUNTS = TeacherAccountRow.metadata.tables["teacher_accounts"]
CLI = "command line"
TELLING = ("教师甲", "密室研修", "某小学", "T-SECRET", "R-SECRET", "ACT-SECRET", "某进修学院", "proof", "不外传", "eyJ")
"""What must not be found anywhere afterwards."""


@pytest.fixture
async def office(database: Database) -> Office:
    made = Office(database)
    await made.rules()
    return made


def told(name: str = "R-SECRET", **more: Any) -> Any:
    said: dict[str, Any] = {
        "title": "密室研修", "teacher_name": "教师甲", "school": {"name": "某小学"}, "activity_id": "ACT-SECRET",
        "issuer": {"name": "某进修学院"}, "evidence": ("https://platform.example/proof",),
    }  # fmt: skip
    return report(name, "T-SECRET", **(said | more))


async def prepared(office: Office) -> tuple[Desk, str]:
    """A harvested and an entered record of one teacher, a link, a certificate, a decision and a pseudonym."""
    await office.harvest(page(told(), report("r2", "T-2")))
    desk = Desk(office.database, now=NOON)
    [account, other] = sorted(await desk.rows("teacher_accounts"), key=lambda row: row.native_id != "T-SECRET")
    note = (LinkEvidence.OFFICER, "不外传", CLI)
    await desk.do(lambda connection: desk.linking.link(connection, NOON, account.id, other.id, *note))
    [person] = {row.teacher_id for row in await desk.rows("teacher_accounts")}
    await desk.do(lambda connection: connection.execute(update(ACCOUNTS).values(pseudonym="p" * 64, region="500103")))
    entered = await desk.enter(teacher=person, title="密室研修（补录）", issuer="某进修学院")
    await desk.records.review([entered], ReviewDecision.RECOGNIZE, "不外传", OFFICER)
    certificate = {"id": "c1", "record_id": entered, "record_version": 2, "key_id": "k", "credential": "eyJ"}
    line = next(row for row in await desk.rows("ledger_entries") if row.record_id == entered)
    decision = {
        "id": "d1",
        "entry_id": line.id,
        "record_id": entered,
        "region": "510000",
        "number": 1,
        "note": "不外传",
    }

    def write(connection: Any) -> None:
        issued = {**certificate, "issued_at": NOON, "issued_by": "test"}
        connection.execute(insert(CertificateRow.metadata.tables["certificates"]), issued)
        decided = {**decision, "state": "RECOGNIZED", "hours": Decimal(1), "decided_at": NOON, "decided_by": "test"}
        connection.execute(insert(CreditRecognitionRow.metadata.tables["credit_recognitions"]), decided)

    await desk.do(write)
    return desk, person


async def everything_said(desk: Desk) -> str:
    tables = ("training_records", "training_versions", "teacher_accounts", "teacher_links", "certificates",
              "credit_recognitions", "ledger_entries", "quarantined_records", "harvest_seen")  # fmt: skip
    found = [tuple(row) for table in tables for row in await desk.rows(table)]
    return f"{found} {desk.guard.written}"


async def test_what_names_the_person_is_emptied_everywhere(office: Office) -> None:
    desk, person = await prepared(office)
    said = await everything_said(desk)
    assert [word for word in TELLING if word not in said] == []
    lines = await desk.rows("ledger_entries", "sequence")
    records = await desk.do(lambda connection: desk.erasing.erase(connection, NOON, person, "本人要求", CLI))
    assert records == 3
    said = await everything_said(desk)
    assert [word for word in (*TELLING, "p" * 64) if word in said] == []
    assert await desk.rows("ledger_entries", "sequence") == lines
    assert {row.erased_at for row in await desk.rows("teacher_accounts")} == {NOON}
    assert {row.erased_at for row in await desk.rows("teachers")} == {NOON}
    records_now = await desk.rows("training_records")
    assert {row.erased_at for row in records_now} == {NOON}
    assert activity_key(KEYS, "密室研修") in {row.activity_key for row in records_now}
    [certificate] = await desk.rows("certificates")
    assert (certificate.credential, certificate.revoked_at) == (None, NOON)
    event = desk.guard.written[-1]
    assert (event.action, event.subjects, event.detail) == (
        "eraseTeacher", (f"Teacher:{person}",), {"accounts": 2, "records": 3, "reason": "本人要求"},
    )  # fmt: skip


async def test_a_harvest_does_not_bring_the_person_back(office: Office) -> None:
    desk, person = await prepared(office)
    await desk.do(lambda connection: desk.erasing.erase(connection, NOON, person, "本人要求", CLI))
    before = await desk.everything()
    changed = told(version=9, title="密室研修二")
    run = await office.harvest(page(changed, told("R-SECRET-2"), report("r2", "T-2")), page(changed), version=2)
    assert counts(run) == (3, 0, 0, 3, 0, 0, 1)
    assert await desk.everything() == before
    said = await everything_said(desk)
    assert [word for word in TELLING if word in said] == []


async def test_records_of_others_stay_and_the_ledger_has_nothing_to_add(office: Office) -> None:
    await office.harvest(page(told(), report("r2", "T-2")))
    desk = Desk(office.database, now=NOON)
    accounts = {row.native_id: row.teacher_id for row in await desk.rows("teacher_accounts")}
    await desk.do(lambda connection: desk.erasing.erase(connection, NOON, accounts["T-SECRET"], "本人要求", CLI))
    assert [row.title for row in await desk.rows("training_records") if row.erased_at is None] == ["研修 r2"]
    assert await desk.posting.repost_all(desk.database, desk.clock) == 0


@pytest.mark.parametrize(
    ("whom", "reason", "said"),
    [
        ("person", " ", "reason: say why"),
        ("nobody", "本人要求", "'nobody' is not the id of a teacher"),
        ("merged", "本人要求", "has no account any more; erase the person it was linked to"),
    ],
)
async def test_a_refused_erasure_changes_nothing(office: Office, whom: str, reason: str, said: str) -> None:
    desk, person = await prepared(office)
    [merged] = {row.id for row in await desk.rows("teachers")} - {person}
    named = {"person": person, "merged": merged}.get(whom, whom)
    before = await desk.everything()
    with pytest.raises(InvalidInput, match=said):
        await desk.do(lambda connection: desk.erasing.erase(connection, NOON, named, reason, CLI))
    assert await desk.everything() == before


async def test_nobody_is_erased_twice(office: Office) -> None:
    desk, person = await prepared(office)
    await desk.do(lambda connection: desk.erasing.erase(connection, NOON, person, "本人要求", CLI))
    with pytest.raises(Erased, match="was erased on 2026-11-01 already"):
        await desk.do(lambda connection: desk.erasing.erase(connection, NOON, person, "本人要求", CLI))
