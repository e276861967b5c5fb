"""A harvest that is killed with SIGKILL again and again ends with the catalog of an undisturbed one."""

import asyncio
import random
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gateway.harvesting import HarvestingService, RunFilter, RunState
from gateway.storage import Database, open_database
from tests.faults.harvest_process import harvest, listing
from tests.gateway.harvesting.upstream import column, rows

ROUND = 2


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


async def harvest_and_kill(
    url: str, page: int, delay: float, module: str = "tests.faults.harvest_process", *more: str
) -> bool:
    """Harvest in a process, kill it a delay after that page was committed; True when it ended before."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, url, str(ROUND), *more, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    while page and (line := await process.stdout.readline()):
        if int(line) >= page:
            break
    await asyncio.sleep(delay)
    if process.returncode is None:
        process.kill()
    await process.stdout.read()
    return await process.wait() == 0


async def everything(database: Database) -> dict[str, Any]:
    """All that a harvest leaves behind, but times, run ids and the order of numbers."""
    stored = await rows(database)
    return {
        "resources": {n: (r.content_hash, r.withdrawn_at is not None, r.access) for n, r in stored.items()},
        "numbers": len({row.sequence for row in stored.values()}),
        "counters": await column(database, "change_counters", "name", "value"),
        "links": await column(database, "resource_links", "source", "relation", "target", "position"),
        "copies": await column(database, "resource_copy_keys", "native_id", "key"),
        "quarantine": await column(database, "quarantined_records", "id", "code", "raw"),
        "unmapped": await column(database, "unmapped_values", "field", "value", "count", "example"),
        "seen": await column(database, "harvest_seen", "native_id"),
    }


@pytest.mark.slow
async def test_kill_at_any_point_and_again_gives_the_catalog_of_an_undisturbed_run(
    database: Database, database_url: str, undisturbed: Database
) -> None:
    await harvest(database_url, 1, 0)
    chance = random.Random(7)  # noqa: S311
    last = len(listing(ROUND))
    for page in (0, 3, 7, 12, last):
        if await harvest_and_kill(database_url, page, 0.6 if page == 0 else chance.uniform(0, 0.01)):
            break
    service = HarvestingService(database)
    if (await service.runs()).runs[0].state is not RunState.SUCCEEDED:
        await harvest(database_url, ROUND, 0)
    assert await everything(database) == await everything(undisturbed)
    calm, disturbed = [
        (await HarvestingService(d).runs(RunFilter(states=[RunState.SUCCEEDED]))).runs[0]
        for d in (undisturbed, database)
    ]
    assert (disturbed.seen, disturbed.created, disturbed.updated, disturbed.unchanged, disturbed.duplicates) == (
        calm.seen,
        calm.created,
        calm.updated,
        calm.unchanged,
        calm.duplicates,
    )
    assert (disturbed.withdrawn, disturbed.quarantined, disturbed.pages) == (
        calm.withdrawn,
        calm.quarantined,
        calm.pages,
    )


@pytest.mark.slow
async def test_a_killed_run_is_continued_from_its_last_committed_page(database: Database, database_url: str) -> None:
    assert not await harvest_and_kill(database_url, 3, 0)
    service = HarvestingService(database)
    killed = (await service.runs()).runs[0]
    assert killed.state is RunState.RUNNING
    assert killed.pages >= 3
    await harvest(database_url, ROUND, 0)
    ended = (await service.runs()).runs
    assert [(run.id, run.state, run.pages) for run in ended] == [(killed.id, RunState.SUCCEEDED, len(listing(ROUND)))]
