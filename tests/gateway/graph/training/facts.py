"""A small credit bank: two teachers of two provinces, their records, ledger lines, a certificate and agreements."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from gateway.access.agreements import AgreementView
from gateway.errors import Erased
from gateway.identity import Grant, Principal, Purpose, Role
from gateway.personal import Decision
from gateway.training.views import (
    CertificateView,
    EntryView,
    EvidenceView,
    ProvenanceView,
    RecognitionView,
    RecordEventView,
    RecordView,
    TeacherView,
)
from schema.credit import AgreementState, CapScope, CreditAccount, CreditCap, CreditRule, RoleShare
from schema.identifiers import GlobalId
from schema.parts import Organization
from schema.quality import Level, RecognitionState
from schema.training import (
    Outcome,
    QuantityUnit,
    RecordState,
    TrainingForm,
    TrainingKind,
    TrainingRole,
)

NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)
NOBODY = Decision(frozenset(), Erased("not decided yet"))
"""Stands in stored views, until somebody asks."""
CREDENTIAL = "eyJhbGciOiJFZERTQSJ9.e30.c2lnbmVk"


def officer(region: str, purpose: Purpose | None) -> Principal:
    """A training officer of a region."""
    name = f"officer-{region}"
    return Principal(name, grants=(Grant(Role.TRAINING_OFFICER, region),), purpose=purpose, client=name)


CHONGQING = officer("500000", Purpose.TRAINING_ADMINISTRATION)
SICHUAN = officer("510000", Purpose.CREDIT_RECOGNITION)
THEMSELVES = Principal("t-118", grants=(Grant(Role.TEACHER),), teacher="teacher-1", client="t-118")
ANALYST = Principal("analyst", grants=(Grant(Role.ANALYST, "500000"),), client="analyst")

RULE = CreditRule(
    code="cq-course-hours",
    sample=True,
    region="500000",
    valid_from=date(2024, 1, 1),
    unit=QuantityUnit.HOUR,
    hours_per_unit=Decimal("0.5"),
    caps=(CreditCap(scope=CapScope.RECORD, hours=Decimal(6)),),
    shares=(RoleShare(role=TrainingRole.LEAD_DEVELOPER, weight=Decimal(2)),),
    source="an example, no published rule",
)
TEACHERS = (
    TeacherView("teacher-1", NOBODY, "教师甲", "500103", Organization(name="示例小学", region="500103")),
    TeacherView("teacher-2", NOBODY, "教师乙", "511000", None),
)
NATIVE_IDS = {"teacher-1": "T2023-118", "teacher-2": "N-7"}


FULL = RecordView(
    id="",
    state=RecordState.REPORTED,
    version=1,
    region="500103",
    decision=NOBODY,
    teacher="teacher-1",
    kind=TrainingKind.COURSE,
    level=Level.DISTRICT,
    form=TrainingForm.ONLINE,
    role=TrainingRole.PARTICIPANT,
    starts_on=date(2026, 3, 1),
    quantity=Decimal("16"),
    unit=QuantityUnit.HOUR,
    outcome=Outcome.PASSED,
    issuer=Organization(name="渝中区教师进修学院"),
    platform="yuzhong",
    program="chengyu",
    resource=("chongqing", "L-3"),
    evidence=(EvidenceView(None, "https://platform.example/e/1"),),
    provenance=ProvenanceView("yuzhong", 3, NOON, None, "ab" * 32, ("tier: 种子教师",)),
)
"""Something in every field but `endsOn`."""

ENTERED = ProvenanceView(None, None, NOON, None, "cd" * 32, ())


def record(identifier: str, **values: Any) -> RecordView:
    """A record that a platform reported."""
    return replace(FULL, id=identifier, native_id=f"TR-{identifier}", title=f"活动 {identifier}", **values)


RECORDS = (
    *(record(f"queue-{at:02}", starts_on=date(2026, 1, 1 + at)) for at in range(25)),
    record("joint-1", state=RecordState.RECOGNIZED, version=2, platform="chongqing"),
    record("joint-2", state=RecordState.REVIEWED),
    record("hand", platform=None, program=None, resource=None, evidence=(), provenance=ENTERED),
    record("foreign", teacher="teacher-2", region="511000", platform="orphaned"),
)
AWARD = EntryView(
    id="entry-1",
    account=CreditAccount.CONTINUING_EDUCATION,
    record="joint-1",
    hours=Decimal("6.00"),
    uncapped_hours=Decimal("8.0"),
    rule=RULE,
    caps_hit=RULE.caps,
    explanation=("16 HOUR × 0.5", "cap RECORD 6"),
    awarded_at=NOON,
    reverses=None,
)
REVERSED = EntryView("entry-2", AWARD.account, "joint-2", Decimal(6), Decimal(8), RULE, (), (), NOON, None)
REVERSAL = EntryView("entry-3", AWARD.account, "joint-2", Decimal(-6), Decimal(-8), RULE, (), (), NOON, "entry-2")
ABROAD = EntryView("entry-4", AWARD.account, "foreign", Decimal(2), Decimal(2), RULE, (), (), NOON, None)


@dataclass
class Facts:
    """What is stored; actions change it."""

    teachers: dict[str, TeacherView] = field(default_factory=lambda: {one.id: one for one in TEACHERS})
    records: dict[str, RecordView] = field(default_factory=lambda: {one.id: one for one in RECORDS})
    entries: dict[str, EntryView] = field(
        default_factory=lambda: {one.id: one for one in (AWARD, REVERSED, REVERSAL, ABROAD)}
    )
    awards: dict[str, str] = field(default_factory=lambda: {"joint-1": "entry-1", "foreign": "entry-4"})
    groups: tuple[tuple[str, ...], ...] = (("joint-1", "joint-2", "foreign"),)
    recognitions: dict[str, list[RecognitionView]] = field(
        default_factory=lambda: {
            "entry-1": [RecognitionView("510000", RecognitionState.PENDING, Decimal(0), None, None, None)]
        }
    )
    certificates: dict[str, CertificateView] = field(
        default_factory=lambda: {"cert-1": CertificateView("cert-1", "joint-1", NOON, None, CREDENTIAL)}
    )
    events: tuple[RecordEventView, ...] = (
        RecordEventView(NOON, None, RecordState.REPORTED, 1, None),
        RecordEventView(NOON, "officer-500000", RecordState.RECOGNIZED, 2, "已核对"),
    )
    requests: dict[str, str] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)


AGREEMENTS = (
    AgreementView(
        id="agreement-1",
        from_region="500000",
        to_region="510000",
        purposes=(Purpose.CREDIT_RECOGNITION,),
        fields=("TrainingRecord.title", "TrainingRecord.ledger"),
        valid_from=date(2026, 1, 1),
        valid_to=None,
        state=AgreementState.ACTIVE,
        basis="two offices agreed in writing",
    ),
    AgreementView(
        id="agreement-2",
        from_region="510000",
        to_region="500000",
        purposes=(Purpose.CREDIT_RECOGNITION,),
        fields=("TrainingRecord.title",),
        valid_from=date(2026, 1, 1),
        valid_to=date(2026, 12, 31),
        state=AgreementState.PROPOSED,
        basis="two offices agreed in writing",
    ),
)


def node_id(type_name: str, identifier: str) -> str:
    """The global id of something of ours."""
    return str(GlobalId(type_name, (identifier,)))
