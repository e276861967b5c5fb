"""`revokeAgreement`: an agreement that ends at once."""

import strawberry

from gateway.access.agreements import AgreementView
from gateway.graph.agreements.actions import act_on_agreement, agreements_of
from gateway.graph.agreements.types import AgreementPayload
from gateway.graph.context import Info
from gateway.graph.training.identifiers import named


@strawberry.type
class RevokeAgreement:
    """An agreement ended by one of its sides."""

    @strawberry.mutation
    async def revoke_agreement(self, info: Info, agreement_id: strawberry.ID, reason: str) -> AgreementPayload | None:
        service, who = agreements_of(info.context), info.context.principal

        async def act() -> AgreementView:
            return await service.revoke(who, named("agreementId", "SharingAgreement", agreement_id), reason)

        return await act_on_agreement(info.context, act, ("agreementId", "reason"))
