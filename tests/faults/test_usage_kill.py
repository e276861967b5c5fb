"""A harvest of usage that is killed with SIGKILL again and again ends with the facts of an undisturbed one."""

import random
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.harvesting import HarvestingService, HarvestRun, RunFilter, RunState
from gateway.storage import Database, open_database
from tests.faults.test_harvest_kill import ROUND, harvest_and_kill
from tests.faults.usage_process import harvest, report
from tests.gateway.harvesting.upstream import column

LAST = (datetime.now(UTC) - timedelta(days=2)).date()
"""Over in every zone, and asked for by every run of this session."""
MODULE = "tests.faults.usage_process"


@pytest.fixture
async def undisturbed(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Database]:
    """A database that was harvested in both rounds without any disturbance."""
    path = tmp_path / "undisturbed.db"
    shutil.copyfile(sqlite_template, path)
    url = f"sqlite+aiosqlite:///{path}"
    await harvest(url, 1, LAST, 0)
    await harvest(url, ROUND, LAST, 0)
    database = open_database(url)
    yield database
    await database.aclose()


async def everything(database: Database) -> dict[str, Any]:
    """All that a harvest of usage leaves behind, but times, run ids and numbers."""
    stored = ("day", "key", "measure", "region", "value", "revision")
    said = ("day", "key", "measure", "dimensions", "value", "revision", "withdrawn")
    return {
        "facts": await column(database, "usage_facts", *stored),
        "sketches": await column(database, "usage_facts", "day", "key", "sketch"),
        "revisions": await column(database, "usage_revisions", *said),
        "partitions": await column(database, "usage_partitions", "platform", "month"),
        "quarantine": await column(database, "quarantined_records", "id", "code", "raw"),
        "unmapped": await column(database, "unmapped_values", "field", "value", "count", "example"),
        "seen": await column(database, "harvest_seen", "native_id"),
    }


async def last_success(database: Database) -> HarvestRun:
    return (await HarvestingService(database).runs(RunFilter(states=[RunState.SUCCEEDED]))).runs[0]


def counts(run: HarvestRun) -> tuple[int, ...]:
    unchanged = (run.pages, run.seen, run.created, run.updated, run.unchanged)
    return *unchanged, run.withdrawn, run.quarantined, run.duplicates


@pytest.mark.slow
async def test_kill_at_any_point_and_again_gives_the_facts_of_an_undisturbed_run(
    database: Database, database_url: str, undisturbed: Database
) -> None:
    await harvest(database_url, 1, LAST, 0)
    chance = random.Random(7)  # noqa: S311  # repeatable
    last = len(report(ROUND, LAST))
    for page in (0, 3, 7, 12, last):
        delay = 0.6 if page == 0 else chance.uniform(0, 0.01)
        if await harvest_and_kill(database_url, page, delay, MODULE, LAST.isoformat()):
            break
    if (await HarvestingService(database).runs()).runs[0].state is not RunState.SUCCEEDED:
        await harvest(database_url, ROUND, LAST, 0)
    assert await everything(database) == await everything(undisturbed)
    calm = counts(await last_success(undisturbed))
    assert counts(await last_success(database)) == calm
    assert all(calm), "every kind of change is met"


@pytest.mark.slow
async def test_a_killed_run_is_continued_from_its_last_committed_page(database: Database, database_url: str) -> None:
    assert not await harvest_and_kill(database_url, 3, 0, MODULE, LAST.isoformat())
    service = HarvestingService(database)
    killed = (await service.runs()).runs[0]
    assert killed.state is RunState.RUNNING
    assert killed.pages >= 3
    await harvest(database_url, ROUND, LAST, 0)
    ended = (await service.runs()).runs
    pages = len(report(ROUND, LAST))
    assert [(run.id, run.state, run.pages) for run in ended] == [(killed.id, RunState.SUCCEEDED, pages)]
    assert (ended[0].first_day, ended[0].last_day) == (killed.first_day, killed.last_day)
