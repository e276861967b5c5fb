"""A harvest stores what is new and changed, leaves the rest alone and tells exactly what it did."""

from datetime import datetime, timedelta

import pytest

from connectors.errors import Malformed, Unreachable
from connectors.records import HarvestPage
from gateway.harvesting import HarvestingService, HarvestKind, HarvestKindUnsupported, HarvestRun, RunProgress, RunState
from gateway.storage import Database
from schema.access import Access
from schema.platforms import Capability
from tests.gateway.harvesting.upstream import NOW, Upstream, accepted, column, live, paged, rejected, rows


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def service(database: Database, clock: Clock) -> HarvestingService:
    return HarvestingService(database, clock=clock)


async def harvest(service: HarvestingService, upstream: Upstream, kind: HarvestKind = HarvestKind.FULL) -> HarvestRun:
    return await service.run(upstream, upstream.context(), kind=kind)


def counts(run: HarvestRun) -> tuple[int, int, int, int, int, int]:
    """Seen, created, updated, unchanged, withdrawn, duplicates."""
    return run.seen, run.created, run.updated, run.unchanged, run.withdrawn, run.duplicates


async def sequences(database: Database) -> dict[str, int]:
    return {native_id: row.sequence for native_id, row in (await rows(database)).items()}


async def test_a_first_run_stores_every_record_with_its_own_change_number(
    database: Database, service: HarvestingService
) -> None:
    run = await harvest(service, Upstream(paged([accepted(f"r{n}") for n in range(5)])))
    assert (run.state, run.kind, run.pages, run.error_code) == (RunState.SUCCEEDED, HarvestKind.FULL, 3, None)
    assert counts(run) == (5, 5, 0, 0, 0, 0)
    assert sorted((await sequences(database)).values()) == [1, 2, 3, 4, 5]
    counters = dict(await column(database, "change_counters", "name", "value"))
    assert counters == {"audit": 0, "catalog": 5, "ledger": 0, "training": 0, "usage": 0}
    assert await column(database, "harvest_seen", "native_id") == []


async def test_a_stored_row_says_where_it_came_from(database: Database, service: HarvestingService) -> None:
    item = accepted("r1", "观摩课", unmapped=["玄学"])
    await harvest(service, Upstream([HarvestPage((item,))], version=7))
    row = (await rows(database))["r1"]
    assert row.body == item.record.to_json()
    assert (row.digest, row.manifest_version, row.fetched_at) == (item.digest, 7, NOW)
    assert row.unmapped == '["subjects: \\u7384\\u5b66"]'


async def test_unchanged_records_cost_no_change_number(
    database: Database, service: HarvestingService, clock: Clock
) -> None:
    upstream = Upstream(paged([accepted("a"), accepted("b"), accepted("c")]))
    await harvest(service, upstream)
    before = await rows(database)
    clock.now += timedelta(hours=1)
    assert counts(await harvest(service, upstream)) == (3, 0, 0, 3, 0, 0)
    assert await rows(database) == before


async def test_a_changed_record_gets_a_new_number_and_the_others_keep_theirs(
    database: Database, service: HarvestingService
) -> None:
    await harvest(service, Upstream(paged([accepted("a"), accepted("b")])))
    run = await harvest(service, Upstream(paged([accepted("a"), accepted("b", "另一题")])))
    assert counts(run) == (2, 0, 1, 1, 0, 0)
    assert (await sequences(database)) == {"a": 1, "b": 3}


async def test_a_record_that_is_no_longer_listed_is_withdrawn_and_returns(
    database: Database, service: HarvestingService, clock: Clock
) -> None:
    both = Upstream(paged([accepted("a"), accepted("b")]))
    await harvest(service, both)
    clock.now += timedelta(hours=1)
    gone = await harvest(service, Upstream(paged([accepted("a")])))
    assert counts(gone) == (1, 0, 0, 1, 1, 0)
    row = (await rows(database))["b"]
    assert (row.withdrawn_at, row.sequence) == (clock.now, 3)
    clock.now += timedelta(hours=1)
    assert counts(await harvest(service, both)) == (2, 0, 1, 1, 0, 0)
    assert (await rows(database))["b"].withdrawn_at is None


async def test_the_last_of_equal_ids_wins_within_a_page_and_across_pages(
    database: Database, service: HarvestingService
) -> None:
    pages = [
        HarvestPage((accepted("a", "第一版一"), accepted("a", "第二版二"))),
        HarvestPage((accepted("b"), accepted("a", "第三版三"))),
    ]
    run = await harvest(service, Upstream(pages))
    assert counts(run) == (2, 2, 0, 0, 0, 2)
    assert "第三版三" in (await rows(database))["a"].body.decode()
    assert len(await rows(database)) == 2


async def test_a_tombstone_withdraws_at_once_and_beats_the_record(
    database: Database, service: HarvestingService
) -> None:
    await harvest(service, Upstream(paged([accepted("a"), accepted("b"), accepted("c")])))
    page = HarvestPage((accepted("a"), accepted("b")), deleted=("b", "never-seen"))
    run = await harvest(service, Upstream([page, HarvestPage((accepted("c"),))]))
    assert counts(run) == (2, 0, 0, 2, 1, 1)
    assert await live(database) == {"a", "c"}


async def test_the_stricter_of_platform_and_record_decides_who_may_see(
    database: Database, service: HarvestingService
) -> None:
    items = paged([accepted("a"), accepted("b", access=Access.SCHOOL)])
    await harvest(service, Upstream(items, access=Access.CITY))
    assert {n: r.access for n, r in (await rows(database)).items()} == {"a": "CITY", "b": "SCHOOL"}


async def test_a_platform_that_closes_closes_its_unchanged_records(
    database: Database, service: HarvestingService
) -> None:
    items = paged([accepted("a"), accepted("b", access=Access.SCHOOL)])
    await harvest(service, Upstream(items))
    run = await harvest(service, Upstream(items, access=Access.DISTRICT))
    assert counts(run) == (2, 0, 1, 1, 0, 0)
    assert {n: r.access for n, r in (await rows(database)).items()} == {"a": "DISTRICT", "b": "SCHOOL"}


async def test_platforms_do_not_touch_each_other(database: Database, service: HarvestingService) -> None:
    await harvest(service, Upstream(paged([accepted("a"), accepted("b")])))
    await harvest(service, Upstream(paged([accepted("a", "淄博的课")]), code="zibo"))
    assert await live(database) == {"a", "b"}
    assert await live(database, "zibo") == {"a"}


async def test_progress_is_told_after_every_page(service: HarvestingService) -> None:
    told: list[RunProgress] = []
    pages = [HarvestPage((accepted("a"),), expected=2), HarvestPage((accepted("b"),), (rejected("x"),))]
    upstream = Upstream(pages)
    await service.run(upstream, upstream.context(), progress=told.append)
    assert [(p.pages, p.seen, p.expected, p.quarantined, p.resumed) for p in told] == [
        (1, 1, 2, 0, False),
        (2, 3, 2, 1, False),
    ]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (HarvestKind.TRAINING, "kind: TRAINING cannot be harvested yet; possible are FULL, INCREMENTAL and USAGE"),
        (HarvestKind.USAGE, "kind: USAGE cannot be harvested from chongqing; possible: FULL and INCREMENTAL"),
    ],
)
async def test_a_kind_that_the_connector_cannot_do_is_refused_with_those_it_can(
    service: HarvestingService, kind: HarvestKind, said: str
) -> None:
    with pytest.raises(HarvestKindUnsupported) as refused:
        await harvest(service, Upstream(), kind)
    assert (str(refused.value), (await service.runs()).total) == (said, 0)


async def test_an_incremental_run_asks_for_changes_since_the_last_success_with_lookback(
    database: Database, service: HarvestingService, clock: Clock
) -> None:
    upstream = Upstream(paged([accepted("a"), accepted("b")]))
    await harvest(service, upstream)
    clock.now += timedelta(days=3)
    changed = Upstream(paged([accepted("b", "新的题目"), accepted("c")]))
    run = await harvest(service, changed, HarvestKind.INCREMENTAL)
    assert (run.kind, run.since) == (HarvestKind.INCREMENTAL, NOW - timedelta(days=1))
    assert changed.requests[0].since == NOW - timedelta(days=1)
    assert counts(run) == (2, 1, 1, 0, 0, 0)
    assert await live(database) == {"a", "b", "c"}


@pytest.mark.parametrize(
    ("version", "capabilities"),
    [(2, {Capability.HARVEST, Capability.INCREMENTAL}), (1, {Capability.HARVEST})],
    ids=["new-mapping", "platform-cannot"],
)
async def test_an_incremental_run_becomes_full_where_it_must(
    service: HarvestingService, version: int, capabilities: set[Capability]
) -> None:
    await harvest(service, Upstream(paged([accepted("a")])))
    upstream = Upstream(paged([accepted("a")]), version=version, capabilities=frozenset(capabilities))
    run = await harvest(service, upstream, HarvestKind.INCREMENTAL)
    assert (run.kind, run.since) == (HarvestKind.FULL, None)


async def test_a_first_incremental_run_is_a_full_one(service: HarvestingService) -> None:
    run = await harvest(service, Upstream(paged([accepted("a")])), HarvestKind.INCREMENTAL)
    assert run.kind is HarvestKind.FULL


async def test_a_run_that_saw_nothing_fails_and_one_that_saw_something_is_partial(
    database: Database, service: HarvestingService
) -> None:
    failure = Malformed("HTML instead of JSON")
    failed = await harvest(service, Upstream(paged([accepted("a")]), fails_at=0, failure=failure))
    assert (failed.state, failed.error_code) == (RunState.FAILED, "UPSTREAM_MALFORMED")
    items = [accepted(f"r{n}") for n in range(4)]
    partial = await harvest(service, Upstream(paged(items), fails_at=1, failure=failure))
    assert (partial.state, partial.error) == (RunState.PARTIAL, "HTML instead of JSON")
    assert await live(database) == {"r0", "r1"}
    assert await column(database, "harvest_seen", "native_id") == []


async def test_a_transient_failure_is_resumed_after_the_last_committed_page(
    database: Database, service: HarvestingService, clock: Clock
) -> None:
    items = paged([accepted(f"r{n}") for n in range(6)])
    broken = await harvest(service, Upstream(items, fails_at=2, failure=Unreachable("reset")))
    assert (broken.state, broken.seen) == (RunState.PARTIAL, 4)
    clock.now += timedelta(hours=2)
    again = Upstream(items)
    run = await harvest(service, again)
    assert again.requests[0].checkpoint == {"page": 2}
    assert (run.id, run.state, run.started_at, run.finished_at) == (broken.id, RunState.SUCCEEDED, NOW, clock.now)
    assert counts(run) == (6, 6, 0, 0, 0, 0)
    assert await live(database) == {f"r{n}" for n in range(6)}


async def test_a_lasting_failure_an_old_run_or_a_new_mapping_starts_afresh(
    service: HarvestingService, clock: Clock
) -> None:
    items = paged([accepted(f"r{n}") for n in range(6)])
    first = await harvest(service, Upstream(items, fails_at=1, failure=Malformed("drift")))
    lasting = await harvest(service, Upstream(items, fails_at=1, failure=Unreachable("reset")))
    clock.now += timedelta(hours=1)
    mapped = await harvest(service, Upstream(items, fails_at=1, failure=Unreachable("reset"), version=2))
    clock.now += timedelta(hours=25)
    late = await harvest(service, Upstream(items, version=2))
    assert len({first.id, lasting.id, mapped.id, late.id}) == 4
    assert late.pages == 3


async def test_an_error_of_our_own_ends_the_run_and_is_raised(database: Database, service: HarvestingService) -> None:
    with pytest.raises(ZeroDivisionError):
        await harvest(service, Upstream(paged([accepted("a")]), fails_at=1, failure=ZeroDivisionError("ours")))
    run = (await service.runs()).runs[0]
    assert (run.state, run.error_code, run.error) == (
        RunState.PARTIAL,
        "INTERNAL",
        "internal error: ZeroDivisionError",
    )
    assert (await harvest(service, Upstream(paged([accepted("a")])))).id != run.id
