"""`acceptAgreement`: an agreement that comes into force."""

import strawberry

from gateway.access.agreements import AgreementView
from gateway.graph.agreements.actions import act_on_agreement, agreements_of
from gateway.graph.agreements.types import AgreementPayload
from gateway.graph.context import Info
from gateway.graph.training.identifiers import named


@strawberry.type
class AcceptAgreement:
    """An agreement accepted by its other side."""

    @strawberry.mutation
    async def accept_agreement(self, info: Info, agreement_id: strawberry.ID) -> AgreementPayload | None:
        service, who = agreements_of(info.context), info.context.principal

        async def act() -> AgreementView:
            return await service.accept(who, named("agreementId", "SharingAgreement", agreement_id))

        return await act_on_agreement(info.context, act, ("agreementId",))
