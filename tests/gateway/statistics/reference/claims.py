"""What one owner says of one region in one cell."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from gateway.statistics.sketches import united
from schema.measures import Measure, MeasureKind
from tests.gateway.statistics.facts import Fact
from tests.gateway.statistics.reference.words import Owner


@dataclass
class Claim:
    owner: Owner
    lower: Decimal
    upper: Decimal
    facts: list[Fact]
    conflict: bool = False
    resets: int = 0
    united: bool = False
    estimate: Decimal | None = None
    count: int = 0
    carried: bool = False
    thin: bool = False
    estimated: bool = False


Bounds = tuple[Decimal, Decimal]


def agreed(told: Sequence[Bounds]) -> tuple[Decimal, Decimal, bool]:
    """What all can be right about; where that is nothing, everything that was said, and that they contradict."""
    low, high = max(lower for lower, _ in told), min(upper for _, upper in told)
    if low <= high:
        return low, high, False
    return min(lower for lower, _ in told), max(upper for _, upper in told), True


def by(facts: Iterable[Fact], *names: str) -> dict[Any, list[Fact]]:
    found: dict[Any, list[Fact]] = defaultdict(list)
    for one in facts:
        found[tuple(getattr(one, name) for name in names)].append(one)
    return found


def one_owner(measure: Measure, owner: Owner, facts: list[Fact]) -> Claim:
    """What one owner says, heard once where several platforms speak for a joint program."""
    values = [one.value for one in facts]
    if measure.kind is MeasureKind.PEAK:
        return Claim(owner, max(values), max(values), facts, count=len(facts))
    whole = not owner.joint or len({one.platform for one in facts}) == 1
    people = measure.kind is MeasureKind.DISTINCT
    if whole:
        return Claim(owner, max(values) if people else sum(values, Decimal(0)), sum(values, Decimal(0)), facts,
                     count=len(facts))  # fmt: skip
    days, count = [], 0
    for told in by(facts, "day").values():
        bounds = []
        for said in by(told, "platform").values():
            numbers = [one.value for one in said]
            bounds.append((max(numbers) if people else sum(numbers, Decimal(0)), sum(numbers, Decimal(0))))
        days.append(agreed(bounds))
        count += max(len(said) for said in by(told, "platform").values())
    low = max(lower for lower, _, _ in days) if people else sum((lower for lower, _, _ in days), Decimal(0))
    high = sum((upper for _, upper, _ in days), Decimal(0))
    return Claim(owner, low, high, facts, any(day[2] for day in days), count=count)


def grown(owner: Owner, told: Mapping[str, list[tuple[Decimal, Decimal, int]]], facts: list[Fact]) -> Claim:
    """What a counter of one owner grew by; `told` are the bounds of every series by platform."""
    sums = [
        (sum((low for low, _, _ in series), Decimal(0)), sum((high for _, high, _ in series), Decimal(0)))
        for series in told.values()
    ]
    resets = max(sum(drops for _, _, drops in series) for series in told.values())
    if owner.joint:
        lower, upper, conflict = agreed(sums)
        return Claim(owner, lower, upper, facts, conflict, resets, count=len(facts))
    return Claim(owner, sums[0][0], sums[0][1], facts, resets=resets, count=len(facts))


def meant(owner: Owner, facts: list[Fact]) -> tuple[list[Fact], bool]:
    """Facts of an average with those of a joint program heard once; whether platforms contradict each other."""
    if not owner.joint or len({one.platform for one in facts}) == 1:
        return facts, False
    heard: list[Fact] = []
    for told in by(facts, "day").values():
        each = list(by(told, "platform").values())
        sums = {
            (
                sum((one.value * one.weight for one in said if one.weight is not None), Decimal(0)),
                sum((one.value for one in said), Decimal(0)),
                sum((one.weight for one in said if one.weight is not None), Decimal(0)),
                any(one.weight is not None for one in said),
            )
            for said in each
        }
        if len(sums) > 1:
            return facts, True
        heard += sorted(each, key=len)[-1]
    return heard, False


def united_claim(owner: Owner, facts: list[Fact]) -> Claim:
    """Everybody of several sketches."""
    if len(facts) == 1:
        return Claim(owner, facts[0].value, facts[0].value, facts, united=True, count=1)
    estimates = list(united([one.sketch for one in facts if one.sketch is not None]).values())
    lower = Decimal(max(one.lower for one in estimates)).__floor__()
    upper = sum((Decimal(one.upper) for one in estimates), Decimal(0)).__ceil__()
    estimate = Decimal(round(estimates[0].value)) if len(estimates) == 1 else None
    unsure = lower != upper
    return Claim(owner, Decimal(lower), Decimal(upper), facts, united=True, estimate=estimate, count=len(facts),
                 estimated=unsure)  # fmt: skip
