"""What a resource says of itself: every field that needs no other node than a region."""

from datetime import datetime

import strawberry

from gateway.graph.fields import described
from gateway.graph.nodes.types import Node
from gateway.graph.regions.types import Region
from gateway.graph.resources.people import Contributor, Organization
from gateway.graph.resources.values import (
    Award,
    Evaluation,
    License,
    Provenance,
    Recognition,
    ResourceFile,
    Review,
    SharingRule,
    Translation,
)
from gateway.graph.vocabularies.types import Term
from schema.access import Access
from schema.kinds import ResourceKind
from schema.modes import ClassroomKind, DeliveryChannel, TeachingMode
from schema.resources import CatalogResource
from schema.stages import SchoolSystem, Stage

strawberry.enum(
    SchoolSystem,
    description="How nine years of compulsory schooling are split: six and three, or five and four (五·四学制).",
)


@strawberry.type
class DescribedResource(Node):
    """Fields a result list shows are plain values, mapped once; the rarer ones are mapped when asked for."""

    stored: strawberry.Private[CatalogResource]
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

    @strawberry.field
    def provenance(self) -> Provenance:
        return Provenance.of(self.stored.provenance)
