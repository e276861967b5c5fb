"""Rows as views: what the decision withholds is None, and what was erased is withheld for that reason."""

from typing import Any, TypeVar

import orjson
from sqlalchemy import Row

from gateway.errors import Erased
from gateway.personal import PERSONAL_FIELDS, Decision, Reach
from gateway.training.reading.scopes import OF_RECORDS, OF_TEACHERS
from gateway.training.views import EvidenceView, ProvenanceView, RecordView, TeacherView
from schema.parts import Organization
from schema.quality import Level
from schema.training import Outcome, QuantityUnit, RecordState, TrainingForm, TrainingKind, TrainingRole

_Value = TypeVar("_Value")
ERASED_RECORD = frozenset(
    f"TrainingRecord.{name}" for name in ("nativeId", "title", "issuer", "evidence", "certificate", "provenance")
)
"""What an erasure takes from a record; its place in the ledger and its dates stay, by our ids."""
ERASED_TEACHER = frozenset({"Teacher.name", "Teacher.school"})


def record_decision(row: Row[Any], reach: Reach) -> Decision:
    """What may be shown of a record; the row has `id`, `region`, `teacher_id` and `erased_at`."""
    decision = reach.of(row.region, row.teacher_id)
    if not decision.fields & OF_RECORDS:
        return Decision(frozenset(), decision.refusal)
    if row.erased_at is None:
        return decision
    return Decision(decision.fields - ERASED_RECORD, Erased(f"record {row.id} was erased at the request of the person"))


def teacher_decision(row: Row[Any], reach: Reach) -> Decision:
    """What may be shown of a teacher by one account; the row has `teacher_id`, `region` and `erased_at`."""
    decision = reach.of(row.region, row.teacher_id)
    if not decision.fields & OF_TEACHERS:
        return Decision(frozenset(), decision.refusal)
    if row.erased_at is None:
        return decision
    refusal = Erased(f"teacher {row.teacher_id} was erased at the request of the person")
    return Decision(decision.fields - ERASED_TEACHER, refusal)


def record_view(row: Row[Any], decision: Decision) -> RecordView:
    """A row of `training_records` with `teacher_id`, as far as it may be shown."""

    def shown(name: str, value: _Value | None) -> _Value | None:
        return value if f"TrainingRecord.{name}" in decision.fields else None

    entered = row.platform == ""
    resource = (row.resource_platform, row.resource_native_id) if row.resource_native_id is not None else None
    return RecordView(
        id=row.id,
        state=RecordState(row.state),
        version=row.version,
        region=row.region,
        decision=decision,
        native_id=shown("nativeId", None if entered else row.native_id),
        teacher=shown("teacher", row.teacher_id),
        title=shown("title", row.title),
        kind=shown("kind", TrainingKind(row.kind)),
        level=shown("level", Level(row.level) if row.level else None),
        form=shown("form", TrainingForm(row.form) if row.form else None),
        role=shown("role", TrainingRole(row.role)),
        starts_on=shown("startsOn", row.starts_on),
        ends_on=shown("endsOn", row.ends_on),
        quantity=shown("quantity", row.quantity),
        unit=shown("unit", QuantityUnit(row.unit)),
        outcome=shown("outcome", Outcome(row.outcome) if row.outcome else None),
        issuer=shown("issuer", _organization(row.issuer)),
        platform=shown("platform", row.platform or None),
        program=shown("program", row.program),
        resource=shown("resource", resource),
        evidence=shown("evidence", _evidence(row.evidence)) or (),
        provenance=shown("provenance", _provenance(row, decision)),
    )


def teacher_view(row: Row[Any], decision: Decision) -> TeacherView:
    """A row of `teacher_accounts`, as far as it may be shown."""
    fields = decision.fields
    return TeacherView(
        id=row.teacher_id,
        decision=decision,
        name=row.name if "Teacher.name" in fields else None,
        region=row.region if "Teacher.region" in fields else None,
        school=_organization(row.school) if "Teacher.school" in fields else None,
    )


def _organization(text: str | None) -> Organization | None:
    return Organization.model_validate_json(text) if text else None


def _evidence(text: str) -> tuple[EvidenceView, ...]:
    return tuple(EvidenceView(one.get("name"), one.get("url")) for one in orjson.loads(text))


def _provenance(row: Row[Any], decision: Decision) -> ProvenanceView:
    entered = row.platform == ""
    return ProvenanceView(
        platform=None if entered else row.platform,
        manifest_version=None if entered else row.manifest_version,
        fetched_at=row.fetched_at,
        modified_upstream_at=row.modified_upstream_at,
        digest=row.digest,
        unmapped=tuple(note for note in orjson.loads(row.unmapped) if _is_shown(note, decision)),
    )


def _is_shown(note: str, decision: Decision) -> bool:
    """Whether a note such as `issuer.name: 学院` is about a field that is shown; who is shown all sees every note."""
    first, *words = note.partition(":")[0].partition(".")[0].split("_")
    coordinate = f"TrainingRecord.{first}{''.join(word.capitalize() for word in words)}"
    return coordinate in decision.fields or decision.fields >= PERSONAL_FIELDS
