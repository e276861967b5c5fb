"""What operators do to teachers and the credit bank from the command line, without opening the whole gateway."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection

from gateway.access.service import AccessService, open_access
from gateway.application.resource_states import CatalogStates
from gateway.application.services import open_database_of
from gateway.application.tokens import identity_keys
from gateway.application.training import rules_of
from gateway.clock import Clock, utc_now
from gateway.settings import Settings
from gateway.storage import Database
from gateway.training.credit.posting import Posting
from gateway.training.credit.rules import synchronize_rules
from gateway.training.people.erasure import Erasing
from gateway.training.people.links import Linking

_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True)
class CreditBank:
    """The parts that commands use; `do` is one write transaction, told the time."""

    database: Database
    clock: Clock
    access: AccessService
    posting: Posting
    linking: Linking
    erasing: Erasing

    async def do(self, work: Callable[[Connection, datetime], _Made]) -> _Made:
        """Do a piece of work in one transaction."""
        now = self.clock()
        return await self.database.transact(lambda connection: work(connection, now))


@asynccontextmanager
async def open_credit_bank(settings: Settings) -> AsyncIterator[CreditBank]:
    """Open the database with the rules of these settings in force; raises InvalidInput for unusable rules or keys."""
    async with open_database_of(settings) as database:
        keys = identity_keys(settings)
        access = open_access(database, keys, utc_now)
        await synchronize_rules(database, utc_now(), rules_of(settings))
        posting = Posting(CatalogStates(), samples=settings.sample_rules)
        linking, erasing = Linking(access, posting, keys), Erasing(access, keys)
        yield CreditBank(database, utc_now, access, posting, linking, erasing)
