"""`recordTraining`: a record entered by hand."""

import strawberry

from gateway.graph.context import Info
from gateway.graph.training.actions import act_on_record
from gateway.graph.training.inputs import RecordTrainingInput, parse_draft
from gateway.graph.training.payloads import TrainingRecordPayload
from gateway.training.views import RecordView


@strawberry.type
class RecordTraining:
    """A record that no platform reports."""

    @strawberry.mutation
    async def record_training(
        self,
        info: Info,
        input: RecordTrainingInput,  # noqa: A002  # the contract's name
    ) -> TrainingRecordPayload | None:
        service, who = info.context.training.service, info.context.principal

        async def act() -> RecordView:
            return await service.record_training(parse_draft(input), input.idempotency_key, who)

        return await act_on_record(info, act, (), RecordTrainingInput)
