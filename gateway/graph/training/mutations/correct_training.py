"""`correctTraining`: a new version of a record."""

import strawberry

from gateway.graph.context import Info
from gateway.graph.fields import described
from gateway.graph.training.actions import act_on_record
from gateway.graph.training.identifiers import named
from gateway.graph.training.inputs import RecordTrainingInput, parse_draft
from gateway.graph.training.payloads import TrainingRecordPayload
from gateway.training.views import RecordView


@strawberry.type
class CorrectTraining:
    """A record put right."""

    @described("A new version; the ledger is put right by compensating lines. Refused when the record has moved on.")
    async def correct_training(
        self,
        info: Info,
        record_id: strawberry.ID,
        expected_version: int,
        reason: str,
        input: RecordTrainingInput,  # noqa: A002  # the contract's name
    ) -> TrainingRecordPayload | None:
        service, who = info.context.training.service, info.context.principal

        async def act() -> RecordView:
            record = named("recordId", "TrainingRecord", record_id)
            draft, key = parse_draft(input), input.idempotency_key
            return await service.correct(record, expected_version, reason, draft, key, who)

        return await act_on_record(info, act, ("recordId", "expectedVersion", "reason"), RecordTrainingInput)
