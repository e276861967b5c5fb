"""What may be asked of training records, and what is entered by hand."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from schema.quality import Level, RecognitionState
from schema.training import Outcome, QuantityUnit, RecordState, TrainingForm, TrainingKind, TrainingRole


class TrainingRecordSort(StrEnum):
    """Order of records: by the first day of the activity, or by our last change."""

    NEWEST = "NEWEST"
    OLDEST = "OLDEST"
    UPDATED = "UPDATED"


class ReviewDecision(StrEnum):
    """What a reviewer decides."""

    REVIEW = "REVIEW"
    RECOGNIZE = "RECOGNIZE"
    REJECT = "REJECT"


@dataclass(frozen=True, slots=True)
class RecognitionFilter:
    """Records whose credit stands in one of these states in a region."""

    region: str
    states: tuple[RecognitionState, ...]


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """None asks for everything; an empty tuple for nothing. Days are those on which an activity begins."""

    regions: tuple[str, ...] | None = None
    platforms: tuple[str, ...] | None = None
    programs: tuple[str, ...] | None = None
    kinds: tuple[TrainingKind, ...] | None = None
    levels: tuple[Level, ...] | None = None
    roles: tuple[TrainingRole, ...] | None = None
    forms: tuple[TrainingForm, ...] | None = None
    states: tuple[RecordState, ...] | None = None
    recognition: RecognitionFilter | None = None
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class RecordQuestion:
    """One page of records; `teacher` narrows to those of one teacher."""

    filter: RecordFilter = field(default_factory=RecordFilter)
    order: TrainingRecordSort = TrainingRecordSort.NEWEST
    first: int = 20
    after: str | None = None
    teacher: str | None = None


@dataclass(frozen=True, slots=True)
class TeacherQuestion:
    """One page of teachers; None asks for everything."""

    regions: tuple[str, ...] | None = None
    platforms: tuple[str, ...] | None = None
    native_id: str | None = None
    school: str | None = None
    below_requirement: bool | None = None
    first: int = 20
    after: str | None = None


@dataclass(frozen=True, slots=True)
class RecordDraft:
    """A record as an officer enters it. `resource` is platform and native id."""

    teacher: str
    title: str
    kind: TrainingKind
    level: Level
    form: TrainingForm
    role: TrainingRole
    starts_on: date
    ends_on: date | None
    quantity: Decimal
    unit: QuantityUnit
    outcome: Outcome
    issuer: str
    evidence: tuple[str, ...] = ()
    program: str | None = None
    resource: tuple[str, str] | None = None


class SummaryDimension(StrEnum):
    """What a summary may be grouped by; words of `ReportDimension`."""

    PLATFORM = "PLATFORM"
    REGION = "REGION"
    PROVINCE = "PROVINCE"
    CITY = "CITY"
    DISTRICT = "DISTRICT"
    KIND = "KIND"
    PROGRAM = "PROGRAM"
    LEVEL = "LEVEL"
    ROLE = "ROLE"
    FORM = "FORM"


class SummaryInterval(StrEnum):
    """Periods of a summary; words of `Interval`. Weeks begin on Monday."""

    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"
    QUARTER = "QUARTER"
    YEAR = "YEAR"


@dataclass(frozen=True, slots=True)
class SummaryQuestion:
    """One page of a summary; `order` is a measure of it and whether its largest come first."""

    measures: tuple[str, ...] = ("training_teachers", "training_records", "training_hours")
    filter: RecordFilter = field(default_factory=RecordFilter)
    group_by: tuple[SummaryDimension, ...] = (SummaryDimension.REGION,)
    interval: SummaryInterval | None = None
    order: tuple[str, bool] | None = None
    first: int = 100
    after: str | None = None
