"""The service over real databases: answers follow the facts, and pages hold while they change."""

import asyncio
import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import orjson
import pytest

from gateway.errors import CursorInvalid, InvalidInput, LimitExceeded
from gateway.statistics import (
    ExportFormat,
    Interval,
    ReportDimension,
    ReportOrder,
    ReportPage,
    ReportQuestion,
    StatisticsService,
    UsageFilter,
)
from gateway.statistics.cursors import _digest
from gateway.statistics.errors import ImpossibleGrouping, ImpossibleSpan, StatisticsBusy, UnknownMeasure
from gateway.statistics.service import MOST_WAITING
from gateway.storage import Database
from schema.quantities import exact
from tests.gateway.statistics.facts import Fact, Regional, fact
from tests.gateway.statistics.stored import statistics_of, store

FIRST = date(2026, 1, 1)
DAYS = 40


def daily(platform: str, value: int = 10, days: int = DAYS) -> list[Fact]:
    return [fact(platform, "views", (FIRST + timedelta(days=n)).isoformat(), value + n) for n in range(days)]


BY_DAY = ReportQuestion(("views",), group_by=(ReportDimension.PLATFORM,), interval=Interval.DAY)


@pytest.fixture
async def service(database: Database, tmp_path: Path) -> AsyncIterator[StatisticsService]:
    await store(database, [*daily("chongqing"), *daily("sichuan", 500)])
    opened = await statistics_of(database, tmp_path)
    yield opened
    await opened.aclose()


async def total(service: StatisticsService) -> Decimal | None:
    [row] = (await service.report(ReportQuestion(("views",), group_by=()))).rows
    quantity = row.cells[0].quantity
    return quantity.value if quantity else None


async def test_a_report_follows_what_is_stored(service: StatisticsService, database: Database) -> None:
    expected = sum(range(10, 50)) + sum(range(500, 540))
    assert await total(service) == expected
    await store(database, [replace(daily("chongqing")[3], value=Decimal(1_000))])
    assert await total(service) == expected, "nothing is taken in before the lake looks"
    assert await service.catch_up() == 1
    assert await total(service) == expected - 13 + 1_000
    assert await service.catch_up() == 0


async def test_a_rebuilt_lake_answers_the_same(service: StatisticsService) -> None:
    before = await service.report(BY_DAY, first=1_000)
    await service.rebuild()
    assert (await service.report(BY_DAY, first=1_000)).rows == before.rows


async def walk(service: StatisticsService, question: ReportQuestion, first: int) -> list[ReportPage]:
    pages = [await service.report(question, first=first)]
    while pages[-1].has_next:
        pages.append(await service.report(question, first=first, after=pages[-1].cursors[-1]))
    return pages


@pytest.mark.parametrize("order", [None, ReportOrder("views"), ReportOrder("views", descending=False)])
async def test_pages_are_the_whole_report_in_order(service: StatisticsService, order: ReportOrder | None) -> None:
    question = replace(BY_DAY, order=order)
    whole = await service.report(question, first=1_000)
    pages = await walk(service, question, 7)
    rows = [row for page in pages for row in page.rows]
    assert rows == list(whole.rows)
    assert whole.total == len(rows) == 5 * DAYS
    assert [page.has_previous for page in pages] == [False] + [True] * (len(pages) - 1)
    values = [row.cells[0].quantity.value for row in rows if row.cells[0].quantity]
    numbers = [value for value in values if value is not None]
    assert len(numbers) == 2 * DAYS
    if order is not None:
        assert numbers == sorted(numbers, reverse=order.descending)
        assert all(row.cells[0].quantity is None for row in rows[2 * DAYS :])


async def test_a_walk_beside_changes_repeats_and_skips_no_row_that_stays(
    service: StatisticsService, database: Database
) -> None:
    seen = []
    page = await service.report(BY_DAY, first=9)
    for step in range(30):
        seen += [(row.keys[0].value, row.first) for row in page.rows]
        if not page.has_next:
            break
        await store(database, [fact("zibo", "views", (FIRST - timedelta(days=step + 1)).isoformat(), 1_000)])
        await service.catch_up()
        page = await service.report(BY_DAY, first=9, after=page.cursors[-1])
    kept = [place for place in seen if place[0] in ("chongqing", "sichuan") and place[1] >= FIRST]
    assert len(kept) == len(set(kept)) == 2 * DAYS


async def test_a_cursor_of_another_report_is_refused(service: StatisticsService) -> None:
    cursor = (await service.report(BY_DAY, first=1)).cursors[0]
    other = replace(BY_DAY, interval=Interval.WEEK)
    with pytest.raises(CursorInvalid, match="of another report"):
        await service.report(other, after=cursor)
    for text in ("", "x", "W10", cursor[:-2], cursor + "A", "0" * 300):
        with pytest.raises(CursorInvalid):
            await service.report(BY_DAY, after=text)


def forged(question: ReportQuestion, keys: object, rank: object) -> str:
    """A cursor as somebody would write it who has read how they are made."""
    body = orjson.dumps([_digest(question), keys, "2026-01-01", rank])
    return base64.urlsafe_b64encode(body).rstrip(b"=").decode()


RANKS = ["NaN", "Infinity", "1e300000000", "1" * 33, "1.1234567", "-", 5, ["1"]]


async def test_a_forged_number_in_a_cursor_is_refused_before_it_is_one(service: StatisticsService) -> None:
    question = replace(BY_DAY, order=ReportOrder("views"))
    for rank in RANKS:
        with pytest.raises(CursorInvalid):
            await service.report(question, after=forged(question, ["chongqing"], rank))


async def test_forged_keys_in_a_cursor_are_refused(service: StatisticsService) -> None:
    for keys in ([], ["a", "b"], [1], [None], "a", {"a": 1}):
        with pytest.raises(CursorInvalid):
            await service.report(BY_DAY, after=forged(BY_DAY, keys, None))


async def test_a_number_in_a_cursor_of_a_report_without_order_is_refused(service: StatisticsService) -> None:
    with pytest.raises(CursorInvalid):
        await service.report(BY_DAY, after=forged(BY_DAY, ["chongqing"], "5"))


async def test_the_first_and_the_last_days_there_are_can_be_asked_for(service: StatisticsService) -> None:
    asked = ("views", "views_total", "resources_online")
    for first, last in ((date.min, date(1, 1, 15)), (date(1, 1, 2), date(1, 1, 15)), (date.min, date.max)):
        for interval in (None, *Interval):
            span = UsageFilter(first=first, last=last)
            page = await service.report(ReportQuestion(asked, span, (ReportDimension.STAGE,), interval))
            assert [measure.code for measure in page.measures] == list(asked)


async def test_more_reports_than_can_wait_are_refused(service: StatisticsService) -> None:
    asked = [replace(BY_DAY, filter=UsageFilter(first=FIRST + timedelta(days=n))) for n in range(MOST_WAITING + 10)]
    answers = await asyncio.gather(*map(service.report, asked), return_exceptions=True)
    assert {type(answer) for answer in answers} == {ReportPage, StatisticsBusy}
    assert sum(isinstance(answer, StatisticsBusy) for answer in answers) == 10
    assert isinstance(await service.report(asked[-1]), ReportPage)


async def test_a_platform_that_moves_moves_in_the_next_answer(database: Database, tmp_path: Path) -> None:
    class Moving(Regional):
        REGIONS = dict(Regional.REGIONS)  # noqa: RUF012 - written by this test

    platforms = Moving()
    await store(database, daily("zibo"))
    opened = await statistics_of(database, tmp_path, platforms)
    question = ReportQuestion(("views",), UsageFilter(platforms=("zibo",)), (ReportDimension.PROVINCE,))
    assert (await opened.report(question)).rows[0].keys[0].value == "370000"
    platforms.REGIONS["zibo"] = "510000"
    assert (await opened.report(question)).rows[0].keys[0].value == "510000"
    await opened.aclose()


async def test_equal_questions_at_the_same_time_have_equal_answers(service: StatisticsService) -> None:
    answers = await asyncio.gather(*(service.report(BY_DAY, first=50) for _ in range(12)))
    assert all(answer.rows == answers[0].rows for answer in answers)


async def test_reports_are_right_while_facts_are_written(service: StatisticsService, database: Database) -> None:
    """Every answer is that of one state of a platform's month: both measures always change together."""
    stopping = asyncio.Event()

    async def write() -> int:
        rounds = 0
        while not stopping.is_set():
            rounds += 1
            both = ("plays", "downloads")
            await store(database, [fact("chongqing", measure, "2026-01-01", rounds) for measure in both])
        return rounds

    following = asyncio.create_task(service.follow(0.01, stopping))
    writing = asyncio.create_task(write())
    seen = set()
    for _ in range(40):
        page = await service.report(ReportQuestion(("plays", "downloads"), group_by=()))
        plays, downloads = (cell.quantity.value if cell.quantity else None for cell in page.rows[0].cells)
        assert plays == downloads
        seen.add(plays)
        await asyncio.sleep(0.02)
    stopping.set()
    assert await writing > 1
    await following
    assert len(seen) > 1


async def test_cells_of_single_resources(service: StatisticsService, database: Database) -> None:
    await store(database, [
        fact("yuzhong", "views", "2026-01-01", 30, resource="R-1"),
        fact("yuzhong", "views", "2026-01-02", 12, resource="R-1"),
        fact("yuzhong", "plays", "2026-01-02", 8, resource="R-2"),
        fact("yuzhong", "views", "2026-01-02", 500),
    ])  # fmt: skip
    await service.catch_up()
    keys = [("yuzhong", "R-2"), ("yuzhong", "R-1"), ("chongqing", "R-1"), ("nowhere", "x")]
    asked = await service.resource_cells(keys, ("views",))
    assert [[(cell.status, cell.quantity) for cell in cells] for cells in asked] == [
        [("NOT_PUBLISHED", None)],
        [("OK", exact(42, "人次"))],
        [("NOT_PUBLISHED", None)],
        [("NOT_PUBLISHED", None)],
    ]
    everything = await service.resource_cells(keys)
    assert [[(cell.measure.code, cell.quantity) for cell in cells] for cells in everything] == [
        [("plays", exact(8, "次"))], [("views", exact(42, "人次"))], [], [],
    ]  # fmt: skip
    assert await service.resource_cells([]) == []


@pytest.mark.parametrize("file_format", list(ExportFormat))
async def test_an_export_is_a_file_of_the_whole_report(
    service: StatisticsService, tmp_path: Path, file_format: ExportFormat
) -> None:
    path = await service.export(BY_DAY, file_format, tmp_path)
    assert path.parent == tmp_path
    assert path.stat().st_size > 1_000


REVERSED = ReportQuestion(("views",), UsageFilter(first=date(2026, 2, 1), last=date(2026, 1, 1)))
REFUSED = [
    (ReportQuestion(()), UnknownMeasure, "name at least one"),
    (ReportQuestion(("veiws",)), UnknownMeasure, "did you mean views"),
    (ReportQuestion(("views", "views")), InvalidInput, "named twice"),
    (ReportQuestion(("views",), group_by=(ReportDimension.LEVEL,)), ImpossibleGrouping, "PLATFORM, REGION, PROVINCE"),
    (ReportQuestion(("views",), group_by=(ReportDimension.STAGE,) * 2), ImpossibleGrouping, "named twice"),
    (REVERSED, ImpossibleSpan, "2026-02-01"),
    (ReportQuestion(("views",), UsageFilter(platforms=("chonqing",))), InvalidInput, "chongqing, neijiang, sichuan"),
    (ReportQuestion(("views",), UsageFilter(regions=("500999",))), InvalidInput, "no known GB/T 2260"),
    (ReportQuestion(("views",), UsageFilter(regions=("渝中区",))), InvalidInput, "did you mean '500103'"),
    (ReportQuestion(("views",), UsageFilter(subjects=("mathematic",))), InvalidInput, "mathematics"),
    (ReportQuestion(("views",), UsageFilter(programs=("x",))), InvalidInput, "chengdu-chongqing-teacher-community"),
    (ReportQuestion(("views",), order=ReportOrder("plays")), InvalidInput, "not among the measures asked for: views"),
    (ReportQuestion(("views",), UsageFilter(platforms=("chongqing",) * 501)), LimitExceeded, "at most 500"),
]  # fmt: skip


async def test_questions_that_cannot_be_answered_say_what_can(service: StatisticsService) -> None:
    for question, error, said in REFUSED:
        with pytest.raises(error, match=said):
            await service.report(question)
        with pytest.raises(error, match=said):
            service.export_link(question, ExportFormat.CSV)


@pytest.mark.parametrize("first", [-1, 1_001])
async def test_pages_have_a_limit(service: StatisticsService, first: int) -> None:
    with pytest.raises(LimitExceeded, match="between 0 and 1000"):
        await service.report(BY_DAY, first=first)


async def test_an_empty_database_reports_that_nothing_is_published(database: Database, tmp_path: Path) -> None:
    opened = await statistics_of(database, tmp_path)
    page = await opened.report(BY_DAY)
    assert [(row.keys[0].value, row.cells[0].status) for row in page.rows] == [
        (code, "NOT_PUBLISHED") for code in ("chongqing", "neijiang", "sichuan", "yuzhong", "zibo")
    ]
    assert [caveat.code for caveat in page.caveats] == ["NOT_PUBLISHED"]
    await opened.aclose()
