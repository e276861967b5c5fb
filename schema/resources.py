"""The common resource: what every platform's records are mapped into."""

from typing import Self

from pydantic import AwareDatetime, Field, model_validator
from pydantic_core import PydanticCustomError

from schema.access import Access
from schema.kinds import ResourceKind
from schema.modes import ClassroomKind, DeliveryChannel, TeachingMode
from schema.parts import (
    Award,
    CodedTerm,
    Contributor,
    DemandOrder,
    Evaluation,
    Organization,
    Recognition,
    RelatedRecord,
    ResourceFile,
    Review,
    SharingRule,
    Translation,
)
from schema.records import Record
from schema.stages import SchoolSystem, SchoolTerm, Stage
from schema.values import Code, Count, LongText, NativeId, RegionCode, Text, Url

__all__ = [
    "Award",
    "CatalogResource",
    "Code",
    "CodedTerm",
    "Contributor",
    "Count",
    "DemandOrder",
    "Evaluation",
    "LongText",
    "NativeId",
    "Organization",
    "Provenance",
    "Recognition",
    "RegionCode",
    "RelatedRecord",
    "ResourceFile",
    "ResourceRecord",
    "Review",
    "SharingRule",
    "Text",
    "Translation",
    "Url",
]


class ResourceRecord(Record):
    """One resource as its platform tells it, in the gateway's words.

    Only `native_id`, `title` and `kind` are required. Times carry a zone; regions are GB/T 2260 codes; a grade never
    implies a stage. Published as JSON Schema in `schema/resource.schema.json`.
    """

    native_id: NativeId = Field(
        description="Id of the record on its platform; with the platform's code it makes the global ID.",
        examples=["CQ-1024"],
    )
    title: Text = Field(description="Title without markup.", examples=["勾股定理"])
    kind: ResourceKind = Field(description="What the resource is.", examples=["LESSON"])
    url: Url | None = Field(
        default=None,
        description="Page of the resource on its platform.",
        examples=["https://platform.example/resource/CQ-1024"],
    )
    summary: LongText | None = Field(
        default=None, description="Summary as plain text.", examples=["从赵爽弦图出发证明勾股定理。"]
    )
    translations: tuple[Translation, ...] = Field(
        default=(),
        description="Title and summary in other languages.",
        examples=[[{"language": "en", "title": "Pythagorean theorem"}]],
    )
    language: Code | None = Field(
        default=None, description="Language of the resource, a BCP 47 tag.", examples=["zh-CN"]
    )
    stages: tuple[Stage, ...] = Field(
        default=(),
        description="Whom it is for; none where the platform does not say, several where it serves several.",
        examples=[["JUNIOR_SECONDARY"]],
    )
    school_system: SchoolSystem | None = Field(
        default=None,
        description="How compulsory schooling is split where the resource was made for one way (五·四学制).",
        examples=["FIVE_FOUR"],
    )
    grades: tuple[CodedTerm, ...] = Field(
        default=(),
        description="Grades of the GRADE vocabulary; a grade never implies a stage.",
        examples=[[{"code": "grade-8", "native": "初二"}]],
    )
    subjects: tuple[CodedTerm, ...] = Field(
        default=(),
        description="School subjects, vocational categories and topics of the SUBJECT vocabulary.",
        examples=[[{"code": "mathematics", "native": "数学"}]],
    )
    edition: CodedTerm | None = Field(
        default=None, description="Textbook edition (版本).", examples=[{"code": "rjb", "native": "人教版"}]
    )
    volume: Text | None = Field(
        default=None, description="Volume (册次) as the platform writes it.", examples=["下册", "必修 第二册"]
    )
    school_year: Text | None = Field(default=None, description="School year it was made for.", examples=["2024-2025"])
    school_term: SchoolTerm | None = Field(
        default=None, description="Term of the school year: 上学期 FIRST, 下学期 SECOND.", examples=["SECOND"]
    )
    keywords: tuple[Text, ...] = Field(default=(), description="Keywords.", examples=[["直角三角形", "证明"]])
    teaching_modes: tuple[TeachingMode, ...] = Field(
        default=(), description="How it is taught at a distance; modes may be combined.", examples=[["DUAL_TEACHER"]]
    )
    classroom_kind: ClassroomKind | None = Field(
        default=None, description="Which of the three classrooms (三个课堂) it belongs to.", examples=["DELIVERED"]
    )
    delivery: tuple[DeliveryChannel, ...] = Field(
        default=(), description="Channels it is delivered over.", examples=[["WEB", "CABLE_TV"]]
    )
    region: RegionCode | None = Field(
        default=None,
        description="Where it was produced, as GB/T 2260 code; not the region of the platform.",
        examples=["500103"],
    )
    audience_regions: tuple[RegionCode, ...] = Field(
        default=(), description="Whom it is made for, where the platform says so.", examples=[["500238"]]
    )
    provider: Organization | None = Field(
        default=None, description="Who provides it.", examples=[{"name": "谢家湾学校", "kind": "SCHOOL"}]
    )
    contributors: tuple[Contributor, ...] = Field(
        default=(),
        description="People with role and school, in the platform's order.",
        examples=[[{"name": "王老师", "role": "LECTURER", "organization": {"name": "谢家湾学校"}}]],
    )
    program: Code | None = Field(
        default=None,
        description="Joint program that owns it; never a child of one platform.",
        examples=["chengdu-chongqing-teacher-community"],
    )
    published_at: AwareDatetime | None = Field(
        default=None, description="When it was published.", examples=["2024-03-01T08:00:00+08:00"]
    )
    updated_at: AwareDatetime | None = Field(
        default=None, description="When it last changed on its platform.", examples=["2024-05-01T08:00:00+08:00"]
    )
    starts_at: AwareDatetime | None = Field(
        default=None, description="When a live session starts.", examples=["2024-03-08T10:00:00+08:00"]
    )
    ends_at: AwareDatetime | None = Field(
        default=None,
        description="When a live session ends; not before it starts.",
        examples=["2024-03-08T10:45:00+08:00"],
    )
    duration_seconds: Count | None = Field(default=None, description="Playing time in seconds.", examples=[2700])
    files: tuple[ResourceFile, ...] = Field(
        default=(),
        description="Files of the resource.",
        examples=[[{"url": "https://platform.example/f/1.mp4", "mediaType": "video/mp4"}]],
    )
    thumbnail_url: Url | None = Field(
        default=None, description="Preview image.", examples=["https://platform.example/cover/1.jpg"]
    )
    access: Access = Field(
        default=Access.PUBLIC,
        description="Who may see it by its own rule; the platform's rule narrows it further.",
        examples=["CITY"],
    )
    license: Code | None = Field(
        default=None, description="License of the LICENSE vocabulary.", examples=["cc-by-nc-sa-4.0"]
    )
    copyright_holder: Text | None = Field(
        default=None, description="Who holds the copyright, where it is not the provider.", examples=["人民教育出版社"]
    )
    sharing: SharingRule | None = Field(
        default=None,
        description="Who may copy and adapt it, and until when.",
        examples=[{"copy": "DISTRICT", "adapt": "SCHOOL", "validTo": "2026-08-31"}],
    )
    review: Review | None = Field(
        default=None, description="Where it stands in expert review.", examples=[{"status": "APPROVED"}]
    )
    evaluations: tuple[Evaluation, ...] = Field(
        default=(),
        description="Scores, third-party and own ones apart.",
        examples=[[{"evaluator": "SELF", "dimension": "学习成果", "score": "4.5", "scale": "0–5"}]],
    )
    awards: tuple[Award, ...] = Field(
        default=(), description="Selection labels and prizes.", examples=[[{"name": "精品课", "level": "CITY"}]]
    )
    recognitions: tuple[Recognition, ...] = Field(
        default=(),
        description="Recognition by other organizations (校际互认).",
        examples=[[{"organization": {"name": "内江市第六中学"}, "state": "RECOGNIZED"}]],
    )
    demand: DemandOrder | None = Field(
        default=None,
        description="The demand order (需求订单) that it answers.",
        examples=[{"nativeId": "XQ-2024-031", "state": "FULFILLED", "requester": {"name": "石马镇中心学校"}}],
    )
    related: tuple[RelatedRecord, ...] = Field(
        default=(),
        description="Links to records of the same platform: before, during and after class, replay, parts.",
        examples=[[{"relation": "BEFORE_CLASS", "nativeId": "CQ-1025"}]],
    )
    use_count: Count | None = Field(
        default=None,
        description="Views or plays in all as the platform counts them; used to sort by MOST_USED, never added up.",
        examples=[12_345],
    )

    @model_validator(mode="after")
    def _ends_after_start(self) -> Self:
        if self.starts_at and self.ends_at and self.ends_at < self.starts_at:
            raise PydanticCustomError("ends_before_start", "endsAt lies before startsAt")
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
