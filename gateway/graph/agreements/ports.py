"""What the graph needs of sharing agreements, satisfied where the application is put together."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from gateway.access.agreements import AgreementDraft, AgreementView
from gateway.identity import Principal
from schema.credit import AgreementState


class Agreements(Protocol):
    """Sharing agreements; raises Forbidden, InvalidInput and StateImpossible, and what was refused changed nothing."""

    async def list(
        self, who: Principal, regions: Sequence[str] | None, states: Sequence[AgreementState] | None
    ) -> Sequence[AgreementView]:
        """Agreements with one of these regions as a side and in one of these states; None asks for all."""
        ...

    async def by_id(self, who: Principal, ids: Sequence[str]) -> Mapping[str, AgreementView]:
        """Agreements by their ids; absent where unknown or not visible."""
        ...

    async def propose(self, who: Principal, draft: AgreementDraft) -> AgreementView:
        """A new agreement, which the other side has to accept."""
        ...

    async def accept(self, who: Principal, agreement: str) -> AgreementView:
        """Put a proposed agreement into force."""
        ...

    async def revoke(self, who: Principal, agreement: str, reason: str) -> AgreementView:
        """End an agreement at once."""
        ...
