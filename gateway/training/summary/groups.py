"""What the database counts for a summary: teachers, records and exact hours of each group."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Subquery, case, func, literal, select

from gateway.storage.tables import CreditRuleRow, LedgerEntryRow
from gateway.training.questions import RecordFilter, SummaryDimension, SummaryInterval, SummaryQuestion
from gateway.training.reading import expressions
from gateway.training.reading.by_id import ACCOUNTS, RECORDS
from gateway.training.reading.conditions import conditions
from gateway.training.reading.expressions import MICRO, Micro
from schema.credit import CreditAccount
from schema.training import RecordState

_LINES = LedgerEntryRow.metadata.tables["ledger_entries"]
_RULES = CreditRuleRow.metadata.tables["credit_rules"]
COUNTED_STATES = (RecordState.REPORTED, RecordState.REVIEWED, RecordState.RECOGNIZED)
"""What is counted where no states are asked for."""
_DAY_ONE = date(1, 1, 1)
GroupKey = tuple[tuple[str, ...], date]
"""Keys, and the first day of the period; without an interval always the same day."""


@dataclass(slots=True)
class Group:
    """One row before anything is hidden. `people` are different teachers, `hours` those of awards in force."""

    people: int
    records: int
    hours: Decimal = Decimal(0)
    platforms: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Counted:
    """All groups; `first` and `last` are the first days of the earliest and the latest activity, None of nothing."""

    groups: dict[GroupKey, Group]
    samples: bool
    first: date | None
    last: date | None
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Told:
    """What one platform has in a summary."""

    platform: str
    first: date
    last: date
    days: int
    people: int


def matching(question: SummaryQuestion, where: ColumnElement[bool]) -> Subquery:
    """The records counted, with the keys of their groups as columns `key0` …, and `period`."""
    wanted = question.filter
    states = COUNTED_STATES if wanted.states is None else wanted.states
    narrowed = RecordFilter(
        None, wanted.platforms, wanted.programs, wanted.kinds, wanted.levels, wanted.roles, wanted.forms, states,
        None, wanted.first, wanted.last,
    )  # fmt: skip
    keys = (_key(dimension).label(f"key{number}") for number, dimension in enumerate(question.group_by))
    columns = (
        RECORDS.c.id, RECORDS.c.platform, RECORDS.c.starts_on, RECORDS.c.updated_at, ACCOUNTS.c.teacher_id,
        RECORDS.c.activity_key, RECORDS.c.kind,
    )  # fmt: skip
    rows = select(*columns, _period(question.interval).label("period"), *keys)
    joined = rows.join(ACCOUNTS, ACCOUNTS.c.id == RECORDS.c.account_id)
    return joined.where(where, *conditions(narrowed, ())).subquery("matching")


def count(connection: Connection, question: SummaryQuestion, rows: Subquery) -> Counted:
    """Count, in queries whose answers have one row for each group."""
    by = _by(question, rows)
    counts = select(*by, func.count(rows.c.teacher_id.distinct()), func.count()).group_by(*by)
    groups = {_name(row): Group(row[-2], row[-1]) for row in connection.execute(counts)}
    samples = False
    for row in connection.execute(_awarded(rows, by)):
        groups[_name(row)].hours = Decimal(int(row[-2] or 0)) / MICRO
        samples = samples or bool(row[-1])
    for row in connection.execute(select(*by, rows.c.platform).distinct()):
        if row.platform:
            groups[_name(row)].platforms.add(row.platform)
    ends = select(func.min(rows.c.starts_on), func.max(rows.c.starts_on), func.max(rows.c.updated_at))
    return Counted(groups, samples, *connection.execute(ends).one())


def count_some(
    connection: Connection, question: SummaryQuestion, rows: Subquery, ids: Sequence[str]
) -> Iterator[tuple[GroupKey, int]]:
    """How many of these records each group holds; as many ids as fit into a statement."""
    by = _by(question, rows)
    counts = select(*by, func.count()).where(rows.c.id.in_(ids)).group_by(*by)
    return ((_name(row), int(row[-1])) for row in connection.execute(counts))


def told(connection: Connection, rows: Subquery) -> list[Told]:
    """What each platform has, by code; what was entered by hand comes from none."""
    counted = (
        rows.c.platform,
        func.min(rows.c.starts_on),
        func.max(rows.c.starts_on),
        func.count(rows.c.starts_on.distinct()),
        func.count(rows.c.teacher_id.distinct()),
    )
    found = connection.execute(select(*counted).where(rows.c.platform != "").group_by(rows.c.platform))
    return sorted((Told(*row) for row in found), key=lambda one: one.platform)


def _by(question: SummaryQuestion, rows: Subquery) -> list[ColumnElement[Any]]:
    return [*(rows.c[f"key{number}"] for number in range(len(question.group_by))), rows.c.period]


def _name(row: Sequence[Any]) -> GroupKey:
    """The key at the beginning of a row, which ends with the period."""
    period = next(number for number, value in enumerate(row) if value is None or isinstance(value, date))
    return tuple(str(value) for value in row[:period]), row[period] or _DAY_ONE


def _awarded(rows: Subquery, by: Sequence[ColumnElement[Any]]) -> Select[Any]:
    """Lines and their opposites add up to the awards in force, which an award without its opposite is."""
    lines = rows.join(_LINES, _LINES.c.record_id == rows.c.id).join(_RULES, _RULES.c.id == _LINES.c.rule_id)
    sample = func.sum(case((_RULES.c.sample, Micro(_LINES.c.hours)), else_=0))
    counted = _LINES.c.account == CreditAccount.CONTINUING_EDUCATION.value
    return select(*by, func.sum(Micro(_LINES.c.hours)), sample).select_from(lines).where(counted).group_by(*by)


def _period(interval: SummaryInterval | None) -> ColumnElement[Any]:
    if interval is None:
        return literal(None, RECORDS.c.starts_on.type)
    return expressions.period(RECORDS.c.starts_on, interval)


def _key(dimension: SummaryDimension) -> ColumnElement[Any]:
    """A value for each record; empty where it has none."""
    region = func.coalesce(RECORDS.c.region, "")
    match dimension:
        case SummaryDimension.REGION:
            return region
        case SummaryDimension.PROVINCE:
            return expressions.province(region)
        case SummaryDimension.CITY:
            return expressions.city(region)
        case SummaryDimension.DISTRICT:
            return expressions.district(region)
        case SummaryDimension.PLATFORM:
            return RECORDS.c.platform
        case SummaryDimension.PROGRAM | SummaryDimension.LEVEL | SummaryDimension.FORM:
            return func.coalesce(RECORDS.c[dimension.lower()], "")
        case SummaryDimension.KIND | SummaryDimension.ROLE:
            return RECORDS.c[dimension.lower()]
