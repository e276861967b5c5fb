"""Lists of records hold what is in reach, follow filters that tell nothing withheld, and page without gaps."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from gateway.errors import CursorInvalid, Forbidden, InvalidInput, LimitExceeded
from gateway.personal import Reach
from gateway.storage import Database
from gateway.storage.tables import CreditRecognitionRow
from gateway.training.questions import RecognitionFilter, RecordFilter, RecordQuestion, TrainingRecordSort
from gateway.training.reading.by_id import awards
from gateway.training.reading.listing import records
from gateway.training.views import RecordPage
from schema.quality import Level, RecognitionState
from schema.training import RecordState, TrainingForm, TrainingKind, TrainingRole
from tests.gateway.training.guards import CHONGQING, FORBIDDEN, SICHUAN, YUZHONG, by_agreement, own, receiving
from tests.gateway.training.reads import ask, put, stock
from tests.gateway.training.stored import NOON

SHARED = ("TrainingRecord.title", "TrainingRecord.startsOn", "TrainingRecord.platform")


def question(order: TrainingRecordSort = TrainingRecordSort.NEWEST, **fields: Any) -> RecordQuestion:
    """A question with this filter."""
    return RecordQuestion(RecordFilter(**fields), order)


async def listed(database: Database, asked: RecordQuestion, reach: Reach, *more: Any) -> list[str]:
    """Ids of the first page."""
    page: RecordPage = await ask(database, records, asked, reach, *more)
    assert page.total == len(page.rows)
    return [row.id for row in page.rows]


async def some(database: Database) -> None:
    """Four records of 渝中 and one of 成都."""
    await stock(database)
    day = date(2026, 3, 1)
    await put(
        database,
        ("a", "yz", {"starts_on": day, "state": "REPORTED"}),
        ("b", "yz", {"starts_on": day + timedelta(2), "kind": "LECTURE", "title": "讲座", "level": "CITY"}),
        ("c", "yz2", {"starts_on": day + timedelta(1), "role": "LECTURER", "platform": "yuzhong", "form": "LIVE"}),
        (
            "d",
            "yz2",
            {"starts_on": day + timedelta(1), "platform": "", "title": "录入", "updated_at": NOON + timedelta(1)},
        ),
        ("s", "sc", {"starts_on": day, "platform": "sichuan", "region": "510107"}),
    )


async def test_records_of_the_reach_are_listed_newest_first(database: Database) -> None:
    await some(database)
    assert await listed(database, question(), own(YUZHONG)) == ["b", "d", "c", "a"]
    assert await listed(database, question(TrainingRecordSort.OLDEST), own(CHONGQING)) == ["a", "c", "d", "b"]
    assert await listed(database, question(TrainingRecordSort.UPDATED), own(None)) == ["d", "s", "c", "b", "a"]
    assert await listed(database, question(), Reach(FORBIDDEN, teacher="yz2")) == ["d", "c"]


async def test_who_may_see_nothing_gets_the_refusal(database: Database) -> None:
    await some(database)
    with pytest.raises(Forbidden, match="not yours"):
        await ask(database, records, question(), Reach(FORBIDDEN))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"regions": ("500103",)}, ["b", "d", "c", "a"]),
        ({"regions": ("500000", "510107")}, ["b", "d", "c", "s", "a"]),
        ({"regions": ("100000",)}, ["b", "d", "c", "s", "a"]),
        ({"regions": ("500107",)}, []),
        ({"regions": ()}, []),
        ({"platforms": ("yuzhong", "sichuan")}, ["c", "s"]),
        ({"platforms": ("",)}, []),
        ({"kinds": (TrainingKind.LECTURE,)}, ["b"]),
        ({"levels": (Level.CITY,)}, ["b"]),
        ({"roles": (TrainingRole.LECTURER,)}, ["c"]),
        ({"forms": (TrainingForm.LIVE,)}, ["c"]),
        ({"states": (RecordState.REPORTED,)}, ["a"]),
        ({"states": ()}, []),
        ({"first": date(2026, 3, 2)}, ["b", "d", "c"]),
        ({"last": date(2026, 3, 1)}, ["s", "a"]),
        ({"kinds": (TrainingKind.COURSE,), "platforms": ("chongqing",)}, ["a"]),
    ],
)
async def test_every_condition_of_a_filter_must_hold(
    database: Database, fields: dict[str, Any], expected: list[str]
) -> None:
    await some(database)
    assert await listed(database, question(**fields), own(None)) == expected


async def test_records_can_be_narrowed_to_one_teacher(database: Database) -> None:
    await some(database)
    assert await listed(database, RecordQuestion(teacher="yz2"), own(None)) == ["d", "c"]
    assert await listed(database, RecordQuestion(teacher="yz2"), own("510000")) == []
    shared = receiving(by_agreement(CHONGQING, *SHARED))
    assert await listed(database, RecordQuestion(teacher="yz2"), shared) == []
    named = receiving(by_agreement(CHONGQING, *SHARED, "Teacher.records"))
    assert await listed(database, RecordQuestion(teacher="yz2"), named) == ["d", "c"]


@pytest.mark.parametrize(
    "fields",
    [
        {"kinds": tuple(TrainingKind)},
        {"levels": tuple(Level)},
        {"roles": tuple(TrainingRole)},
        {"forms": tuple(TrainingForm)},
        {"programs": ("chengdu-chongqing-teacher-community",)},
        {"regions": ("500103",)},
        {"recognition": RecognitionFilter(SICHUAN, tuple(RecognitionState))},
    ],
)
async def test_a_filter_on_what_is_withheld_finds_nothing_by_it(database: Database, fields: dict[str, Any]) -> None:
    await some(database)
    shared = receiving(by_agreement(CHONGQING, *SHARED))
    assert await listed(database, question(states=tuple(RecordState)), shared) == ["b", "d", "c", "s", "a"]
    assert set(await listed(database, question(**fields), shared, {YUZHONG})) <= {"s"}


async def test_a_region_may_be_asked_for_that_holds_all_that_is_shared(database: Database) -> None:
    await some(database)
    shared = receiving(by_agreement(CHONGQING, *SHARED))
    assert await listed(database, question(regions=("500000",)), shared) == ["b", "d", "c", "a"]
    named = receiving(by_agreement(CHONGQING, *SHARED, "Teacher.region"))
    assert await listed(database, question(regions=("500103",)), named) == ["b", "d", "c", "a"]


async def test_where_days_are_withheld_the_order_does_not_tell_them(database: Database) -> None:
    await some(database)
    shared = receiving(by_agreement(CHONGQING, "TrainingRecord.title"))
    assert await listed(database, question(), shared) == ["d", "s", "c", "b", "a"]
    assert await listed(database, question(TrainingRecordSort.OLDEST), shared) == ["a", "b", "c", "s", "d"]
    assert await listed(database, question(first=date(2026, 1, 1)), shared) == ["s"]


async def test_sources_count_platforms_that_are_shown_and_no_hand(database: Database) -> None:
    await some(database)
    asked = RecordQuestion(first=2)
    page: RecordPage = await ask(database, records, asked, own(None))
    told = [(one.platform, one.count, one.total) for one in page.sources]
    assert told == [("chongqing", 1, 2), ("sichuan", 0, 1), ("yuzhong", 0, 1)]
    assert {one.as_of for one in page.sources} == {NOON}
    page = await ask(database, records, asked, receiving(by_agreement(CHONGQING, "TrainingRecord.title")))
    assert [(one.platform, one.total) for one in page.sources] == [("sichuan", 1)]


@pytest.mark.parametrize("order", list(TrainingRecordSort))
@pytest.mark.parametrize("size", [1, 2, 3, 100])
async def test_pages_follow_each_other_without_gap_or_repeat(
    database: Database, order: TrainingRecordSort, size: int
) -> None:
    await some(database)
    whole = await listed(database, question(order), own(None))
    found: list[str] = []
    after = None
    while True:
        page: RecordPage = await ask(database, records, RecordQuestion(RecordFilter(), order, size, after), own(None))
        assert (page.total, page.has_previous) == (5, after is not None)
        found.extend(row.id for row in page.rows)
        if not page.has_next:
            break
        after = page.cursors[-1]
    assert found == whole


async def test_a_cursor_of_another_list_is_refused_and_so_is_foreign_text(database: Database) -> None:
    await some(database)
    page: RecordPage = await ask(database, records, RecordQuestion(first=1), own(None))
    cursor = page.cursors[0]
    for text in ("", "x", "äö", "W10", cursor + "A", cursor[:-2], "A" * 501):
        with pytest.raises(CursorInvalid, match=r"no cursor of this list|of another list"):
            await ask(database, records, RecordQuestion(after=text), own(None))
    for asked in (
        RecordQuestion(RecordFilter(kinds=(TrainingKind.COURSE,)), after=cursor),
        RecordQuestion(order=TrainingRecordSort.OLDEST, after=cursor),
        RecordQuestion(teacher="yz", after=cursor),
        RecordQuestion(order=TrainingRecordSort.UPDATED, after=cursor),
    ):
        with pytest.raises(CursorInvalid):
            await ask(database, records, asked, own(None))


@pytest.mark.parametrize(
    ("asked", "error", "message"),
    [
        (RecordQuestion(first=101), LimitExceeded, "first: 101 is not between 0 and 100"),
        (RecordQuestion(first=-1), LimitExceeded, "first: -1 is not between 0 and 100"),
        (question(regions=("999999",)), InvalidInput, "'999999' is no known"),
        (question(programs=("nobody",)), InvalidInput, "filter.programs: 'nobody' is no joint program"),
        (question(first=date(2026, 2, 1), last=date(2026, 1, 1)), InvalidInput, "lies behind"),
        (question(recognition=RecognitionFilter("x", ())), InvalidInput, "'x' is no known"),
        (question(platforms=tuple(map(str, range(501)))), InvalidInput, "at most 500 values, not 501"),
    ],
)
async def test_what_cannot_be_asked_says_what_can(
    database: Database, asked: RecordQuestion, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        await ask(database, records, asked, own(None))


async def test_the_receiving_side_finds_what_waits_for_it_and_what_it_decided(database: Database) -> None:
    await some(database)
    own_awards = await ask(database, awards, ["b", "c", "d", "s"], own(None))
    decisions = CreditRecognitionRow.metadata.tables["credit_recognitions"]

    def decide(connection: Connection) -> None:
        for number, state in ((1, "RECOGNIZED"), (2, "NOT_RECOGNIZED")):
            row = {"id": str(number), "entry_id": own_awards["b"].id, "record_id": "b", "region": SICHUAN}
            decided = {"number": number, "state": state, "hours": Decimal(0), "decided_at": NOON, "decided_by": "x"}
            connection.execute(insert(decisions), {**row, **decided})

    await database.transact(decide)
    shared = receiving(by_agreement(CHONGQING, *SHARED, "TrainingRecord.ledger"))

    async def standing(*states: RecognitionState, region: str = SICHUAN, reach: Reach = shared) -> list[str]:
        wanted = question(recognition=RecognitionFilter(region, states))
        return await listed(database, wanted, reach, {YUZHONG} if region == SICHUAN else ())

    assert await standing(RecognitionState.PENDING) == ["d", "c"]
    wanted = question(recognition=RecognitionFilter(SICHUAN, (RecognitionState.PENDING,)))
    assert await listed(database, wanted, shared, {CHONGQING}) == ["d", "c"]
    assert await listed(database, wanted, shared, {"500107"}) == []
    assert await standing(RecognitionState.NOT_RECOGNIZED) == ["b"]
    assert await standing(RecognitionState.RECOGNIZED) == []
    assert await standing(RecognitionState.NOT_RECOGNIZED, RecognitionState.PENDING) == ["b", "d", "c"]
    assert await standing(RecognitionState.NOT_RECOGNIZED, reach=own(YUZHONG)) == ["b"]
    assert await standing(*RecognitionState, region="370000") == []
    assert await standing() == []
