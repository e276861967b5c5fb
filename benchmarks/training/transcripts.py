"""Transcripts of one teacher with many lines in one cycle: how long reading one takes, as an officer asks for it."""

import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, insert

from benchmarks.training.posting import NoResources
from gateway.errors import Forbidden
from gateway.personal import PERSONAL_FIELDS, Reach, RegionReach
from gateway.storage import Database
from gateway.storage.tables import TeacherAccountRow, TeacherRow, TrainingRecordRow
from gateway.training.credit.posting import Posting
from gateway.training.credit.rules import builtin_rules, synchronize_rules
from gateway.training.reading.transcripts import transcript

NOW = datetime(2026, 11, 1, 4, tzinfo=UTC)
READER = "reader"
REACH = Reach(Forbidden("not this region"), (RegionReach("500000", PERSONAL_FIELDS),))
_TEACHERS = TeacherRow.metadata.tables["teachers"]
_ACCOUNTS = TeacherAccountRow.metadata.tables["teacher_accounts"]
_RECORDS = TrainingRecordRow.metadata.tables["training_records"]


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of the reads, and how many lines each of them told."""

    entries: int
    taken: tuple[float, ...]

    def share(self, part: float) -> float:
        """A quantile."""
        return sorted(self.taken)[min(int(len(self.taken) * part), len(self.taken) - 1)]

    def __str__(self) -> str:
        return f"{self.entries} lines: p50 {self.share(0.5):.1f} ms, p95 {self.share(0.95):.1f} ms"


async def measure_transcripts(database: Database, entries: int = 500, reads: int = 100) -> Times:
    """Post so many records of one teacher in the cycle of 2026, and read the transcript so many times."""
    await synchronize_rules(database, NOW, builtin_rules())
    posting = Posting(NoResources(), samples=True)

    def fill(connection: Connection) -> None:
        connection.execute(insert(_TEACHERS), {"id": READER, "created_at": NOW})
        account = {"id": READER, "native_key": READER, "teacher_id": READER, "origin_id": READER, "updated_at": NOW}
        connection.execute(insert(_ACCOUNTS), {**account, "platform": "chongqing", "region": "500103"})
        connection.execute(insert(_RECORDS), [_record(number) for number in range(entries)])
        posting.post(connection, NOW, [READER])

    await database.transact(fill)
    taken, told = [], 0
    for number in range(reads + 5):
        began = time.perf_counter()
        async with database.reading() as connection:
            view = await connection.run_sync(
                transcript, READER, date(2026, 6, 30), None, REACH, required_hours=Decimal(360)
            )
        if number >= 5:  # the first ones compile statements
            taken.append((time.perf_counter() - began) * 1_000)
        told = 0 if view is None else len(view.entries)
    return Times(told, tuple(taken))


def _record(number: int) -> dict[str, Any]:
    day = date(2026, 1, 1) + timedelta(days=number % 1_500)
    said = {"kind": "COURSE", "level": "DISTRICT", "form": "ONLINE", "role": "PARTICIPANT", "unit": "HOUR"}
    stood = {"state": "RECOGNIZED", "reported_state": "RECOGNIZED", "outcome": "COMPLETED", "version": 1}
    when = {"starts_on": day, "ends_on": day, "fetched_at": NOW, "created_at": NOW, "updated_at": NOW}
    name = f"reader-{number}"
    own = {"id": name, "native_id": name, "activity_key": name, "title": name, "digest": "0" * 64}
    whose = {"platform": "chongqing", "account_id": READER, "region": "500103", "quantity": Decimal(2)}
    return {**own, **whose, **said, **stood, **when}
