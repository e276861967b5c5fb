"""A transcript: the lines of one teacher in one cycle, and how many hours of them count in one region."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, select

from gateway.personal import Reach
from gateway.training.credit.cycles import cycle_of
from gateway.training.credit.ledger import entries_of_accounts
from gateway.training.credit.recognition import standing
from gateway.training.credit.rules import known_region
from gateway.training.reading.by_id import ACCOUNTS, LINES_SHOWN, records_by_id, speaking
from gateway.training.reading.scopes import deciders, same_province
from gateway.training.reading.showing import teacher_decision
from gateway.training.views import EntryView, RecordView, TranscriptView
from schema.credit import CreditAccount
from schema.quality import Level, RecognitionState
from schema.regions import NATION

TRANSCRIPT = "Teacher.transcript"
NONE = Decimal(0)


def transcript(
    connection: Connection, teacher: str, on: date, region: str | None, reach: Reach, required_hours: Decimal | None
) -> TranscriptView | None:
    """The cycle that holds a day, under the rules of a region; None for a teacher who may not be seen.

    The region is by default the teacher's own province. Awards of records of that province count with their hours,
    those of others only with what the region, or one around it, recognized. Lines of both are among the entries, where
    the principal is shown lines of that record, and only decisions count that they are shown. Hours of 支教 are among
    the entries and in no sum. Whether a requirement is met is None where what is withheld could decide it.
    Raises the refusal where transcripts are withheld, and InvalidInput for a code of no region.
    """
    under = None if region is None else known_region(region)[-1]
    accounts = connection.execute(select(ACCOUNTS).where(ACCOUNTS.c.teacher_id == teacher)).all()
    account = next(iter(speaking(accounts, reach)), None)
    if account is None:
        return None
    decision = teacher_decision(account, reach)
    if TRANSCRIPT not in decision.fields:
        raise decision.refusal
    under = under or _province(account.region)
    cycle = cycle_of(on)
    every = entries_of_accounts(connection, [each.id for each in accounts], cycle.first, cycle.last)
    records = records_by_id(connection, [entry.record for entry in every], reach)
    entries = [one for one in every if one.record in records and LINES_SHOWN & records[one.record].decision.fields]
    counted, is_whole = _counted(connection, entries, records, under, teacher, reach)
    is_whole = is_whole and not _hidden_hours(every, entries)
    total = sum(counted.values(), NONE)
    is_met = None if required_hours is None else total >= required_hours
    return TranscriptView(
        first=cycle.first,
        last=cycle.last,
        region=under,
        required_hours=required_hours,
        awarded_hours=total,
        requirement_met=is_met if is_met or is_whole else None,
        entries=tuple(entries),
        by_level=_by_level(entries, records, counted),
    )


def _province(region: str | None) -> str:
    """The province around a region; for what lies nowhere the nation, where everything counts."""
    return NATION if region is None or region == NATION else f"{region[:2]}0000"


def _hidden_hours(every: Sequence[EntryView], entries: Sequence[EntryView]) -> bool:
    seen = {entry.id for entry in entries}
    return any(one.account is CreditAccount.CONTINUING_EDUCATION and one.id not in seen for one in every)


def _counted(
    connection: Connection,
    entries: Sequence[EntryView],
    records: Mapping[str, RecordView],
    region: str,
    teacher: str,
    reach: Reach,
) -> tuple[dict[str, Decimal], bool]:
    """Hours that each line counts in a region, without lines of other accounts of the credit bank.

    And whether that is all of them: not where a decision might stand that is not shown.
    """
    found: dict[str, Decimal] = {}
    foreign: dict[str, frozenset[str] | None] = {}
    taken_back = {entry.reverses for entry in entries}
    for entry in entries:
        if entry.account is CreditAccount.CONTINUING_EDUCATION:
            of = records[entry.record].region
            at_home = same_province(of, region)
            found[entry.id] = entry.hours if at_home else NONE
            if not at_home and entry.reverses is None and entry.id not in taken_back:
                foreign[entry.id] = deciders(reach, of, teacher)
    around = [code for code in known_region(region)[::-1] if code != NATION]  # to which nothing is foreign
    is_whole = True
    for name, views in standing(connection, dict.fromkeys(foreign, around)).items():
        decided = {view.region: view for view in views if view.state is not RecognitionState.PENDING}
        shown = foreign[name]
        seen = [code for code in around if shown is None or code in shown]
        nearest = next((code for code in seen if code in decided), None)
        found[name] = NONE if nearest is None else decided[nearest].hours
        before = around if nearest is None else around[: around.index(nearest)]
        is_whole = is_whole and set(before) <= set(seen)
    return found, is_whole


def _by_level(
    entries: Sequence[EntryView], records: Mapping[str, RecordView], counted: Mapping[str, Decimal]
) -> tuple[tuple[Level, Decimal], ...]:
    """Hours by the level of the record, from the nation down; without records that state none or whose is withheld."""
    sums: dict[Level, Decimal] = defaultdict(Decimal)
    for entry in entries:
        level = records[entry.record].level
        if level is not None and entry.id in counted:
            sums[level] += counted[entry.id]
    return tuple((level, sums[level]) for level in Level if level in sums)
