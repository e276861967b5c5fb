"""A credit bank over a real database, driven in plain words by tests."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import Connection, update

from gateway.storage import Database
from gateway.storage.tables import TeacherAccountRow, TrainingRecordRow
from gateway.training.credit import ledger
from gateway.training.credit.posting import Posting
from gateway.training.credit.rules import synchronize_rules
from gateway.training.views import EntryView
from schema.credit import CreditRule
from tests.gateway.training.stored import NOON, Resources, add_account, add_record

Outcome = TypeVar("Outcome")
_ACCOUNTS = TeacherAccountRow.metadata.tables["teacher_accounts"]
_RECORDS = TrainingRecordRow.metadata.tables["training_records"]


@dataclass
class Bank:
    """Accounts a1 and a2 of two teachers unless a test adds others."""

    database: Database
    resources: Resources = field(default_factory=Resources)
    samples: bool = True

    @property
    def posting(self) -> Posting:
        """Posting by the test's resources."""
        return Posting(self.resources, samples=self.samples)

    async def rules(self, *rules: CreditRule) -> None:
        """Make these the rules in force."""
        await synchronize_rules(self.database, NOON, rules)

    async def do(self, work: Callable[[Connection], Outcome]) -> Outcome:
        """In one transaction."""
        return await self.database.transact(work)

    async def account(self, account: str, **fields: Any) -> None:
        """Add one."""
        await self.do(lambda connection: add_account(connection, account, **fields))

    async def enter(self, record: str, account: str = "a1", **fields: Any) -> int:
        """Add a record and post; answers lines written."""

        def work(connection: Connection) -> int:
            add_record(connection, record, account, **fields)
            return self.posting.post(connection, NOON, [account])

        return await self.do(work)

    async def change(self, record: str, account: str = "a1", **values: Any) -> int:
        """Change a record's row and post; answers lines written."""

        def work(connection: Connection) -> int:
            connection.execute(update(_RECORDS).where(_RECORDS.c.id == record).values(**values))
            return self.posting.post(connection, NOON, [account])

        return await self.do(work)

    async def link(self, account: str, teacher: str) -> int:
        """Make an account one of a person, and post; answers lines written."""

        def work(connection: Connection) -> int:
            before = connection.execute(_ACCOUNTS.select().where(_ACCOUNTS.c.id == account)).one().teacher_id
            connection.execute(update(_ACCOUNTS).where(_ACCOUNTS.c.id == account).values(teacher_id=teacher))
            whose = _ACCOUNTS.select().where(_ACCOUNTS.c.teacher_id.in_([before, teacher]))
            return self.posting.post(connection, NOON, [row.id for row in connection.execute(whose)])

        return await self.do(work)

    async def post(self, *accounts: str) -> int:
        """Answers lines written."""
        return await self.do(lambda connection: self.posting.post(connection, NOON, accounts))

    async def lines(self, record: str) -> Sequence[EntryView]:
        """All lines of a record."""
        return (await self.do(lambda connection: ledger.entries(connection, [record]))).get(record, ())

    async def hours(self, record: str) -> list[str]:
        """Hours of each line of a record, as they were written."""
        return [f"{entry.hours.normalize():f}" for entry in await self.lines(record)]

    async def awards(self, *records: str) -> Mapping[str, Decimal]:
        """Hours in force, of records that have an award."""
        found = await self.do(lambda connection: ledger.awards_in_force(connection, records))
        return {record: entry.hours for record, entry in found.items()}
