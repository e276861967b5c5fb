"""Root field for sharing agreements, and their nodes."""

import strawberry

from gateway.errors import Forbidden, PurposeRequired
from gateway.graph.agreements.actions import agreements_of
from gateway.graph.agreements.types import SharingAgreement
from gateway.graph.budget import CATALOG_CALL
from gateway.graph.context import GraphContext, Info
from gateway.graph.pagination import given
from gateway.graph.regions.codes import known_regions
from schema.credit import AgreementState
from schema.identifiers import GlobalId


@strawberry.type
class AgreementQuery:
    """What regions show each other."""

    @strawberry.field
    async def sharing_agreements(
        self,
        info: Info,
        regions: list[str] | None = strawberry.UNSET,
        states: list[AgreementState] | None = strawberry.UNSET,
    ) -> list[SharingAgreement] | None:
        context = info.context
        context.budget.spend(CATALOG_CALL)
        found = await agreements_of(context).list(
            context.principal, known_regions("regions", given(regions)), given(states)
        )
        context.budget.spend(len(found))
        return [SharingAgreement.of(view) for view in found]


async def find_agreement(context: GraphContext, identifier: GlobalId) -> SharingAgreement | None:
    """The agreement with this id; None where there is none or the viewer may not see it."""
    name = identifier.parts[0]
    try:
        found = await agreements_of(context).by_id(context.principal, [name])
    except (Forbidden, PurposeRequired):
        return None
    return SharingAgreement.of(found[name]) if name in found else None
