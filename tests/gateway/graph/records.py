"""Seeded records for tests of the graph: three platforms, every tier, every kind of value."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from schema.access import Access
from schema.kinds import ResourceKind
from schema.modes import DeliveryChannel, TeachingMode
from schema.people import ContributorRole, OrganizationKind
from schema.programs import MemberRole, Membership, Program, ProgramKind
from schema.quality import EvaluatorKind, Level, RecognitionState, ReviewStatus
from schema.relations import Relation
from schema.resources import (
    Award,
    CatalogResource,
    CodedTerm,
    Contributor,
    Evaluation,
    Organization,
    Provenance,
    Recognition,
    RelatedRecord,
    ResourceFile,
    ResourceRecord,
    Review,
    SharingRule,
    Translation,
)
from schema.stages import SchoolSystem, Stage

NOON = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
SCHOOL = Organization(name="谢家湾学校", kind=OrganizationKind.SCHOOL, region="500107")

CHENGYU = Program(
    code="chengyu",
    name="成渝地区双城经济圈教师共同体",
    kind=ProgramKind.JOINT_PROGRAM,
    platforms=("chongqing", "yuzhong", "gone"),
    regions=("500000", "510000"),
    members=(
        Membership(organization=SCHOOL, role=MemberRole.LEAD, valid_from=date(2021, 1, 1)),
        Membership(
            organization=Organization(name="成都七中"),
            role=MemberRole.RECEIVING,
            valid_from=date(2021, 1, 1),
            valid_to=date(2024, 12, 31),
        ),
        Membership(organization=Organization(name="石室中学"), role=MemberRole.RECEIVING, valid_from=date(2024, 9, 1)),
    ),
)


def stored(platform: str, record: ResourceRecord) -> CatalogResource:
    """A record as storage keeps it."""
    provenance = Provenance(fetched_at=NOON, digest="ab" * 32, manifest_version=3, unmapped=("subject: 国学",))
    return CatalogResource(platform=platform, record=record, provenance=provenance)


def lesson(number: int) -> ResourceRecord:
    """One of many ordinary lessons; every third is also found on the other platform."""
    return ResourceRecord(
        native_id=f"L-{number}",
        title=f"勾股定理 第{number}课",
        kind=ResourceKind.LESSON,
        stages=(Stage.JUNIOR_SECONDARY,),
        grades=(CodedTerm(code="grade-8", native="八年级"),),
        subjects=(CodedTerm(code="mathematics", native="数学"),),
        region="500103",
        contributors=(Contributor(name="王老师", role=ContributorRole.LECTURER, organization=SCHOOL),),
        published_at=NOON - timedelta(days=number),
        duration_seconds=2400,
    )


RICH = ResourceRecord(
    native_id="YKT-0000000",
    title="Pythagoras 与勾股定理",
    kind=ResourceKind.COURSE,
    url="https://cqooc.example/course/1",
    summary="一门课",
    translations=(Translation(language="en", title="The Pythagorean theorem", machine=True),),
    language="zh-CN",
    stages=(Stage.JUNIOR_SECONDARY,),
    school_system=SchoolSystem.FIVE_FOUR,
    subjects=(CodedTerm(code="mathematics"), CodedTerm(code="X-LOCAL", native="地方课程")),
    edition=CodedTerm(code="rjb", native="人教版"),
    volume="下册",
    keywords=("几何",),
    teaching_modes=(TeachingMode.DUAL_TEACHER,),
    delivery=(DeliveryChannel.CABLE_TV,),
    region="500103",
    audience_regions=("500103", "999999"),
    provider=SCHOOL,
    contributors=(Contributor(role=ContributorRole.AUTHOR),),
    program="chengyu",
    published_at=NOON,
    updated_at=NOON,
    duration_seconds=2**40,
    files=(ResourceFile(url="https://cqooc.example/f.mp4", media_type="video/mp4", size_bytes=5 * 10**9),),
    license="CC-BY-4.0",
    sharing=SharingRule(copying=Access.PROVINCE, adapt=Access.CITY, valid_to=date(2027, 1, 1)),
    review=Review(status=ReviewStatus.APPROVED, reviewed_at=date(2025, 5, 5)),
    evaluations=(Evaluation(evaluator=EvaluatorKind.THIRD_PARTY, dimension="内容", score=Decimal("4.50")),),
    awards=(Award(name="精品课", level=Level.PROVINCIAL),),
    recognitions=(Recognition(organization=SCHOOL, state=RecognitionState.RECOGNIZED),),
    related=(
        *(RelatedRecord(relation=Relation.HAS_PART, native_id=f"L-{n}", position=n) for n in range(1, 61)),
        RelatedRecord(relation=Relation.BEFORE_CLASS, native_id="R-1", position=61),
        RelatedRecord(relation=Relation.AFTER_CLASS, native_id="never-harvested", position=62),
        RelatedRecord(relation=Relation.AFTER_CLASS, native_id="S-1", position=63),
    ),
)
LIVE = ResourceRecord(
    native_id="LIVE-1",
    title="直播 勾股定理",
    kind=ResourceKind.LIVE_SESSION,
    starts_at=NOON,
    ends_at=NOON + timedelta(hours=1),
    teaching_modes=(TeachingMode.LIVE,),
)
SECRET = ResourceRecord(
    native_id="S-1", title="校本 勾股定理", kind=ResourceKind.LESSON, access=Access.SCHOOL, related=()
)
REGISTERED = ResourceRecord(native_id="R-1", title="登录 勾股定理", kind=ResourceKind.LESSON, access=Access.REGISTERED)

RECORDS = (
    stored("chongqing", RICH),
    stored("chongqing", LIVE),
    stored("chongqing", SECRET),
    stored("chongqing", REGISTERED),
    *(stored("chongqing", lesson(number)) for number in range(1, 61)),
    *(stored("yuzhong", lesson(number)) for number in range(3, 61, 3)),
    stored("orphaned", lesson(999)),
)
