"""Words of the credit bank (学分银行): accounts, rules as dated data, caps and rounding."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from schema.quality import Level
from schema.records import Record
from schema.training import QuantityUnit, TrainingForm, TrainingKind, TrainingRole
from schema.values import Code, RegionCode, Text, Url


class CreditAccount(StrEnum):
    """支教 is kept beside the hours of continuing education and never added to them."""

    CONTINUING_EDUCATION = "CONTINUING_EDUCATION"
    REMOTE_SUPPORT = "REMOTE_SUPPORT"


class RoundingMode(StrEnum):
    """Which way hours go that lie between two steps."""

    DOWN = "DOWN"
    HALF_UP = "HALF_UP"
    HALF_EVEN = "HALF_EVEN"
    UP = "UP"


class CapScope(StrEnum):
    """Over what a cap counts; all but RECORD count one account of one teacher."""

    RECORD = "RECORD"
    KIND_PER_YEAR = "KIND_PER_YEAR"
    YEAR = "YEAR"
    CYCLE = "CYCLE"


class AgreementState(StrEnum):
    """Where a sharing agreement stands."""

    PROPOSED = "PROPOSED"
    ACTIVE = "ACTIVE"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"


Hours = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=6, allow_inf_nan=False)]
Positive = Annotated[Decimal, Field(gt=0, max_digits=12, decimal_places=6, allow_inf_nan=False)]


class Rounding(Record):
    """Hours are rounded to whole steps, such as 0.5."""

    step: Positive = Decimal("0.01")
    mode: RoundingMode = RoundingMode.HALF_UP


class CreditCap(Record):
    """At most so many hours over a scope."""

    scope: CapScope
    hours: Hours


class RoleShare(Record):
    """How heavily a role weighs where the hours of one resource are split among those who developed it."""

    role: TrainingRole
    weight: Positive


class CreditRule(Record):
    """What one unit of an activity is worth, for activities that begin within its validity, both days included.

    A criterion that is None fits everything. A version is never changed: what is to change gets a higher one.
    """

    code: Code
    version: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    sample: bool = False
    account: CreditAccount = CreditAccount.CONTINUING_EDUCATION
    region: RegionCode
    valid_from: date
    valid_to: date | None = None
    kind: TrainingKind | None = None
    role: TrainingRole | None = None
    level: Level | None = None
    form: TrainingForm | None = None
    unit: QuantityUnit
    hours_per_unit: Hours
    rounding: Rounding = Rounding()
    caps: tuple[CreditCap, ...] = ()
    shares: tuple[RoleShare, ...] = ()
    source: Text
    source_url: Url | None = None

    @property
    def id(self) -> str:
        """Names one version for good, such as `cq-course-hours@1`."""
        return f"{self.code}@{self.version}"

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise PydanticCustomError("ends_before_start", "validTo is before validFrom", {})
        return self
