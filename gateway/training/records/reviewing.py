"""Which decisions are possible in which state of a record."""

from gateway.errors import StateImpossible
from gateway.training.questions import ReviewDecision
from schema.training import RecordState

FROM: dict[ReviewDecision, tuple[RecordState, ...]] = {
    ReviewDecision.REVIEW: (RecordState.REPORTED,),
    ReviewDecision.RECOGNIZE: (RecordState.REPORTED, RecordState.REVIEWED),
    ReviewDecision.REJECT: (RecordState.REPORTED, RecordState.REVIEWED),
}
TO: dict[ReviewDecision, RecordState] = {
    ReviewDecision.REVIEW: RecordState.REVIEWED,
    ReviewDecision.RECOGNIZE: RecordState.RECOGNIZED,
    ReviewDecision.REJECT: RecordState.REJECTED,
}


def reviewed(record_id: str, state: RecordState, decision: ReviewDecision) -> RecordState:
    """The state after a decision; raises StateImpossible with the states it is possible in."""
    if state not in FROM[decision]:
        possible = " or ".join(FROM[decision])
        raise StateImpossible(f"record {record_id} is {state}; {decision} is possible while it is {possible}")
    return TO[decision]


def check_correctable(record_id: str, state: RecordState) -> None:
    """Raise StateImpossible for what is revoked, which is over."""
    if state is RecordState.REVOKED:
        raise StateImpossible(f"record {record_id} is {state}; enter the activity anew instead of correcting it")


def check_revocable(record_id: str, state: RecordState) -> None:
    """Raise StateImpossible for what is revoked already."""
    if state is RecordState.REVOKED:
        raise StateImpossible(f"record {record_id} is {state} already; nothing is left to revoke")
