"""What a filter of records asks for, as conditions of SQL, and which fields one must be shown to ask it."""

from collections.abc import Collection, Iterator

from sqlalchemy import ColumnElement, and_, exists, literal, or_, select

from gateway.errors import InvalidInput
from gateway.personal import Reach
from gateway.storage.tables import CreditRecognitionRow, LedgerEntryRow
from gateway.training.credit.rules import known_region
from gateway.training.questions import RecognitionFilter, RecordFilter
from gateway.training.reading.by_id import LINES_SHOWN, RECORDS
from gateway.training.reading.expressions import within
from gateway.training.reading.scopes import Root, is_inside
from schema.programs import programs
from schema.quality import RecognitionState

_LINES = LedgerEntryRow.metadata.tables["ledger_entries"]
_OPPOSITES = _LINES.alias("opposites")
_DECISIONS = CreditRecognitionRow.metadata.tables["credit_recognitions"]
MOST_VALUES = 500


def check_filter(wanted: RecordFilter) -> None:
    """Raise InvalidInput for what cannot be asked: unknown regions and programs, days out of order, too many values."""
    if wanted.first is not None and wanted.last is not None and wanted.last < wanted.first:
        raise InvalidInput(
            f"filter: from {wanted.first} lies behind to {wanted.last}; both days are included, so equal ones ask for "
            "one day"
        )
    for name, values in (("regions", wanted.regions), ("platforms", wanted.platforms), ("programs", wanted.programs)):
        if values is not None and len(values) > MOST_VALUES:
            raise InvalidInput(f"filter.{name}: at most {MOST_VALUES} values, not {len(values)}")
    unknown = next((code for code in wanted.programs or () if code not in programs()), None)
    if unknown is not None:
        raise InvalidInput(f"filter.programs: {unknown[:100]!r} is no joint program; known are {', '.join(programs())}")
    if wanted.recognition is not None:
        known_region(wanted.recognition.region)


def needed(wanted: RecordFilter, *, teacher: bool) -> Iterator[frozenset[str]]:
    """Sets of coordinates; who is not shown one of each set could learn by this filter what is withheld."""
    by_field = {
        "platform": wanted.platforms,
        "program": wanted.programs,
        "kind": wanted.kinds,
        "level": wanted.levels,
        "role": wanted.roles,
        "form": wanted.forms,
        "startsOn": wanted.first or wanted.last,
    }
    yield from (frozenset({f"TrainingRecord.{name}"}) for name, asked in by_field.items() if asked is not None)
    if wanted.recognition is not None:
        yield LINES_SHOWN
    if teacher:
        yield frozenset({"TrainingRecord.teacher", "Teacher.records"})


def deciding(reach: Reach, found: Collection[Root], recognition: RecognitionFilter) -> tuple[Root, ...]:
    """Of these roots those where one may see what this region decided: one's own, and what is shown to that region."""
    region = known_region(recognition.region)[-1]
    return tuple(
        root
        for root in found
        if any(one.covers(root) and (one.receiver is None or is_inside(region, one.receiver)) for one in reach.regions)
    )


def conditions(wanted: RecordFilter, undecided: Collection[str]) -> Iterator[ColumnElement[bool]]:
    """All of these must hold, beside where the record lies.

    `undecided` are regions about whose records, and those of all inside them, the region of `recognition` may decide;
    nothing else is PENDING.
    """
    columns = (
        (RECORDS.c.platform, wanted.platforms),
        (RECORDS.c.program, wanted.programs),
        (RECORDS.c.kind, wanted.kinds),
        (RECORDS.c.level, wanted.levels),
        (RECORDS.c.role, wanted.roles),
        (RECORDS.c.form, wanted.forms),
        (RECORDS.c.state, wanted.states),
    )
    yield from (column.in_([str(value) for value in values]) for column, values in columns if values is not None)
    if wanted.platforms is not None:
        yield RECORDS.c.platform != ""
    if wanted.first is not None:
        yield RECORDS.c.starts_on >= wanted.first
    if wanted.last is not None:
        yield RECORDS.c.starts_on <= wanted.last
    if wanted.recognition is not None:
        yield _recognized(wanted.recognition, undecided)


def _recognized(wanted: RecognitionFilter, undecided: Collection[str]) -> ColumnElement[bool]:
    """Whether the award in force stands in one of the states, by the newest decision of the region."""
    region = known_region(wanted.region)[-1]
    newest = (
        select(_DECISIONS.c.state)
        .where(_DECISIONS.c.entry_id == _LINES.c.id, _DECISIONS.c.region == region)
        .order_by(_DECISIONS.c.number.desc())
        .limit(1)
        .correlate(_LINES)
        .scalar_subquery()
    )
    decided = [state.value for state in wanted.states if state is not RecognitionState.PENDING]
    stands: ColumnElement[bool] = newest.in_(decided) if decided else literal(False)
    if RecognitionState.PENDING in wanted.states:
        stands = or_(stands, and_(newest.is_(None), or_(False, *(within(RECORDS.c.region, one) for one in undecided))))
    reversed_since = exists().where(_OPPOSITES.c.reverses_id == _LINES.c.id).correlate(_LINES)
    award = and_(_LINES.c.record_id == RECORDS.c.id, _LINES.c.reverses_id.is_(None), ~reversed_since, stands)
    return exists().where(award).correlate(RECORDS)
