"""A credit bank in which officers and operators act, as tests drive it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import Connection, select

from gateway.identity import Principal
from gateway.storage import Database
from gateway.storage.tables import TrainingRecordRow
from gateway.training.credit.posting import Posting
from gateway.training.credit.rules import synchronize_rules
from gateway.training.people.erasure import Erasing
from gateway.training.people.links import Linking
from gateway.training.questions import RecordDraft
from gateway.training.records.recording import Records
from schema.quality import Level
from schema.training import Outcome, QuantityUnit, TrainingForm, TrainingKind, TrainingRole
from tests.gateway.training.guards import YUZHONG, FixedGuard, officer, own
from tests.gateway.training.rule import rule
from tests.gateway.training.stored import KEYS, NOON, Resources, add_account

OFFICER = officer(YUZHONG)
DRAFT = RecordDraft(
    teacher="a1",
    title="区级研修",
    kind=TrainingKind.COURSE,
    level=Level.DISTRICT,
    form=TrainingForm.ONSITE,
    role=TrainingRole.PARTICIPANT,
    starts_on=date(2026, 3, 1),
    ends_on=date(2026, 3, 2),
    quantity=Decimal(6),
    unit=QuantityUnit.HOUR,
    outcome=Outcome.COMPLETED,
    issuer="渝中区教师进修学院",
    evidence=("https://platform.example/1.pdf",),
)
_TABLES = TrainingRecordRow.metadata.tables
_Made = TypeVar("_Made")


def drafted(**changes: Any) -> RecordDraft:
    return replace(DRAFT, **changes)


@dataclass
class Desk:
    """Officers of 渝中 act on teachers a1 and a2 of 渝中 and a3 of 四川."""

    database: Database
    guard: FixedGuard = field(default_factory=lambda: FixedGuard({OFFICER.name: own(YUZHONG)}))
    resources: Resources = field(default_factory=Resources)
    now: datetime = NOON

    @property
    def posting(self) -> Posting:
        return Posting(self.resources, samples=True)

    @property
    def records(self) -> Records:
        return Records(self.database, self.clock, self.guard, self.posting, KEYS)

    @property
    def linking(self) -> Linking:
        return Linking(self.guard, self.posting, KEYS)

    @property
    def erasing(self) -> Erasing:
        return Erasing(self.guard, KEYS)

    def clock(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    async def open(self) -> None:
        """One hour for an hour in 重庆 and in 四川, and the teachers."""
        await synchronize_rules(self.database, NOON, [rule(), rule("sichuan", region="510000")])

        def work(connection: Connection) -> None:
            add_account(connection, "a1")
            add_account(connection, "a2", platform="yuzhong")
            add_account(connection, "a3", platform="sichuan", region="510000")

        await self.do(work)

    async def do(self, work: Callable[[Connection], _Made]) -> _Made:
        return await self.database.transact(work)

    async def enter(self, key: str = "k1", who: Principal = OFFICER, **changes: Any) -> str:
        """Enter a record; answers its id."""
        return await self.records.record(drafted(**changes), key, who)

    async def rows(self, table: str, *order: str) -> list[Any]:
        columns = _TABLES[table]
        async with self.database.reading() as connection:
            return list(await connection.execute(select(columns).order_by(*(columns.c[name] for name in order))))

    async def row(self, record: str) -> Any:
        [found] = [row for row in await self.rows("training_records") if row.id == record]
        return found

    async def history(self, record: str) -> list[tuple[int, str, str | None, str | None]]:
        """Version, state, who and why of each event."""
        events = await self.rows("training_versions", "version")
        return [(row.version, row.state, row.by, row.note) for row in events if row.record_id == record]

    async def hours(self, record: str) -> list[str]:
        lines = await self.rows("ledger_entries", "sequence")
        return [f"{line.hours.normalize():f}" for line in lines if line.record_id == record]

    async def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """All that an action may change, to see that a refused one changed nothing."""
        tables = ("training_records", "training_versions", "training_requests", "ledger_entries", "teacher_accounts",
                  "teacher_links", "teachers", "certificates")  # fmt: skip
        return {table: sorted(map(tuple, await self.rows(table)), key=str) for table in tables}
