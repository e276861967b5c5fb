"""Claims of one cell become its number, its status and its method."""

from collections import defaultdict
from decimal import Decimal

from gateway.statistics.questions import ReportQuestion
from schema.measures import AggregationMethod, Measure, MeasureKind
from tests.gateway.statistics.facts import Fact
from tests.gateway.statistics.reference.claims import Claim, meant
from tests.gateway.statistics.reference.words import Cell, Expected, Owner, above, spanned


def inside(inner: Owner, outer: Owner) -> bool:
    """Whether one owner's number may be part of the other's."""
    if outer.region == inner.region or outer.region not in above(inner.region):
        return False
    if outer.joint or inner.joint:
        return outer.joint and inner.joint and outer.code == inner.code
    return outer.code != inner.code or (outer.explicit and inner.explicit)


def kept(claims: list[Claim], report: Expected) -> list[Claim]:
    """Claims of a cell without those that lie inside another."""
    staying = [
        one
        for one in claims
        if one.united or not any(inside(one.owner, other.owner) for other in claims if not other.united)
    ]
    if len(staying) < len(claims):
        report.caveats.add("NESTED_REGION_LEFT_OUT")
    return staying


def together(measure: Measure, question: ReportQuestion, claims: list[Claim]) -> Cell:
    """The cell of what several owners say."""
    carried = any(one.carried or one.thin for one in claims)
    codes = {(one.owner.joint, one.owner.code) for one in claims}
    platforms = tuple(sorted({fact.platform for one in claims for fact in one.facts}))
    as_of = max(fact.day for one in claims for fact in one.facts)
    lower, upper, value = Decimal(0), Decimal(0), None
    status, method = "OK", "SUM"
    lows, highs = [one.lower for one in claims], [one.upper for one in claims]
    if measure.kind is MeasureKind.DISTINCT:
        lower, upper = max(lows), sum(highs, Decimal(0))
        united_only = len(claims) == 1 and claims[0].estimate is not None
        value = claims[0].estimate if united_only else None
        counted = sum(one.count for one in claims)
        method = "NONE" if counted == 1 else "SKETCH_UNION" if united_only else "BOUNDS"
    elif measure.kind is MeasureKind.PEAK:
        lower, upper, method = max(lows), max(highs), "MAX"
    elif measure.kind is MeasureKind.STOCK or (measure.kind is MeasureKind.COUNTER and not spanned(question)):
        lower, upper, method = standing(measure, claims)
    else:
        overlapping = measure.kind is MeasureKind.COUNTER and measure.over_platforms is AggregationMethod.BOUNDS
        lower, upper = max(lows) if overlapping else sum(lows, Decimal(0)), sum(highs, Decimal(0))
        method = "DIFFERENCE" if measure.kind is MeasureKind.COUNTER else "SUM"
    if any(one.conflict for one in claims):
        status, method = "CONFLICT", "BOUNDS"
    elif value is None and lower == upper:
        value = lower
    cell = Cell(status, method, lower, upper, None if status == "CONFLICT" else value, as_of, not carried, platforms)
    alone = measure.over_platforms is AggregationMethod.NONE and len(codes) > 1
    if alone or (measure.over_time is AggregationMethod.NONE and sum(one.count for one in claims) > 1):
        return Cell("NOT_ADDITIVE", method, None, None, None, as_of, not carried, platforms)
    return cell


def standing(measure: Measure, claims: list[Claim]) -> tuple[Decimal, Decimal, str]:
    """Stocks and counters of several owners on one day."""
    owners: dict[tuple[bool, str], list[Claim]] = defaultdict(list)
    for one in claims:
        owners[one.owner.joint, one.owner.code].append(one)
    overlapping = measure.over_platforms in (AggregationMethod.BOUNDS, AggregationMethod.NONE)
    sums = {}
    for owner, said in owners.items():
        lows = [one.lower for one in said]
        sums[owner] = (
            max(lows) if overlapping else sum(lows, Decimal(0)),
            sum((one.upper for one in said), Decimal(0)),
        )
    low, high = sum((one[0] for one in sums.values()), Decimal(0)), sum((one[1] for one in sums.values()), Decimal(0))
    greatest = max(one[0] for one in sums.values())
    if measure.over_platforms is AggregationMethod.BOUNDS:
        low = greatest
    elif len(sums) > 1 and any(joint for joint, _ in sums):
        low = max(greatest, sum((one[0] for (joint, _), one in sums.items() if not joint), Decimal(0)))
    if low != high:
        return low, high, "BOUNDS"
    return low, high, "LAST" if len(sums) == 1 else "SUM"


def mean_cell(measure: Measure, claims: list[Claim]) -> Cell:
    """The cell of averages, weighted by what they were divided by."""
    heard: list[Fact] = []
    conflict = False
    for one in claims:
        facts, contradicting = meant(one.owner, one.facts)
        heard += facts
        conflict = conflict or contradicting
    everything = [fact for one in claims for fact in one.facts]
    platforms = tuple(sorted({one.platform for one in everything}))
    as_of = max(one.day for one in everything)
    weights = [one.weight for one in heard if one.weight is not None]
    owners = {(one.owner.joint, one.owner.code) for one in claims}
    if measure.over_platforms is AggregationMethod.NONE and len(owners) > 1:
        return Cell("NOT_ADDITIVE", "NONE", None, None, None, as_of, True, platforms)
    if len(heard) > 1 and (len(weights) < len(heard) or sum(weights) <= 0):
        return Cell("NOT_ADDITIVE", "NONE", None, None, None, as_of, True, platforms)
    products = [one.value * one.weight for one in heard if one.weight is not None]
    behind = sum(products, Decimal(0)) if products else sum((one.value for one in heard), Decimal(0))
    if conflict:
        values = [one.value for one in everything]
        return Cell("CONFLICT", "BOUNDS", min(values), max(values), None, as_of, True, platforms, None)
    if len(heard) == 1:
        value = heard[0].value
        return Cell("OK", "NONE", value, value, value, as_of, True, platforms, behind)
    mean = behind / sum(weights)
    return Cell("OK", "WEIGHTED_MEAN", mean, mean, mean, as_of, True, platforms, behind)
