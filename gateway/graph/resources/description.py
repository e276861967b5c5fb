"""What a resource says of itself: every field that needs no other node than a region."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

import strawberry

from gateway.graph.context import GraphContext
from gateway.graph.fields import described
from gateway.graph.nodes.types import Node
from gateway.graph.platforms.description import platform_of
from gateway.graph.ports import PlatformView
from gateway.graph.regions.types import Region
from gateway.graph.resources.people import Contributor, Organization
from gateway.graph.resources.values import (
    Award,
    Evaluation,
    License,
    Recognition,
    ResourceFile,
    Review,
    SharingRule,
    Translation,
)
from gateway.graph.rows import shows
from gateway.graph.vocabularies.types import Term, coded_term
from schema.access import Access
from schema.identifiers import resource_id
from schema.kinds import ResourceKind
from schema.modes import ClassroomKind, DeliveryChannel, TeachingMode
from schema.resources import CatalogResource, CodedTerm, ResourceRecord
from schema.stages import SchoolSystem, Stage
from schema.vocabularies import VocabularyScheme

MAX_SECONDS = 2**31 - 1
"""GraphQL's Int; a longer duration is nonsense and shown as unknown."""

strawberry.enum(
    SchoolSystem,
    description="How nine years of compulsory schooling are split: six and three, or five and four (五·四学制).",
)


def _terms(scheme: VocabularyScheme, terms: Sequence[CodedTerm]) -> list[Term]:
    return [coded_term(scheme, term) for term in terms]


def _edition(row: ResourceRecord) -> Term | None:
    return coded_term(VocabularyScheme.EDITION, row.edition) if row.edition else None


def _seconds(row: ResourceRecord) -> int | None:
    return row.duration_seconds if (row.duration_seconds or 0) <= MAX_SECONDS else None


@shows(
    id=lambda self: resource_id(self.stored.platform, self.stored.record.native_id),
    native_id="stored.record.native_id",
    url="stored.record.url",
    title="stored.record.title",
    summary="stored.record.summary",
    language="stored.record.language",
    kind="stored.record.kind",
    stages="stored.record.stages",
    school_system="stored.record.school_system",
    grades=lambda self: _terms(VocabularyScheme.GRADE, self.stored.record.grades),
    subjects=lambda self: _terms(VocabularyScheme.SUBJECT, self.stored.record.subjects),
    edition=lambda self: _edition(self.stored.record),
    volume="stored.record.volume",
    keywords="stored.record.keywords",
    teaching_modes="stored.record.teaching_modes",
    classroom_kind="stored.record.classroom_kind",
    delivery="stored.record.delivery",
    region=lambda self: Region.of(self.stored.record.region),
    provider="stored.record.provider",
    contributors="stored.record.contributors",
    published_at="stored.record.published_at",
    updated_at="stored.record.updated_at",
    starts_at="stored.record.starts_at",
    ends_at="stored.record.ends_at",
    duration_seconds=lambda self: _seconds(self.stored.record),
    thumbnail_url="stored.record.thumbnail_url",
    access="stored.record.access",
    open_to_viewer=lambda self: self.context.principal.may_open(
        self.view.description.access.narrower(self.stored.record.access)
    ),
)
@strawberry.type
class DescribedResource(Node):
    """A resource without what leads on to other nodes."""

    stored: strawberry.Private[CatalogResource]
    context: strawberry.Private[GraphContext]
    native_id: str
    url: str | None
    title: str
    summary: str | None
    language: str | None
    kind: ResourceKind
    stages: list[Stage]
    school_system: SchoolSystem | None = strawberry.field(
        description="How the platform splits compulsory schooling, where it says so: 六三 or 五四学制."
    )
    grades: list[Term]
    subjects: list[Term]
    edition: Term | None
    volume: str | None
    keywords: list[str]
    teaching_modes: list[TeachingMode]
    classroom_kind: ClassroomKind | None
    delivery: list[DeliveryChannel]
    region: Region | None = strawberry.field(description="Where it was produced.")
    provider: Organization | None
    contributors: list[Contributor]
    published_at: datetime | None
    updated_at: datetime | None
    starts_at: datetime | None
    ends_at: datetime | None
    duration_seconds: int | None
    thumbnail_url: str | None
    access: Access
    open_to_viewer: bool = strawberry.field(
        description="Access of the platform and of the resource, taken together, for this viewer."
    )

    @property
    def view(self) -> PlatformView:
        """The platform it is of."""
        return platform_of(self.stored.platform, self.context.services)

    @strawberry.field
    def translations(self) -> list[Translation]:
        return [Translation.of(row) for row in self.stored.record.translations]

    @described("Whom it is made for, where the platform says so.")
    def audience_regions(self) -> list[Region]:
        return [region for code in self.stored.record.audience_regions if (region := Region.of(code))]

    @strawberry.field
    def files(self) -> list[ResourceFile]:
        return [ResourceFile.of(row) for row in self.stored.record.files]

    @strawberry.field
    def license(self) -> License | None:
        code = self.stored.record.license
        return License.of(code) if code else None

    @strawberry.field
    def sharing(self) -> SharingRule | None:
        row = self.stored.record.sharing
        return SharingRule.of(row) if row else None

    @strawberry.field
    def review(self) -> Review | None:
        row = self.stored.record.review
        return Review.of(row) if row else None

    @strawberry.field
    def evaluations(self) -> list[Evaluation]:
        return [Evaluation.of(row) for row in self.stored.record.evaluations]

    @strawberry.field
    def awards(self) -> list[Award]:
        return [Award.of(row) for row in self.stored.record.awards]

    @strawberry.field
    def recognitions(self) -> list[Recognition]:
        return [Recognition.of(row) for row in self.stored.record.recognitions]

    @classmethod
    def of(cls, stored: CatalogResource, context: GraphContext) -> Self:
        """The resource of its stored record, as this viewer sees it."""
        context.budget.spend(1)
        return cls.paid(stored, context)

    @classmethod
    def paid(cls, stored: CatalogResource, context: GraphContext) -> Self:
        """The same where its unit of the budget was spent with those of others."""
        made = cls.__new__(cls)
        made.stored = stored
        made.context = context
        return made
