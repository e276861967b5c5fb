"""What a record and a ledger line say of themselves: every field that leads on to no other record or teacher."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import strawberry

from gateway.catalog.results import ResourceKey
from gateway.graph.context import Info
from gateway.graph.fields import described
from gateway.graph.linked import Platform, Program, Provenance, Resource, load_resource
from gateway.graph.nodes.types import Node
from gateway.graph.platforms.description import platform_of
from gateway.graph.resources.people import Organization
from gateway.graph.training.certificates import CERTIFICATE, Certificate
from gateway.graph.training.rules import CreditCap, CreditRule
from gateway.graph.training.shared import shared, show
from gateway.graph.training.values import Evidence, RecordEvent
from gateway.training.views import EntryView, RecordView
from schema.credit import CreditAccount
from schema.quality import Level
from schema.training import Outcome, QuantityUnit, RecordState, TrainingForm, TrainingKind, TrainingRole

RECORD = "TrainingRecord"


def _provenance(view: Any, _info: Info) -> Provenance:
    return Provenance(
        platform=view.platform or "",
        manifest_version=view.manifest_version,
        fetched_at=view.fetched_at,
        modified_upstream_at=view.modified_upstream_at,
        digest=view.digest,
        unmapped=list(view.unmapped),
    )


def _program(code: str, info: Info) -> Program | None:
    row = info.context.services.programs.get(code)
    return Program.of(row) if row else None


@strawberry.type
class DescribedTrainingRecord(Node):
    """A record without its teacher, its ledger lines and other reports of the same activity."""

    view: strawberry.Private[RecordView]
    state: RecordState
    version: int
    native_id = shared(RECORD, "native_id", str | None)
    title = shared(RECORD, "title", str | None)
    kind = shared(RECORD, "kind", TrainingKind | None)
    level = shared(RECORD, "level", Level | None)
    form = shared(RECORD, "form", TrainingForm | None)
    role = shared(RECORD, "role", TrainingRole | None)
    starts_on = shared(RECORD, "starts_on", date | None)
    ends_on = shared(RECORD, "ends_on", date | None)
    quantity = shared(RECORD, "quantity", Decimal | None)
    unit = shared(RECORD, "unit", QuantityUnit | None)
    outcome = shared(RECORD, "outcome", Outcome | None)
    issuer = shared(RECORD, "issuer", Organization | None, lambda row, _: Organization.of(row))
    platform = shared(
        RECORD,
        "platform",
        Platform | None,
        lambda code, info: Platform.of(platform_of(code, info.context.services)),
        "Null for a record entered by hand.",
    )
    program = shared(RECORD, "program", Program | None, _program)
    resource = shared(
        RECORD, "resource", Resource | None, lambda name, info: load_resource(info.context, ResourceKey(*name))
    )
    evidence = shared(RECORD, "evidence", list[Evidence] | None, lambda rows, _: [Evidence.of(row) for row in rows])
    provenance = shared(RECORD, "provenance", Provenance | None, _provenance)

    @described("Who decided what, when and why, oldest first.")
    async def history(self, info: Info) -> list[RecordEvent] | None:
        show(info, "TrainingRecord.history", self.view)
        found = await info.context.training.history.load(self.view.id) or ()
        info.context.budget.spend(len(found))
        return [RecordEvent.of(event) for event in found]

    @strawberry.field
    async def certificate(self, info: Info) -> Certificate | None:
        show(info, CERTIFICATE, self.view)
        found = await info.context.training.certificates.load(self.view.id)
        return Certificate.of(found, info) if found else None


@strawberry.type
class DescribedEntry(Node):
    """A ledger line without what leads on to its record and other lines."""

    view: strawberry.Private[EntryView]
    account: CreditAccount
    hours: Decimal
    uncapped_hours: Decimal = strawberry.field(description="Hours before caps and rounding.")
    explanation: list[str]
    awarded_at: datetime

    @strawberry.field
    def rule(self) -> CreditRule:
        return CreditRule.of(self.view.rule)

    @described("The caps that cut it.")
    def caps_hit(self) -> list[CreditCap]:
        return [CreditCap.of(cap) for cap in self.view.caps_hit]
