"""A training record as a platform reports it: which teacher did what, when, and how much it was."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AwareDatetime, Field, model_validator
from pydantic_core import PydanticCustomError

from schema.parts import Organization
from schema.quality import Level
from schema.records import Record
from schema.values import Code, Count, NativeId, Text, Url


class TrainingKind(StrEnum):
    """What kind of activity it was."""

    COURSE = "COURSE"
    RESEARCH_ACTIVITY = "RESEARCH_ACTIVITY"
    OBSERVATION = "OBSERVATION"
    OPEN_LESSON = "OPEN_LESSON"
    LECTURE = "LECTURE"
    ROTATION = "ROTATION"
    REMOTE_SUPPORT = "REMOTE_SUPPORT"
    RESOURCE_DEVELOPMENT = "RESOURCE_DEVELOPMENT"
    REVIEW = "REVIEW"
    WORKSHOP = "WORKSHOP"
    MEETING = "MEETING"
    OTHER = "OTHER"


class TrainingForm(StrEnum):
    """How one took part."""

    ONLINE = "ONLINE"
    ONSITE = "ONSITE"
    BLENDED = "BLENDED"
    LIVE = "LIVE"
    ON_DEMAND = "ON_DEMAND"


class TrainingRole(StrEnum):
    """As what one took part."""

    PARTICIPANT = "PARTICIPANT"
    LECTURER = "LECTURER"
    HOST = "HOST"
    ASSISTANT = "ASSISTANT"
    REVIEWER = "REVIEWER"
    LEAD_DEVELOPER = "LEAD_DEVELOPER"
    DEVELOPER = "DEVELOPER"
    GUIDE = "GUIDE"
    OTHER = "OTHER"


class QuantityUnit(StrEnum):
    """What the quantity counts."""

    HOUR = "HOUR"
    MINUTE = "MINUTE"
    LESSON = "LESSON"
    SESSION = "SESSION"
    ITEM = "ITEM"
    CREDIT = "CREDIT"


class Outcome(StrEnum):
    """How it ended."""

    COMPLETED = "COMPLETED"
    PASSED = "PASSED"
    FAILED = "FAILED"
    ATTENDED = "ATTENDED"
    IN_PROGRESS = "IN_PROGRESS"


class RecordState(StrEnum):
    """Where the record stands in review."""

    REPORTED = "REPORTED"
    REVIEWED = "REVIEWED"
    RECOGNIZED = "RECOGNIZED"
    REJECTED = "REJECTED"
    REVOKED = "REVOKED"


class TrainingReport(Record):
    """One teacher's part in one activity. `teacher_id` is the platform's pseudonym, never a national id."""

    native_id: NativeId = Field(description="The platform's own id of the record.", examples=["TR-000000"])
    teacher_id: NativeId = Field(description="The platform's pseudonym of the teacher.", examples=["T2021-374"])
    teacher_name: Text | None = Field(
        default=None, description="The teacher's name, shown only to those with a right to it.", examples=["王老师"]
    )
    title: Text = Field(description="Name of the activity.", examples=["新课标培训"])
    kind: TrainingKind = Field(description="What kind of activity.", examples=["COURSE"])
    starts_on: date = Field(description="First day.", examples=["2025-03-01"])
    ends_on: date | None = Field(default=None, description="Last day.", examples=["2025-03-02"])
    quantity: Annotated[Decimal, Field(ge=0, max_digits=12, allow_inf_nan=False)] = Field(
        description="How much it was.", examples=["8.0"]
    )
    unit: QuantityUnit = Field(description="What the quantity counts.", examples=["HOUR"])
    level: Level | None = Field(default=None, description="Who set it up.", examples=["DISTRICT"])
    form: TrainingForm | None = Field(default=None, description="How one took part.", examples=["ONLINE"])
    role: TrainingRole = Field(
        default=TrainingRole.PARTICIPANT, description="As what one took part.", examples=["LECTURER"]
    )
    outcome: Outcome | None = Field(default=None, description="How it ended.", examples=["PASSED"])
    state: RecordState = Field(
        default=RecordState.REPORTED, description="Where it stands in review.", examples=["REVIEWED"]
    )
    activity_id: NativeId | None = Field(default=None, description="Id of the activity.", examples=["ACT-00000"])
    tier: Code | None = Field(default=None, description="Step of the training ladder.", examples=["种子教师"])
    school: Organization | None = Field(
        default=None, description="The teacher's school.", examples=[{"name": "人民路小学"}]
    )
    issuer: Organization | None = Field(
        default=None, description="Who vouches for it.", examples=[{"name": "渝中区教师进修学院"}]
    )
    program: Code | None = Field(
        default=None, description="Joint program.", examples=["chengdu-chongqing-teacher-community"]
    )
    resource: NativeId | None = Field(default=None, description="Native id of the resource.", examples=["YKT-0000008"])
    evidence: tuple[Url, ...] = Field(
        default=(), description="Where it is proved.", examples=[["https://platform.example/e/1"]]
    )
    version: Count = Field(default=0, description="Grows when the platform corrects it.", examples=[1])
    updated_at: AwareDatetime | None = Field(
        default=None, description="Last change at the platform.", examples=["2025-03-03T08:00:00+08:00"]
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends_on is not None and self.ends_on < self.starts_on:
            raise PydanticCustomError("ends_before_start", "endsOn is before startsOn", {})
        return self
