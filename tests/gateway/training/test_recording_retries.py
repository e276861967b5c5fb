"""Entering a record again with its key, and for a teacher whose accounts lie in several regions."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import update

from gateway.access.service import open_access
from gateway.errors import Erased, Forbidden
from gateway.identity import Grant, Purpose, Role
from gateway.storage import Database
from gateway.storage.tables import TeacherAccountRow, TeacherRow
from gateway.training.errors import IdempotencyKeyReused
from gateway.training.people.links import LinkEvidence
from gateway.training.records.contents import digest, stored
from gateway.training.records.recording import Records
from tests.gateway.training.acting import OFFICER, Desk, drafted
from tests.gateway.training.guards import SICHUAN, YUZHONG
from tests.gateway.training.stored import KEYS, NOON, add_account

ACCOUNTS = TeacherAccountRow.metadata.tables["teacher_accounts"]
TEACHERS = TeacherRow.metadata.tables["teachers"]
RECORDING = replace(OFFICER, purpose=Purpose.TRAINING_ADMINISTRATION)


@pytest.fixture
async def desk(database: Database) -> Desk:
    made = Desk(database)
    await made.open()
    return made


async def linked(desk: Desk) -> None:
    """Teacher a1 of 渝中 is a3 of 四川, who is known for longer."""
    older = update(TEACHERS).where(TEACHERS.c.id == "a3").values(created_at=NOON.replace(year=2020))
    await desk.do(lambda connection: connection.execute(older))
    given = ("a1", "a3", LinkEvidence.OFFICER, None, "command line")
    await desk.do(lambda connection: desk.linking.link(connection, NOON, *given))


def guarded(desk: Desk) -> Records:
    """Records as the real policies guard them."""
    return Records(desk.database, desk.clock, open_access(desk.database, KEYS, desk.clock), desk.posting, KEYS)


async def test_a_record_hangs_on_the_account_in_the_officers_region(desk: Desk) -> None:
    await linked(desk)
    record = await guarded(desk).record(drafted(teacher="a3"), "k1", RECORDING)
    row = await desk.row(record)
    assert (row.account_id, row.region) == ("a1", YUZHONG)


async def test_among_accounts_in_the_officers_regions_the_teachers_own_one_is_taken(desk: Desk) -> None:
    await linked(desk)
    both = replace(RECORDING, grants=(*RECORDING.grants, Grant(Role.TRAINING_OFFICER, SICHUAN)))
    row = await desk.row(await guarded(desk).record(drafted(teacher="a3"), "k1", both))
    assert (row.account_id, row.region) == ("a3", SICHUAN)


async def test_a_refusal_does_not_tell_the_region_of_the_teacher(desk: Desk) -> None:
    await linked(desk)
    await desk.do(lambda connection: add_account(connection, "a4", region="500106", platform="zibo"))
    moved = update(ACCOUNTS).where(ACCOUNTS.c.id == "a1").values(region="500106")
    await desk.do(lambda connection: connection.execute(moved))
    admin = Grant(Role.ADMIN, "500106")
    who = replace(RECORDING, purpose=Purpose.COMPLAINT, grants=(*RECORDING.grants, admin))
    before = await desk.everything()
    with pytest.raises(Forbidden, match="do not cover the region of this record or teacher") as refusal:
        await guarded(desk).record(drafted(teacher="a3"), "k1", who)
    assert not any(region in refusal.value.message for region in ("500106", SICHUAN))
    assert await desk.everything() == before


async def test_a_retry_answers_whatever_has_happened_since(desk: Desk) -> None:
    draft = drafted()
    record = await desk.records.record(draft, "k1", OFFICER)
    before = await desk.everything()
    desk.now = NOON.replace(year=1990)  # the days of the draft lie too far ahead now
    assert await desk.records.record(draft, "k1", OFFICER) == record
    with pytest.raises(IdempotencyKeyReused):
        await desk.records.record(replace(draft, title=""), "k1", OFFICER)
    assert await desk.everything() == before
    await desk.do(lambda connection: desk.erasing.erase(connection, NOON, "a1", "本人要求", "command line"))
    assert await desk.records.record(draft, "k1", OFFICER) == record
    with pytest.raises(Erased):
        await desk.records.record(draft, "k2", OFFICER)


async def test_a_retry_of_who_may_not_record_any_more_is_refused(desk: Desk) -> None:
    record = await guarded(desk).record(drafted(), "k1", RECORDING)
    assert await guarded(desk).record(drafted(), "k1", RECORDING) == record
    admin = replace(RECORDING, purpose=Purpose.COMPLAINT, grants=(Grant(Role.ADMIN, YUZHONG),))
    with pytest.raises(Forbidden, match="recordTraining is for TRAINING_OFFICER"):
        await guarded(desk).record(drafted(), "k1", admin)


async def test_nobody_finds_out_what_was_entered_by_guessing_its_digest(desk: Desk) -> None:
    record = await desk.enter()
    row = await desk.row(record)
    assert row.digest != digest(stored(row), "")
    entered = row.digest
    await desk.records.correct(record, 1, "更正", drafted(title="校本研修"), "c1", OFFICER)
    row = await desk.row(record)
    assert row.digest not in (entered, digest(stored(row), ""))
    await desk.records.correct(record, 2, "更正", drafted(), "c2", OFFICER)
    assert (await desk.row(record)).digest == entered


async def test_a_correction_that_is_sent_again_changes_nothing_more(desk: Desk) -> None:
    record = await desk.records.record(drafted(), "k1", OFFICER)
    for _ in range(3):
        assert await desk.records.correct(record, 1, "更正", drafted(title="校本研修"), "k1", OFFICER) == record
    assert (await desk.row(record)).version == 2
    for version, reason, draft in ((2, "更正", drafted(title="校本研修")), (1, "另一个", drafted(title="校本研修"))):
        with pytest.raises(IdempotencyKeyReused, match="idempotencyKey"):
            await desk.records.correct(record, version, reason, draft, "k1", OFFICER)
    assert (await desk.row(record)).version == 2


async def test_one_correction_sent_several_times_at_once_is_one(desk: Desk) -> None:
    record = await desk.records.record(drafted(), "k1", OFFICER)
    sent = [desk.records.correct(record, 1, "更正", drafted(title="校本研修"), "k2", OFFICER) for _ in range(4)]
    assert await asyncio.gather(*sent) == [record] * 4
    assert (await desk.row(record)).version == 2
