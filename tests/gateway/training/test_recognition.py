"""Recognition by another region: its rules, its caps, its decisions, of which the newest holds."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Connection, func, select

from gateway.errors import InvalidInput, StateImpossible
from gateway.storage import Database
from gateway.storage.tables import CreditRecognitionRow
from gateway.training.credit import recognition
from gateway.training.credit.rules import builtin_rules
from gateway.training.ports import ResourceState
from gateway.training.views import RecognitionView
from schema.credit import CapScope, CreditAccount, CreditRule
from schema.quality import RecognitionState
from tests.gateway.training.bank import Bank
from tests.gateway.training.rule import cap, rule, shares
from tests.gateway.training.stored import NOON

DECISIONS = CreditRecognitionRow.metadata.tables["credit_recognitions"]
ALL, PART = RecognitionState.RECOGNIZED, RecognitionState.PARTLY_RECOGNIZED
NOT, PENDING = RecognitionState.NOT_RECOGNIZED, RecognitionState.PENDING
SICHUAN = "510000"


@pytest.fixture
async def bank(database: Database) -> Bank:
    made = Bank(database)
    await made.rules(rule(), half())
    await made.account("a1")
    await made.enter("r1")
    return made


def half(**fields: object) -> CreditRule:
    return rule("half", **{"region": SICHUAN, "hours_per_unit": "0.5", **fields})


async def award(bank: Bank, record: str = "r1") -> str:
    return next(entry.id for entry in reversed(await bank.lines(record)) if entry.reverses is None)


async def decide(
    bank: Bank,
    record: str = "r1",
    decision: RecognitionState | None = None,
    region: str = SICHUAN,
    note: str | None = None,
    entry: str | None = None,
) -> RecognitionView:
    named = entry or await award(bank, record)

    def work(connection: Connection) -> RecognitionView:
        return recognition.decide(connection, NOON, named, region, decision, note, "officer", samples=bank.samples)

    return await bank.do(work)


async def standing(bank: Bank, entry: str, *regions: str) -> Sequence[RecognitionView]:
    return (await bank.do(lambda connection: recognition.standing(connection, {entry: regions})))[entry]


async def decisions(bank: Bank) -> int:
    return await bank.do(
        lambda connection: connection.execute(select(func.count()).select_from(DECISIONS)).scalar_one()
    )


async def test_an_award_is_pending_until_a_region_decides(bank: Bank) -> None:
    entry = await award(bank)
    assert await standing(bank, entry, SICHUAN) == (RecognitionView(SICHUAN, PENDING, Decimal(), None, None, None),)
    assert await standing(bank, entry) == ()


@pytest.mark.parametrize(("rate", "state", "hours"), [("0.5", PART, 4), ("1", ALL, 8), ("1.5", ALL, 12), ("0", NOT, 0)])
async def test_without_a_decision_the_receivers_rules_decide(
    bank: Bank, rate: str, state: RecognitionState, hours: int
) -> None:
    theirs = rule("theirs", region=SICHUAN, hours_per_unit=rate)
    await bank.rules(rule(), theirs)
    made = await decide(bank, note="按四川规则")
    assert made == RecognitionView(SICHUAN, state, Decimal(hours), theirs, NOON, "按四川规则")
    assert await standing(bank, await award(bank), SICHUAN) == (made,)


async def test_without_a_rule_of_the_receiver_nothing_is_recognized(bank: Bank) -> None:
    await bank.rules(rule())
    made = await decide(bank)
    assert (made.state, made.hours, made.rule) == (NOT, Decimal(0), None)


async def test_the_newest_decision_holds_and_none_is_lost(bank: Bank) -> None:
    await decide(bank)
    await decide(bank, decision=NOT, note="材料不全")
    (view,) = await standing(bank, await award(bank), SICHUAN)
    assert (view.state, view.hours, view.note) == (NOT, Decimal(0), "材料不全")
    await decide(bank, decision=PART)
    (view,) = await standing(bank, await award(bank), SICHUAN)
    assert (view.state, view.hours) == (PART, Decimal(4))
    numbers = select(DECISIONS.c.number, DECISIONS.c.state, DECISIONS.c.decided_by).order_by(DECISIONS.c.number)
    rows = await bank.do(lambda connection: connection.execute(numbers).all())
    assert [tuple(row) for row in rows] == [(1, PART, "officer"), (2, NOT, "officer"), (3, PART, "officer")]


async def test_a_person_may_recognize_all_where_no_rule_fits(bank: Bank) -> None:
    await bank.rules(rule())
    made = await decide(bank, decision=ALL)
    assert (made.state, made.hours, made.rule) == (ALL, Decimal(8), None)


@pytest.mark.parametrize(
    ("rate", "decision", "message"),
    [
        ("0.5", PENDING, "PENDING is no decision"),
        ("0.5", ALL, "theirs@1 gives 4 of 8; decide PARTLY_RECOGNIZED"),
        ("1", PART, "theirs@1 gives 8 of 8; decide RECOGNIZED"),
        ("0", PART, "theirs@1 gives 0 of 8; decide NOT_RECOGNIZED"),
        (None, PART, "no rule of the region fits"),
    ],
)
async def test_a_decision_that_contradicts_the_receivers_rule_is_refused(
    bank: Bank, rate: str | None, decision: RecognitionState, message: str
) -> None:
    await bank.rules(rule(), *([rule("theirs", region=SICHUAN, hours_per_unit=rate)] if rate else []))
    with pytest.raises(InvalidInput, match=message):
        await decide(bank, decision=decision)
    assert await decisions(bank) == 0


@pytest.mark.parametrize("region", ["500103", "500000", "100000"])
async def test_a_region_does_not_decide_about_its_own_records(bank: Bank, region: str) -> None:
    with pytest.raises(InvalidInput, match="is the record's own region"):
        await decide(bank, region=region)
    assert await decisions(bank) == 0


async def test_unknown_lines_and_regions_are_refused(bank: Bank) -> None:
    with pytest.raises(InvalidInput, match="entryId: is not the id of a ledger line"):
        await decide(bank, entry="0" * 32)
    with pytest.raises(InvalidInput, match="'四川' is no known"):
        await decide(bank, region="四川")
    assert await decisions(bank) == 0


async def test_an_award_that_was_taken_back_is_recognized_nowhere(bank: Bank) -> None:
    entry = await award(bank)
    await decide(bank)
    await bank.change("r1", quantity=Decimal(6))
    first, back, second = await bank.lines("r1")
    (view,) = await standing(bank, first.id, SICHUAN)
    assert (view.state, view.hours, view.rule, view.note) == (NOT, Decimal(0), None, "该笔学时已冲销")
    assert await standing(bank, back.id, SICHUAN) == ()
    assert [view.state for view in await standing(bank, second.id, SICHUAN)] == [PENDING]
    with pytest.raises(StateImpossible, match="was taken back"):
        await decide(bank, entry=entry)
    with pytest.raises(StateImpossible, match="is no award"):
        await decide(bank, entry=back.id)
    assert await decisions(bank) == 1


async def test_caps_of_the_receiver_count_what_it_recognized_of_that_teacher(bank: Bank) -> None:
    await bank.rules(rule(), rule("theirs", region=SICHUAN, caps=[cap(CapScope.YEAR, 10)]))
    for number in (2, 3, 4):
        day = date(2026, 3, 1) + timedelta(days=10 * number)
        await bank.enter(f"r{number}", starts_on=day, ends_on=day)
    await bank.account("a9", native_id="other")
    await bank.enter("r9", "a9")
    made = [await decide(bank, record) for record in ("r1", "r2", "r3", "r9")]
    assert [(view.state, view.hours) for view in made] == [
        (ALL, Decimal(8)),
        (PART, Decimal(2)),
        (NOT, Decimal(0)),
        (ALL, Decimal(8)),
    ]
    await decide(bank, "r1", decision=NOT)
    assert (await decide(bank, "r3")).hours == 8
    await bank.change("r3", state="REVOKED")
    assert (await decide(bank, "r4")).hours == 8, "what was taken back does not fill a cap"


async def test_caps_of_the_receiver_count_what_its_own_rules_gave_that_teacher(bank: Bank) -> None:
    theirs = {"region": SICHUAN, "caps": [cap(CapScope.YEAR, 10)]}
    support = {"kind": "REMOTE_SUPPORT", "account": "REMOTE_SUPPORT"}
    await bank.rules(rule(), rule("theirs", **theirs), rule("support", **support, **theirs))
    await bank.account("a2", teacher="a1", platform="sichuan", region="510107")
    home = {"account": "a2", "platform": "sichuan", "region": "510107"}
    await bank.enter("h1", **home, title="h1", starts_on=date(2025, 3, 1), ends_on=None)
    await bank.enter("h2", **home, title="h2", kind="REMOTE_SUPPORT")
    assert (await decide(bank)).hours == 8, "another year and another account leave the cap empty"
    await bank.enter("h3", **home, title="h3", quantity=Decimal(7))
    assert await bank.awards("h1", "h2", "h3") == {"h1": 8, "h2": 8, "h3": 7}
    assert (await decide(bank)).hours == 3
    await bank.change("h3", account="a2", quantity=Decimal(10))
    assert (await decide(bank)).state is NOT
    await bank.change("h3", account="a2", state="REVOKED")
    assert (await decide(bank)).hours == 8


async def test_support_is_recognized_by_rules_of_support_only(bank: Bank) -> None:
    support = {"kind": "REMOTE_SUPPORT", "account": CreditAccount.REMOTE_SUPPORT}
    theirs = rule("theirs", region=SICHUAN, **support)
    await bank.rules(rule("support", **support), half())
    await bank.enter("s1", kind="REMOTE_SUPPORT")
    assert (await decide(bank, "s1")).state is NOT
    await bank.rules(rule("support", **support), half(), theirs)
    assert (await decide(bank, "s1")).rule == theirs


async def test_a_share_of_a_resource_is_split_by_the_receivers_weights(bank: Bank) -> None:
    made = {"kind": "RESOURCE_DEVELOPMENT", "resource_platform": "chongqing", "resource_native_id": "CQ-1"}
    bank.resources.put(("chongqing", "CQ-1"), ResourceState.APPROVED)
    await bank.account("a2")
    await bank.enter("r2", role="LEAD_DEVELOPER", **made)
    await bank.enter("r3", "a2", role="DEVELOPER", **made)
    await bank.rules(rule(), rule("theirs", region=SICHUAN, shares=shares(LEAD_DEVELOPER=3, DEVELOPER=1)))
    assert await bank.awards("r2", "r3") == {"r2": 4, "r3": 4}
    assert [(await decide(bank, record)).hours for record in ("r2", "r3")] == [6, 2]


async def test_every_region_decides_for_itself(bank: Bank) -> None:
    await decide(bank)
    await decide(bank, region="370000")
    views = await standing(bank, await award(bank), "520000", SICHUAN)
    assert [(view.region, view.state) for view in views] == [("370000", NOT), (SICHUAN, PART), ("520000", PENDING)]


async def test_the_samples_of_sichuan_recognize_those_of_chongqing_wholly_partly_or_not(database: Database) -> None:
    bank = Bank(database)
    await bank.rules(*builtin_rules())
    await bank.account("a1")
    kinds = {"r1": ("COURSE", "HOUR"), "r2": ("RESEARCH_ACTIVITY", "SESSION"), "r3": ("REVIEW", "ITEM")}
    for record, (kind, unit) in kinds.items():
        await bank.enter(record, kind=kind, unit=unit, quantity=Decimal(2))
    assert await bank.awards(*kinds) == {"r1": 2, "r2": 4, "r3": 1}
    made = [await decide(bank, record) for record in kinds]
    assert [(view.state, view.hours) for view in made] == [(ALL, Decimal(2)), (PART, Decimal(2)), (NOT, Decimal(0))]
    bank.samples = False
    assert (await decide(bank, "r1")).state is NOT


async def test_decisions_at_the_same_time_break_no_cap(bank: Bank) -> None:
    await bank.rules(rule(), rule("theirs", region=SICHUAN, caps=[cap(CapScope.CYCLE, 20)]))
    records = [f"r{number}" for number in range(2, 8)]
    for number, record in enumerate(records):
        day = date(2026, 5, 1 + number)
        await bank.enter(record, starts_on=day, ends_on=day, title=record)
    made = await asyncio.gather(*(decide(bank, record) for record in records))
    assert sorted(view.hours for view in made) == [0, 0, 0, 4, 8, 8]
