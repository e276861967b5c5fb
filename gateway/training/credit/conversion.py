"""Conversion: a record and the rule that fits it become hours, exactly, within every cap and in whole steps."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal

from gateway.training.credit.claims import NOT_DONE, Claim
from schema.credit import CapScope, CreditCap, CreditRule, RoundingMode
from schema.training import TrainingRole

PLACES = 6
"""Digits behind the point that records, rules and the ledger have."""
_MILLION = 10**PLACES
_WIDE = Context(prec=60)


@dataclass(frozen=True, slots=True)
class Share:
    """One developer's part of a resource: their weight, the weights of all together, and how many they are."""

    weight: Decimal
    total: Decimal
    developers: int


WHOLE = Share(Decimal(1), Decimal(1), 1)


@dataclass(frozen=True, slots=True)
class Conversion:
    """Hours as awarded, and to six places before caps and rounding and before rounding only; the caps that cut.

    `mode` is which way they were rounded: that of the rule, or down where a cap kept them from going up.
    """

    hours: Decimal
    uncapped_hours: Decimal
    capped_hours: Decimal
    caps_hit: tuple[CreditCap, ...]
    mode: RoundingMode
    is_exact: bool
    """Whether six places say all of the hours before caps."""


def convert(
    claim: Claim, rule: CreditRule, got: Mapping[CapScope, Decimal], share: Share | None = None
) -> Conversion | None:
    """What a record earns by a rule, beside hours `got` over each scope before it; None where nothing counts.

    Hours are quantity times hours per unit, times the share for a resource; then the lowest room that a cap leaves;
    then whole steps, which go down where going up would exceed a cap. All is counted in parts of an hour that are fine
    enough for quantity, rate and share together, so that nothing is rounded on the way.
    """
    part = share if claim.develops else WHOLE
    if claim.outcome in NOT_DONE or part is None or part.total <= 0:
        return None
    exact = _micro(claim.quantity) * _micro(rule.hours_per_unit) * _micro(part.weight)
    if exact == 0:
        return None
    fine = _MILLION * _micro(part.total)  # parts in a millionth of an hour
    step, mode = _micro(rule.rounding.step) * fine, rule.rounding.mode
    wanted = max(exact, _steps(exact, step, mode) * step)
    rooms = [max(_micro(cap.hours) - _micro(got.get(cap.scope, Decimal())), 0) * fine for cap in rule.caps]
    lowest = min(rooms, default=wanted)
    hit = tuple(cap for cap, room in zip(rule.caps, rooms, strict=True) if room == lowest < wanted)
    capped = min(exact, lowest)
    if _steps(capped, step, mode) * step > lowest:
        mode = RoundingMode.DOWN
    hours = _steps(capped, step, mode) * _micro(rule.rounding.step)
    uncut, unrounded = _hours(_nearest(exact, fine)), _hours(_nearest(capped, fine))
    return Conversion(_hours(hours), uncut, unrounded, hit, mode, exact % fine == 0)


def weight_of(rule: CreditRule, role: TrainingRole) -> Decimal:
    """How heavily a role weighs by a rule: all weigh the same where it names none, and none where it names others."""
    if not rule.shares:
        return Decimal(1)
    return next((share.weight for share in rule.shares if share.role is role), Decimal())


def _micro(number: Decimal) -> int:
    """Millionths; numbers of records and rules have no more than six places."""
    return int(_WIDE.scaleb(number, PLACES))


def _hours(millionths: int) -> Decimal:
    return _WIDE.scaleb(Decimal(millionths), -PLACES)


def _steps(value: int, step: int, mode: RoundingMode) -> int:
    """How many steps a value has."""
    match mode:
        case RoundingMode.DOWN:
            return value // step
        case RoundingMode.UP:
            return -(-value // step)
        case RoundingMode.HALF_UP:
            return (2 * value + step) // (2 * step)
        case RoundingMode.HALF_EVEN:
            return _nearest(value, step)


def _nearest(value: int, step: int) -> int:
    """Steps to the nearest, half to even."""
    whole, rest = divmod(value, step)
    return whole + (2 * rest > step or (2 * rest == step and whole % 2 == 1))
