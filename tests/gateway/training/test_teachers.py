"""Teachers of one's region are found by school, platform, native id, or because hours are missing."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, insert, update

from gateway.errors import CursorInvalid, Forbidden, InvalidInput, LimitExceeded
from gateway.personal import Reach
from gateway.storage import Database
from gateway.storage.tables import CreditRecognitionRow, TeacherAccountRow
from gateway.training.questions import TeacherQuestion
from gateway.training.reading.by_id import awards
from gateway.training.reading.teachers import teachers
from gateway.training.views import TeacherPage
from tests.gateway.training.guards import CHONGQING, FORBIDDEN, SICHUAN, YUZHONG, by_agreement, own, receiving
from tests.gateway.training.reads import ask, put, stock
from tests.gateway.training.stored import KEYS, NOON, add_account

TODAY = date(2026, 11, 28)
NAMES = ("Teacher.name", "Teacher.region", "Teacher.school")


async def found(database: Database, reach: Reach, required: str | None = None, **asked: Any) -> list[str]:
    """Ids of the first page."""
    hours = None if required is None else Decimal(required)
    page: TeacherPage = await ask(database, teachers, TeacherQuestion(**asked), reach, KEYS, TODAY, hours)
    assert page.total == len(page.rows)
    return [row.id for row in page.rows]


async def test_teachers_of_the_reach_are_listed_by_id(database: Database) -> None:
    await stock(database)
    assert await found(database, own(YUZHONG)) == ["yz", "yz2"]
    assert await found(database, own(None)) == ["sc", "yz", "yz2"]
    assert await found(database, Reach(FORBIDDEN, teacher="yz2")) == ["yz2"]
    with pytest.raises(Forbidden):
        await found(database, Reach(FORBIDDEN))


async def test_an_agreement_lists_teachers_only_where_it_shares_something_of_them(database: Database) -> None:
    await stock(database)
    assert await found(database, receiving(by_agreement(CHONGQING, "TrainingRecord.teacher"))) == ["sc"]
    shared = receiving(by_agreement(CHONGQING, "Teacher.name"))
    page: TeacherPage = await ask(database, teachers, TeacherQuestion(), shared, KEYS, TODAY, None)
    assert [(row.id, row.name, row.school and row.school.name) for row in page.rows] == [
        ("sc", "教师丙", "人民路小学"), ("yz", "教师甲", None), ("yz2", "教师乙", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"regions": ("500000",)}, ["yz", "yz2"]),
        ({"regions": ("510107", "500103")}, ["sc", "yz", "yz2"]),
        ({"platforms": ("sichuan",)}, ["sc"]),
        ({"school": "人民路"}, ["sc", "yz"]),
        ({"school": "第二中学"}, ["yz2"]),
        ({"school": "%"}, []),
        ({"school": "name"}, []),
        ({"native_id": "native-yz"}, ["yz"]),
        ({"native_id": "native-"}, []),
        ({"native_id": "native-yz", "platforms": ("chongqing", "sichuan")}, ["yz"]),
        ({"native_id": "native-yz", "platforms": ("sichuan",)}, []),
        ({"school": "人民路小学", "regions": ("510000",)}, ["sc"]),
    ],
)
async def test_every_condition_must_hold(database: Database, asked: dict[str, Any], expected: list[str]) -> None:
    await stock(database)
    assert await found(database, own(None), **asked) == expected


@pytest.mark.parametrize(
    ("asked", "needed"),
    [
        ({"regions": ("500103",)}, ("Teacher.region",)),
        ({"school": "学"}, ("Teacher.school",)),
        ({"native_id": "native-yz"}, NAMES),
        ({"platforms": ("chongqing",)}, ("TrainingRecord.platform",)),
        ({"below_requirement": False}, ("Teacher.transcript",)),
    ],
)
async def test_a_filter_on_what_is_withheld_finds_nothing_by_it(
    database: Database, asked: dict[str, Any], needed: tuple[str, ...]
) -> None:
    await stock(database)
    without = [
        by_agreement(CHONGQING, "Teacher.records", *(name for name in needed if name != each)) for each in needed
    ]
    for shared in without:
        assert set(await found(database, receiving(shared), **asked)) <= {"sc"}
    assert "yz" in await found(database, receiving(by_agreement(CHONGQING, "Teacher.records", *needed)), **asked)


async def test_a_teacher_with_two_accounts_is_listed_once_and_an_erased_one_never(database: Database) -> None:
    await stock(database)
    accounts = TeacherAccountRow.metadata.tables["teacher_accounts"]

    def change(connection: Connection) -> None:
        add_account(connection, "again", teacher="yz", platform="yuzhong")
        connection.execute(update(accounts).where(accounts.c.id == "yz2").values(erased_at=NOON))

    await database.transact(change)
    assert await found(database, own(YUZHONG)) == ["yz"]


async def test_who_lacks_hours_in_the_cycle_of_today_is_found(database: Database) -> None:
    await stock(database)
    await put(
        database,
        ("a", "yz", {"quantity": Decimal("10")}),
        ("b", "yz", {"title": "二", "quantity": Decimal("20"), "starts_on": date(2025, 12, 31)}),
        ("c", "yz2", {"quantity": Decimal("9.5")}),
        ("d", "yz2", {"title": "支", "kind": "REMOTE_SUPPORT", "quantity": Decimal("50")}),
        ("s", "sc", {"platform": "sichuan", "region": "510107", "quantity": Decimal("20")}),
    )
    assert await found(database, own(None), "10", below_requirement=True) == ["yz2"]
    assert await found(database, own(None), "10", below_requirement=False) == ["sc", "yz"]
    assert await found(database, own(None), "10.000001", below_requirement=True) == ["sc", "yz", "yz2"]
    assert await found(database, own(None), None, below_requirement=True) == []
    assert await found(database, own(None), None, below_requirement=False) == ["sc", "yz", "yz2"]


async def test_hours_of_another_province_count_as_far_as_the_own_one_recognized_them(database: Database) -> None:
    await stock(database)

    def link(connection: Connection) -> None:
        add_account(connection, "far", teacher="yz", platform="sichuan", region="510107")

    await database.transact(link)
    await put(database, ("far1", "far", {"platform": "sichuan", "region": "510107", "quantity": Decimal(40)}))
    award = (await ask(database, awards, ["far1"], own(None)))["far1"]
    decisions = CreditRecognitionRow.metadata.tables["credit_recognitions"]
    assert await found(database, own(None), "10", below_requirement=True) == ["sc", "yz", "yz2"]

    def decide(connection: Connection, number: int, hours: str, region: str) -> None:
        row = {"id": f"{region}{number}", "entry_id": award.id, "record_id": "far1", "region": region, "number": number}
        rest = {"state": "RECOGNIZED", "hours": Decimal(hours), "decided_at": NOON, "decided_by": "x"}
        connection.execute(insert(decisions), {**row, **rest})

    await database.transact(lambda connection: decide(connection, 1, "99", SICHUAN))
    await database.transact(lambda connection: decide(connection, 1, "99", CHONGQING))
    await database.transact(lambda connection: decide(connection, 2, "9", CHONGQING))
    assert await found(database, own(None), "9", below_requirement=True) == ["sc", "yz2"]
    assert await found(database, own(None), "10", below_requirement=True) == ["sc", "yz", "yz2"]
    assert await found(database, own(YUZHONG), "9", below_requirement=False) == []


async def test_nobody_is_below_a_requirement_of_whom_hours_are_hidden(database: Database) -> None:
    await stock(database)
    await put(
        database,
        ("here", "yz", {"quantity": Decimal(4)}),
        ("there", "yz", {"title": "二", "region": "500106", "quantity": Decimal(8)}),
        ("only", "yz2", {"quantity": Decimal(4)}),
    )
    assert await found(database, own(YUZHONG), "10", below_requirement=True) == ["yz2"]
    assert await found(database, own(YUZHONG), "10", below_requirement=False) == []
    assert await found(database, own(YUZHONG), "4", below_requirement=False) == ["yz", "yz2"]
    assert await found(database, own(CHONGQING), "12", below_requirement=False) == ["yz"]
    assert await found(database, own(CHONGQING), "13", below_requirement=True) == ["yz", "yz2"]


async def test_by_an_agreement_nobody_is_below_whose_own_province_may_have_decided(database: Database) -> None:
    await stock(database)

    def link(connection: Connection) -> None:
        add_account(connection, "far", teacher="yz", platform="zibo", region="370300")

    await database.transact(link)
    await put(database, ("far1", "far", {"platform": "zibo", "region": "510107", "quantity": Decimal(40)}))
    shared = by_agreement(CHONGQING, "Teacher.transcript"), by_agreement("370000", "Teacher.transcript")
    foreign = by_agreement(SICHUAN, "TrainingRecord.ledger", receiver=YUZHONG)
    reach = Reach(FORBIDDEN, (*shared, foreign))
    assert "yz" not in await found(database, reach, "10", below_requirement=True)
    reach = Reach(FORBIDDEN, (*shared, by_agreement(SICHUAN, "TrainingRecord.ledger", receiver=CHONGQING)))
    assert "yz" in await found(database, reach, "10", below_requirement=True)


async def test_pages_follow_each_other_and_foreign_cursors_are_refused(database: Database) -> None:
    await stock(database)
    listed: list[str] = []
    after = None
    while True:
        asked = TeacherQuestion(first=1, after=after)
        page: TeacherPage = await ask(database, teachers, asked, own(None), KEYS, TODAY, None)
        assert (page.total, page.has_previous) == (3, after is not None)
        listed.extend(row.id for row in page.rows)
        if not page.has_next:
            break
        after = page.cursors[0]
    assert listed == ["sc", "yz", "yz2"]
    for refused in (TeacherQuestion(after="x"), TeacherQuestion(after=after, school="学")):
        with pytest.raises(CursorInvalid):
            await ask(database, teachers, refused, own(None), KEYS, TODAY, None)


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"first": 101}, LimitExceeded),
        ({"regions": ("重庆",)}, InvalidInput),
        ({"school": ""}, InvalidInput),
        ({"native_id": "x" * 251}, InvalidInput),
    ],
)
async def test_what_cannot_be_asked_is_refused(
    database: Database, asked: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await found(database, own(None), **asked)
