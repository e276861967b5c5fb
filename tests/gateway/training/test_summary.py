"""Summaries count people, records and hours by group, and show nothing of few people."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection

from gateway.errors import CursorInvalid, Forbidden, InvalidInput, LimitExceeded
from gateway.identity import ADMINISTRATOR, ANONYMOUS, Grant, Principal, Role
from gateway.storage import Database
from gateway.training.credit.rules import synchronize_rules
from gateway.training.questions import (
    RecognitionFilter,
    RecordFilter,
    SummaryDimension,
    SummaryInterval,
    SummaryQuestion,
)
from gateway.training.summary import summarize
from gateway.training.views import SummaryPage
from schema.training import RecordState, TrainingKind
from tests.gateway.training.guards import CHONGQING, YUZHONG, officer
from tests.gateway.training.reads import RULES, ask, put
from tests.gateway.training.rule import rule
from tests.gateway.training.stored import NOON, Resources, add_account

BY = SummaryDimension
ANALYST = Principal("analyst", (Grant(Role.ANALYST),), client="a")


async def summed(
    database: Database, question: SummaryQuestion | None = None, who: Principal = ANALYST, smallest: int = 1
) -> SummaryPage:
    """The first page, without a threshold unless one is given."""
    asked = question or SummaryQuestion()
    page: SummaryPage = await ask(database, summarize, NOON, asked, who, Resources(), smallest)
    return page


def told(page: SummaryPage) -> Any:
    """Numbers by keys, and by the first day where rows have periods."""
    return {
        (*(value for _, value, _ in row.keys), *([f"{row.first}"] if len(page.rows) > 1 and not row.keys else [])): [
            cell.value for cell in row.cells
        ]
        for row in page.rows
    }


async def people(database: Database, *groups: tuple[str, str, int], **fields: Any) -> None:
    """So many teachers with one record of 8 hours each, by platform and region."""
    await synchronize_rules(database, NOON, RULES)
    names = [(f"{p}-{r}-{n}", p, r) for p, r, count in groups for n in range(count)]

    def fill(connection: Connection) -> None:
        for name, platform, region in names:
            add_account(connection, name, platform=platform, region=region)

    await database.transact(fill)
    await put(database, *((n, n, {"platform": p, "region": r, "title": n, **fields}) for n, p, r in names))


async def test_teachers_records_and_hours_are_counted_by_region(database: Database) -> None:
    await people(database, ("chongqing", "500103", 2), ("sichuan", "510107", 3))
    await put(database, ("more", "chongqing-500103-0", {"title": "又", "quantity": Decimal("1.5")}))
    page = await summed(database)
    assert told(page) == {("500103",): [2, 3, Decimal("17.5")], ("510107",): [3, 3, 12]}
    assert [row.keys[0][2] for row in page.rows] == ["渝中区", "武侯区"]
    assert [measure.code for measure in page.measures] == ["training_teachers", "training_records", "training_hours"]
    assert (page.rows[0].first, page.rows[0].last) == (date(2026, 1, 1), date(2026, 12, 31))
    assert page.rows[0].cells[0].platforms == ("chongqing",)
    assert [(one.platform, one.first, one.days) for one in page.coverage] == [
        ("chongqing", date(2026, 3, 1), 1), ("sichuan", date(2026, 3, 1), 1),
    ]  # fmt: skip
    assert (page.caveats, page.as_of) == ((), NOON)


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        (BY.PLATFORM, {("chongqing",): "chongqing", ("sichuan",): "sichuan"}),
        (BY.PROVINCE, {("500000",): "重庆市", ("510000",): "四川省"}),
        (BY.CITY, {("",): "不分市", ("510100",): "成都市"}),
        (BY.DISTRICT, {("500103",): "渝中区", ("510107",): "武侯区"}),
        (BY.KIND, {("COURSE",): "培训"}),
        (BY.PROGRAM, {("",): "不属于联合项目"}),
        (BY.LEVEL, {("DISTRICT",): "区"}),
        (BY.ROLE, {("PARTICIPANT",): "学员"}),
        (BY.FORM, {("ONLINE",): "线上"}),
    ],
)
async def test_rows_stand_for_every_dimension(
    database: Database, by: SummaryDimension, expected: dict[tuple[str], str]
) -> None:
    await people(database, ("chongqing", "500103", 1), ("sichuan", "510107", 1))
    page = await summed(database, SummaryQuestion(group_by=(by,)))
    assert {tuple(value for _, value, _ in row.keys): row.keys[0][2] for row in page.rows} == expected
    assert sum(row.cells[1].value or 0 for row in page.rows) == 2


async def test_periods_are_those_of_the_calendar_within_the_days_asked_for(database: Database) -> None:
    await people(database, ("chongqing", "500103", 1))
    teacher = "chongqing-500103-0"
    await put(database, ("may", teacher, {"title": "五", "starts_on": date(2026, 5, 31), "ends_on": date(2026, 6, 2)}))
    asked = SummaryQuestion(group_by=(), interval=SummaryInterval.QUARTER)
    page = await summed(database, asked)
    assert [(row.first, row.last) for row in page.rows] == [
        (date(2026, 1, 1), date(2026, 3, 31)), (date(2026, 4, 1), date(2026, 6, 30)),
    ]  # fmt: skip
    days = RecordFilter(first=date(2026, 2, 1), last=date(2026, 5, 31))
    page = await summed(database, SummaryQuestion(filter=days, group_by=(), interval=SummaryInterval.QUARTER))
    assert [(row.first, row.last) for row in page.rows] == [
        (date(2026, 2, 1), date(2026, 3, 31)), (date(2026, 4, 1), date(2026, 5, 31)),
    ]  # fmt: skip
    for interval, last in (
        (SummaryInterval.DAY, date(2026, 5, 31)),
        (SummaryInterval.WEEK, date(2026, 5, 31)),
        (SummaryInterval.MONTH, date(2026, 5, 31)),
        (SummaryInterval.YEAR, date(2026, 12, 31)),
    ):
        page = await summed(database, SummaryQuestion(group_by=(), interval=interval))
        assert page.rows[-1].last == last


async def test_rejected_and_revoked_records_are_left_out_unless_asked_for(database: Database) -> None:
    await people(database, ("chongqing", "500103", 1))
    teacher = "chongqing-500103-0"
    states = {state.value: state for state in RecordState if state is not RecordState.RECOGNIZED}
    await put(database, *((state, teacher, {"title": state, "state": state}) for state in states))
    assert told(await summed(database)) == {("500103",): [1, 3, 8]}
    revoked = SummaryQuestion(filter=RecordFilter(states=(RecordState.REVOKED,)))
    assert told(await summed(database, revoked)) == {("500103",): [1, 1, 0]}


async def test_one_activity_reported_twice_is_one_record_at_the_credited_report(database: Database) -> None:
    await people(database, ("chongqing", "500103", 1), ("sichuan", "510107", 1))

    def link(connection: Connection) -> None:
        add_account(connection, "far", teacher="chongqing-500103-0", platform="sichuan", region="510107")

    await database.transact(link)
    joint = {"title": "联合", "starts_on": date(2026, 4, 1)}
    await put(
        database,
        ("j1", "chongqing-500103-0", {**joint, "ends_on": date(2026, 4, 2)}),
        ("j2", "far", {**joint, "ends_on": None, "platform": "sichuan", "region": "510107"}),
    )
    page = await summed(database)
    assert told(page) == {("500103",): [1, 2, 16], ("510107",): [2, 1, 4]}
    assert [code for code, _, _ in page.caveats] == ["JOINT_SESSIONS_ONCE"]
    only = await summed(database, SummaryQuestion(filter=RecordFilter(platforms=("sichuan",)), group_by=()))
    assert told(only) == {(): [2, 1, 4]}


async def test_one_activity_counts_at_the_report_that_earned_the_hours(database: Database) -> None:
    await people(database, ("chongqing", "500103", 1), ("sichuan", "510107", 1))

    def link(connection: Connection) -> None:
        add_account(connection, "far", teacher="chongqing-500103-0", platform="sichuan", region="510107")

    await database.transact(link)
    before = told(await summed(database))
    there = {"title": "联合", "platform": "sichuan", "region": "510107", "program": "成渝", "unit": "SESSION"}
    await put(database, ("j1", "chongqing-500103-0", {"title": "联合"}), ("j2", "far", there))
    after = told(await summed(database))
    assert after["500103",] == [before["500103",][0], before["500103",][1] + 1, before["500103",][2] + 8]
    assert after["510107",][1:] == before["510107",][1:]


async def test_hours_of_sample_rules_and_of_remote_support_are_told_apart(database: Database) -> None:
    await people(database, ("chongqing", "500103", 1))
    teacher = "chongqing-500103-0"
    await put(database, ("support", teacher, {"title": "支", "kind": "REMOTE_SUPPORT", "quantity": Decimal(30)}))
    page = await summed(database)
    assert (told(page), page.caveats) == ({("500103",): [1, 2, 8]}, ())
    await synchronize_rules(database, NOON, [rule("only", sample=True)])
    await put(database, ("new", teacher, {"title": "新"}))
    assert [code for code, _, _ in (await summed(database)).caveats] == ["SAMPLE_RULES"]
    without_hours = await summed(database, SummaryQuestion(("training_records",)))
    assert without_hours.caveats == ()


async def test_small_groups_are_hidden_with_one_more_so_that_the_total_tells_nothing(database: Database) -> None:
    await people(
        database, ("chongqing", "500103", 4), ("chongqing", "500107", 7), ("chongqing", "500108", 6),
        ("chongqing", "500112", 9),
    )  # fmt: skip
    page = await summed(database, smallest=5)
    assert told(page) == {
        ("500103",): [None] * 3, ("500107",): [7, 7, 56], ("500108",): [None] * 3, ("500112",): [9, 9, 72],
    }  # fmt: skip
    assert [code for code, _, _ in page.caveats] == ["SMALL_CELLS_HIDDEN"]
    assert {row.cells[0].platforms for row in page.rows} == {(), ("chongqing",)}
    ordered = await summed(database, SummaryQuestion(order=("training_hours", True)), smallest=5)
    assert [row.keys[0][1] for row in ordered.rows] == ["500112", "500107", "500103", "500108"]
    alone = await summed(database, SummaryQuestion(filter=RecordFilter(regions=("500103",))), smallest=5)
    assert (told(alone), alone.coverage) == ({("500103",): [None] * 3}, ())


async def test_only_regions_of_the_grants_are_counted(database: Database) -> None:
    await people(database, ("chongqing", "500103", 1), ("chongqing", "500107", 1), ("sichuan", "510107", 1))
    assert set(told(await summed(database, who=officer(YUZHONG)))) == {("500103",)}
    assert set(told(await summed(database, who=officer(CHONGQING)))) == {("500103",), ("500107",)}
    assert len(told(await summed(database, who=ADMINISTRATOR))) == 3
    narrowed = SummaryQuestion(filter=RecordFilter(regions=("500107", "510000")))
    assert set(told(await summed(database, narrowed, officer(CHONGQING)))) == {("500107",)}
    around = SummaryQuestion(filter=RecordFilter(regions=("100000",)))
    assert set(told(await summed(database, around, officer(YUZHONG)))) == {("500103",)}
    nothing = SummaryQuestion(filter=RecordFilter(regions=()))
    assert told(await summed(database, nothing, officer(YUZHONG))) == {}
    with pytest.raises(Forbidden, match="none of 510000 lies in a region that you were granted"):
        await summed(database, SummaryQuestion(filter=RecordFilter(regions=("510000",))), officer(CHONGQING))
    for nobody in (ANONYMOUS, Principal("t", (Grant(Role.TEACHER), Grant(Role.PARTNER)), teacher="t", client="t")):
        with pytest.raises(Forbidden, match="analysts, training officers and administrators"):
            await summed(database, who=nobody)


async def test_pages_follow_each_other_in_every_order(database: Database) -> None:
    await people(database, *(("chongqing", region, 1) for region in ("500103", "500107", "500108", "500112")))
    more = {"quantity": Decimal(3), "title": "又"}
    await put(database, ("m", "chongqing-500108-0", more), ("n", "chongqing-500112-0", {**more, "kind": "LECTURE"}))
    for order in (None, ("training_hours", True), ("training_records", False)):
        whole = [row.keys for row in (await summed(database, SummaryQuestion(order=order))).rows]
        found: list[Any] = []
        after = None
        while True:
            page = await summed(database, SummaryQuestion(order=order, first=1, after=after))
            assert (page.total, page.has_previous) == (4, bool(found))
            found.extend(row.keys for row in page.rows)
            if not page.has_next:
                break
            after = page.cursors[0]
        assert found == whole
        for text in ("x", "W10", f"{after}A"):
            with pytest.raises(CursorInvalid):
                await summed(database, SummaryQuestion(order=order, after=text))
        with pytest.raises(CursorInvalid, match="of another summary"):
            await summed(database, SummaryQuestion(group_by=(BY.KIND,), order=order, after=after))


@pytest.mark.parametrize(
    ("question", "error", "message"),
    [
        (SummaryQuestion(first=1_001), LimitExceeded, "between 0 and 1000"),
        (SummaryQuestion(measures=()), InvalidInput, "name at least one"),
        (SummaryQuestion(measures=("views",)), InvalidInput, "'views' is no measure of training"),
        (SummaryQuestion(measures=("training_hours",) * 2), InvalidInput, "named twice"),
        (SummaryQuestion(group_by=(BY.KIND, BY.KIND)), InvalidInput, "groupBy: 'KIND' is named twice"),
        (
            SummaryQuestion(("training_hours",), order=("training_records", True)),
            InvalidInput,
            "not among the measures",
        ),
        (
            SummaryQuestion(filter=RecordFilter(recognition=RecognitionFilter("510000", ()))),
            InvalidInput,
            "recognition",
        ),
    ],
)
async def test_what_cannot_be_asked_says_what_can(
    database: Database, question: SummaryQuestion, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        await summed(database, question)


async def test_kinds_and_days_of_the_filter_hold(database: Database) -> None:
    await people(database, ("chongqing", "500103", 2))
    await put(database, ("l", "chongqing-500103-1", {"title": "讲", "kind": "LECTURE", "quantity": Decimal(2)}))
    lectures = SummaryQuestion(filter=RecordFilter(kinds=(TrainingKind.LECTURE,)))
    assert told(await summed(database, lectures)) == {("500103",): [1, 1, 2]}
    later = SummaryQuestion(filter=RecordFilter(first=date(2026, 3, 1) + timedelta(days=1)))
    assert told(await summed(database, later)) == {}
