"""A transcript: the lines of one teacher in one cycle, and how many hours of them count in one region."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, select

from gateway.personal import Reach
from gateway.training.credit.cycles import cycle_of
from gateway.training.credit.ledger import entries_of_accounts
from gateway.training.credit.loading import portions
from gateway.training.credit.recognition import standing
from gateway.training.credit.rules import known_region
from gateway.training.reading.by_id import ACCOUNTS, LINES_SHOWN, records_by_id, speaking
from gateway.training.reading.scopes import same_province
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
    the principal is shown lines of that record. Hours of 支教 are among the entries and in no sum.
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
    counted = _counted(connection, entries, records, under)
    total = sum(counted.values(), NONE)
    return TranscriptView(
        first=cycle.first,
        last=cycle.last,
        region=under,
        required_hours=required_hours,
        awarded_hours=total,
        requirement_met=None if required_hours is None else total >= required_hours,
        entries=tuple(entries),
        by_level=_by_level(entries, records, counted),
    )


def _province(region: str | None) -> str:
    """The province around a region; for what lies nowhere the nation, where everything counts."""
    return NATION if region is None or region == NATION else f"{region[:2]}0000"


def _counted(
    connection: Connection, entries: Sequence[EntryView], records: Mapping[str, RecordView], region: str
) -> dict[str, Decimal]:
    """Hours that each line counts in a region, without lines of other accounts of the credit bank."""
    found: dict[str, Decimal] = {}
    foreign: list[str] = []
    for entry in entries:
        if entry.account is CreditAccount.CONTINUING_EDUCATION:
            at_home = same_province(records[entry.record].region, region)
            found[entry.id] = entry.hours if at_home else NONE
            if not at_home and entry.reverses is None:
                foreign.append(entry.id)
    around = known_region(region)[::-1]
    for some in portions(foreign):
        for name, views in standing(connection, dict.fromkeys(some, around)).items():
            decided = {view.region: view for view in views if view.state is not RecognitionState.PENDING}
            nearest = next((decided[code] for code in around if code in decided), None)
            found[name] = NONE if nearest is None else nearest.hours
    return found


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
