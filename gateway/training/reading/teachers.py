"""Pages of teachers: those of one's region, found by school, platform, native id, or because hours are missing."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, Connection, Select, and_, case, exists, false, func, or_, select

from gateway.errors import InvalidInput
from gateway.keyed import KeyedHash
from gateway.personal import TEACHER_FIELDS, Reach
from gateway.storage.tables import CreditRecognitionRow, LedgerEntryRow
from gateway.training.credit.cycles import cycle_of
from gateway.training.questions import TeacherQuestion
from gateway.training.reading.by_id import ACCOUNTS, LINES_SHOWN, RECORDS, teachers_by_id
from gateway.training.reading.cursors import Place, mark_of, read_cursor, write_cursor
from gateway.training.reading.expressions import MICRO, Micro, NameIn
from gateway.training.reading.listing import check_rows
from gateway.training.reading.scopes import asked, decision_seen, roots, seen
from gateway.training.views import TeacherPage
from schema.credit import CreditAccount
from schema.regions import NATION

_LINES = LedgerEntryRow.metadata.tables["ledger_entries"]
_OPPOSITES = _LINES.alias("opposites")
_DECISIONS = CreditRecognitionRow.metadata.tables["credit_recognitions"]
_LATER = _DECISIONS.alias("later")
_THEIRS = ACCOUNTS.alias("theirs")
LONGEST_TEXT = 250


def teachers(
    connection: Connection,
    question: TeacherQuestion,
    reach: Reach,
    keys: KeyedHash,
    today: date,
    required_hours: Decimal | None,
) -> TeacherPage:
    """One page of teachers by our ids; `first` is at most 100, erased teachers are not listed.

    `below_requirement`: with fewer hours in the cycle of today than `required_hours`; where that is None nobody is.
    Only hours count that the principal is shown, and nobody is below of whom hours may be hidden.
    Raises the refusal of an empty reach, InvalidInput, LimitExceeded, CursorInvalid.
    """
    check_rows(question.first)
    for name, text in (("nativeId", question.native_id), ("school", question.school)):
        if text is not None and not 0 < len(text) <= LONGEST_TEXT:
            raise InvalidInput(f"filter.{name}: write 1 to {LONGEST_TEXT} characters")
    if reach.is_empty:
        raise reach.refusal
    mark = mark_of(
        question.regions, question.platforms, question.native_id, question.school, question.below_requirement
    )
    after = None if question.after is None else read_cursor(mark, question.after, None)
    where = list(_conditions(question, reach, keys, today, required_hours))
    counted = select(func.count(ACCOUNTS.c.teacher_id.distinct())).where(*where)
    wanted = select(ACCOUNTS.c.teacher_id).where(*where).distinct().order_by(ACCOUNTS.c.teacher_id)
    if after is not None:
        wanted = wanted.where(ACCOUNTS.c.teacher_id > after.id)
    ids = connection.execute(wanted.limit(question.first + 1)).scalars().all()
    found = teachers_by_id(connection, ids[: question.first], reach)
    rows = tuple(found[name] for name in ids[: question.first] if name in found)
    return TeacherPage(
        rows=rows,
        cursors=tuple(write_cursor(mark, Place(None, row.id)) for row in rows),
        total=int(connection.execute(counted).scalar_one()),
        has_next=len(ids) > question.first,
        has_previous=after is not None,
    )


def _conditions(
    question: TeacherQuestion, reach: Reach, keys: KeyedHash, today: date, required_hours: Decimal | None
) -> Iterator[ColumnElement[bool]]:
    found = roots(reach, TEACHER_FIELDS, *_needed(question))
    columns = ACCOUNTS.c.region, ACCOUNTS.c.teacher_id
    regions = question.regions
    yield seen(reach, found, *columns) if regions is None else asked(reach, found, regions, *columns)
    yield ACCOUNTS.c.erased_at.is_(None)
    if question.platforms is not None:
        yield ACCOUNTS.c.platform.in_(question.platforms)
    if question.native_id is not None and question.platforms is None:
        yield ACCOUNTS.c.native_id == question.native_id
    elif question.native_id is not None:
        hashed = [keys.hex("teacher", platform, question.native_id) for platform in question.platforms or ()]
        yield ACCOUNTS.c.native_key.in_(hashed)
    if question.school is not None:
        yield NameIn(ACCOUNTS.c.school).contains(question.school, autoescape=True)
    if question.below_requirement is not None:
        yield _below(question.below_requirement, today, required_hours, reach)


def _needed(question: TeacherQuestion) -> Iterator[frozenset[str]]:
    """Coordinates without which a filter would tell what is withheld."""
    if question.platforms is not None:
        yield frozenset({"TrainingRecord.platform"})
    if question.native_id is not None:  # names one person, so only those who are shown who that is may ask
        yield from (frozenset({f"Teacher.{name}"}) for name in ("name", "region", "school"))
    if question.school is not None:
        yield frozenset({"Teacher.school"})
    if question.below_requirement is not None:
        yield frozenset({"Teacher.transcript"})


def _below(wanted: bool, today: date, required_hours: Decimal | None, reach: Reach) -> ColumnElement[bool]:
    if required_hours is None:
        return false() if wanted else ACCOUNTS.c.id.is_not(None)
    hours = _hours(today, reach)
    least = int(required_hours * MICRO)
    return and_(hours < least, ~_hides_hours(today, reach)) if wanted else hours >= least


_JOINED = _LINES.join(RECORDS, RECORDS.c.id == _LINES.c.record_id).join(_THEIRS, _THEIRS.c.id == RECORDS.c.account_id)
_OWN = func.substr(ACCOUNTS.c.region, 1, 2)
_PROVINCE = _OWN.concat("0000")
_AT_HOME = or_(
    *(each.is_(None) | (each == NATION) for each in (RECORDS.c.region, ACCOUNTS.c.region)),
    func.substr(RECORDS.c.region, 1, 2) == _OWN,
)
_TAKEN_BACK = exists().where(_OPPOSITES.c.reverses_id == _LINES.c.id)


def _hours(today: date, reach: Reach) -> ColumnElement[int]:
    """Hours of the cycle in millionths as the principal's transcript of the account's own province counts them."""
    counted = and_(_in_cycle(today), _line_seen(reach))
    awarded = select(func.sum(case((_AT_HOME, Micro(_LINES.c.hours)), else_=0))).select_from(_JOINED).where(counted)
    deciding = _DECISIONS.join(_JOINED, _LINES.c.id == _DECISIONS.c.entry_id)
    overruled = exists().where(
        _LATER.c.entry_id == _DECISIONS.c.entry_id,
        _LATER.c.region == _DECISIONS.c.region,
        _LATER.c.number > _DECISIONS.c.number,
    )
    decided = and_(_DECISIONS.c.region == _PROVINCE, ~_AT_HOME, ~overruled, ~_TAKEN_BACK, _decision_seen(reach))
    recognized = select(func.sum(Micro(_DECISIONS.c.hours))).select_from(deciding).where(counted, decided)
    return _number(awarded) + _number(recognized)


def _hides_hours(today: date, reach: Reach) -> ColumnElement[bool]:
    """Whether a line of the cycle is not shown, or what the own province may have decided about one."""
    known = or_(_AT_HOME, _LINES.c.reverses_id.is_not(None), _TAKEN_BACK, _decision_seen(reach))
    is_whole = func.coalesce(and_(_line_seen(reach), known), false())  # null for a record that lies nowhere
    hidden = select(_LINES.c.id).select_from(_JOINED).where(_in_cycle(today), ~is_whole)
    return hidden.correlate(ACCOUNTS).exists()


def _in_cycle(today: date) -> ColumnElement[bool]:
    cycle = cycle_of(today)
    return and_(
        _THEIRS.c.teacher_id == ACCOUNTS.c.teacher_id,
        _LINES.c.account == CreditAccount.CONTINUING_EDUCATION.value,
        _LINES.c.activity_on.between(cycle.first, cycle.last),
    )


def _line_seen(reach: Reach) -> ColumnElement[bool]:
    return seen(reach, roots(reach, LINES_SHOWN), RECORDS.c.region, _THEIRS.c.teacher_id)


def _decision_seen(reach: Reach) -> ColumnElement[bool]:
    return decision_seen(reach, RECORDS.c.region, _THEIRS.c.teacher_id, _PROVINCE)


def _number(sums: Select[int]) -> ColumnElement[int]:
    return func.coalesce(sums.correlate(ACCOUNTS).scalar_subquery(), 0)
