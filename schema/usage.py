"""A usage fact: one number of one measure on one day, as a platform reports it."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from schema.kinds import ResourceKind
from schema.measures import measures
from schema.modes import ClassroomKind, TeachingMode
from schema.parts import CodedTerm
from schema.records import Record
from schema.stages import Stage
from schema.values import Code, Count, NativeId, RegionCode


def _known(code: str) -> str:
    if code not in measures():
        raise PydanticCustomError("measure", "the code of a measure", {})
    return code


MeasureCode = Annotated[str, AfterValidator(_known)]
Amount = Annotated[Decimal, Field(ge=0, max_digits=24, allow_inf_nan=False)]


class UsageFact(Record):
    """What a platform counted on one day (of Asia/Shanghai) for one combination of the other fields.

    A fact with the same fields but `value`, `weight`, `sketch` and `revision` replaces the earlier one; a higher
    revision wins. An average or ratio without a weight is true of its day and cannot be put together with others.
    """

    measure: MeasureCode = Field(description="Code of the measure.", examples=["views"])
    day: date = Field(description="The day it counts.", examples=["2025-03-03"])
    value: Amount = Field(description="The number, in the unit of the measure.", examples=["14280"])
    weight: Amount | None = Field(
        default=None,
        description="What an average or a ratio was divided by: sessions, people, days.",
        examples=["12"],
    )
    revision: Count = Field(default=0, description="Grows when the platform corrects the day.", examples=[2])
    region: RegionCode | None = Field(default=None, description="Where it was used.", examples=["500103"])
    stage: Stage | None = Field(default=None, description="School stage.", examples=["PRIMARY"])
    subject: CodedTerm | None = Field(default=None, description="Subject.", examples=[{"code": "mathematics"}])
    kind: ResourceKind | None = Field(default=None, description="Kind of resource used.", examples=["LESSON"])
    teaching_mode: TeachingMode | None = Field(default=None, description="How it was taught.", examples=["LIVE"])
    classroom_kind: ClassroomKind | None = Field(
        default=None, description="Which of the 三个课堂.", examples=["DELIVERED"]
    )
    program: Code | None = Field(
        default=None,
        description="Joint program that owns the number.",
        examples=["chengdu-chongqing-teacher-community"],
    )
    resource: NativeId | None = Field(
        default=None, description="Native id, where one resource is counted.", examples=["YKT-0000008"]
    )
    sketch: Annotated[str, Field(max_length=100_000, pattern=r"^[A-Za-z0-9+/]+=*$")] | None = Field(
        default=None,
        description="Base64 of a compact theta or HLL sketch of the people counted.",
        examples=["AgEHCwMIAQAvgjsE"],
    )
