"""A small world of teachers, records, resources and rules that changes by chance, and what its ledger must say."""

import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, insert, select, update

from gateway.storage.tables import (
    LedgerEntryRow,
    TeacherAccountRow,
    TeacherRow,
    TrainingRecordRow,
    TrainingVersionRow,
)
from gateway.training.ports import ResourceState
from schema.credit import CapScope, CreditRule, RoundingMode
from tests.gateway.training.reference import Due, Reference, groups
from tests.gateway.training.rule import cap, rounding, rule, shares
from tests.gateway.training.stored import NOON, Resources, add_account, add_record

TEACHERS = TeacherRow.metadata.tables["teachers"]
ACCOUNTS = TeacherAccountRow.metadata.tables["teacher_accounts"]
RECORDS = TrainingRecordRow.metadata.tables["training_records"]
VERSIONS = TrainingVersionRow.metadata.tables["training_versions"]
LINES = LedgerEntryRow.metadata.tables["ledger_entries"]
REGIONS = {"chongqing": "500103", "yuzhong": "500103", "sichuan": "510000", "": "500000"}


def rules_by_chance(chance: random.Random, version: int) -> list[CreditRule]:
    """Rules with low caps, so that they bite; some are samples, some of one district."""
    scopes = list(CapScope)
    made = []
    for code, fields in (
        ("course", {"kind": "COURSE"}),
        ("any", {}),
        ("city", {"region": "500103", "kind": "LECTURE"}),
        ("sichuan", {"region": "510000", "sample": chance.random() < 0.5}),
        ("sample", {"sample": True, "kind": "LECTURE"}),
        ("support", {"kind": "REMOTE_SUPPORT", "account": "REMOTE_SUPPORT"}),
        ("develop", {"kind": "RESOURCE_DEVELOPMENT", "shares": shares(LEAD_DEVELOPER=3, DEVELOPER=1)}),
    ):
        caps = [cap(scope, chance.randrange(3, 25)) for scope in chance.sample(scopes, chance.randrange(1, 4))]
        step = rounding(chance.choice(["0.1", "0.5", "1"]), chance.choice(list(RoundingMode)))
        rate = chance.choice(["1", "0.5", "0.333333", "2"])
        made.append(rule(code, version=version, hours_per_unit=rate, caps=caps, rounding=step, **fields))
    return made


@dataclass
class World:
    """What happened so far; every step changes the database of one connection and notes whose accounts it touched."""

    chance: random.Random
    resources: Resources = field(default_factory=Resources)
    reference: Reference = field(default_factory=Reference)
    rules: list[CreditRule] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)
    count: int = 0
    name: str = ""
    """Stands in ids: several worlds may share a database where each changes only what it made itself."""

    def content(self) -> dict[str, Any]:
        """What a record says, by chance; days and names are few, so that activities meet."""
        chance = self.chance
        day = date(2025, 12, 20) + timedelta(days=chance.randrange(25))
        kind = chance.choice(["COURSE", "COURSE", "LECTURE", "REMOTE_SUPPORT", "RESOURCE_DEVELOPMENT"])
        made = chance.choice(["CQ-1", "CQ-2"]) if kind == "RESOURCE_DEVELOPMENT" else None
        roles = ["LEAD_DEVELOPER", "DEVELOPER", "PARTICIPANT"] if made else ["PARTICIPANT", "LECTURER"]
        return {
            "activity_key": chance.choice("kl"),
            "activity_id": chance.choice([None, None, "ACT-1"]),
            "kind": kind,
            "role": chance.choice(roles),
            "starts_on": day,
            "ends_on": chance.choice([None, day, day + timedelta(days=3)]),
            "quantity": Decimal(chance.choice([40, chance.randrange(0, 120)])) / 10,
            "outcome": chance.choice([None, "PASSED", "PASSED", "FAILED"]),
            "program": chance.choice([None, "p"]),
            "resource_platform": "chongqing" if made else None,
            "resource_native_id": made,
        }

    def step(self, connection: Connection) -> None:
        """One change."""
        self.chance.choice(self.steps())(connection)

    def steps(self) -> list[Callable[[Connection], None]]:
        """Steps, the more often the likelier."""
        seldom = [self.erase] if self.chance.random() < 0.2 else []
        return [*self.steps_of_records(), self.review_resource, self.review_resource, *seldom]

    def steps_of_records(self) -> list[Callable[[Connection], None]]:
        """Those that leave resources and erasures alone."""
        rare = (self.link, self.unlink, self.withdraw)
        return [*(self.enter,) * 5, *(self.correct,) * 3, *(self.judge,) * 3, *rare]

    def enter(self, connection: Connection) -> None:
        """A new record, sometimes of a new teacher."""
        self.count += 1
        accounts = self.accounts(connection, erased=False)
        if len(accounts) < 4 or self.chance.random() < 0.15:
            platform = self.chance.choice(list(REGIONS))
            add_account(connection, f"a{self.name}{self.count}", platform=platform, region=REGIONS[platform])
            accounts = self.accounts(connection, erased=False)
        account = self.chance.choice(accounts)
        state = self.chance.choice(["RECOGNIZED"] * 4 + ["REPORTED"])
        place = {"platform": account.platform, "region": account.region, "state": state}
        record = f"r{self.name}{self.count:04d}"
        created = NOON + timedelta(minutes=self.chance.randrange(50))
        content = self.content()
        add_record(connection, record, account.id, **place, created_at=created, **content)
        self._version(connection, record, 1, content)
        self.touched.add(account.id)

    def correct(self, connection: Connection) -> None:
        """Other content."""
        content = self.content()
        for row in self._some_record(connection):
            if self.chance.random() < 0.5:
                content = {"quantity": content["quantity"]}
            self._change(connection, row, **content)

    def judge(self, connection: Connection) -> None:
        """Another state."""
        for row in self._some_record(connection):
            self._change(connection, row, state=self.chance.choice(["RECOGNIZED", "RECOGNIZED", "REVIEWED", "REVOKED"]))

    def withdraw(self, connection: Connection) -> None:
        """The platform lists a record no more, or again."""
        for row in self._some_record(connection):
            self._change(connection, row, withdrawn_at=None if row.withdrawn_at else NOON)

    def link(self, connection: Connection) -> None:
        """One account is found to be of the person of another."""
        accounts = self.accounts(connection, erased=False)
        own = [one for one in accounts if one.id.startswith(f"a{self.name}")]
        if own and len(accounts) > 1:
            one = self.chance.choice(own)
            other = self.chance.choice([each for each in accounts if each.id != one.id])
            self._touch_persons(connection, {one.teacher_id, other.teacher_id})
            connection.execute(update(ACCOUNTS).where(ACCOUNTS.c.id == one.id).values(teacher_id=other.teacher_id))

    def unlink(self, connection: Connection) -> None:
        """A link was wrong."""
        own = [one for one in self.accounts(connection, erased=False) if one.id.startswith(f"a{self.name}")]
        linked = [one for one in own if one.teacher_id != one.origin_id]
        if linked:
            one = self.chance.choice(linked)
            self._touch_persons(connection, {one.teacher_id, one.origin_id})
            connection.execute(update(ACCOUNTS).where(ACCOUNTS.c.id == one.id).values(teacher_id=one.origin_id))

    def erase(self, connection: Connection) -> None:
        """A person is erased, with all accounts and records, and nothing of what they did since the last posting."""
        alive = [one for one in self.accounts(connection, erased=False) if one.id not in self.touched]
        if alive:
            person = self.chance.choice(alive).teacher_id
            mine = select(ACCOUNTS.c.id).where(ACCOUNTS.c.teacher_id == person)
            if self.touched & set(connection.execute(mine).scalars()):
                return
            connection.execute(update(RECORDS).where(RECORDS.c.account_id.in_(mine)).values(title=None, erased_at=NOON))
            connection.execute(update(TEACHERS).where(TEACHERS.c.id == person).values(erased_at=NOON))
            connection.execute(update(ACCOUNTS).where(ACCOUNTS.c.teacher_id == person).values(erased_at=NOON))

    def review_resource(self, _connection: Connection) -> None:
        """A resource passes review, or is withdrawn."""
        states = [ResourceState.APPROVED, ResourceState.APPROVED, ResourceState.WITHDRAWN]
        self.resources.put(("chongqing", self.chance.choice(["CQ-1", "CQ-2"])), self.chance.choice(states))

    def accounts(self, connection: Connection, *, erased: bool | None = None) -> list[Any]:
        """Accounts by id; erased or not, where it matters."""
        rows = connection.execute(select(ACCOUNTS).order_by(ACCOUNTS.c.id)).all()
        return [row for row in rows if erased is None or (row.erased_at is not None) == erased]

    def expected(self, connection: Connection, retired: list[CreditRule]) -> dict[str, Due]:
        """What must be in force, after everybody concerned was posted."""
        records = connection.execute(select(RECORDS)).mappings().all()
        persons = {row.id: row.teacher_id for row in self.accounts(connection)}
        return self.reference.replay(list(map(dict, records)), persons, self.rules, retired, self.approved)

    @property
    def approved(self) -> set[tuple[str, str]]:
        """Resources that passed review and stand."""
        return {name for name, state in self.resources.known.items() if state is ResourceState.APPROVED}

    def _some_record(self, connection: Connection) -> list[Any]:
        own = select(RECORDS).where(RECORDS.c.erased_at.is_(None), RECORDS.c.id.startswith(f"r{self.name}"))
        rows = connection.execute(own.order_by(RECORDS.c.id)).all()
        return [self.chance.choice(rows)] if rows else []

    def _change(self, connection: Connection, row: Any, **values: Any) -> None:
        version = row.version + 1
        connection.execute(update(RECORDS).where(RECORDS.c.id == row.id).values(version=version, **values))
        content = {**row._mapping, **values}
        self._version(connection, row.id, version, content)
        self.touched.add(row.account_id)

    def _version(self, connection: Connection, record: str, version: int, content: dict[str, Any]) -> None:
        names = ("kind", "resource_platform", "resource_native_id")
        said = json.dumps({name: content[name] for name in names})
        row = {"record_id": record, "version": version, "at": NOON, "state": "RECOGNIZED", "content": said}
        connection.execute(insert(VERSIONS), row)

    def _touch_persons(self, connection: Connection, persons: set[str]) -> None:
        mine = connection.execute(select(ACCOUNTS.c.id).where(ACCOUNTS.c.teacher_id.in_(persons))).scalars()
        self.touched.update(mine)


def check_ledger(connection: Connection, due: dict[str, Due], world: World | None = None) -> list[Any]:
    """The ledger adds up to what is due, line by line; answers its lines as they were written."""
    lines = list(connection.execute(select(LINES).order_by(LINES.c.sequence)).all())
    by_id = {line.id: line for line in lines}
    reversed_ids = [line.reverses_id for line in lines if line.reverses_id is not None]
    assert len(set(reversed_ids)) == len(reversed_ids)
    for line in lines:
        if line.reverses_id is not None:
            first = by_id[line.reverses_id]
            assert (line.hours, line.uncapped_hours) == (-first.hours, -first.uncapped_hours)
            for same in ("account_id", "record_id", "account", "rule_id", "inputs", "kind", "activity_on"):
                assert getattr(line, same) == getattr(first, same)
            assert first.reverses_id is None
            assert first.sequence < line.sequence
    standing = [line for line in lines if line.reverses_id is None and line.id not in set(reversed_ids)]
    assert len({line.record_id for line in standing}) == len(standing)
    found = {line.record_id: (line.hours, line.rule_id, line.account_id, line.account) for line in standing}
    assert found == {record: (each.hours, each.rule, each.account_id, each.account) for record, each in due.items()}
    assert sums((line.account_id, line.account, line.hours) for line in lines) == sums(
        (each.account_id, each.account, each.hours) for each in due.values()
    )
    if world is not None:
        _check_activities(connection, {line.record_id for line in standing}, world)
    return lines


def sums(parts: Iterable[tuple[str, str, Decimal]]) -> dict[tuple[str, str], Decimal]:
    """Hours by account of a platform and account of the bank; without those that have none."""
    found: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for account_id, account, hours in parts:
        found[account_id, account] += hours
    return {whose: hours for whose, hours in found.items() if hours}


def _check_activities(connection: Connection, awarded: set[str], world: World) -> None:
    persons = {row.id: row.teacher_id for row in world.accounts(connection)}
    records = [dict(row) for row in connection.execute(select(RECORDS)).mappings()]
    for person in set(persons.values()):
        for group in groups([row for row in records if persons[row["account_id"]] == person], world.approved):
            assert len([row for row in group if row["id"] in awarded]) <= 1
