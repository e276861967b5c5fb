"""Accounts of one person are linked by pseudonym or by an officer's word, and a link that was wrong is undone."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

import pytest
from sqlalchemy import Connection, func, select, update

from gateway.errors import Erased, InvalidInput, StateImpossible
from gateway.personal import AuditEvent
from gateway.storage import Database
from gateway.storage.tables import TeacherAccountRow, TeacherRow
from gateway.training.credit.rules import synchronize_rules
from gateway.training.people.links import LinkEvidence, Linking, LinkOutcome, NationalId, links
from gateway.training.people.renaming import rename
from schema.credit import CapScope
from tests.gateway.training.acting import Desk
from tests.gateway.training.rule import cap, rule
from tests.gateway.training.stored import KEYS, NOON, add_account, add_record

NUMBER, OTHER = "11010519491231002X", "110105491231002"
"""The example of GB 11643-1999, of nobody, and one of 15 digits."""
CLI = "command line"
ACCOUNTS = TeacherAccountRow.metadata.tables["teacher_accounts"]


@dataclass
class Watching:
    """An audit log that notes how many accounts had a pseudonym when a line was written."""

    marked: list[int] = field(default_factory=list)

    def append(self, connection: Connection, _now: datetime, _event: AuditEvent) -> None:
        counted = select(func.count()).where(ACCOUNTS.c.pseudonym.is_not(None))
        self.marked.append(connection.execute(counted).scalar_one())


@pytest.fixture
async def desk(database: Database) -> Desk:
    """Teachers a1, a2, a3, of whom a1 is known for longest."""
    made = Desk(database)
    await made.open()
    teachers = TeacherRow.metadata.tables["teachers"]

    def age(connection: Connection) -> None:
        for number, teacher in enumerate(("a1", "a2", "a3")):
            began = NOON.replace(year=2020 + number)
            connection.execute(update(teachers).where(teachers.c.id == teacher).values(created_at=began))

    await made.do(age)
    return made


async def link(desk: Desk, one: str, other: str, note: str | None = None) -> str | None:
    given = (one, other, LinkEvidence.OFFICER, note, CLI)
    return await desk.do(lambda connection: desk.linking.link(connection, NOON, *given))


async def undo(desk: Desk, made: str, reason: str = "不是同一人") -> str:
    return await desk.do(lambda connection: desk.linking.undo(connection, NOON, made, CLI, reason))


async def told(desk: Desk, *rows: tuple[str, str, str]) -> LinkOutcome:
    numbered = [(line, NationalId(*row)) for line, row in enumerate(rows, 2)]
    return await desk.do(lambda connection: desk.linking.set_national_ids(connection, NOON, numbered, CLI))


async def persons(desk: Desk) -> dict[str, str]:
    return {row.id: row.teacher_id for row in await desk.rows("teacher_accounts")}


async def test_equal_national_ids_make_one_person_and_are_not_stored(desk: Desk) -> None:
    outcome = await told(desk, ("yuzhong", "native-a2", NUMBER), ("chongqing", "native-a1", NUMBER.lower()))
    assert (outcome.marked, len(outcome.links), outcome.refused) == (2, 1, ())
    assert await persons(desk) == {"a1": "a1", "a2": "a1", "a3": "a3"}
    [made] = await desk.rows("teacher_links")
    assert (made.account_id, made.from_teacher, made.to_teacher, made.evidence) == ("a2", "a2", "a1", "PSEUDONYM")
    pseudonyms = {row.pseudonym for row in await desk.rows("teacher_accounts")}
    assert pseudonyms == {KEYS.hex("national-id", NUMBER), None}
    actions = [event.action for event in desk.guard.written]
    assert actions == ["linkTeacher", "setPseudonyms"]
    said = f"{await desk.everything()} {desk.guard.written}".upper()
    assert NUMBER not in said


async def test_different_national_ids_link_nobody(desk: Desk) -> None:
    outcome = await told(desk, ("yuzhong", "native-a2", NUMBER), ("chongqing", "native-a1", OTHER))
    assert (outcome.marked, outcome.links) == (2, ())
    assert await persons(desk) == {"a1": "a1", "a2": "a2", "a3": "a3"}


async def test_what_cannot_be_used_is_told_by_its_line_alone(desk: Desk) -> None:
    await desk.do(lambda connection: desk.erasing.erase(connection, NOON, "a3", "本人要求", CLI))
    outcome = await told(
        desk, ("yuzhong", "native-a2", "123"), ("yuzhong", "nobody", NUMBER), ("sichuan", "native-a3", NUMBER)
    )
    assert (outcome.marked, outcome.links) == (0, ())
    assert [line for line, _ in outcome.refused] == [2, 3, 4]
    assert "123" not in str(outcome)
    assert "nobody" not in str(outcome)
    assert "erased" in outcome.refused[2][1]


async def test_a_link_credits_one_person_once_and_undoing_it_gives_back(desk: Desk) -> None:
    def enter(connection: Connection) -> None:
        for record, account, platform in (("r1", "a1", "chongqing"), ("r2", "a2", "yuzhong")):
            add_record(connection, record, account, platform=platform)
        desk.posting.post(connection, NOON, ["a1", "a2"])

    await desk.do(enter)
    assert (await desk.hours("r1"), await desk.hours("r2")) == (["8"], ["8"])
    made = await link(desk, "a1", "a2")
    assert made is not None
    assert (await desk.hours("r1"), await desk.hours("r2")) == (["8"], ["8", "-8"])
    assert await undo(desk, made) == "a2"
    assert (await desk.hours("r1"), await desk.hours("r2")) == (["8"], ["8", "-8", "8"])
    assert await persons(desk) == {"a1": "a1", "a2": "a2", "a3": "a3"}
    assert [event.action for event in desk.guard.written] == ["linkTeacher", "unlinkTeacher"]
    assert desk.guard.written[0].subjects == ("Teacher:a1", "Teacher:a2")


async def test_chains_are_flattened_onto_the_person_known_longest(desk: Desk) -> None:
    await link(desk, "a2", "a3")
    await link(desk, "a3", "a1")
    assert set((await persons(desk)).values()) == {"a1"}
    assert await link(desk, "a1", "a2") is None
    found = await desk.do(links)
    assert {(one.account, one.from_teacher, one.to_teacher) for one in found} == {
        ("a3", "a3", "a2"), ("a2", "a2", "a1"), ("a3", "a2", "a1"),
    }  # fmt: skip
    only = await desk.do(lambda connection: links(connection, "a3"))
    assert [(one.account, one.evidence, one.undone_at) for one in only] == [("a3", LinkEvidence.OFFICER, None)]


async def test_a_link_that_was_undone_is_not_made_again_by_pseudonyms(desk: Desk) -> None:
    rows = (("yuzhong", "native-a2", NUMBER), ("chongqing", "native-a1", NUMBER))
    outcome = await told(desk, *rows)
    await undo(desk, outcome.links[0])
    assert (await told(desk, *rows)).links == ()
    assert await persons(desk) == {"a1": "a1", "a2": "a2", "a3": "a3"}
    third = await told(desk, ("sichuan", "native-a3", NUMBER))
    assert len(third.links) == 1
    assert (await persons(desk))["a1"] != (await persons(desk))["a2"]
    assert await link(desk, "a1", "a2") is not None


async def test_caps_hold_over_all_accounts_of_a_person(desk: Desk) -> None:
    await synchronize_rules(desk.database, NOON, [rule("capped", caps=[cap(CapScope.YEAR, 10)])])
    await desk.do(lambda connection: add_record(connection, "r1", "a1", title="甲"))
    await desk.do(lambda connection: add_record(connection, "r2", "a2", title="乙", platform="yuzhong"))
    await desk.do(lambda connection: desk.posting.post(connection, NOON, ["a1", "a2"]))
    await link(desk, "a1", "a2")
    lines = await desk.rows("ledger_entries")
    assert sum((line.hours for line in lines), Decimal()) == 10


@pytest.mark.parametrize(
    ("one", "other", "note", "said"),
    [
        ("a1", "none", None, "'none' is not the id of an account"),
        ("a1", "a2", NUMBER, "note: leave out the national id"),
        ("a1", "a2", "x" * 501, "note: 501 characters"),
    ],
)
async def test_a_refused_link_changes_nothing(desk: Desk, one: str, other: str, note: str | None, said: str) -> None:
    before = await desk.everything()
    with pytest.raises(InvalidInput, match=said):
        await link(desk, one, other, note)
    assert (await desk.everything(), desk.guard.written) == (before, [])


async def test_a_refused_undoing_changes_nothing(desk: Desk) -> None:
    made = await link(desk, "a1", "a2") or ""
    with pytest.raises(InvalidInput, match="reason: say why"):
        await undo(desk, made, " ")
    with pytest.raises(InvalidInput, match="'none' is not the id of a link"):
        await undo(desk, "none")
    await undo(desk, made)
    before = await desk.everything()
    with pytest.raises(StateImpossible, match="was undone on 2026-11-01 already"):
        await undo(desk, made)
    assert await desk.everything() == before


async def test_erased_accounts_are_neither_linked_nor_divided(desk: Desk) -> None:
    made = await link(desk, "a1", "a2") or ""
    await desk.do(lambda connection: desk.erasing.erase(connection, NOON, "a1", "本人要求", CLI))
    before = await desk.everything()
    for step in (link(desk, "a3", "a1"), undo(desk, made)):
        with pytest.raises(Erased, match="was erased"):
            await step
    assert await desk.everything() == before


async def test_accounts_of_one_platform_may_be_one_person(desk: Desk) -> None:
    await desk.do(lambda connection: add_account(connection, "a4", native_id="old number"))
    assert await link(desk, "a1", "a4") is not None
    assert (await persons(desk))["a4"] == "a1"


async def test_an_import_locks_the_audit_log_only_when_all_accounts_are_marked(desk: Desk) -> None:
    watching = Watching()
    linking = Linking(watching, desk.posting, KEYS)
    accounts = ("chongqing", "a1"), ("yuzhong", "a2"), ("sichuan", "a3")
    rows = [(line, NationalId(platform, f"native-{name}", NUMBER)) for line, (platform, name) in enumerate(accounts, 2)]
    outcome = await desk.do(lambda connection: linking.set_national_ids(connection, NOON, rows, CLI))
    assert (outcome.marked, len(outcome.links)) == (3, 2)
    assert watching.marked == [3, 3, 3]


async def test_a_renaming_waits_for_an_import_before_it_holds_an_account(desk: Desk) -> None:
    began, done = asyncio.Event(), list[str]()
    given = [(2, NationalId("chongqing", "native-a1", NUMBER))]

    async def imported() -> None:
        async with desk.database.writing() as connection:
            await connection.run_sync(lambda held: desk.linking.set_national_ids(held, NOON, given, CLI))
            began.set()
            await asyncio.sleep(0.2)  # a renaming that does not wait would end meanwhile
            done.append("import")

    async def renamed() -> None:
        await began.wait()
        await desk.do(lambda held: rename(held, NOON, desk.guard, "a3", name="教师乙", school=None, by=CLI))
        done.append("renaming")

    await asyncio.gather(imported(), renamed())
    assert done == ["import", "renaming"]
