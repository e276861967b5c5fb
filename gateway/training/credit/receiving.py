"""What a record is worth in another region by the rules of that region, and what a decision makes of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from gateway.errors import InvalidInput
from gateway.training.credit.choosing import choose
from gateway.training.credit.claims import Claim, plain
from gateway.training.credit.conversion import convert
from gateway.training.credit.rules import Rules
from gateway.training.credit.shares import Developers, share_of
from schema.credit import CapScope, CreditAccount, CreditRule
from schema.quality import RecognitionState


@dataclass(frozen=True, slots=True)
class Sent:
    """An award as another region is shown it."""

    account: CreditAccount
    hours: Decimal


@dataclass(frozen=True, slots=True)
class Received:
    """What it is worth in a receiving region, and by which rule of that region; None where no rule fits."""

    state: RecognitionState
    hours: Decimal
    rule: CreditRule | None


def recognized(
    claim: Claim,
    sent: Sent,
    region: str,
    rules: Rules,
    got: Mapping[CapScope, Decimal],
    known: Developers,
    *,
    samples: bool,
) -> Received:
    """Hours by the receiver's rule: all where they reach the sender's, partly where there are fewer.

    `got` is what this teacher has in the region over each scope: of records at home there, and of others that it
    recognized. In contrast to the ledger the
    order is that of the decisions: one that was made is not cut afterwards by an earlier activity.
    """
    rule = choose(rules.in_force, claim, region, samples=samples, account=sent.account)
    made = None if rule is None else convert(claim, rule, got, share_of(claim, rule, known))
    if made is None or made.hours == 0:
        return Received(RecognitionState.NOT_RECOGNIZED, Decimal(), rule)
    whole = made.hours >= sent.hours
    return Received(RecognitionState.RECOGNIZED if whole else RecognitionState.PARTLY_RECOGNIZED, made.hours, rule)


def decided(decision: RecognitionState | None, sent: Sent, due: Received) -> Received:
    """What a decision of a person makes of that; without one the rules decide.

    Raises InvalidInput where the decision contradicts the receiving region's rule: rules say how much, people whether.
    """
    match decision:
        case None:
            return due
        case RecognitionState.NOT_RECOGNIZED:
            return Received(decision, Decimal(), due.rule)
        case RecognitionState.PENDING:
            raise InvalidInput("decision: PENDING is no decision; leave it out to let the region's rules decide")
        case RecognitionState.PARTLY_RECOGNIZED if due.state is RecognitionState.PARTLY_RECOGNIZED:
            return due
        case RecognitionState.PARTLY_RECOGNIZED:
            raise InvalidInput(f"decision: PARTLY_RECOGNIZED needs a rule that gives fewer hours, {_gives(sent, due)}")
        case RecognitionState.RECOGNIZED if due.rule is None:
            return Received(decision, sent.hours, None)
        case RecognitionState.RECOGNIZED if due.state is RecognitionState.RECOGNIZED:
            return due
        case RecognitionState.RECOGNIZED:
            raise InvalidInput(
                f"decision: RECOGNIZED needs a rule that gives all hours or none at all, {_gives(sent, due)}"
            )


def _gives(sent: Sent, due: Received) -> str:
    if due.rule is None:
        return "but no rule of the region fits the record; decide RECOGNIZED or NOT_RECOGNIZED"
    named = f"but {due.rule.id} gives {plain(due.hours)} of {plain(sent.hours)}"
    return f"{named}; decide {due.state}, or leave the decision out"
