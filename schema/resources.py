"""The common resource: what every platform's records are mapped into."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Self

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from schema.access import Access
from schema.kinds import ResourceKind
from schema.modes import ClassroomKind, DeliveryChannel, TeachingMode
from schema.people import ContributorRole, OrganizationKind
from schema.quality import EvaluatorKind, Level, RecognitionState, ReviewStatus
from schema.records import Record
from schema.relations import Relation
from schema.stages import SchoolSystem, Stage

Text = Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
LongText = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=100)]
NativeId = Annotated[str, StringConstraints(min_length=1, max_length=250, pattern=r"^[^\x00-\x1f]+$")]
RegionCode = Annotated[str, StringConstraints(pattern=r"^\d{6}$")]
Url = Annotated[str, StringConstraints(max_length=2_000, pattern=r"^https?://[^\s]+$")]


class CodedTerm(Record):
    """A vocabulary code together with what the platform itself wrote."""

    code: Code
    native: Text | None = None


class Organization(Record):
    """A school, bureau or other body."""

    name: Text
    kind: OrganizationKind | None = None
    region: RegionCode | None = None


class Contributor(Record):
    """A person in a role; the name is absent where the platform or a rule hides it."""

    name: Text | None = None
    role: ContributorRole = ContributorRole.OTHER
    organization: Organization | None = None


class Translation(Record):
    """Title and summary in another language."""

    language: Code
    title: Text | None = None
    summary: LongText | None = None
    machine: bool = False


class ResourceFile(Record):
    """A file of the resource; `requires_login` is None where the platform does not say."""

    url: Url | None = None
    media_type: Code | None = None
    size_bytes: Annotated[int, Field(ge=0)] | None = None
    checksum: Code | None = None
    requires_login: bool | None = None


class SharingRule(Record):
    """Who may copy and adapt the resource, and until when."""

    copying: Access | None = Field(default=None, alias="copy")
    adapt: Access | None = None
    valid_to: date | None = None


class Review(Record):
    """Where the resource stands in expert review."""

    status: ReviewStatus
    reviewed_by: Text | None = None
    reviewer_kind: OrganizationKind | None = None
    standard: Text | None = None
    reviewed_at: date | None = None


class Evaluation(Record):
    """One score by one evaluator on one dimension."""

    evaluator: EvaluatorKind
    dimension: Text
    by: Text | None = None
    score: Decimal | None = None
    scale: Text | None = None
    evaluated_on: date | None = None


class Award(Record):
    """A selection label or prize, such as 精品课."""

    name: Text
    level: Level | None = None
    awarded_by: Text | None = None
    awarded_at: date | None = None


class Recognition(Record):
    """Another organization's recognition of this resource (校际互认)."""

    organization: Organization
    state: RecognitionState
    scope: Text | None = None
    valid_from: date | None = None
    valid_to: date | None = None


class RelatedRecord(Record):
    """A link to another record of the same platform, by its native id."""

    relation: Relation
    native_id: NativeId
    position: Annotated[int, Field(ge=0)] | None = None


class ResourceRecord(Record):
    """One resource as its platform tells it, in the gateway's words.

    Only `native_id`, `title` and `kind` are required. Times carry a zone; regions are GB/T 2260 codes; a grade never implies
    a stage. Published as JSON Schema in `schema/resource.schema.json`.
    """

    native_id: NativeId
    title: Text
    kind: ResourceKind
    url: Url | None = None
    summary: LongText | None = None
    translations: tuple[Translation, ...] = ()
    language: Code | None = None
    stages: tuple[Stage, ...] = ()
    school_system: SchoolSystem | None = None
    grades: tuple[CodedTerm, ...] = ()
    subjects: tuple[CodedTerm, ...] = ()
    edition: CodedTerm | None = None
    volume: Text | None = None
    school_year: Text | None = None
    keywords: tuple[Text, ...] = ()
    teaching_modes: tuple[TeachingMode, ...] = ()
    classroom_kind: ClassroomKind | None = None
    delivery: tuple[DeliveryChannel, ...] = ()
    region: RegionCode | None = None
    audience_regions: tuple[RegionCode, ...] = ()
    provider: Organization | None = None
    contributors: tuple[Contributor, ...] = ()
    program: Code | None = None
    published_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    duration_seconds: Annotated[int, Field(ge=0)] | None = None
    files: tuple[ResourceFile, ...] = ()
    thumbnail_url: Url | None = None
    access: Access = Access.PUBLIC
    license: Code | None = None
    sharing: SharingRule | None = None
    review: Review | None = None
    evaluations: tuple[Evaluation, ...] = ()
    awards: tuple[Award, ...] = ()
    recognitions: tuple[Recognition, ...] = ()
    related: tuple[RelatedRecord, ...] = ()
    use_count: Annotated[int, Field(ge=0)] | None = None
    """Views or plays in all as the platform counts them; used to sort by MOST_USED, never added up."""

    @model_validator(mode="after")
    def _ends_after_start(self) -> Self:
        if self.starts_at and self.ends_at and self.ends_at < self.starts_at:
            raise ValueError("endsAt lies before startsAt")
        return self


class Provenance(Record):
    """Where a stored record came from."""

    fetched_at: AwareDatetime
    digest: Code
    """SHA-256 of the upstream record, as hexadecimal text."""
    manifest_version: int | None = None
    modified_upstream_at: AwareDatetime | None = None
    unmapped: tuple[str, ...] = ()
    """`field: value` for everything the platform sent that its manifest could not map."""


class CatalogResource(Record):
    """A stored resource: the record, whose it is and where it came from; what storage keeps and the index carries."""

    platform: Code
    record: ResourceRecord
    provenance: Provenance
