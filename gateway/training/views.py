"""What training answers: records, teachers, ledger lines and the rest, as one principal may see them.

A value that the decision of a view withholds is None in it, so that nothing above can show it by mistake.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from gateway.personal import Decision
from schema.credit import CreditAccount, CreditCap, CreditRule
from schema.measures import Measure
from schema.parts import Organization
from schema.quality import Level, RecognitionState
from schema.training import Outcome, QuantityUnit, RecordState, TrainingForm, TrainingKind, TrainingRole


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """Where a record is proved."""

    name: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class ProvenanceView:
    """Where a record came from; for one entered by hand the day it was entered and no connector."""

    platform: str | None
    manifest_version: int | None
    fetched_at: datetime
    modified_upstream_at: datetime | None
    digest: str
    unmapped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordView:
    """A record. `teacher` is our id of them; `region` is for decisions, not for display."""

    id: str
    state: RecordState
    version: int
    region: str | None
    decision: Decision
    native_id: str | None = None
    teacher: str | None = None
    title: str | None = None
    kind: TrainingKind | None = None
    level: Level | None = None
    form: TrainingForm | None = None
    role: TrainingRole | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    quantity: Decimal | None = None
    unit: QuantityUnit | None = None
    outcome: Outcome | None = None
    issuer: Organization | None = None
    platform: str | None = None
    program: str | None = None
    resource: tuple[str, str] | None = None
    evidence: tuple[EvidenceView, ...] = ()
    provenance: ProvenanceView | None = None


@dataclass(frozen=True, slots=True)
class RecordEventView:
    """One event in the life of a record."""

    at: datetime
    by: str | None
    state: RecordState
    version: int
    note: str | None


@dataclass(frozen=True, slots=True)
class TeacherView:
    """A teacher; region and school are those of the account that was updated last."""

    id: str
    decision: Decision
    name: str | None = None
    region: str | None = None
    school: Organization | None = None


@dataclass(frozen=True, slots=True)
class EntryView:
    """One line of the ledger."""

    id: str
    account: CreditAccount
    record: str
    hours: Decimal
    uncapped_hours: Decimal
    rule: CreditRule
    caps_hit: tuple[CreditCap, ...]
    explanation: tuple[str, ...]
    awarded_at: datetime
    reverses: str | None


@dataclass(frozen=True, slots=True)
class RecognitionView:
    """How a line's credit stands in another region."""

    region: str
    state: RecognitionState
    hours: Decimal
    rule: CreditRule | None
    decided_at: datetime | None
    note: str | None


@dataclass(frozen=True, slots=True)
class SameActivityView:
    """Reports of one activity by ids of records; `credited` is None while none of them is."""

    credited: str | None
    reason: str
    records: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TranscriptView:
    """One cycle of one teacher under one region's rules; entries by activity day, then by when they were written."""

    first: date
    last: date
    region: str
    required_hours: Decimal | None
    awarded_hours: Decimal
    requirement_met: bool | None
    entries: tuple[EntryView, ...]
    by_level: tuple[tuple[Level, Decimal], ...]


@dataclass(frozen=True, slots=True)
class CertificateView:
    """A certificate; `record` is our id of the record it certifies."""

    id: str
    record: str
    issued_at: datetime
    revoked_at: datetime | None
    credential: str


@dataclass(frozen=True, slots=True)
class VerificationView:
    """What a check of a credential found; `record` is set where it is one of ours, valid or not."""

    valid: bool
    reason: str | None
    issuer: str | None
    record: str | None


@dataclass(frozen=True, slots=True)
class SourceView:
    """What one platform has to do with a page of records; `platform` of those entered by hand is absent from lists."""

    platform: str
    count: int
    total: int
    as_of: datetime | None


@dataclass(frozen=True, slots=True)
class RecordPage:
    """One page of records; `cursors` are those of its rows."""

    rows: tuple[RecordView, ...]
    cursors: tuple[str, ...]
    total: int
    has_next: bool
    has_previous: bool
    sources: tuple[SourceView, ...]


@dataclass(frozen=True, slots=True)
class TeacherPage:
    """One page of teachers; `cursors` are those of its rows."""

    rows: tuple[TeacherView, ...]
    cursors: tuple[str, ...]
    total: int
    has_next: bool
    has_previous: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """A record of a list that was refused, by its place in the list."""

    position: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class ReviewOutcome:
    """Records that were reviewed, and those that were refused."""

    records: tuple[RecordView, ...]
    refused: tuple[Refused, ...]


@dataclass(frozen=True, slots=True)
class SummaryCell:
    """One number; None where it is suppressed, because too few teachers stand behind it."""

    measure: Measure
    value: Decimal | None
    platforms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """Cells of one combination of keys (dimension, value, label) in one period, both days included."""

    keys: tuple[tuple[str, str, str], ...]
    first: date
    last: date
    cells: tuple[SummaryCell, ...]


@dataclass(frozen=True, slots=True)
class SummaryCoverage:
    """From when to when a platform has records in a summary, and on how many different days."""

    platform: str
    first: date
    last: date
    days: int


@dataclass(frozen=True, slots=True)
class SummaryPage:
    """One page of a summary; caveats are code, message and platforms."""

    rows: tuple[SummaryRow, ...]
    cursors: tuple[str, ...]
    total: int
    has_next: bool
    has_previous: bool
    measures: tuple[Measure, ...]
    coverage: tuple[SummaryCoverage, ...]
    caveats: tuple[tuple[str, str, tuple[str, ...]], ...]
    as_of: datetime
