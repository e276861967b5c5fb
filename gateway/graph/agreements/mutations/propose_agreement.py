"""`proposeAgreement`: an agreement that the other side has to accept."""

import strawberry

from gateway.access.agreements import AgreementView
from gateway.graph.agreements.actions import act_on_agreement, agreements_of
from gateway.graph.agreements.types import AgreementInput, AgreementPayload, parse_agreement
from gateway.graph.context import Info


@strawberry.type
class ProposeAgreement:
    """A new agreement."""

    @strawberry.mutation
    async def propose_agreement(
        self,
        info: Info,
        input: AgreementInput,  # noqa: A002  # the contract's name
    ) -> AgreementPayload | None:
        service, who = agreements_of(info.context), info.context.principal

        async def act() -> AgreementView:
            return await service.propose(who, parse_agreement(input))

        return await act_on_agreement(info.context, act, (), AgreementInput)
