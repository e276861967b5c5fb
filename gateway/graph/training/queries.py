"""Root fields for teachers, records, rules and certificates."""

from datetime import date

import strawberry

from gateway.graph.budget import CATALOG_CALL
from gateway.graph.context import Info
from gateway.graph.fields import described
from gateway.graph.identifiers import named_by
from gateway.graph.pagination import Connection, bounded, connection, given
from gateway.graph.regions.codes import known_regions
from gateway.graph.training.asked import note_teachers
from gateway.graph.training.inputs import (
    TeacherFilter,
    TrainingRecordFilter,
    parse_record_filter,
    parse_teacher_question,
)
from gateway.graph.training.linked import (
    Teacher,
    TrainingRecord,
    TrainingRecordConnection,
    load_record,
    load_teacher,
    records_page,
)
from gateway.graph.training.rules import CreditRule
from gateway.training.questions import RecordQuestion, TrainingRecordSort


@strawberry.type
class CertificateVerification:
    """What a check of a certificate found; only who may see its record is shown more of it."""

    valid: bool
    reason: str | None
    issuer: str | None
    checked: strawberry.Private[str | None]

    @strawberry.field
    async def record(self, info: Info) -> TrainingRecord | None:
        return await load_record(info, self.checked) if self.checked else None


@strawberry.type
class TrainingQuery:
    """Records of teachers as far as the viewer may see them, and what is public of the credit bank."""

    @strawberry.field
    async def teacher(self, info: Info, id: strawberry.ID) -> Teacher | None:  # noqa: A002  # the contract's name
        named = named_by("Teacher", id)
        return await load_teacher(info, named) if named else None

    @strawberry.field
    async def teachers(
        self,
        info: Info,
        filter: TeacherFilter | None = strawberry.UNSET,  # noqa: A002  # the contract's name
        first: int = 20,
        after: str | None = strawberry.UNSET,
    ) -> Connection[Teacher] | None:
        bounded("first", first)
        info.context.budget.spend(CATALOG_CALL)
        question = parse_teacher_question(given(filter), first, given(after))
        page = await info.context.training.service.teachers(question, info.context.principal)
        note_teachers(info, question, page.rows)
        return connection(
            [(cursor, Teacher.of(row, info)) for cursor, row in zip(page.cursors, page.rows, strict=True)],
            total=page.total,
            has_next=page.has_next,
            has_previous=page.has_previous,
        )

    @strawberry.field
    async def training_record(
        self,
        info: Info,
        id: strawberry.ID,  # noqa: A002  # the contract's name
    ) -> TrainingRecord | None:
        named = named_by("TrainingRecord", id)
        return await load_record(info, named) if named else None

    @strawberry.field
    async def training_records(
        self,
        info: Info,
        filter: TrainingRecordFilter | None = strawberry.UNSET,  # noqa: A002  # the contract's name
        order_by: TrainingRecordSort = TrainingRecordSort.NEWEST,
        first: int = 20,
        after: str | None = strawberry.UNSET,
    ) -> TrainingRecordConnection | None:
        question = RecordQuestion(parse_record_filter(given(filter)), order_by, first, given(after))
        return await records_page(info, question)

    @strawberry.field
    async def credit_rules(
        self, info: Info, region: str | None = strawberry.UNSET, on: date | None = strawberry.UNSET
    ) -> list[CreditRule] | None:
        wanted = given(region)
        known_regions("region", None if wanted is None else [wanted])
        info.context.budget.spend(CATALOG_CALL)
        found = await info.context.training.service.rules(wanted, given(on))
        info.context.budget.spend(len(found))
        return [CreditRule.of(row) for row in found]

    @described("Checks signature, issuer and revocation of a certificate issued by this gateway.")
    async def verify_certificate(self, info: Info, credential: str) -> CertificateVerification | None:
        info.context.budget.spend(CATALOG_CALL)
        found = await info.context.training.service.verify_certificate(credential)
        return CertificateVerification(
            valid=found.valid, reason=found.reason, issuer=found.issuer, checked=found.record
        )
