"""Posting: in the transaction of whoever changed records, the ledger is brought to what the records now say."""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import orjson
from sqlalchemy import Connection, insert, select

from gateway.clock import Clock
from gateway.storage import LEDGER, TRAINING, Database, reserve_numbers
from gateway.storage.tables import ChangeCounter, LedgerEntryRow, TeacherRow
from gateway.training.certificates.revoking import revoke_for_records
from gateway.training.credit.affected import affected
from gateway.training.credit.awards import Award, Plan, plan
from gateway.training.credit.loading import claims_of, developers_of, persons_of, persons_who_develop, standing_awards
from gateway.training.credit.rules import load_rules
from gateway.training.ports import ResourceStates

_LINES = LedgerEntryRow.metadata.tables["ledger_entries"]
_TEACHERS = TeacherRow.metadata.tables["teachers"]
_COUNTERS = ChangeCounter.metadata.tables["change_counters"]
PERSONS_AT_ONCE = 200
CHANGES_AT_ONCE = 5_000
_BY, _TAKEN_BACK = "posting", "the hours that it states were taken back"


class Posting:
    """Writes the lines that are missing from the ledger, and revokes certificates of awards that are taken back.

    Where no line is missing, nothing is written.
    """

    def __init__(self, resources: ResourceStates, *, samples: bool) -> None:
        self._resources = resources
        self._samples = samples

    def post(self, connection: Connection, now: datetime, accounts: Collection[str]) -> int:
        """Bring persons of these accounts, and who shares resources with them, up to date; answers lines written.

        Call it after the records were changed, in the same transaction, and before the audit log is written: the
        ledger is locked from here to its end, so that of two transactions the later one sees all of the earlier.
        """
        if not accounts:
            return 0
        reserve_numbers(connection, LEDGER, 0)
        return self._bring(connection, now, affected(connection, persons_of(connection, accounts)))

    def settle_resources(self, connection: Connection, now: datetime) -> int:
        """Post who developed resources that changed in the catalog; answers how many changes were looked at."""
        if not self._resources.changed(connection, _followed(connection), 1)[0]:
            return 0
        reserve_numbers(connection, LEDGER, 0)
        before = _followed(connection)
        names, last = self._resources.changed(connection, before, CHANGES_AT_ONCE)
        self._bring(connection, now, persons_who_develop(connection, names))
        reserve_numbers(connection, TRAINING, last - before)
        return len(names)

    async def settle(self, database: Database, clock: Clock) -> int:
        """Follow the catalog to its end, in transactions of bounded size; answers how many changes were looked at."""
        seen = 0
        while looked := await database.transact(lambda connection: self.settle_resources(connection, clock())):
            seen += looked
        return seen

    async def repost_all(self, database: Database, clock: Clock) -> int:
        """Bring everybody up to date, in transactions of bounded size; answers lines written, 0 where all was right."""
        async with database.reading() as connection:
            persons = list((await connection.execute(select(_TEACHERS.c.id).order_by(_TEACHERS.c.id))).scalars())
        written = 0
        for start in range(0, len(persons), PERSONS_AT_ONCE):
            some = persons[start : start + PERSONS_AT_ONCE]
            written += await database.transact(partial(self._repost, now=clock(), persons=some))
        return written

    def _repost(self, connection: Connection, now: datetime, persons: Collection[str]) -> int:
        reserve_numbers(connection, LEDGER, 0)
        return self._bring(connection, now, affected(connection, persons))

    def _bring(self, connection: Connection, now: datetime, persons: Collection[str]) -> int:
        """Plan for each person and write; the ledger is locked already."""
        if not persons:
            return 0
        rules = load_rules(connection)
        claims = claims_of(connection, self._resources, persons)
        developed = {each.resource for theirs in claims.values() for each in theirs if each.develops and each.resource}
        known = developers_of(connection, developed)
        standing = standing_awards(connection, persons)
        plans = [plan(claims[who], standing, rules, known, samples=self._samples) for who in sorted(persons)]
        rows = [row for each in plans for row in _rows(each, now)]
        if rows:
            numbers = reserve_numbers(connection, LEDGER, len(rows))
            numbered = [{**row, "sequence": number} for row, number in zip(rows, numbers, strict=True)]
            connection.execute(insert(_LINES), numbered)
        fallen = [award.record_id for each in plans for award, _ in each.reversals]
        revoke_for_records(connection, now, fallen, _BY, _TAKEN_BACK)
        return len(rows)


def _followed(connection: Connection) -> int:
    query = select(_COUNTERS.c.value).where(_COUNTERS.c.name == TRAINING)
    return int(connection.execute(query).scalar_one())


def _rows(planned: Plan, now: datetime) -> list[dict[str, Any]]:
    """What is taken back comes first, so that no cap is ever exceeded between two lines."""
    back = [
        {**_row(award, now, [reason]), "hours": -award.hours, "uncapped_hours": -award.uncapped_hours}
        | {"reverses_id": award.id}
        for award, reason in planned.reversals
    ]
    return back + [{**_row(award, now, award.explanation), "reverses_id": None} for award in planned.awards]


def _row(award: Award, now: datetime, explanation: Sequence[str]) -> dict[str, Any]:
    return {
        "id": secrets.token_hex(16),
        "account_id": award.account_id,
        "record_id": award.record_id,
        "account": award.account,
        "hours": award.hours,
        "uncapped_hours": award.uncapped_hours,
        "rule_id": award.rule_id,
        "inputs": award.inputs,
        "caps_hit": orjson.dumps([cap.model_dump(mode="json", by_alias=True) for cap in award.caps_hit]).decode(),
        "explanation": orjson.dumps(list(explanation)).decode(),
        "kind": award.kind,
        "activity_on": award.activity_on,
        "awarded_at": now,
    }
