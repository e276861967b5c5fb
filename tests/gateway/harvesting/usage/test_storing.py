"""Facts are stored by what they count: new ones, corrected ones with what they said before, and the same ones again."""

import base64
import hashlib
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors.records import HarvestPage, Rejected
from gateway.harvesting import HarvestingService, HarvestKind, RunProgress, RunState
from gateway.storage import Database
from schema.findings import Finding
from tests.gateway.harvesting.upstream import NOW, column, rejected
from tests.gateway.harvesting.usage.counting import (
    YESTERDAY,
    Clock,
    Counting,
    count,
    counts,
    fact,
    facts,
    page,
    partitions,
    values,
)

REVISIONS = ("usage_revisions", "day", "measure", "value", "revision", "withdrawn")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def service(database: Database, clock: Clock) -> HarvestingService:
    return HarvestingService(database, clock=clock)


async def test_a_first_run_stores_every_fact_and_numbers_the_months(
    database: Database, service: HarvestingService
) -> None:
    run = await count(service, page(fact(0), fact(1)), page(fact(0, measure="plays"), fact(40)))
    assert (run.state, run.kind, run.pages, run.expected) == (RunState.SUCCEEDED, HarvestKind.USAGE, 2, None)
    assert (run.first_day, run.last_day) == (date(2025, 1, 25), YESTERDAY)
    assert counts(run) == (4, 4, 0, 0, 0, 0)
    assert await values(database) == {(0, "views"): "10", (1, "views"): "10", (0, "plays"): "10", (40, "views"): "10"}
    assert await partitions(database) == {"2026-01": 2, "2026-02": 3}
    counters = dict(await column(database, "change_counters", "name", "value"))
    assert (counters["catalog"], counters["usage"]) == (0, 3)
    assert await column(database, "usage_revisions", "id") == []


async def test_a_stored_row_says_what_it_counts_and_where_it_came_from(
    database: Database, service: HarvestingService
) -> None:
    sketch = base64.b64encode(b"sketch").decode()
    counted: dict[str, Any] = {
        "region": "500103",
        "stage": "PRIMARY",
        "subject": {"code": "mathematics", "native": "小学数学"},
        "kind": "LESSON",
        "teaching_mode": "LIVE",
        "classroom_kind": "DELIVERED",
        "program": "chengdu-chongqing-teacher-community",
        "resource": "YKT-8",
    }
    run = await count(service, page(fact(0, "2.5", revision=2, weight="12", sketch=sketch, **counted)))
    canonical = (
        '{"classroomKind":"DELIVERED","kind":"LESSON","measure":"views","program":"chengdu-chongqing-teacher-community"'
        ',"region":"500103","resource":"YKT-8","stage":"PRIMARY","subject":"mathematics","teachingMode":"LIVE"}'
    )
    [row] = await facts(database)
    assert row.key == hashlib.sha256(canonical.encode()).hexdigest()[:32]
    assert (row.day, row.measure, row.value, row.weight) == (YESTERDAY, "views", Decimal("2.5"), Decimal(12))
    assert (row.region, row.stage, row.subject, row.kind) == ("500103", "PRIMARY", "mathematics", "LESSON")
    assert (row.teaching_mode, row.classroom_kind, row.resource) == ("LIVE", "DELIVERED", "YKT-8")
    assert (row.program, bytes(row.sketch)) == ("chengdu-chongqing-teacher-community", b"sketch")
    assert (row.revision, row.run_id, row.fetched_at) == (2, run.id, NOW)


async def test_what_is_not_stated_is_no_part_of_the_key(database: Database, service: HarvestingService) -> None:
    await count(service, page(fact(0)))
    [row] = await facts(database)
    assert row.key == hashlib.sha256(b'{"measure":"views"}').hexdigest()[:32]
    assert (row.region, row.stage, row.subject, row.resource, row.weight, row.sketch) == (None,) * 6


async def test_the_same_facts_again_change_nothing_but_the_run_that_met_them(
    database: Database, service: HarvestingService, clock: Clock
) -> None:
    pages = [page(fact(0, "0.12345678"), fact(1, "3E+2")), page(fact(2, "1.0000005"))]
    await count(service, *pages)
    before = await partitions(database)
    clock.now += timedelta(hours=1)
    run = await count(service, *pages)
    assert counts(run) == (3, 0, 0, 3, 0, 0)
    assert {(row.run_id, row.fetched_at) for row in await facts(database)} == {(run.id, NOW)}
    assert await values(database) == {(0, "views"): "0.123457", (1, "views"): "300", (2, "views"): "1"}
    assert await partitions(database) == before
    assert await column(database, "usage_revisions", "id") == []


async def test_a_corrected_fact_replaces_the_earlier_and_what_that_said_is_kept(
    database: Database, service: HarvestingService, clock: Clock
) -> None:
    first = await count(service, page(fact(0, "9", revision=1, region="500103"), fact(1, "7"), fact(50, "5")))
    before = await partitions(database)
    clock.now += timedelta(hours=1)
    run = await count(service, page(fact(0, "10", revision=2, region="500103"), fact(1, "7")))
    assert counts(run) == (2, 0, 1, 1, 0, 0)
    assert await values(database) == {(0, "views"): "10", (1, "views"): "7", (50, "views"): "5"}
    assert await column(database, *REVISIONS) == [(YESTERDAY, "views", Decimal(9), 1, False)]
    [kept] = await column(database, "usage_revisions", "dimensions", "fetched_at", "replaced_at", "run_id")
    assert kept == ('{"region":"500103"}', NOW, clock.now, run.id)
    changed = (await facts(database))[-1]
    assert (changed.revision, changed.run_id, changed.fetched_at) == (2, run.id, clock.now)
    assert await partitions(database) == {**before, "2026-02": 3}
    assert first.id != run.id


@pytest.mark.parametrize(
    ("revision", "value", "updated", "stored"),
    [
        (1, "11", 0, ("10", 2)),
        (1, "10", 0, ("10", 2)),
        (2, "11", 1, ("11", 2)),
        (3, "11", 1, ("11", 3)),
        (2, "10", 0, ("10", 2)),
        (3, "10", 0, ("10", 3)),
    ],
    ids=["lower", "lower-same", "equal", "higher", "equal-same", "higher-same"],
)
async def test_a_revision_decides_over_another_number(
    database: Database, service: HarvestingService, revision: int, value: str, updated: int, stored: tuple[str, int]
) -> None:
    await count(service, page(fact(0, "10", revision=2)))
    run = await count(service, page(fact(0, value, revision=revision)))
    assert counts(run) == (1, 0, updated, 1 - updated, 0, 0)
    [row] = await facts(database)
    assert (f"{row.value.normalize():f}", row.revision, row.run_id) == (*stored, run.id)
    assert len(await column(database, "usage_revisions", "id")) == updated
    assert await partitions(database) == {"2026-02": 1 + updated}


@pytest.mark.parametrize("changed", [{"weight": "13"}, {"weight": None}, {"sketch": "AQ=="}, {"sketch": None}])
async def test_another_weight_or_sketch_is_another_number(
    database: Database, service: HarvestingService, changed: dict[str, Any]
) -> None:
    before: dict[str, Any] = {"weight": "12", "sketch": "AAAA"}
    await count(service, page(fact(0, **before)))
    assert (await count(service, page(fact(0, **{**before, **changed})))).updated == 1
    assert await column(database, "usage_revisions", "value", "weight") == [(Decimal(10), Decimal(12))]


async def test_the_last_of_a_fact_that_comes_twice_wins_within_a_page_and_across_pages(
    database: Database, service: HarvestingService
) -> None:
    pages = [
        page(fact(0, "1"), fact(0, "2"), fact(1, "9", revision=2), fact(1, "8", revision=1)),
        page(fact(2), fact(0, "3")),
    ]
    run = await count(service, *pages)
    assert counts(run) == (3, 3, 0, 0, 0, 3)
    assert await values(database) == {(0, "views"): "3", (1, "views"): "9", (2, "views"): "10"}
    assert await column(database, *REVISIONS) == [(YESTERDAY, "views", Decimal(2), 0, False)]


async def test_days_that_were_not_asked_for_are_left_out(database: Database, service: HarvestingService) -> None:
    run = await count(service, page(fact(-1), fact(0), fact(6), fact(7)), days=7)
    assert (run.first_day, run.last_day) == (YESTERDAY - timedelta(days=6), YESTERDAY)
    assert counts(run) == (2, 2, 0, 0, 0, 0)
    assert set(await values(database)) == {(0, "views"), (6, "views")}


async def test_platforms_do_not_touch_each_other(database: Database, service: HarvestingService) -> None:
    await count(service, page(fact(0, "1"), fact(1, "1")))
    await count(service, page(fact(0, "2")), code="zibo")
    assert await values(database) == {(0, "views"): "1", (1, "views"): "1"}
    assert await values(database, "zibo") == {(0, "views"): "2"}
    assert (await partitions(database), await partitions(database, "zibo")) == ({"2026-02": 1}, {"2026-02": 2})


@pytest.mark.parametrize("revision", [2**40, 2**63 - 1, 2**80])
async def test_a_revision_may_be_an_instant_and_any_number(
    database: Database, service: HarvestingService, revision: int
) -> None:
    await count(service, page(fact(0, "1")))
    run = await count(service, page(fact(0, "2", revision=revision)))
    assert (run.updated, [row.revision for row in await facts(database)]) == (1, [min(revision, 2**63 - 1)])


async def test_a_sketch_that_cannot_be_decoded_is_quarantined(database: Database, service: HarvestingService) -> None:
    run = await count(service, page(fact(0, sketch="A"), fact(1)))
    assert (run.state, run.quarantined, set(await values(database))) == (RunState.SUCCEEDED, 1, {(1, "views")})
    [reject] = (await service.quarantined("chongqing")).records
    assert (reject.code, reject.native_id, '"sketch":"A"' in reject.raw) == ("sketch.invalid", None, True)


async def test_a_row_that_is_refused_for_several_measures_is_one_reject_with_all_findings(
    service: HarvestingService,
) -> None:
    raw = '{"day": "someday", "pv": -1}'
    reasons = [Finding("day.invalid", "no day", pointer="/day"), Finding("value.invalid", "no number", pointer="/pv")]
    twice = tuple(Rejected(None, (reason,), raw) for reason in reasons)
    run = await count(service, page(fact(0), rejected=twice), page(rejected=twice))
    assert (run.seen, run.created, run.quarantined, run.duplicates) == (2, 1, 1, 1)
    [reject] = (await service.quarantined("chongqing")).records
    assert (reject.findings, reject.raw, reject.code) == (tuple(reasons), raw, "day.invalid")


async def test_the_id_of_a_rejected_row_is_not_taken_for_that_of_a_resource(service: HarvestingService) -> None:
    upstream = Counting(pages=[HarvestPage((), (rejected("r1"),))], counted=[page(rejected=(rejected("r1"),))])
    await service.run(upstream, upstream.context())
    await service.run(upstream, upstream.context(), kind=HarvestKind.USAGE)
    assert sorted(each.native_id or "" for each in (await service.quarantined("chongqing")).records) == ["", "r1"]


async def test_progress_is_told_after_every_page(service: HarvestingService) -> None:
    told: list[RunProgress] = []
    upstream = Counting(counted=[page(fact(0), fact(1)), page(fact(0))])
    await service.run(upstream, upstream.context(), kind=HarvestKind.USAGE, progress=told.append)
    assert [(p.kind, p.pages, p.seen, p.duplicates) for p in told] == [("USAGE", 1, 2, 0), ("USAGE", 2, 2, 1)]


async def test_a_page_without_facts_is_stored(service: HarvestingService, database: Database) -> None:
    run = await count(service, page(), page(fact(0)), page())
    assert (run.state, run.pages, run.created) == (RunState.SUCCEEDED, 3, 1)
    assert await partitions(database) == {"2026-02": 1}


async def test_days_are_those_of_china(database: Database) -> None:
    for hour, last in ((15, date(2026, 2, 27)), (16, date(2026, 2, 28))):
        now = datetime(2026, 2, 28, hour, 30, tzinfo=UTC)
        upstream = Counting(code=f"platform{hour}")
        service = HarvestingService(database, clock=lambda now=now: now)  # type: ignore[misc]  # bound per round
        run = await service.run(upstream, upstream.context(), kind=HarvestKind.USAGE)
        assert (run.last_day, [request.last for request in upstream.asked]) == (last, [last])
