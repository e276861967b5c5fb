"""Reading claims, contributions and awards in force of many teachers in few queries."""

import functools
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import orjson
from sqlalchemy import Connection, FromClause, Row, Select, and_, or_, select, tuple_

from gateway.storage.tables import LedgerEntryRow, TeacherAccountRow, TeacherRow, TrainingRecordRow
from gateway.training.credit.awards import Award
from gateway.training.credit.claims import NOT_DONE, Claim
from gateway.training.credit.earning import Earning
from gateway.training.credit.rules import load_rules
from gateway.training.credit.shares import Developers, developers
from gateway.training.ports import ResourceName, ResourceStates
from schema.credit import CreditAccount, CreditCap
from schema.quality import Level
from schema.training import Outcome, QuantityUnit, RecordState, TrainingForm, TrainingKind, TrainingRole

AT_ONCE = 500
"""Ids in one statement; databases limit its parameters."""
_TEACHERS = TeacherRow.metadata.tables["teachers"]
_ACCOUNTS = TeacherAccountRow.metadata.tables["teacher_accounts"]
_RECORDS = TrainingRecordRow.metadata.tables["training_records"]
_LINES = LedgerEntryRow.metadata.tables["ledger_entries"]
_OPPOSITES = _LINES.alias("opposites")
_RESOURCE = tuple_(_RECORDS.c.resource_platform, _RECORDS.c.resource_native_id)
_SAID = (
    "id", "account_id", "platform", "region", "activity_key", "activity_id", "starts_on", "ends_on", "quantity",
    "program", "created_at",
)  # fmt: skip
Item = TypeVar("Item")


def portions(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Different items, as many at once as a statement takes."""
    listed = list(dict.fromkeys(items))
    return (listed[start : start + AT_ONCE] for start in range(0, len(listed), AT_ONCE))


def persons_of(connection: Connection, accounts: Collection[str]) -> set[str]:
    """Whose these accounts are now."""
    found: set[str] = set()
    for some in portions(accounts):
        found.update(connection.execute(select(_ACCOUNTS.c.teacher_id).where(_ACCOUNTS.c.id.in_(some))).scalars())
    return found


def claims_of(
    connection: Connection, resources: ResourceStates, persons: Collection[str]
) -> Mapping[str, tuple[Claim, ...]]:
    """All records of each of these persons, by the ids of records; with where the resources stand that they made."""
    rows: list[Row[Any]] = []
    for some in portions(persons):
        rows.extend(connection.execute(_claims().where(_ACCOUNTS.c.teacher_id.in_(some)).order_by(_RECORDS.c.id)))
    claims = [_claim(row) for row in rows]
    names = {claim.resource for claim in claims if claim.develops and claim.resource is not None}
    states = resources.states(connection, names) if names else {}
    found: dict[str, list[Claim]] = {person: [] for person in persons}
    for claim in claims:
        state = states.get(claim.resource) if claim.develops and claim.resource is not None else None
        found[claim.person].append(claim if state is None else replace(claim, resource_state=state))
    return {person: tuple(theirs) for person, theirs in found.items()}


def claims_by_id(connection: Connection, records: Collection[str]) -> Mapping[str, Claim]:
    """Records by id, without where their resources stand; unknown ids are absent."""
    found: dict[str, Claim] = {}
    for some in portions(records):
        found.update((row.id, _claim(row)) for row in connection.execute(_claims().where(_RECORDS.c.id.in_(some))))
    return found


def developers_of(connection: Connection, names: Collection[ResourceName]) -> Developers:
    """Among whom the hours of each of these resources are split."""
    found: list[tuple[ResourceName, str, TrainingRole]] = []
    for some in portions(names):
        named = (_RECORDS.c.resource_platform, _RECORDS.c.resource_native_id, _RECORDS.c.role, _ACCOUNTS.c.teacher_id)
        developing = select(*named).select_from(_records_with_accounts()).where(_RESOURCE.in_(some), contributes())
        found.extend(
            ((platform, native_id), person, TrainingRole(role))
            for platform, native_id, role, person in connection.execute(developing.distinct())
        )
    return developers(found)


def contributes() -> Any:
    """The condition on training records that says what `Claim.contributes` says."""
    return and_(
        _RECORDS.c.kind == TrainingKind.RESOURCE_DEVELOPMENT,
        _RECORDS.c.state == RecordState.RECOGNIZED,
        _RECORDS.c.withdrawn_at.is_(None),
        _RECORDS.c.resource_native_id.is_not(None),
        or_(_RECORDS.c.outcome.is_(None), _RECORDS.c.outcome.not_in(NOT_DONE)),
    )


def persons_who_develop(connection: Connection, names: Collection[ResourceName]) -> set[str]:
    """Whose records name these resources as what they developed, whatever state they are in."""
    found: set[str] = set()
    for some in portions(names):
        query = select(_ACCOUNTS.c.teacher_id).select_from(_records_with_accounts())
        developing = query.where(_RESOURCE.in_(some), _RECORDS.c.kind == TrainingKind.RESOURCE_DEVELOPMENT)
        found.update(connection.execute(developing.distinct()).scalars())
    return found


def standing_awards(connection: Connection, persons: Collection[str]) -> Mapping[str, Award]:
    """The award in force of each record of these persons that has one, by record."""
    found: dict[str, Award] = {}
    for some in portions(persons):
        lines = _LINES.join(_RECORDS, _RECORDS.c.id == _LINES.c.record_id)
        owned = lines.join(_ACCOUNTS, _ACCOUNTS.c.id == _RECORDS.c.account_id)
        query = in_force(owned).where(_ACCOUNTS.c.teacher_id.in_(some))
        found.update((award.record_id, award) for award in map(award_of, connection.execute(query)))
    return found


def awarded(connection: Connection, records: Collection[str]) -> set[str]:
    """Which of these records have an award in force."""
    found: set[str] = set()
    for some in portions(records):
        found.update(row.record_id for row in connection.execute(in_force().where(_LINES.c.record_id.in_(some))))
    return found


def earning_of(
    connection: Connection, claims: Iterable[Claim], in_force: Mapping[str, Award], *, samples: bool
) -> Earning:
    """What records earn beside awards in force, by the rules as they are."""
    names = {claim.resource for claim in claims if claim.develops and claim.resource is not None}
    return Earning(in_force, load_rules(connection), developers_of(connection, names), samples=samples)


def in_force(source: FromClause = _LINES) -> Select[Any]:
    """Lines that are awards and that no line reverses, of a source that holds the table of lines."""
    unreversed = source.outerjoin(_OPPOSITES, _OPPOSITES.c.reverses_id == _LINES.c.id)
    query = select(_LINES).select_from(unreversed)
    return query.where(_LINES.c.reverses_id.is_(None), _OPPOSITES.c.id.is_(None)).order_by(_LINES.c.sequence)


def award_of(row: Row[Any]) -> Award:
    """A line as awards are compared, without its explanation."""
    return Award(
        account_id=row.account_id,
        record_id=row.record_id,
        account=CreditAccount(row.account),
        hours=row.hours,
        uncapped_hours=row.uncapped_hours,
        rule_id=row.rule_id,
        inputs=row.inputs,
        caps_hit=caps_of(row.caps_hit),
        kind=TrainingKind(row.kind),
        activity_on=row.activity_on,
        id=row.id,
    )


@functools.lru_cache(maxsize=2_000)
def caps_of(text: str) -> tuple[CreditCap, ...]:
    """The JSON list of a line."""
    return tuple(CreditCap.model_validate(each) for each in orjson.loads(text))


def _records_with_accounts() -> FromClause:
    return _RECORDS.join(_ACCOUNTS, _ACCOUNTS.c.id == _RECORDS.c.account_id)


def _claims() -> Select[Any]:
    erased = (_ACCOUNTS.c.erased_at.label("account_erased_at"), _TEACHERS.c.erased_at.label("teacher_erased_at"))
    source = _records_with_accounts().outerjoin(_TEACHERS, _TEACHERS.c.id == _ACCOUNTS.c.teacher_id)
    return select(_RECORDS, _ACCOUNTS.c.teacher_id, *erased).select_from(source)


def _claim(row: Row[Any]) -> Claim:
    erased = row.erased_at or row.account_erased_at or row.teacher_erased_at
    named = row.resource_native_id is not None and row.resource_platform is not None
    return Claim(
        person=row.teacher_id,
        kind=TrainingKind(row.kind),
        level=None if row.level is None else Level(row.level),
        form=None if row.form is None else TrainingForm(row.form),
        role=TrainingRole(row.role),
        unit=QuantityUnit(row.unit),
        outcome=None if row.outcome is None else Outcome(row.outcome),
        state=RecordState(row.state),
        resource=(row.resource_platform, row.resource_native_id) if named else None,
        withdrawn=row.withdrawn_at is not None,
        erased=erased is not None,
        **{name: getattr(row, name) for name in _SAID},
    )
