"""Rules of the credit bank: what one unit of an activity is worth, and where hours are cut."""

from datetime import date
from decimal import Decimal

import strawberry

from gateway.graph.nodes.types import Node
from gateway.graph.regions.types import Region
from schema import credit
from schema.credit import CapScope, CreditAccount, RoundingMode
from schema.identifiers import GlobalId
from schema.quality import Level
from schema.training import QuantityUnit, TrainingForm, TrainingKind, TrainingRole

strawberry.enum(
    CreditAccount,
    description="Remote support (支教) is kept beside continuing-education hours and never added to them.",
)


@strawberry.type
class Rounding:
    """To which steps hours are rounded, and which way."""

    step: Decimal
    mode: RoundingMode


@strawberry.type
class CreditCap:
    """At most so many hours over a scope."""

    scope: CapScope
    hours: Decimal

    @classmethod
    def of(cls, row: credit.CreditCap) -> "CreditCap":
        """The cap of a rule."""
        return cls(scope=row.scope, hours=row.hours)


@strawberry.type
class RoleShare:
    """How heavily a role weighs where the hours of one resource are split among those who developed it."""

    role: TrainingRole
    weight: Decimal


@strawberry.type
class CreditRule(Node):
    """One version of a rule; public."""

    code: str
    version: int
    sample: bool = strawberry.field(description="An example, not a published rule.")
    account: CreditAccount
    region: Region
    valid_from: date
    valid_to: date | None
    kind: TrainingKind | None
    role: TrainingRole | None
    level: Level | None
    form: TrainingForm | None
    unit: QuantityUnit
    hours_per_unit: Decimal
    rounding: Rounding
    caps: list[CreditCap]
    shares: list[RoleShare] = strawberry.field(
        description="How heavily each role weighs where the hours of one resource are split; empty where they are not."
    )
    source: str

    @classmethod
    def of(cls, row: credit.CreditRule) -> "CreditRule":
        """The rule of its row."""
        return cls(
            id=strawberry.ID(str(GlobalId("CreditRule", (row.id,)))),
            code=row.code,
            version=row.version,
            sample=row.sample,
            account=row.account,
            region=Region.known(row.region),
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            kind=row.kind,
            role=row.role,
            level=row.level,
            form=row.form,
            unit=row.unit,
            hours_per_unit=row.hours_per_unit,
            rounding=Rounding(step=row.rounding.step, mode=row.rounding.mode),
            caps=[CreditCap.of(cap) for cap in row.caps],
            shares=[RoleShare(role=one.role, weight=one.weight) for one in row.shares],
            source=row.source,
        )
