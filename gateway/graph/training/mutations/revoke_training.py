"""`revokeTraining`: a record taken back."""

import strawberry

from gateway.graph.context import Info
from gateway.graph.training.actions import act_on_record
from gateway.graph.training.identifiers import named
from gateway.graph.training.payloads import TrainingRecordPayload
from gateway.training.views import RecordView


@strawberry.type
class RevokeTraining:
    """A record that counts no longer."""

    @strawberry.mutation
    async def revoke_training(self, info: Info, record_id: strawberry.ID, reason: str) -> TrainingRecordPayload | None:
        service, who = info.context.training.service, info.context.principal

        async def act() -> RecordView:
            return await service.revoke(named("recordId", "TrainingRecord", record_id), reason, who)

        return await act_on_record(info, act, ("recordId", "reason"))
