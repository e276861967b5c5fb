"""Processes that write the audit log are killed with SIGKILL again and again; no line is lost and none is missing."""

import asyncio
import random
import sys

import pytest
from sqlalchemy import func, select

from gateway.access.audit import AuditLog
from gateway.access.audit_report import AuditHead
from gateway.clock import utc_now
from gateway.storage import Database
from tests.gateway.access.stored_agreements import KEYS, LOG

ROUNDS = 5


async def write_and_kill(url: str, name: str, lines: int, delay: float) -> int:
    """Write in a process and kill it a delay after so many lines; answers how many it told of."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.faults.audit_process", url, name, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    told = 0
    while told < lines and (line := await process.stdout.readline()):
        told = int(line)
    await asyncio.sleep(delay)
    process.kill()
    rest = (await process.stdout.read()).decode().rpartition("\n")[0].split()
    await process.wait()
    return int(rest[-1]) if rest else told


@pytest.mark.slow
async def test_two_processes_that_are_killed_while_they_write_leave_a_chain_without_gaps(
    database: Database, database_url: str
) -> None:
    chance, log = random.Random(7), AuditLog(database, KEYS, utc_now)  # noqa: S311  # repeatable
    head = AuditHead.parse((await log.verify()).head)
    for number in range(ROUNDS):
        names = (f"{number}x", f"{number}y")
        kills = [
            write_and_kill(database_url, each, chance.randrange(10, 60), chance.uniform(0, 0.02)) for each in names
        ]
        told = dict(zip(names, await asyncio.gather(*kills), strict=True))
        report = await log.verify(head)
        assert report.problems == ()
        head = AuditHead.parse(report.head)
        assert head.sequence == report.rows
        async with database.reading() as connection:
            counted = select(LOG.c.principal, func.count()).where(LOG.c.principal.in_(names)).group_by(LOG.c.principal)
            kept = {row[0]: row[1] for row in await connection.execute(counted)}
        for name in names:
            assert told[name] <= kept[name] <= told[name] + 3, "all it told of, and at most one transaction more"
