"""What a resource says of itself: every field that needs no other node than a region."""

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
from gateway.graph.vocabularies.types import Term, coded_term
from schema.access import Access
from schema.identifiers import resource_id
from schema.kinds import ResourceKind
from schema.modes import ClassroomKind, DeliveryChannel, TeachingMode
from schema.resources import CatalogResource
from schema.stages import SchoolSystem, Stage
from schema.vocabularies import VocabularyScheme

MAX_SECONDS = 2**31 - 1
"""GraphQL's Int; a longer duration is nonsense and shown as unknown."""

strawberry.enum(
    SchoolSystem,
    description="How nine years of compulsory schooling are split: six and three, or five and four (五·四学制).",
)


@strawberry.type
class DescribedResource(Node):
    """Fields a result list shows are plain values, mapped once; the rarer ones are mapped when asked for."""

    stored: strawberry.Private[CatalogResource]
    view: strawberry.Private[PlatformView]
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
        row, view = stored.record, platform_of(stored.platform, context)
        return cls(
            id=strawberry.ID(resource_id(stored.platform, row.native_id)),
            stored=stored,
            view=view,
            native_id=row.native_id,
            url=row.url,
            title=row.title,
            summary=row.summary,
            language=row.language,
            kind=row.kind,
            stages=list(row.stages),
            school_system=row.school_system,
            grades=[coded_term(VocabularyScheme.GRADE, term) for term in row.grades],
            subjects=[coded_term(VocabularyScheme.SUBJECT, term) for term in row.subjects],
            edition=coded_term(VocabularyScheme.EDITION, row.edition) if row.edition else None,
            volume=row.volume,
            keywords=list(row.keywords),
            teaching_modes=list(row.teaching_modes),
            classroom_kind=row.classroom_kind,
            delivery=list(row.delivery),
            region=Region.of(row.region),
            provider=Organization.of(row.provider) if row.provider else None,
            contributors=[Contributor.of(person) for person in row.contributors],
            published_at=row.published_at,
            updated_at=row.updated_at,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            duration_seconds=row.duration_seconds if (row.duration_seconds or 0) <= MAX_SECONDS else None,
            thumbnail_url=row.thumbnail_url,
            access=row.access,
            open_to_viewer=context.principal.may_open(view.description.access.narrower(row.access)),
        )
