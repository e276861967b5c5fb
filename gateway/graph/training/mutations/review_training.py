"""`reviewTraining`: a decision about many records, each by itself."""

import strawberry

from gateway.errors import InvalidInput
from gateway.graph.connectors.payloads import UserError
from gateway.graph.context import Info
from gateway.graph.fields import described
from gateway.graph.identifiers import named_by
from gateway.graph.pagination import bounded, given
from gateway.graph.training.actions import attempt
from gateway.graph.training.linked import records_of
from gateway.graph.training.payloads import ReviewTrainingPayload
from gateway.training.questions import ReviewDecision


@strawberry.type
class ReviewTraining:
    """Records that are reviewed."""

    @described("Each record by itself: those refused are named in `errors`, the others stand.")
    async def review_training(
        self,
        info: Info,
        record_ids: list[strawberry.ID],
        decision: ReviewDecision,
        note: str | None = strawberry.UNSET,
    ) -> ReviewTrainingPayload | None:
        bounded("number of recordIds", len(record_ids))
        service, who = info.context.training.service, info.context.principal
        names = [named_by("TrainingRecord", text) for text in record_ids]
        known = [(at, name) for at, name in enumerate(names) if name]
        refused = {
            at: _refused(at, InvalidInput.code, "this is not the id of a TrainingRecord")
            for at, name in enumerate(names)
            if not name
        }
        outcome, errors = await attempt(
            info.context,
            lambda: service.review([name for _, name in known], decision, given(note), who),
            ("recordIds", "decision", "note"),
        )
        if outcome is None:
            return ReviewTrainingPayload(records=[], errors=errors)
        for one in outcome.refused:
            at = known[one.position][0]
            refused[at] = _refused(at, one.code, one.message)
        return ReviewTrainingPayload(
            records=records_of(outcome.records, info), errors=[refused[at] for at in sorted(refused)]
        )


def _refused(position: int, code: str, message: str) -> UserError:
    return UserError(code=code, message=message, path=["recordIds", str(position)])
