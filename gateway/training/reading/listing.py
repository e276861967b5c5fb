"""Pages of records: what a principal may see and asks for, in a stable order, with how much each platform has."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from gateway.errors import LimitExceeded
from gateway.personal import Reach
from gateway.training.questions import RecordFilter, RecordQuestion, TrainingRecordSort
from gateway.training.reading.by_id import ACCOUNTS, RECORDS, select_records
from gateway.training.reading.conditions import check_filter, conditions, deciding, needed
from gateway.training.reading.cursors import Place, mark_of, read_cursor, write_cursor
from gateway.training.reading.scopes import OF_RECORDS, Root, asked, roots, seen
from gateway.training.reading.showing import record_decision, record_view
from gateway.training.views import RecordPage, SourceView

MOST_ROWS = 100
_STARTS_ON = frozenset({"TrainingRecord.startsOn"})
_PLATFORM = frozenset({"TrainingRecord.platform"})


def records(
    connection: Connection, question: RecordQuestion, reach: Reach, undecided: Collection[str] = ()
) -> RecordPage:
    """One page of the records that a principal may see; `first` is at most 100.

    A filter on a field that is withheld leaves those records out, since it would tell what they say. Where the first
    day of some is withheld, NEWEST and OLDEST follow our last change of records instead. `undecided` are regions
    about whose credit, and that of all inside them, the region of `filter.recognition` may decide. Raises the refusal
    of an empty reach, InvalidInput, LimitExceeded, CursorInvalid.
    """
    check_rows(question.first)
    check_filter(question.filter)
    if reach.is_empty:
        raise reach.refusal
    found = _roots(reach, question)
    order = _ordered(reach, found, question)
    where = _where(reach, found, question, undecided)
    mark = mark_of(question.filter, question.teacher, question.order, order.column.name)
    after = None if question.after is None else read_cursor(mark, question.after, order.kind)
    wanted = select_records().where(*where, *([] if after is None else [order.behind(after)]))
    rows = connection.execute(wanted.order_by(*order.by).limit(question.first + 1)).all()
    shown = [(row, decision) for row in rows[: question.first] if (decision := record_decision(row, reach)).visible]
    views = tuple(record_view(row, decision) for row, decision in shown)
    places = (Place(getattr(row, order.column.name), row.id) for row, _ in shown)
    platforms = asked_or_seen(reach, roots(reach, OF_RECORDS, _PLATFORM), question.filter)
    return RecordPage(
        rows=views,
        cursors=tuple(write_cursor(mark, place) for place in places),
        total=_count(connection, where),
        has_next=len(rows) > question.first,
        has_previous=after is not None,
        sources=_sources(connection, (*where, platforms), [view.platform for view in views]),
    )


def check_rows(first: int) -> None:
    """Raise LimitExceeded where more rows are asked for at once than may be."""
    if not 0 <= first <= MOST_ROWS:
        raise LimitExceeded(f"first: {first} is not between 0 and {MOST_ROWS}")


def asked_or_seen(reach: Reach, found: Collection[Root], wanted: RecordFilter) -> ColumnElement[bool]:
    """Where the records of a filter may lie that are seen below these roots."""
    if wanted.regions is None:
        return seen(reach, found, RECORDS.c.region, ACCOUNTS.c.teacher_id)
    return asked(reach, found, wanted.regions, RECORDS.c.region, ACCOUNTS.c.teacher_id)


@dataclass(frozen=True, slots=True)
class _Order:
    """By one column and then by id, up or down."""

    column: ColumnElement[Any]
    kind: type[date] | type[datetime]
    descending: bool

    @property
    def by(self) -> tuple[ColumnElement[Any], ...]:
        columns = (self.column, RECORDS.c.id)
        return tuple(column.desc() if self.descending else column.asc() for column in columns)

    def behind(self, place: Place) -> ColumnElement[bool]:
        if self.descending:
            return or_(self.column < place.at, and_(self.column == place.at, RECORDS.c.id < place.id))
        return or_(self.column > place.at, and_(self.column == place.at, RECORDS.c.id > place.id))


def _roots(reach: Reach, question: RecordQuestion) -> tuple[Root, ...]:
    found = roots(reach, OF_RECORDS, *needed(question.filter, teacher=question.teacher is not None))
    return found if question.filter.recognition is None else deciding(reach, found, question.filter.recognition)


def _ordered(reach: Reach, found: Collection[Root], question: RecordQuestion) -> _Order:
    by_day = question.order is not TrainingRecordSort.UPDATED and set(found) == set(roots(reach, _STARTS_ON)) & set(
        found
    )
    descending = question.order is not TrainingRecordSort.OLDEST
    return _Order(*((RECORDS.c.starts_on, date) if by_day else (RECORDS.c.updated_at, datetime)), descending)


def _where(
    reach: Reach, found: Collection[Root], question: RecordQuestion, undecided: Collection[str]
) -> tuple[ColumnElement[bool], ...]:
    of_teacher = () if question.teacher is None else (ACCOUNTS.c.teacher_id == question.teacher,)
    return (asked_or_seen(reach, found, question.filter), *of_teacher, *conditions(question.filter, undecided))


def _count(connection: Connection, where: Sequence[ColumnElement[bool]]) -> int:
    wanted = select(func.count()).select_from(RECORDS).join(ACCOUNTS, ACCOUNTS.c.id == RECORDS.c.account_id)
    return int(connection.execute(wanted.where(*where)).scalar_one())


def _sources(
    connection: Connection, where: Sequence[ColumnElement[bool]], page: Sequence[str | None]
) -> tuple[SourceView, ...]:
    """Platforms of records whose platform is shown, by code; what was entered by hand comes from none."""
    columns = (RECORDS.c.platform, func.count().label("total"), func.max(RECORDS.c.fetched_at).label("as_of"))
    wanted = select(*columns).join(ACCOUNTS, ACCOUNTS.c.id == RECORDS.c.account_id).where(*where)
    rows = connection.execute(wanted.where(RECORDS.c.platform != "").group_by(RECORDS.c.platform)).all()
    return tuple(
        SourceView(row.platform, page.count(row.platform), row.total, row.as_of)
        for row in sorted(rows, key=lambda row: str(row.platform))
    )
