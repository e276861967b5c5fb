"""Where a record stands: what the platform says, what was decided here, and which of them holds."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import update

from gateway.storage.tables import TrainingRecordRow
from gateway.training.questions import ReviewDecision
from schema.training import RecordState
from tests.gateway.harvesting.training.reporting import Office, counts, page, report
from tests.gateway.training.acting import OFFICER, Desk
from tests.gateway.training.guards import FixedGuard, own

RECORDS = TrainingRecordRow.metadata.tables["training_records"]
REPORTED, REVIEWED, RECOGNIZED = RecordState.REPORTED, RecordState.REVIEWED, RecordState.RECOGNIZED
REJECTED, REVOKED = RecordState.REJECTED, RecordState.REVOKED


async def decide(office: Office, state: RecordState) -> None:
    """As an officer does."""
    decided = update(RECORDS).values(state=state, decided=True)
    await office.database.transact(lambda connection: connection.execute(decided))


@dataclass(frozen=True)
class Case:
    """A platform's state, what is decided here, and the platform's next state: what holds, and whether it is news."""

    said: RecordState
    decided: RecordState | None
    next: RecordState
    holds: RecordState
    news: bool

    def __str__(self) -> str:
        return f"{self.said}, {self.decided}, then {self.next}"


@pytest.mark.parametrize(
    "case",
    [
        Case(REPORTED, None, REVIEWED, REVIEWED, True),
        Case(RECOGNIZED, None, REPORTED, REPORTED, True),
        Case(REPORTED, None, REPORTED, REPORTED, False),
        Case(REPORTED, RECOGNIZED, REVIEWED, RECOGNIZED, False),
        Case(REPORTED, RECOGNIZED, REJECTED, REJECTED, True),
        Case(REPORTED, RECOGNIZED, REVOKED, REVOKED, True),
        Case(RECOGNIZED, REVOKED, RECOGNIZED, REVOKED, False),
        Case(RECOGNIZED, REVOKED, REJECTED, REVOKED, False),
        Case(REPORTED, REJECTED, RECOGNIZED, REJECTED, False),
        Case(REPORTED, REJECTED, REVOKED, REVOKED, True),
    ],
    ids=str,
)
async def test_of_the_same_content_a_decision_stands_unless_the_platform_rejects_or_revokes(
    office: Office, case: Case
) -> None:
    await office.harvest(page(report("r1", state=case.said)))
    if case.decided is not None:
        await decide(office, case.decided)
    run = await office.harvest(page(report("r1", state=case.next)))
    row = (await office.records())["r1"]
    assert (row.state, row.reported_state, row.version) == (case.holds, case.next, 1 + case.news)
    assert (run.updated, run.unchanged) == (int(case.news), int(not case.news))
    events: list[Any] = [(1, case.said, "平台报送")]
    assert await office.history("r1") == events + ([(2, case.holds, "平台更新状态")] if case.news else [])


@pytest.mark.parametrize("decided", [RECOGNIZED, REJECTED, REVOKED])
async def test_changed_content_drops_the_decision(office: Office, decided: RecordState) -> None:
    await office.harvest(page(report("r1", state=REPORTED)))
    await decide(office, decided)
    await office.harvest(page(report("r1", state=REVIEWED, quantity=Decimal(3), version=2)))
    row = (await office.records())["r1"]
    assert (row.state, row.decided, row.quantity) == (REVIEWED, False, 3)


async def test_a_correction_made_here_stands_until_the_platform_changes_the_content(office: Office) -> None:
    await office.harvest(page(report("r1")))
    corrected = update(RECORDS).values(quantity=Decimal(7), version=2)
    await office.database.transact(lambda connection: connection.execute(corrected))
    assert (await office.harvest(page(report("r1")))).unchanged == 1
    assert (await office.records())["r1"].quantity == 7
    assert (await office.harvest(page(report("r1", quantity=Decimal(3))))).updated == 1
    assert (await office.records())["r1"].quantity == 3


async def test_what_comes_back_has_the_state_the_platform_tells(office: Office) -> None:
    await office.harvest(page(report("r1"), report("r2")))
    await office.harvest(page(report("r2"), deleted=("r1",)))
    run = await office.harvest(page(report("r1"), report("r2")))
    assert counts(run) == (2, 0, 1, 1, 0, 0, 0)
    row = (await office.records())["r1"]
    assert (row.state, row.withdrawn_at, row.version) == (RECOGNIZED, None, 3)
    assert [note for _, _, note in await office.history("r1")] == ["平台报送", "平台不再列出，记录撤销", "平台重新列出"]
    assert await office.hours() == {"r1": ["2", "-2", "2"], "r2": ["2"]}


async def left_out_and_relisted(office: Office, **more: Any) -> Any:
    """The record after the platform left it out once and lists it again."""
    await office.harvest(page(report("r2", "T-2"), deleted=("r1",)))
    row = (await office.records())["r1"]
    assert (row.state, row.withdrawn_at is not None) == (REVOKED, True)
    await office.harvest(page(report("r1", **more), report("r2", "T-2")))
    row = (await office.records())["r1"]
    assert (row.withdrawn_at, (await office.history("r1"))[-1]) == (None, (row.version, row.state, "平台重新列出"))
    return row


def desk_of(office: Office) -> Desk:
    return Desk(office.database, FixedGuard({OFFICER.name: own(None)}))


async def test_what_an_officer_revoked_stays_so_when_it_comes_back_unchanged(office: Office) -> None:
    await office.harvest(page(report("r1"), report("r2", "T-2")))
    await desk_of(office).records.revoke((await office.records())["r1"].id, "冒名", OFFICER)
    for _ in range(2):
        row = await left_out_and_relisted(office)
        assert (row.state, row.decided) == (REVOKED, True)
    assert await office.hours() == {"r1": ["2", "-2"], "r2": ["2"]}
    assert (await office.harvest(page(report("r1"), report("r2", "T-2")))).unchanged == 2


@pytest.mark.parametrize(
    ("decision", "next_said", "holds", "decided"),
    [
        (ReviewDecision.RECOGNIZE, REPORTED, RECOGNIZED, True),
        (ReviewDecision.REJECT, REPORTED, REJECTED, True),
        (ReviewDecision.REJECT, RECOGNIZED, REJECTED, True),
        (ReviewDecision.RECOGNIZE, REVOKED, REVOKED, False),
    ],
)
async def test_a_decision_comes_back_with_unchanged_content_unless_the_platform_revokes(
    office: Office, decision: ReviewDecision, next_said: RecordState, holds: RecordState, decided: bool
) -> None:
    await office.harvest(page(report("r1", state=REPORTED), report("r2", "T-2")))
    desk = desk_of(office)
    assert (await desk.records.review([(await office.records())["r1"].id], decision, None, OFFICER)).refused == ()
    row = await left_out_and_relisted(office, state=next_said)
    assert (row.state, row.decided, row.reported_state) == (holds, decided, next_said)


async def test_a_correction_comes_back_with_unchanged_content_and_neither_with_a_changed_one(office: Office) -> None:
    await office.harvest(page(report("r1"), report("r2", "T-2")))
    corrected = update(RECORDS).where(RECORDS.c.native_id == "r1").values(quantity=Decimal(7))
    await office.database.transact(lambda connection: connection.execute(corrected))
    assert (await left_out_and_relisted(office)).quantity == 7
    await desk_of(office).records.revoke((await office.records())["r1"].id, "重复", OFFICER)
    row = await left_out_and_relisted(office, quantity=Decimal(3))
    assert (row.state, row.decided, row.quantity) == (RECOGNIZED, False, 3)
