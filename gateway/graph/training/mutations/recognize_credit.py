"""`recognizeCredit`: what a receiving region makes of credit."""

import strawberry

from gateway.graph.context import Info
from gateway.graph.fields import described
from gateway.graph.pagination import given
from gateway.graph.training.actions import attempt
from gateway.graph.training.identifiers import named
from gateway.graph.training.payloads import LedgerPayload
from gateway.training.views import EntryView
from schema.quality import RecognitionState


@strawberry.type
class RecognizeCredit:
    """Credit that another region decides about."""

    @described("Without a decision the receiving region's rules decide.")
    async def recognize_credit(
        self,
        info: Info,
        entry_id: strawberry.ID,
        region: str,
        decision: RecognitionState | None = strawberry.UNSET,
        note: str | None = strawberry.UNSET,
    ) -> LedgerPayload | None:
        service, who = info.context.training.service, info.context.principal

        async def act() -> EntryView:
            entry = named("entryId", "LedgerEntry", entry_id)
            return await service.recognize(entry, region, given(decision), given(note), who)

        view, errors = await attempt(info.context, act, ("entryId", "region", "decision", "note"))
        return LedgerPayload(view=view, errors=errors)
