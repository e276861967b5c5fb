"""A transcript holds the lines of a cycle, and counts what the region it is asked for awarded or recognized."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, insert, update

from gateway.errors import InvalidInput, NotShared
from gateway.personal import Reach
from gateway.storage import Database
from gateway.storage.tables import CreditRecognitionRow, TrainingRecordRow
from gateway.training.credit.posting import Posting
from gateway.training.reading.by_id import awards
from gateway.training.reading.transcripts import transcript
from schema.quality import Level
from tests.gateway.training.guards import CHONGQING, FORBIDDEN, SICHUAN, YUZHONG, by_agreement, own, receiving
from tests.gateway.training.reads import ask, put, stock
from tests.gateway.training.stored import NOON, Resources, add_account

DAY = date(2026, 11, 28)
RECORDS = TrainingRecordRow.metadata.tables["training_records"]


async def asked(
    database: Database, reach: Reach, region: str | None = None, on: date = DAY, required: str | None = None
) -> Any:
    """The transcript of teacher yz."""
    hours = None if required is None else Decimal(required)
    return await ask(database, transcript, "yz", on, region, reach, hours)


async def stocked(database: Database) -> None:
    """Records of two cycles, one of 支教, and one of an account in 四川."""
    await stock(database)

    def link(connection: Connection) -> None:
        add_account(connection, "far", teacher="yz", platform="sichuan", region="510107")

    await database.transact(link)
    await put(
        database,
        ("late", "yz", {"title": "后", "starts_on": date(2026, 6, 1), "level": None}),
        ("early", "yz", {"quantity": Decimal("4.5"), "level": "CITY"}),
        ("old", "yz", {"title": "旧", "starts_on": date(2025, 12, 31), "quantity": Decimal(3)}),
        ("support", "yz", {"title": "支", "kind": "REMOTE_SUPPORT", "quantity": Decimal(30)}),
        ("far1", "far", {"title": "远", "platform": "sichuan", "region": "510107", "quantity": Decimal(40)}),
    )


async def decide(database: Database, region: str, hours: str, state: str = "RECOGNIZED") -> None:
    """A region decides about the award of 四川."""
    award = (await ask(database, awards, ["far1"], own(None)))["far1"]
    decisions = CreditRecognitionRow.metadata.tables["credit_recognitions"]

    def write(connection: Connection) -> None:
        row = {"id": region, "entry_id": award.id, "record_id": "far1", "region": region, "number": 1, "state": state}
        rest = {"hours": Decimal(hours), "decided_at": NOON, "decided_by": "x"}
        connection.execute(insert(decisions), {**row, **rest})

    await database.transact(write)


async def test_the_cycle_of_the_day_is_told_by_activity_day(database: Database) -> None:
    await stocked(database)
    view = await asked(database, own(YUZHONG))
    assert (view.first, view.last, view.region) == (date(2026, 1, 1), date(2030, 12, 31), CHONGQING)
    assert [entry.record for entry in view.entries][-1] == "late"
    assert {entry.record for entry in view.entries} == {"early", "support", "late"}
    assert view.awarded_hours == Decimal("12.5")
    assert view.by_level == ((Level.CITY, Decimal("4.5")),)
    past = await asked(database, own(YUZHONG), on=date(2021, 1, 1))
    assert [(entry.record, entry.hours) for entry in past.entries] == [("old", 3)]


async def test_a_requirement_is_met_from_its_hours_on(database: Database) -> None:
    await stocked(database)
    assert (await asked(database, own(YUZHONG))).requirement_met is None
    assert (await asked(database, own(YUZHONG), required="12.5")).requirement_met is True
    missing = await asked(database, own(None), required="12.51")
    assert (missing.requirement_met, missing.required_hours) == (False, Decimal("12.51"))


async def test_lines_that_take_an_award_back_are_among_the_entries(database: Database) -> None:
    await stocked(database)

    def correct(connection: Connection) -> None:
        connection.execute(update(RECORDS).where(RECORDS.c.id == "early").values(quantity=Decimal(2), version=2))
        Posting(Resources(), samples=True).post(connection, NOON, ["yz"])

    await database.transact(correct)
    view = await asked(database, own(YUZHONG))
    early = [(entry.hours, entry.reverses is not None) for entry in view.entries if entry.record == "early"]
    assert early == [(Decimal("4.5"), False), (Decimal("-4.5"), True), (Decimal(2), False)]
    assert view.awarded_hours == Decimal(10)
    assert view.by_level == ((Level.CITY, Decimal(2)), (Level.DISTRICT, Decimal(0)))[: len(view.by_level)]


async def test_hours_of_another_province_count_only_as_recognized(database: Database) -> None:
    await stocked(database)
    assert (await asked(database, own(None))).awarded_hours == Decimal("12.5")
    await decide(database, CHONGQING, "6", "PARTLY_RECOGNIZED")
    view = await asked(database, own(None))
    assert view.awarded_hours == Decimal("18.5")
    assert view.by_level == ((Level.CITY, Decimal("4.5")), (Level.DISTRICT, Decimal(6)))
    assert len(view.entries) == 4


async def test_under_another_region_only_what_it_recognized_counts(database: Database) -> None:
    await stocked(database)
    view = await asked(database, own(None), region=SICHUAN)
    assert (view.region, view.awarded_hours) == (SICHUAN, 20)
    shandong = await asked(database, own(None), region="370300")
    assert (shandong.awarded_hours, len(shandong.entries)) == (0, 4)
    await decide(database, "370000", "7")
    assert (await asked(database, own(None), region="370300")).awarded_hours == 7


async def test_lines_of_records_out_of_reach_are_neither_told_nor_counted(database: Database) -> None:
    await stocked(database)
    await decide(database, CHONGQING, "6")
    view = await asked(database, own(YUZHONG))
    assert {entry.record for entry in view.entries} == {"early", "support", "late"}
    assert view.awarded_hours == Decimal("12.5")


async def test_whether_a_requirement_is_met_is_unknown_where_lines_are_hidden_that_could_decide(
    database: Database,
) -> None:
    await stocked(database)
    assert (await asked(database, own(YUZHONG), required="12.51")).requirement_met is None
    assert (await asked(database, own(YUZHONG), required="12.5")).requirement_met is True
    assert (await asked(database, own(None), required="12.51")).requirement_met is False


async def test_by_an_agreement_only_what_its_own_receiver_decided_counts(database: Database) -> None:
    await stocked(database)
    await decide(database, "440000", "7")
    named = ("Teacher.transcript", "TrainingRecord.ledger")
    reach = receiving(by_agreement(CHONGQING, *named), by_agreement("510107", *named, receiver="500000"))
    by_others = Reach(NotShared("no"), (by_agreement(SICHUAN, *named, receiver="370000"),))
    view = await asked(database, by_others, region="440000", required="100")
    assert (view.awarded_hours, view.requirement_met, [entry.record for entry in view.entries]) == (0, None, ["far1"])
    assert (await asked(database, own(SICHUAN), region="440000")).awarded_hours == 7
    assert (await asked(database, Reach(FORBIDDEN, teacher="yz"), region="440000")).awarded_hours == 7
    to_guangdong = Reach(NotShared("no"), (by_agreement(SICHUAN, *named, receiver="440000"),))
    assert (await asked(database, to_guangdong, region="440000")).awarded_hours == 7
    assert (await asked(database, reach, region="440000")).awarded_hours == 7  # 四川 is their own region


async def test_by_an_agreement_transcripts_and_lines_must_be_named(database: Database) -> None:
    await stocked(database)
    with pytest.raises(NotShared):
        await asked(database, Reach(NotShared("no"), (by_agreement(CHONGQING, "Teacher.name"),)))
    named = by_agreement(CHONGQING, "Teacher.transcript", "TrainingRecord.title")
    view = await asked(database, Reach(NotShared("no"), (named,)))
    assert (view.entries, view.awarded_hours, view.region) == ((), 0, CHONGQING)
    lines = by_agreement(CHONGQING, "Teacher.transcript", "TrainingRecord.ledger")
    view = await asked(database, Reach(NotShared("no"), (lines,)))
    assert (len(view.entries), view.awarded_hours, view.by_level) == (3, Decimal("12.5"), ())


async def test_a_teacher_sees_their_own_and_who_may_not_see_one_gets_none(database: Database) -> None:
    await stocked(database)
    assert len((await asked(database, Reach(FORBIDDEN, teacher="yz"))).entries) == 4
    assert await asked(database, own("500107")) is None
    assert await asked(database, receiving(by_agreement("370000", "Teacher.transcript")), region=None) is not None


async def test_a_region_that_is_none_is_refused(database: Database) -> None:
    await stocked(database)
    with pytest.raises(InvalidInput, match="'50' is no known"):
        await asked(database, own(None), region="50")
