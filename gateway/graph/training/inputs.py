"""Questions about training as clients write them, and the questions of the service they become."""

from datetime import date
from decimal import Decimal
from typing import Any

import strawberry

from gateway.errors import InvalidInput
from gateway.graph.identifiers import parse_id, resource_key
from gateway.graph.pagination import given
from gateway.graph.training.identifiers import named
from gateway.training import questions
from gateway.training.questions import RecordDraft, TeacherQuestion
from schema.quality import Level, RecognitionState
from schema.training import Outcome, QuantityUnit, RecordState, TrainingForm, TrainingKind, TrainingRole


@strawberry.input(
    description="Records whose credit stands in one of these states in that region: the receiving side's worklist."
)
class RecognitionFilter:
    """A receiving region and states of recognition there."""

    region: str
    states: list[RecognitionState]


@strawberry.input
class TrainingRecordFilter:
    """Conditions that all must hold; within one condition any value will do. Days are first days of activities."""

    regions: list[str] | None = strawberry.UNSET
    platforms: list[str] | None = strawberry.UNSET
    programs: list[str] | None = strawberry.UNSET
    kinds: list[TrainingKind] | None = strawberry.UNSET
    levels: list[Level] | None = strawberry.UNSET
    roles: list[TrainingRole] | None = strawberry.UNSET
    forms: list[TrainingForm] | None = strawberry.UNSET
    states: list[RecordState] | None = strawberry.UNSET
    recognition: RecognitionFilter | None = strawberry.UNSET
    from_: date | None = strawberry.field(name="from", default=strawberry.UNSET)
    to: date | None = strawberry.UNSET


@strawberry.input
class TeacherFilter:
    """Conditions that all must hold."""

    regions: list[str] | None = strawberry.UNSET
    platforms: list[str] | None = strawberry.UNSET
    native_id: str | None = strawberry.UNSET
    school: str | None = strawberry.UNSET
    below_requirement: bool | None = strawberry.UNSET


@strawberry.input
class RecordTrainingInput:
    """A record as an officer enters it."""

    idempotency_key: str = strawberry.field(
        description="Makes a retry safe: the same key and body return the first answer; "
        "the same key with another body is refused."
    )
    teacher_id: strawberry.ID
    title: str
    kind: TrainingKind
    level: Level
    form: TrainingForm
    role: TrainingRole
    starts_on: date
    ends_on: date | None = strawberry.UNSET
    quantity: Decimal
    unit: QuantityUnit
    outcome: Outcome
    issuer: str = strawberry.field(description="Name of the organization that vouches for it.")
    evidence: list[str] | None = strawberry.UNSET
    program: str | None = strawberry.UNSET
    resource_id: strawberry.ID | None = strawberry.UNSET


_DAYS = {"from_": "first", "to": "last"}


def parse_record_filter(wanted: TrainingRecordFilter | None) -> questions.RecordFilter:
    """The filter of the service, which judges it; absent and null conditions ask nothing."""
    conditions: dict[str, Any] = {
        _DAYS.get(name, name): _condition(value)
        for name, value in (vars(wanted) if wanted else {}).items()
        if value is not None and value is not strawberry.UNSET
    }
    return questions.RecordFilter(**conditions)


def _condition(value: Any) -> Any:
    if isinstance(value, RecognitionFilter):
        return questions.RecognitionFilter(value.region, tuple(value.states))
    return tuple(value) if isinstance(value, list) else value


def parse_teacher_question(wanted: TeacherFilter | None, first: int, after: str | None) -> TeacherQuestion:
    """The question of the service, which judges it; absent and null conditions ask nothing."""
    if wanted is None:
        return TeacherQuestion(first=first, after=after)
    regions, platforms = given(wanted.regions), given(wanted.platforms)
    return TeacherQuestion(
        regions=None if regions is None else tuple(regions),
        platforms=None if platforms is None else tuple(platforms),
        native_id=given(wanted.native_id),
        school=given(wanted.school),
        below_requirement=given(wanted.below_requirement),
        first=first,
        after=after,
    )


def parse_draft(entered: RecordTrainingInput) -> RecordDraft:
    """The record to enter; raises InvalidInput for ids of something else."""
    return RecordDraft(
        teacher=named("teacherId", "Teacher", entered.teacher_id),
        title=entered.title,
        kind=entered.kind,
        level=entered.level,
        form=entered.form,
        role=entered.role,
        starts_on=entered.starts_on,
        ends_on=given(entered.ends_on),
        quantity=entered.quantity,
        unit=entered.unit,
        outcome=entered.outcome,
        issuer=entered.issuer,
        evidence=tuple(given(entered.evidence) or ()),
        program=given(entered.program),
        resource=_resource(given(entered.resource_id)),
    )


def _resource(text: str | None) -> tuple[str, str] | None:
    if text is None:
        return None
    key = resource_key(parse_id(text))
    if key is None:
        raise InvalidInput("resourceId: this is not the id of a Resource; the field `id` of a resource has it")
    return key.platform, key.native_id
