"""What a platform no longer reports of a day is withdrawn, what it does not report at all is kept."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors.errors import Malformed
from connectors.records import Rejected
from gateway.harvesting import HarvestingService, HarvestRun, RunState
from gateway.harvesting.reach import Reach
from gateway.storage import Database
from schema.findings import Finding
from tests.gateway.harvesting.upstream import column
from tests.gateway.harvesting.usage.counting import (
    YESTERDAY,
    Ticking,
    count,
    counts,
    fact,
    facts,
    page,
    partitions,
    values,
)

REGIONS = [f"5001{number:02d}" for number in range(1, 10)]


@pytest.fixture
def clock() -> Ticking:
    return Ticking()


@pytest.fixture
def service(database: Database, clock: Ticking) -> HarvestingService:
    return HarvestingService(database, clock=clock)


async def stored(database: Database) -> set[tuple[int, str, str | None]]:
    """Days before yesterday, measures and regions."""
    return {((YESTERDAY - row.day).days, row.measure, row.region) for row in await facts(database)}


def broken(raw: str) -> Rejected:
    return Rejected(None, (Finding("value.invalid", "no number"),), raw)


async def test_only_what_is_missing_among_the_reported_is_withdrawn(
    database: Database, service: HarvestingService, clock: Ticking
) -> None:
    both = [fact(0, region=region) for region in REGIONS[:2]]
    first = await count(service, page(*both, fact(0, measure="plays"), fact(1), fact(40)))
    before = await partitions(database)
    clock.now += timedelta(hours=1)
    run = await count(service, page(both[0], fact(2)))
    assert counts(run) == (2, 1, 0, 1, 1, 0)
    assert run.state is RunState.SUCCEEDED
    assert await stored(database) == {
        (0, "views", REGIONS[0]),
        (0, "plays", None),
        (1, "views", None),
        (2, "views", None),
        (40, "views", None),
    }
    names = ("day", "measure", "dimensions", "value", "revision", "withdrawn", "run_id", "fetched_at", "replaced_at")
    [kept] = await column(database, "usage_revisions", *names)
    assert kept[:-2] == (YESTERDAY, "views", f'{{"region":"{REGIONS[1]}"}}', Decimal(10), 0, True, run.id)
    assert kept[-2] < first.finished_at < kept[-1] <= run.finished_at
    assert await partitions(database) == {**before, "2026-02": 4}


async def test_a_withdrawn_fact_may_come_back(database: Database, service: HarvestingService) -> None:
    both = page(*(fact(0, region=region) for region in REGIONS[:2]))
    await count(service, both)
    assert (await count(service, page(both.accepted[0]))).withdrawn == 1
    run = await count(service, both)
    assert counts(run) == (2, 1, 0, 1, 0, 0)
    assert len(await column(database, "usage_revisions", "id")) == 1


async def test_a_lower_revision_of_a_fact_is_no_withdrawal(database: Database, service: HarvestingService) -> None:
    await count(service, page(fact(0, region=REGIONS[0], revision=3), fact(0, region=REGIONS[1])))
    run = await count(service, page(fact(0, "1", region=REGIONS[0], revision=2), fact(0, region=REGIONS[1])))
    assert counts(run) == (2, 0, 0, 2, 0, 0)
    assert await values(database) == {(0, "views"): "10"}


async def test_an_empty_report_withdraws_nothing(database: Database, service: HarvestingService) -> None:
    await count(service, page(fact(0), fact(1)))
    run = await count(service)
    assert (run.state, run.withdrawn, len(await facts(database))) == (RunState.SUCCEEDED, 0, 2)


async def test_a_report_without_a_valid_fact_is_not_believed(database: Database, service: HarvestingService) -> None:
    assert (await count(service, page(rejected=(broken("{}"),)))).state is RunState.SUCCEEDED
    await count(service, page(fact(0)))
    run = await count(service, page(rejected=(broken("{}"),)))
    assert (run.state, run.error_code) == (RunState.PARTIAL, "EMPTY_LISTING")
    assert (run.error, len(await facts(database))) == ("no fact of the listing is valid, 1 stored ones are kept", 1)


async def test_a_run_that_broke_off_withdraws_nothing(database: Database, service: HarvestingService) -> None:
    both = [fact(0, region=region) for region in REGIONS[:2]]
    await count(service, page(*both))
    run = await count(service, page(both[0]), page(), fails_at=1, failure=Malformed("drift"))
    assert (run.state, run.withdrawn, len(await facts(database))) == (RunState.PARTIAL, 0, 2)


async def test_days_that_were_not_asked_for_are_kept(database: Database) -> None:
    service = HarvestingService(database, clock=Ticking(), reach=Reach(lookback_days=5))
    both = [fact(ago, region=region) for ago in (5, 6) for region in REGIONS[:2]]
    await count(service, page(*both))
    run = await count(service, page(both[0], both[2]))
    assert (run.withdrawn, len(await facts(database))) == (1, 3)
    assert (6, "views", REGIONS[1]) in await stored(database)


@pytest.mark.parametrize(
    "raw", ['{"day": "2026-02-28"}', '{"day": "2026/2/28", "pv": 7}', "2026年2月28日", "day=20260228"]
)
async def test_a_day_that_stands_in_a_rejected_row_is_spared(
    database: Database, service: HarvestingService, raw: str
) -> None:
    both = [fact(ago, region=region) for ago in (0, 1) for region in REGIONS[:2]]
    await count(service, page(*both))
    run = await count(service, page(both[0], both[2], rejected=(broken(raw),)))
    assert (run.state, run.quarantined, run.withdrawn) == (RunState.SUCCEEDED, 1, 1)
    assert (0, "views", REGIONS[1]) in await stored(database)


async def purge(
    service: HarvestingService, before: int, after: int, version: int = 1, **more: Any
) -> tuple[HarvestRun, HarvestRun]:
    """A report of so many regional facts and one of fewer of them; every day keeps one at least."""
    every = [fact(number // 9, region=REGIONS[number % 9]) for number in range(before)]
    every.sort(key=lambda each: each.record.region or "")
    first = await count(service, page(*every))
    return first, await count(service, page(*every[:after], *more.get("others", ())), version=version)


@pytest.mark.parametrize(
    ("before", "after", "believed"), [(60, 10, True), (60, 9, False), (300, 210, True), (300, 209, False)]
)
async def test_more_than_fifty_and_thirty_percent_are_never_withdrawn(
    database: Database, service: HarvestingService, before: int, after: int, believed: bool
) -> None:
    _, run = await purge(service, before, after)
    left = len(await facts(database))
    revisions = len(await column(database, "usage_revisions", "id"))
    if believed:
        assert (run.state, run.withdrawn, left, revisions) == (
            RunState.SUCCEEDED,
            before - after,
            after,
            before - after,
        )
    else:
        assert (run.state, run.error_code) == (RunState.PARTIAL, "WITHDRAWAL_IMPLAUSIBLE")
        said = f"{before - after} of {before} facts are no longer reported, more than the"
        assert (run.error or "").startswith(said)
        assert (run.withdrawn, left, revisions) == (0, before, 0)


async def test_a_new_mapping_may_name_every_fact_anew(database: Database, service: HarvestingService) -> None:
    renamed = [fact(ago, stage="PRIMARY") for ago in range(30)]
    first, run = await purge(service, 270, 0, version=2, others=renamed)
    assert (first.created, run.state, run.withdrawn) == (270, RunState.SUCCEEDED, 270)
    assert {region for _, _, region in await stored(database)} == {None}
    again = await count(service, page(*renamed[:1], *(fact(ago) for ago in range(1, 30))), version=2)
    assert (again.state, again.withdrawn) == (RunState.SUCCEEDED, 29)


async def test_what_a_mapping_has_reported_itself_is_weighed(database: Database, service: HarvestingService) -> None:
    await purge(service, 270, 200, version=2)
    run = await count(service, page(*(fact(ago, stage="PRIMARY") for ago in range(30))), version=2)
    assert (run.state, run.error_code) == (RunState.PARTIAL, "WITHDRAWAL_IMPLAUSIBLE")
    assert len(await facts(database)) == 230
