"""Records that a resource is made of: people, files, rights, quality, demand and links."""

from datetime import date
from decimal import Decimal

from pydantic import AwareDatetime, Field

from schema.access import Access
from schema.demand import DemandState
from schema.people import ContributorRole, OrganizationKind
from schema.quality import EvaluatorKind, Level, RecognitionState, ReviewStatus
from schema.records import Record
from schema.relations import Relation
from schema.values import Code, Count, LongText, NativeId, RegionCode, Text, Url


class CodedTerm(Record):
    """A vocabulary code together with what the platform itself wrote."""

    code: Code = Field(description="Code of the vocabulary.", examples=["mathematics"])
    native: Text | None = Field(default=None, description="What the platform itself wrote.", examples=["小学数学"])


class Organization(Record):
    """A school, bureau or other body."""

    name: Text = Field(description="Its name as the platform writes it.", examples=["谢家湾学校"])
    kind: OrganizationKind | None = Field(default=None, description="What it is.", examples=["SCHOOL"])
    region: RegionCode | None = Field(default=None, description="Where it is, as GB/T 2260 code.", examples=["500107"])


class Contributor(Record):
    """A person in a role; the name is absent where the platform or a rule hides it."""

    name: Text | None = Field(
        default=None, description="Absent where the platform or a rule hides it.", examples=["王老师"]
    )
    role: ContributorRole = Field(
        default=ContributorRole.OTHER, description="What the person did.", examples=["LECTURER"]
    )
    organization: Organization | None = Field(
        default=None, description="School or other body of the person.", examples=[{"name": "谢家湾学校"}]
    )


class Translation(Record):
    """Title and summary in another language."""

    language: Code = Field(description="BCP 47 language tag.", examples=["en"])
    title: Text | None = Field(default=None, description="The title.", examples=["Pythagorean theorem"])
    summary: LongText | None = Field(default=None, description="The summary.", examples=["A lesson for grade 8."])
    machine: bool = Field(default=False, description="Whether a machine translated it.", examples=[True])


class ResourceFile(Record):
    """A file of the resource; `requires_login` is None where the platform does not say."""

    url: Url | None = Field(default=None, description="Where to get it.", examples=["https://platform.example/f/1.mp4"])
    media_type: Code | None = Field(default=None, description="IANA media type.", examples=["video/mp4"])
    size_bytes: Count | None = Field(default=None, description="Size in bytes.", examples=[73_400_320])
    checksum: Code | None = Field(
        default=None,
        description="Algorithm and hexadecimal digest, as the platform states them.",
        examples=["md5:9e107d9d372bb6826bd81d3542a419d6"],
    )
    requires_login: bool | None = Field(
        default=None,
        description="Whether the file needs a login although its record does not; absent where unsaid.",
        examples=[True],
    )


class SharingRule(Record):
    """Who may copy and adapt the resource, and until when."""

    copying: Access | None = Field(default=None, alias="copy", description="Who may copy it.", examples=["DISTRICT"])
    adapt: Access | None = Field(default=None, description="Who may adapt it.", examples=["SCHOOL"])
    valid_to: date | None = Field(default=None, description="Last day of the rule.", examples=["2026-08-31"])


class Review(Record):
    """Where the resource stands in expert review."""

    status: ReviewStatus = Field(description="Where it stands.", examples=["APPROVED"])
    reviewed_by: Text | None = Field(default=None, description="Who reviewed it.", examples=["重庆市教育科学研究院"])
    reviewer_kind: OrganizationKind | None = Field(
        default=None, description="What the reviewer is.", examples=["RESEARCH_INSTITUTE"]
    )
    standard: Text | None = Field(default=None, description="What it was held against.", examples=["国家课程标准"])
    reviewed_at: date | None = Field(default=None, description="Day of the decision.", examples=["2024-03-01"])


class Evaluation(Record):
    """One score by one evaluator on one dimension."""

    evaluator: EvaluatorKind = Field(
        description="第三方评估 or 自评; the two are never averaged.", examples=["THIRD_PARTY"]
    )
    dimension: Text = Field(description="What was evaluated.", examples=["学习成果"])
    by: Text | None = Field(default=None, description="Who evaluated.", examples=["内江市教育评估中心"])
    score: Decimal | None = Field(default=None, description="The score, an exact decimal.", examples=["4.5"])
    scale: Text | None = Field(default=None, description="What the score is measured on.", examples=["0–5"])
    evaluated_on: date | None = Field(default=None, description="Day of the evaluation.", examples=["2024-06-20"])


class Award(Record):
    """A selection label or prize, such as 精品课."""

    name: Text = Field(description="Name of the label or prize.", examples=["精品课"])
    level: Level | None = Field(default=None, description="Level it was given at.", examples=["CITY"])
    awarded_by: Text | None = Field(default=None, description="Who gave it.", examples=["重庆市教育委员会"])
    awarded_at: date | None = Field(default=None, description="Day it was given.", examples=["2024-12-01"])


class Recognition(Record):
    """Another organization's recognition of this resource (校际互认)."""

    organization: Organization = Field(description="Who recognizes it.", examples=[{"name": "内江市第六中学"}])
    state: RecognitionState = Field(description="What it decided.", examples=["RECOGNIZED"])
    scope: Text | None = Field(default=None, description="What it counts as there.", examples=["选修课程"])
    valid_from: date | None = Field(default=None, description="First day.", examples=["2024-09-01"])
    valid_to: date | None = Field(default=None, description="Last day.", examples=["2025-08-31"])


class DemandOrder(Record):
    """需求订单: what a school asked for and this resource answers."""

    native_id: NativeId = Field(description="Id of the order on its platform.", examples=["XQ-2024-031"])
    state: DemandState = Field(description="Where the order stands.", examples=["FULFILLED"])
    requester: Organization = Field(
        description="Who asked.", examples=[{"name": "博山区石马镇中心学校", "region": "370304"}]
    )
    fulfiller: Organization | None = Field(
        default=None, description="Who answers.", examples=[{"name": "淄博市张店区实验中学", "region": "370303"}]
    )
    wanted: Text | None = Field(default=None, description="What was asked for.", examples=["五年级音乐专递课堂"])
    requested_at: AwareDatetime | None = Field(
        default=None, description="When it was asked.", examples=["2024-03-01T09:00:00+08:00"]
    )
    answered_at: AwareDatetime | None = Field(
        default=None, description="When it was answered.", examples=["2024-03-05T09:00:00+08:00"]
    )


class RelatedRecord(Record):
    """A link to another record of the same platform, by its native id."""

    relation: Relation = Field(
        description="PART_OF, REPLAY_OF, LIVE_OF, VERSION_OF, BASED_ON: this record is that of the other. HAS_PART: "
        "the other is a part of this. BEFORE_CLASS, DURING_CLASS, AFTER_CLASS: the other is material of this.",
        examples=["BEFORE_CLASS"],
    )
    native_id: NativeId = Field(description="Native id of the other record.", examples=["CQ-1025"])
    position: Count | None = Field(default=None, description="Place within a course or package.", examples=[1])
