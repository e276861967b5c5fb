"""Audit lines without an end in a process, to be killed: `python -m tests.faults.audit_process URL NAME`."""

import asyncio
import sys

from gateway.access.service import open_access
from gateway.clock import utc_now
from gateway.identity import Purpose
from gateway.personal import AuditEvent, AuditOutcome
from gateway.storage import open_database
from tests.gateway.access.stored_agreements import KEYS


async def write_without_end(url: str, name: str) -> None:
    """One to three lines in each transaction; tells the sum of those committed on standard output."""
    access = open_access(open_database(url), KEYS, utc_now)
    written = 0
    for number in range(1_000_000):
        count = 1 + number % 3
        line = AuditEvent(name, Purpose.AUDIT, "trainingRecords", AuditOutcome.ALLOWED, (f"TrainingRecord:{number}",))
        await access.note(*[line] * count)
        written += count
        print(written, flush=True)  # noqa: T201


if __name__ == "__main__":
    asyncio.run(write_without_end(sys.argv[1], sys.argv[2]))
