"""A harvest of training that is killed with SIGKILL again and again: nothing is lost, nothing credited twice."""

import random
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.harvesting import HarvestingService, HarvestRun, RunFilter, RunState
from gateway.storage import Database, open_database
from tests.faults.test_harvest_kill import ROUND, harvest_and_kill
from tests.faults.training_process import harvest, listing, posting
from tests.gateway.harvesting.training.reporting import Office
from tests.gateway.harvesting.upstream import column

MODULE = "tests.faults.training_process"


@pytest.fixture
async def undisturbed(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Database]:
    """A database that was harvested in both rounds without any disturbance."""
    path = tmp_path / "undisturbed.db"
    shutil.copyfile(sqlite_template, path)
    url = f"sqlite+aiosqlite:///{path}"
    await harvest(url, 1, 0)
    await harvest(url, ROUND, 0)
    database = open_database(url)
    yield database
    await database.aclose()


async def everything(database: Database) -> dict[str, Any]:
    """All that a harvest of training leaves behind, but times and random ids."""
    office = Office(database)
    record = ("native_id", "state", "reported_state", "version", "reported_version", "quantity", "digest")
    names = {row.id: row.native_id for row in (await office.records()).values()}
    versions = await office.rows("training_versions", "version")
    return {
        "records": await column(database, "training_records", *record),
        "withdrawn": sorted(n for n, row in (await office.records()).items() if row.withdrawn_at is not None),
        "versions": sorted((names[v.record_id], v.version, v.state, v.note or "", v.content or "") for v in versions),
        "accounts": await column(database, "teacher_accounts", "native_key"),
        "teachers": len(await office.rows("teachers")),
        "hours": await office.hours(),
        "numbers": len(await column(database, "ledger_entries", "sequence")),
        "quarantine": await column(database, "quarantined_records", "id", "code", "raw"),
        "unmapped": await column(database, "unmapped_values", "field", "value", "count", "example"),
        "seen": await column(database, "harvest_seen", "native_id"),
    }


async def last_success(database: Database) -> HarvestRun:
    return (await HarvestingService(database).runs(RunFilter(states=[RunState.SUCCEEDED]))).runs[0]


def counts(run: HarvestRun) -> tuple[int, ...]:
    unchanged = (run.pages, run.seen, run.created, run.updated, run.unchanged)
    return *unchanged, run.withdrawn, run.quarantined, run.duplicates


async def lines_missing(database: Database) -> int:
    """Lines that working everything out anew would add."""
    return await posting().repost_all(database, lambda: datetime.now(UTC))


@pytest.mark.slow
async def test_kill_at_any_point_and_again_gives_the_records_and_hours_of_an_undisturbed_run(
    database: Database, database_url: str, undisturbed: Database
) -> None:
    await harvest(database_url, 1, 0)
    first = await last_success(database)
    chance = random.Random(7)  # noqa: S311  # repeatable
    for page in (0, 3, 7, 12, len(listing(ROUND))):
        delay = 1.2 if page == 0 else chance.uniform(0, 0.01)
        await harvest_and_kill(database_url, page, delay, MODULE)
        assert await lines_missing(database) == 0, "records and ledger commit together"
        if (await last_success(database)).id != first.id:
            break  # the kill came after the end, and one more run would be one too many
    else:
        await harvest(database_url, ROUND, 0)
    found = await everything(database)
    assert found == await everything(undisturbed)
    calm = counts(await last_success(undisturbed))
    assert counts(await last_success(database)) == calm
    assert all(calm), "every kind of change is met"
    sequences = [number for (number,) in await column(database, "ledger_entries", "sequence")]
    assert sequences == list(range(1, len(sequences) + 1))
    assert await lines_missing(database) == 0


@pytest.mark.slow
async def test_a_killed_run_is_continued_from_its_last_committed_page(database: Database, database_url: str) -> None:
    assert not await harvest_and_kill(database_url, 3, 0, MODULE)
    service = HarvestingService(database)
    killed = (await service.runs()).runs[0]
    assert killed.state is RunState.RUNNING
    assert killed.pages >= 3
    await harvest(database_url, ROUND, 0)
    ended = (await service.runs()).runs
    assert [(run.id, run.state, run.pages) for run in ended] == [(killed.id, RunState.SUCCEEDED, len(listing(ROUND)))]
