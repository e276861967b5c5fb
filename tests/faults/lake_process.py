"""A writer of a lake in a process of its own, to be killed: `python -m tests.faults.lake_process URL FOLDER`."""

import asyncio
import sys
from datetime import date
from pathlib import Path

from gateway.statistics.lake import Lake
from gateway.storage import open_database
from tests.gateway.statistics.lake.store import fact, put

MONTHS, FACTS = 6, 40


async def write(url: str, folder: Path) -> None:
    """Change facts of several months and catch up, again and again; every pass is told on standard output."""
    database = open_database(url)
    lake = Lake(database, folder)
    await lake.open()
    for turn in range(10_000):
        days = [date(2026, 1 + (turn + step) % MONTHS, 1 + step % 28) for step in range(FACTS)]
        await put(database, *(fact(day=day, value=str(turn), resource=str(n)) for n, day in enumerate(days)))
        print(turn, flush=True)  # noqa: T201 - how the test knows where it is
        await lake.catch_up()
        if turn % 5 == 4:
            await lake.rebuild()


if __name__ == "__main__":
    asyncio.run(write(sys.argv[1], Path(sys.argv[2])))
