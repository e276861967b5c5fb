"""A lake whose writer is killed with SIGKILL goes on with the right files and leaves nothing behind."""

import asyncio
import random
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.storage import Database
from tests.gateway.statistics.lake.store import Later, fact, held, lake_of, listed_files, parquet_files, put, stored


@asynccontextmanager
async def writer(url: str, folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """A process that writes until it is killed, at the latest at the end of the block."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.faults.lake_process", url, folder, stdout=subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def passes(process: asyncio.subprocess.Process, count: int) -> None:
    """Wait until it began so many passes."""
    assert process.stdout is not None
    for _ in range(count):
        assert await process.stdout.readline()


@pytest.mark.slow
async def test_kill_at_any_moment_leaves_a_lake_that_goes_on_and_no_files(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    clock, chance = Later(), random.Random(11)  # noqa: S311 - the same moments every time
    for turns in (1, 2, 5, 6):
        async with writer(database_url, tmp_path / "lake") as process:
            await passes(process, turns)
            await asyncio.sleep(chance.uniform(0, 0.3))
        async with lake_of(database, tmp_path / "lake", clock) as lake:
            assert held(lake.snapshot) == await stored(database)
            clock.ahead += timedelta(minutes=11)
            await lake.catch_up()
            assert parquet_files(tmp_path) == listed_files(lake.snapshot)
            assert [path.name for path in (tmp_path / "lake" / "unfinished").iterdir()] == []


@pytest.mark.slow
async def test_another_process_reads_meanwhile_and_succeeds_a_killed_writer(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    async with writer(database_url, tmp_path / "lake") as process:
        await passes(process, 2)
        async with lake_of(database, tmp_path / "lake") as lake:
            assert await lake.catch_up() == 0
            assert len(held(lake.snapshot)) > 0
            await passes(process, 3)
            assert await lake.catch_up() == 0
            assert len(held(lake.snapshot)) > 0
            process.kill()
            await process.wait()
            await put(database, fact(value="1"))
            assert await lake.catch_up() >= 1
            assert held(lake.snapshot) == await stored(database)
