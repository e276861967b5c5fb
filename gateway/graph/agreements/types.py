"""Sharing agreements as the graph shows them, and as clients propose them."""

from datetime import date

import strawberry

from gateway.access.agreements import AgreementDraft, AgreementView
from gateway.graph.connectors.payloads import UserError
from gateway.graph.nodes.types import Node
from gateway.graph.pagination import given
from gateway.graph.regions.types import Region
from gateway.identity import Purpose
from schema.credit import AgreementState
from schema.identifiers import GlobalId


@strawberry.type
class SharingAgreement(Node):
    """What one region shows another, for which purposes and until when."""

    from_region: Region
    to_region: Region
    purposes: list[Purpose]
    fields: list[str] = strawberry.field(description="Schema coordinates, such as TrainingRecord.title.")
    valid_from: date
    valid_to: date | None
    state: AgreementState
    basis: str

    @classmethod
    def of(cls, view: AgreementView) -> "SharingAgreement":
        """The agreement as it stands."""
        return cls(
            id=strawberry.ID(str(GlobalId("SharingAgreement", (view.id,)))),
            from_region=Region.known(view.from_region),
            to_region=Region.known(view.to_region),
            purposes=list(view.purposes),
            fields=list(view.fields),
            valid_from=view.valid_from,
            valid_to=view.valid_to,
            state=view.state,
            basis=view.basis,
        )


@strawberry.input
class AgreementInput:
    """An agreement to propose."""

    from_region: str
    to_region: str
    purposes: list[Purpose]
    fields: list[str]
    valid_from: date
    valid_to: date | None = strawberry.UNSET
    basis: str


@strawberry.type
class AgreementPayload:
    """What an action on an agreement did."""

    agreement: SharingAgreement | None
    errors: list[UserError]


def parse_agreement(entered: AgreementInput) -> AgreementDraft:
    """The agreement to propose, which the service judges."""
    return AgreementDraft(
        from_region=entered.from_region,
        to_region=entered.to_region,
        purposes=tuple(entered.purposes),
        fields=tuple(entered.fields),
        valid_from=entered.valid_from,
        valid_to=given(entered.valid_to),
        basis=entered.basis,
    )
