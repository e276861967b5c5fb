"""Recognition across regions: decisions of receiving regions are append-only, and the newest of each holds."""

import secrets
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select

from gateway.errors import InvalidInput, StateImpossible
from gateway.storage import LEDGER, reserve_numbers
from gateway.storage.tables import CreditRecognitionRow, LedgerEntryRow, TeacherAccountRow, TrainingRecordRow
from gateway.training.credit.caps import Tally
from gateway.training.credit.claims import Claim
from gateway.training.credit.loading import claims_by_id, developers_of, in_force, portions
from gateway.training.credit.receiving import Received, Sent, decided, recognized
from gateway.training.credit.rules import Rules, known_region, load_rules
from gateway.training.views import RecognitionView
from schema.credit import CreditAccount
from schema.quality import RecognitionState
from schema.training import TrainingKind

_ACCOUNTS = TeacherAccountRow.metadata.tables["teacher_accounts"]
_RECORDS = TrainingRecordRow.metadata.tables["training_records"]
_LINES = LedgerEntryRow.metadata.tables["ledger_entries"]
_OPPOSITES = _LINES.alias("opposites")
_DECISIONS = CreditRecognitionRow.metadata.tables["credit_recognitions"]
_REVERSED = "该笔学时已冲销"


def decide(
    connection: Connection,
    now: datetime,
    entry_id: str,
    region: str,
    decision: RecognitionState | None,
    note: str | None,
    by: str,
    *,
    samples: bool,
) -> RecognitionView:
    """Append what a region decided about an award in force, or, without a decision, what its rules say.

    Raises InvalidInput for a line that is unknown, a region that is, or a decision that contradicts the region's rule,
    and StateImpossible for a line that was reversed or is no award. Call it before the audit log is written: the
    ledger is locked to the end of the transaction, so that decisions about one teacher keep the region's caps.
    """
    around = known_region(region)
    region = around[-1]
    reserve_numbers(connection, LEDGER, 0)
    line = _award(connection, entry_id)
    claim = claims_by_id(connection, [line.record_id])[line.record_id]
    _refuse_own(claim, region, around)
    sent = Sent(CreditAccount(line.account), line.hours)
    rules = load_rules(connection)
    tally = Tally()
    _count_own(connection, claim, around, tally)
    _count_recognized(connection, claim, line, region, tally)
    got = tally.got(sent.account, claim.kind, claim.starts_on)
    known = developers_of(connection, [claim.resource] if claim.resource else [])
    due = decided(decision, sent, recognized(claim, sent, region, rules, got, known, samples=samples))
    _append(connection, now, line, region, due, note, by)
    return RecognitionView(region, due.state, due.hours, due.rule, now, note)


def standing(
    connection: Connection, receivers: Mapping[str, Collection[str]]
) -> Mapping[str, Sequence[RecognitionView]]:
    """How awards (ids of lines, each with the regions that may decide) stand there and where it was decided; by region.

    Where nobody decided it is PENDING; an award that was reversed is recognized nowhere. A line that reverses another
    has no recognitions, and unknown ids are absent.
    """
    found: dict[str, Sequence[RecognitionView]] = {}
    rules = load_rules(connection) if receivers else Rules()
    for some in portions(receivers):
        newest = _newest(connection, some)
        query = select(_LINES.c.id, _LINES.c.reverses_id, _OPPOSITES.c.id.label("opposite")).select_from(
            _LINES.outerjoin(_OPPOSITES, _OPPOSITES.c.reverses_id == _LINES.c.id)
        )
        for line in connection.execute(query.where(_LINES.c.id.in_(some))):
            known = newest.get(line.id, {}) if line.reverses_id is None else {}
            regions = sorted({*known, *receivers[line.id]}) if line.reverses_id is None else []
            found[line.id] = tuple(
                _view(region, known.get(region), rules, is_reversed=line.opposite is not None) for region in regions
            )
    return found


def _award(connection: Connection, entry_id: str) -> Row[Any]:
    query = select(_LINES, _OPPOSITES.c.id.label("opposite")).select_from(
        _LINES.outerjoin(_OPPOSITES, _OPPOSITES.c.reverses_id == _LINES.c.id)
    )
    line = connection.execute(query.where(_LINES.c.id == entry_id)).first()
    if line is None:
        raise InvalidInput("entryId: is not the id of a ledger line")
    if line.reverses_id is not None:
        raise StateImpossible("this line takes another one back and is no award; decide about the award in force")
    if line.opposite is not None:
        raise StateImpossible("this award was taken back; decide about the record's award in force, if it has one")
    return line


def _refuse_own(claim: Claim, region: str, around: tuple[str, ...]) -> None:
    if _is_own(claim.region, around):
        raise InvalidInput(f"region: {region} is the record's own region, where its rules already count")


def _is_own(region: str | None, around: tuple[str, ...]) -> bool:
    """Whether records of a region are at home in the last of `around`: in it, or in a region that it lies in."""
    own = () if region is None else known_region(region)
    return bool(own) and (own[-1] in around or around[-1] in own)


def _accounts_of(claim: Claim) -> Select[Any]:
    return select(_ACCOUNTS.c.id).where(_ACCOUNTS.c.teacher_id == claim.person)


def _count_own(connection: Connection, claim: Claim, around: tuple[str, ...], tally: Tally) -> None:
    """Add the same teacher's awards in force of records that are at home in the region."""
    query = in_force(_LINES.join(_RECORDS, _RECORDS.c.id == _LINES.c.record_id)).add_columns(_RECORDS.c.region)
    for row in connection.execute(query.where(_LINES.c.account_id.in_(_accounts_of(claim)))):
        if _is_own(row.region, around):
            tally.add(CreditAccount(row.account), TrainingKind(row.kind), row.activity_on, row.hours)


def _count_recognized(connection: Connection, claim: Claim, line: Row[Any], region: str, tally: Tally) -> None:
    """Add what the region recognized of the same teacher's other awards in force."""
    joined = _DECISIONS.join(_LINES, _LINES.c.id == _DECISIONS.c.entry_id).outerjoin(
        _OPPOSITES, _OPPOSITES.c.reverses_id == _LINES.c.id
    )
    query = select(_DECISIONS, _LINES.c.account, _LINES.c.kind, _LINES.c.activity_on).select_from(joined)
    others = query.where(
        _LINES.c.account_id.in_(_accounts_of(claim)), _OPPOSITES.c.id.is_(None), _LINES.c.id != line.id
    )
    newest: dict[str, Row[Any]] = {}
    for row in connection.execute(others.where(_DECISIONS.c.region == region).order_by(_DECISIONS.c.number)):
        newest[row.entry_id] = row
    for row in newest.values():
        tally.add(CreditAccount(row.account), TrainingKind(row.kind), row.activity_on, row.hours)


def _append(
    connection: Connection, now: datetime, line: Row[Any], region: str, due: Received, note: str | None, by: str
) -> None:
    same = (_DECISIONS.c.entry_id == line.id) & (_DECISIONS.c.region == region)
    last = connection.execute(select(func.max(_DECISIONS.c.number)).where(same)).scalar()
    what = {"state": due.state, "hours": due.hours, "rule_id": due.rule.id if due.rule else None, "note": note}
    whose = {"id": secrets.token_hex(16), "entry_id": line.id, "record_id": line.record_id, "region": region}
    when = {"number": (last or 0) + 1, "decided_at": now, "decided_by": by}
    connection.execute(insert(_DECISIONS), {**whose, **what, **when})


def _newest(connection: Connection, entries: Collection[str]) -> Mapping[str, Mapping[str, Row[Any]]]:
    found: dict[str, dict[str, Row[Any]]] = defaultdict(dict)
    query = select(_DECISIONS).where(_DECISIONS.c.entry_id.in_(entries)).order_by(_DECISIONS.c.number)
    for row in connection.execute(query):
        found[row.entry_id][row.region] = row
    return found


def _view(region: str, row: Row[Any] | None, rules: Rules, *, is_reversed: bool) -> RecognitionView:
    if is_reversed:
        at = row.decided_at if row is not None else None
        return RecognitionView(region, RecognitionState.NOT_RECOGNIZED, Decimal(), None, at, _REVERSED)
    if row is None:
        return RecognitionView(region, RecognitionState.PENDING, Decimal(), None, None, None)
    rule = rules.by_id[row.rule_id] if row.rule_id is not None else None
    return RecognitionView(region, RecognitionState(row.state), row.hours, rule, row.decided_at, row.note)
