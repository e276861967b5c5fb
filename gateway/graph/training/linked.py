"""Teacher, TrainingRecord, LedgerEntry, SameActivity and Transcript: they refer to one another, so they live together;
what needs no other of them is described beside them."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import strawberry
from strawberry import federation

from gateway.graph.budget import CATALOG_CALL
from gateway.graph.context import Info
from gateway.graph.fields import described
from gateway.graph.nodes.types import Node
from gateway.graph.pagination import Edge, PageInfo, bounded, given, page_info
from gateway.graph.regions.types import Region
from gateway.graph.resources.people import Organization
from gateway.graph.search.sources import SourceStatus
from gateway.graph.training.asked import note_records
from gateway.graph.training.description import DescribedEntry, DescribedTrainingRecord
from gateway.graph.training.inputs import TrainingRecordFilter, parse_record_filter
from gateway.graph.training.recognitions import CreditRecognition
from gateway.graph.training.shared import note, shared, show
from gateway.graph.training.sources import training_sources
from gateway.graph.usage.periods import Period
from gateway.personal import Decision
from gateway.training.questions import RecordQuestion
from gateway.training.views import EntryView, RecordView, SameActivityView, TeacherView, TranscriptView
from schema.identifiers import GlobalId
from schema.quality import Level

AWARD, LEDGER, TRANSCRIPT = "TrainingRecord.award", "TrainingRecord.ledger", "Teacher.transcript"
"""The rights by which a ledger line is seen."""


@federation.type(keys=["id"])
class Teacher(Node):
    """A person with all their accounts; a pseudonym, for whoever may see no more."""

    view: strawberry.Private[TeacherView]
    name = shared(
        "Teacher", "name", str | None, None, "Null unless the viewer may see personal data for the stated purpose."
    )
    region = shared("Teacher", "region", Region | None, lambda code, _: Region.of(code))
    school = shared("Teacher", "school", Organization | None, lambda row, _: Organization.of(row))

    @strawberry.field
    async def records(
        self,
        info: Info,
        filter: TrainingRecordFilter | None = strawberry.UNSET,  # noqa: A002  # the contract's name
        first: int = 20,
        after: str | None = strawberry.UNSET,
    ) -> "TrainingRecordConnection | None":
        show(info, "Teacher.records", self.view)
        question = RecordQuestion(
            parse_record_filter(given(filter)), first=first, after=given(after), teacher=self.view.id
        )
        return await records_page(info, question)

    @described(
        "The cycle that holds this day (default today), under the rules of this region (default the teacher's own)."
    )
    async def transcript(
        self, info: Info, on: date | None = strawberry.UNSET, region: str | None = strawberry.UNSET
    ) -> "Transcript | None":
        show(info, TRANSCRIPT, self.view)
        info.context.budget.spend(CATALOG_CALL)
        found = await info.context.training.service.transcript(
            self.view.id, given(on), given(region), info.context.principal
        )
        return Transcript.of(found) if found else None

    @classmethod
    def of(cls, view: TeacherView, info: Info) -> "Teacher":
        """The teacher as this viewer sees them."""
        info.context.budget.spend(1)
        return cls(id=strawberry.ID(str(GlobalId("Teacher", (view.id,)))), view=view)


@strawberry.type(description="Fields that a sharing agreement does not name are null, with a code in errors[].")
class TrainingRecord(DescribedTrainingRecord):
    """A record of one activity of one teacher."""

    @strawberry.field
    async def teacher(self, info: Info) -> Teacher | None:
        show(info, "TrainingRecord.teacher", self.view)
        identifier = self.view.teacher
        if identifier is None:
            return None
        found = await info.context.training.teachers.load(identifier)
        # Who may see whose record it is sees their id, though nothing of the teacher themselves is shared.
        return Teacher.of(found or TeacherView(identifier, Decision(frozenset(), self.view.decision.refusal)), info)

    @described("Other reports of the same activity, which of them is credited, and why.")
    async def same_activity(self, info: Info) -> "SameActivity | None":
        show(info, "TrainingRecord.sameActivity", self.view)
        found = await info.context.training.same_activity.load(self.view.id)
        return SameActivity(view=found, reason=found.reason) if found else None

    @described("The award in force; null where none was made or it was reversed.")
    async def award(self, info: Info) -> "LedgerEntry | None":
        show(info, AWARD, self.view)
        found = await info.context.training.awards.load(self.view.id)
        return LedgerEntry.of(found, info, AWARD) if found else None

    @described("Every line this record caused, compensating ones included.")
    async def ledger(self, info: Info) -> "list[LedgerEntry] | None":
        show(info, LEDGER, self.view)
        return [
            LedgerEntry.of(row, info, LEDGER) for row in await info.context.training.ledger.load(self.view.id) or ()
        ]

    @classmethod
    def of(cls, view: RecordView, info: Info) -> "TrainingRecord":
        """The record as this viewer sees it."""
        info.context.budget.spend(1)
        identifier = strawberry.ID(str(GlobalId("TrainingRecord", (view.id,))))
        return cls(id=identifier, view=view, state=view.state, version=view.version)


@strawberry.type
class SameActivity:
    """Reports of one activity, as far as the viewer may see them."""

    view: strawberry.Private[SameActivityView]
    reason: str

    @strawberry.field
    async def credited(self, info: Info) -> TrainingRecord | None:
        return await load_record(info, self.view.credited) if self.view.credited else None

    @strawberry.field
    async def records(self, info: Info) -> list[TrainingRecord]:
        found = await info.context.training.records.load_many(list(self.view.records))
        return [TrainingRecord.of(row, info) for row in found if row]


@strawberry.type(
    description="One line of the credit bank's append-only ledger; a correction is a compensating line, never an edit."
)
class LedgerEntry(DescribedEntry):
    """A ledger line; `shown_by` is the right by which it is seen."""

    shown_by: strawberry.Private[str]

    @strawberry.field
    async def record(self, info: Info) -> TrainingRecord | None:
        return await load_record(info, self.view.record)

    @strawberry.field
    async def reverses(self, info: Info) -> "LedgerEntry | None":
        found = await info.context.training.entries.load(self.view.reverses) if self.view.reverses else None
        return LedgerEntry.of(found, info, self.shown_by) if found else None

    @strawberry.field
    async def recognitions(self, info: Info) -> list[CreditRecognition]:
        found = await info.context.training.recognitions.load(self.view.id) or ()
        return [CreditRecognition.of(row) for row in found]

    @classmethod
    def of(cls, view: EntryView, info: Info, shown_by: str) -> "LedgerEntry":
        """The line as it is shown; noted as a field of its record."""
        info.context.budget.spend(1)
        note(info, shown_by if shown_by != TRANSCRIPT else LEDGER, view.record)
        return cls(
            id=strawberry.ID(str(GlobalId("LedgerEntry", (view.id,)))),
            view=view,
            shown_by=shown_by,
            account=view.account,
            hours=view.hours,
            uncapped_hours=view.uncapped_hours,
            explanation=list(view.explanation),
            awarded_at=view.awarded_at,
        )


@strawberry.type
class LevelHours:
    """Hours that activities of one level brought."""

    level: Level
    hours: Decimal


@strawberry.type(description="`requiredHours` and `requirementMet` are null where no rule is published.")
class Transcript:
    """One cycle of one teacher."""

    view: strawberry.Private[TranscriptView]
    cycle: Period
    region: Region
    required_hours: Decimal | None
    awarded_hours: Decimal
    requirement_met: bool | None
    by_level: list[LevelHours]

    @strawberry.field
    def entries(self, info: Info) -> list[LedgerEntry]:
        return [LedgerEntry.of(row, info, TRANSCRIPT) for row in self.view.entries]

    @classmethod
    def of(cls, view: TranscriptView) -> "Transcript":
        """The transcript of a cycle."""
        return cls(
            view=view,
            cycle=Period(from_=view.first, to=view.last),
            region=Region.known(view.region),
            required_hours=view.required_hours,
            awarded_hours=view.awarded_hours,
            requirement_met=view.requirement_met,
            by_level=[LevelHours(level=level, hours=hours) for level, hours in view.by_level],
        )


@strawberry.type
class TrainingRecordConnection:
    """One page of records, and what each platform has to do with it."""

    edges: list[Edge[TrainingRecord]]
    nodes: list[TrainingRecord]
    page_info: PageInfo
    total_count: int
    sources: list[SourceStatus]


async def load_record(info: Info, identifier: str) -> TrainingRecord | None:
    """The record with this id of ours, fetched with others of the same moment; None when unknown or not visible."""
    found = await info.context.training.records.load(identifier)
    return TrainingRecord.of(found, info) if found else None


async def load_teacher(info: Info, identifier: str) -> Teacher | None:
    """The teacher with this id of ours, fetched with others of the same moment; None when unknown or not visible."""
    found = await info.context.training.teachers.load(identifier)
    return Teacher.of(found, info) if found else None


async def records_page(info: Info, question: RecordQuestion) -> TrainingRecordConnection:
    """One page of records; raises LimitExceeded and what the service refuses."""
    bounded("first", question.first)
    info.context.budget.spend(CATALOG_CALL)
    page = await info.context.training.service.records(question, info.context.principal)
    note_records(info, question.filter, page.rows)
    nodes = records_of(page.rows, info)
    return TrainingRecordConnection(
        edges=[Edge(cursor=cursor, node=node) for cursor, node in zip(page.cursors, nodes, strict=True)],
        nodes=nodes,
        page_info=page_info(page.cursors, has_next=page.has_next, has_previous=page.has_previous),
        total_count=page.total,
        sources=training_sources(page.sources, info.context),
    )


def records_of(views: Sequence[RecordView], info: Info) -> list[TrainingRecord]:
    """The records as this viewer sees them."""
    return [TrainingRecord.of(view, info) for view in views]
