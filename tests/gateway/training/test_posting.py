"""What the ledger writes when records, links, resources and rules change."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from gateway.storage import Database
from gateway.storage.tables import LedgerEntryRow, TeacherAccountRow
from gateway.training.credit import ledger
from gateway.training.ports import ResourceState
from schema.credit import CapScope, CreditAccount
from tests.gateway.training.bank import Bank
from tests.gateway.training.rule import cap, rule
from tests.gateway.training.stored import NOON, add_account, add_record

LINES = LedgerEntryRow.metadata.tables["ledger_entries"]
ACCOUNTS = TeacherAccountRow.metadata.tables["teacher_accounts"]


@pytest.fixture
async def bank(database: Database) -> Bank:
    made = Bank(database)
    await made.rules(rule())
    await made.account("a1")
    await made.account("a2", platform="sichuan", region="510000")
    return made


async def test_a_recognized_record_is_awarded_once(bank: Bank) -> None:
    assert await bank.enter("r1") == 1
    assert await bank.post("a1") == 0
    (entry,) = await bank.lines("r1")
    assert (entry.hours, entry.uncapped_hours, entry.rule, entry.reverses) == (Decimal(8), Decimal(8), rule(), None)
    assert (entry.account, entry.caps_hit, entry.awarded_at) == (CreditAccount.CONTINUING_EDUCATION, (), NOON)
    assert entry.explanation == ("8 学时 × 1 = 8 学时（规则 course 第1版）",)


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "REPORTED"},
        {"state": "REVIEWED"},
        {"state": "REJECTED"},
        {"state": "REVOKED"},
        {"outcome": "FAILED"},
        {"outcome": "IN_PROGRESS"},
        {"quantity": Decimal()},
        {"unit": "SESSION"},
        {"region": "510000"},
        {"region": None},
        {"withdrawn_at": NOON},
    ],
)
async def test_what_does_not_count_leaves_no_line(bank: Bank, fields: dict[str, Any]) -> None:
    assert await bank.enter("r1", **fields) == 0
    assert await bank.lines("r1") == ()


async def test_nothing_is_written_for_nobody_and_for_unknown_accounts(bank: Bank) -> None:
    assert await bank.post() == 0
    assert await bank.post("unknown") == 0


async def test_a_correction_is_a_reversing_and_a_new_line(bank: Bank) -> None:
    await bank.enter("r1")
    assert await bank.change("r1", quantity=Decimal(6)) == 2
    first, back, second = await bank.lines("r1")
    assert (back.hours, back.uncapped_hours, back.reverses, back.rule) == (
        Decimal(-8),
        Decimal(-8),
        first.id,
        first.rule,
    )
    assert back.explanation == ("冲销：重新换算，另记新行",)
    assert (second.hours, second.reverses) == (Decimal(6), None)


async def test_a_change_that_no_conversion_reads_writes_nothing(bank: Bank) -> None:
    await bank.enter("r1")
    assert await bank.change("r1", title="新名称", issuer='{"name":"渝中区教师进修学院"}') == 0


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"state": "REVOKED"}, "冲销：记录未处于认定状态"),
        ({"withdrawn_at": NOON, "state": "REVOKED"}, "冲销：记录未处于认定状态"),
        ({"outcome": "FAILED"}, "冲销：结果为不合格或进行中"),
        ({"unit": "ITEM"}, "冲销：没有适用的规则，或无可计入的学时"),
    ],
)
async def test_what_counts_no_more_is_taken_back_with_the_reason(bank: Bank, values: dict[str, Any], why: str) -> None:
    await bank.enter("r1")
    assert await bank.change("r1", **values) == 1
    first, back = await bank.lines("r1")
    assert (back.reverses, back.hours, back.explanation) == (first.id, Decimal(-8), (why,))
    assert await bank.change("r1", state="RECOGNIZED", outcome="PASSED", unit="HOUR", withdrawn_at=None) == 1
    assert await bank.hours("r1") == ["8", "-8", "8"]


async def test_an_award_keeps_its_rule_until_the_record_changes(bank: Bank) -> None:
    await bank.enter("r1")
    await bank.rules(rule(version=2, hours_per_unit="0.5"))
    assert await bank.post("a1") == 0
    await bank.enter("r2", starts_on=date(2026, 4, 1), ends_on=date(2026, 4, 1))
    assert await bank.awards("r1", "r2") == {"r1": 8, "r2": 4}
    assert await bank.change("r1", quantity=Decimal(10)) == 2
    assert await bank.awards("r1") == {"r1": 5}


async def test_what_a_cap_cut_is_recomputed_in_the_order_of_activities(bank: Bank) -> None:
    await bank.rules(rule("capped", caps=[cap(CapScope.YEAR, 20)]))
    days = {"r1": date(2026, 3, 1), "r2": date(2026, 4, 1), "r3": date(2026, 5, 1), "r4": date(2026, 6, 1)}
    for record, day in reversed(days.items()):
        await bank.enter(record, starts_on=day, ends_on=day)
    assert await bank.awards(*days) == {"r1": 8, "r2": 8, "r3": 4, "r4": 0}
    assert await bank.hours("r4") == ["8", "-8", "4", "-4", "0"]
    assert await bank.change("r2", state="REVOKED") == 1 + 2 + 2
    assert await bank.awards(*days) == {"r1": 8, "r3": 8, "r4": 4}
    (last,) = [entry for entry in await bank.lines("r4") if entry.reverses is None][-1:]
    assert last.explanation[1] == "年度上限 20，已得 16，本次计 4"


async def test_years_and_cycles_are_apart_and_accounts_too(bank: Bank) -> None:
    caps = [cap(CapScope.YEAR, 10), cap(CapScope.CYCLE, 14)]
    await bank.rules(rule("capped", caps=caps), rule("support", kind="REMOTE_SUPPORT", account="REMOTE_SUPPORT"))
    days = {"r1": date(2024, 3, 1), "r2": date(2024, 12, 31), "r3": date(2025, 1, 1), "r4": date(2026, 1, 1)}
    for record, day in days.items():
        await bank.enter(record, starts_on=day, ends_on=day)
    await bank.enter("s1", kind="REMOTE_SUPPORT", starts_on=date(2024, 1, 1))
    assert await bank.awards(*days, "s1") == {"r1": 8, "r2": 2, "r3": 4, "r4": 8, "s1": 8}
    (sums,) = (await bank.do(lambda connection: ledger.balances(connection, ["a1"]))).values()
    assert sums == {CreditAccount.CONTINUING_EDUCATION: 22, CreditAccount.REMOTE_SUPPORT: 8}


async def test_a_joint_session_of_two_platforms_is_credited_once(bank: Bank) -> None:
    await bank.rules(rule(), rule("sc", region="510000"))
    await bank.enter("r2", "a2", platform="sichuan", ends_on=None)
    await bank.enter("r1")
    assert await bank.awards("r1", "r2") == {"r1": 8, "r2": 8}, "nobody knows yet that it is one teacher"
    assert await bank.link("a2", "a1") == 1
    assert await bank.awards("r1", "r2") == {"r1": 8}
    assert (await bank.lines("r2"))[-1].explanation == ("冲销：同一活动由另一份报告计入",)
    assert await bank.change("r1", state="REVOKED") == 2
    assert await bank.awards("r1", "r2") == {"r2": 8}


async def test_an_undone_link_gives_both_teachers_their_own_again(bank: Bank) -> None:
    await bank.rules(rule(), rule("sc", region="510000"))
    await bank.enter("r1")
    await bank.enter("r2", "a2", platform="sichuan")
    await bank.link("a2", "a1")
    assert await bank.awards("r1", "r2") == {"r1": 8}
    assert await bank.link("a2", "a2") == 1
    assert await bank.awards("r1", "r2") == {"r1": 8, "r2": 8}


async def test_linked_accounts_share_one_cap(bank: Bank) -> None:
    await bank.rules(rule("capped", caps=[cap(CapScope.YEAR, 10)]))
    await bank.account("a3", platform="yuzhong")
    await bank.enter("r1")
    await bank.enter("r3", "a3", platform="yuzhong", kind="LECTURE", starts_on=date(2026, 5, 1), ends_on=None)
    assert await bank.awards("r1", "r3") == {"r1": 8, "r3": 8}
    await bank.link("a3", "a1")
    assert await bank.awards("r1", "r3") == {"r1": 8, "r3": 2}
    await bank.link("a3", "a3")
    assert await bank.awards("r1", "r3") == {"r1": 8, "r3": 8}


async def test_lines_of_an_erased_teacher_stay(bank: Bank) -> None:
    await bank.enter("r1")
    erased = update(ACCOUNTS).where(ACCOUNTS.c.id == "a1").values(erased_at=NOON, native_id=None)
    await bank.do(lambda connection: connection.execute(erased))
    assert await bank.change("r1", erased_at=NOON, title=None, state="REVOKED") == 0
    assert await bank.awards("r1") == {"r1": 8}


async def test_reconciling_brings_everybody_up_to_date_once(bank: Bank) -> None:
    await bank.rules()
    await bank.enter("r1")
    await bank.enter("r2", "a2", platform="sichuan")
    await bank.rules(rule(), rule("sc", region="510000"))
    assert await bank.posting.repost_all(bank.database, lambda: NOON) == 2
    assert await bank.posting.repost_all(bank.database, lambda: NOON) == 0
    assert await bank.awards("r1", "r2") == {"r1": 8, "r2": 8}


JOINT: dict[str, Any] = {"title": "联合", "kind": "REVIEW"}


async def joint(bank: Bank) -> None:
    """One activity that 重庆 reports of its reviewer and 四川 of a participant of a joint program."""
    await bank.enter("r1", role="REVIEWER", **JOINT)
    await bank.enter("r2", "a2", platform="sichuan", program="成渝", **JOINT)


async def test_a_link_takes_no_hours_where_only_one_report_has_a_rule(bank: Bank) -> None:
    await joint(bank)
    assert await bank.awards("r1", "r2") == {"r1": 8}
    assert await bank.link("a2", "a1") == 0
    assert await bank.awards("r1", "r2") == {"r1": 8}


async def test_rules_that_are_published_and_withdrawn_later_turn_which_report_is_credited(bank: Bank) -> None:
    await joint(bank)
    await bank.link("a2", "a1")
    await bank.rules(rule(), rule("sc", region="510000", hours_per_unit="0.5"))
    assert await bank.awards("r1", "r2") == {"r1": 8}, "until the teacher is posted again"
    assert await bank.post("a1") == 2
    assert await bank.awards("r1", "r2") == {"r2": 4}, "both earn, and that of a joint program is preferred"
    await bank.rules(rule())
    assert await bank.post("a1") == 0, "an award keeps its rule"
    assert await bank.change("r2", "a2", quantity=Decimal(6)) == 2
    assert await bank.awards("r1", "r2") == {"r1": 8}
    await bank.rules()
    assert await bank.post("a1") == 0
    assert await bank.hours("r1") == ["8", "-8", "8"]
    assert await bank.hours("r2") == ["4", "-4"]


async def test_who_loses_an_award_as_a_second_part_leaves_the_activity_to_another_report(bank: Bank) -> None:
    made: dict[str, Any] = {"kind": "RESOURCE_DEVELOPMENT", "role": "DEVELOPER", "resource_platform": "chongqing"}
    for name in ("CQ-1", "CQ-2"):
        bank.resources.put(("chongqing", name), ResourceState.APPROVED)
    await bank.account("a3", teacher="a1", platform="yuzhong")
    await bank.rules(rule("old"))
    await bank.enter("r2", resource_native_id="CQ-1", program="p", **made)
    await bank.rules(rule("new", level="CITY"))
    await bank.enter("r3", "a3", platform="yuzhong", resource_native_id="CQ-2", level="CITY", **made)
    assert await bank.awards("r2", "r3") == {"r2": 8}
    first: dict[str, Any] = {"title": "先", "starts_on": date(2026, 1, 1), "ends_on": date(2026, 1, 1), "level": "CITY"}
    assert await bank.enter("r1", resource_native_id="CQ-1", **first, **made) == 3
    assert await bank.awards("r1", "r2", "r3") == {"r1": 8, "r3": 8}
    assert await bank.post("a1") == 0


async def test_a_failed_transaction_leaves_nothing(bank: Bank) -> None:
    def work(connection: Connection) -> None:
        bank.posting.post(connection, NOON, ["a1"])
        raise RuntimeError("a later step failed")

    await bank.rules()
    await bank.enter("r1")
    await bank.rules(rule())
    with pytest.raises(RuntimeError, match="a later step failed"):
        await bank.do(work)
    assert await bank.lines("r1") == ()
    assert await bank.post("a1") == 1
    numbers = await bank.do(lambda connection: connection.execute(select(LINES.c.sequence)).scalars().all())
    assert numbers == [1]


async def test_lines_are_read_by_id_and_by_days_of_activities(bank: Bank) -> None:
    for record, day in (("r1", 1), ("r2", 20), ("r3", 31)):
        await bank.enter(record, starts_on=date(2026, 3, day), ends_on=date(2026, 3, day))
    await bank.change("r2", quantity=Decimal(4))
    read = await bank.do(
        lambda connection: ledger.entries_of_accounts(connection, ["a1", "a2"], date(2026, 3, 2), date(2026, 3, 31))
    )
    assert [(entry.record, entry.hours) for entry in read] == [
        ("r2", Decimal(8)),
        ("r2", Decimal(-8)),
        ("r2", Decimal(4)),
        ("r3", Decimal(8)),
    ]
    ids = [entry.id for entry in read]
    by_id = await bank.do(lambda connection: ledger.entries_by_id(connection, [*ids, "unknown"]))
    assert {by_id[each].id for each in ids} == set(by_id)
    assert await bank.do(lambda connection: ledger.entries(connection, ["unknown"])) == {}
    assert await bank.do(lambda connection: ledger.balances(connection, ["a2"])) == {
        "a2": {CreditAccount.CONTINUING_EDUCATION: 0, CreditAccount.REMOTE_SUPPORT: 0}
    }


async def test_more_accounts_than_one_statement_names_are_posted_together(bank: Bank) -> None:
    def enter(connection: Connection) -> int:
        for number in range(1_001):
            add_account(connection, f"b{number}")
            add_record(connection, f"r{number}", f"b{number}")
        return bank.posting.post(connection, NOON, [f"b{number}" for number in range(1_001)])

    assert await bank.do(enter) == 1_001
    assert len(await bank.awards(*(f"r{number}" for number in range(1_001)))) == 1_001
