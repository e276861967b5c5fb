"""Which claims meet in which cell, measure by measure."""

import itertools
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from gateway.statistics.questions import ReportQuestion
from schema.measures import AggregationMethod, Measure, MeasureKind
from tests.gateway.statistics.facts import Fact
from tests.gateway.statistics.reference.claims import Claim, agreed, by, grown, one_owner, united_claim
from tests.gateway.statistics.reference.words import Keys, Owner, ends, key_of, owner_of, spanned, start_of

Found = tuple[tuple[Keys, date], list[Claim]]


def cells_of(
    measure: Measure,
    question: ReportQuestion,
    chosen: list[Fact],
    mine: list[Fact],
    tellers: set[str],
    first: date,
    last: date,
    starts: set[date],
) -> Iterable[Found]:
    """Claims of every cell, before nested ones are left out."""
    if measure.kind is MeasureKind.COUNTER and spanned(question):
        yield from grown_cells(question, chosen, first, last)
    elif measure.kind in (MeasureKind.STOCK, MeasureKind.COUNTER):
        yield from standing_cells(measure, question, chosen, mine, tellers, first, last, starts)
    else:
        groups: dict[tuple[Keys, date], dict[tuple[Owner, bool], list[Fact]]] = defaultdict(lambda: defaultdict(list))
        for one in chosen:
            if first <= one.day <= last:
                place = tuple(key_of(one, d) for d in question.group_by), start_of(one.day, question, first)
                sketched = measure.kind is MeasureKind.DISTINCT and one.sketch is not None
                owner = Owner("", False, "100000", False) if sketched else owner_of(one)
                groups[place][owner, sketched].append(one)
        for place, owners in groups.items():
            claims = []
            for (owner, sketched), said in owners.items():
                claims.append(united_claim(owner, said) if sketched else one_owner(measure, owner, said))
            yield place, claims


def grown_cells(question: ReportQuestion, chosen: list[Fact], first: date, last: date) -> Iterable[Found]:
    told: dict[tuple[Keys, date], dict[Owner, dict[str, list[tuple[Decimal, Decimal, int]]]]] = {}
    used: dict[tuple[tuple[Keys, date], Owner], list[Fact]] = defaultdict(list)
    for series in by(chosen, "series").values():
        ordered = sorted((one for one in series if one.day <= last), key=lambda one: one.day)
        steps: dict[date, list[tuple[Fact, Decimal]]] = defaultdict(list)
        for before, one in itertools.pairwise(ordered):
            if one.day >= first:
                steps[start_of(one.day, question, first)].append((one, one.value - before.value))
        for start, changes in steps.items():
            one = changes[0][0]
            place = tuple(key_of(one, d) for d in question.group_by), start
            low = max(sum((change for _, change in changes), Decimal(0)), Decimal(0))
            high = sum((change if change >= 0 else fact.value for fact, change in changes), Decimal(0))
            drops = sum(change < 0 for _, change in changes)
            owners = told.setdefault(place, {}).setdefault(owner_of(one), {})
            owners.setdefault(one.platform, []).append((low, high, drops))
            used[place, owner_of(one)] += [fact for fact, _ in changes]
    for place, by_owner in told.items():
        yield place, [grown(owner, said, used[place, owner]) for owner, said in by_owner.items()]


def standing_cells(
    measure: Measure,
    question: ReportQuestion,
    chosen: list[Fact],
    mine: list[Fact],
    tellers: set[str],
    first: date,
    last: date,
    starts: set[date],
) -> Iterable[Found]:
    snapshots: dict[tuple[str, str | None], list[date]] = defaultdict(list)
    for one in mine:
        if one.measure == measure.code and one.platform in tellers:
            snapshots[one.platform, one.program].append(one.day)
    overlapping = measure.over_platforms in (AggregationMethod.BOUNDS, AggregationMethod.NONE)
    for start in sorted(starts if question.interval else {first}):
        end = min(last, ends(start, question, last))
        groups: dict[Keys, dict[Owner, list[Fact]]] = defaultdict(lambda: defaultdict(list))
        for (platform, program), days in snapshots.items():
            past = [day for day in days if day <= end]
            for one in chosen:
                if past and (one.platform, one.program, one.day) == (platform, program, max(past)):
                    groups[tuple(key_of(one, d) for d in question.group_by)][owner_of(one)].append(one)
        for keys, owners in groups.items():
            claims = []
            for owner, said in owners.items():
                newest = [one for one in said if one.day == max(fact.day for fact in said)] if owner.joint else said
                told = [[one.value for one in each] for each in by(newest, "platform").values()]
                sums = [sum(values, Decimal(0)) for values in told]
                least = [max(values) for values in told] if overlapping else sums
                lower, upper, conflict = agreed(list(zip(least, sums, strict=True)))
                carried = any(one.day < max(start, first) for one in newest)
                thin = any(is_thin(snapshots[one.platform, one.program], one.day) for one in newest)
                claims.append(
                    Claim(owner, lower, upper, newest, conflict, count=len(newest), carried=carried, thin=thin)
                )
            yield (keys, start), claims


def is_thin(days: list[date], day: date) -> bool:
    """Whether fewer numbers were reported on a day than on the one before on which any were."""
    before = [one for one in days if one < day]
    return bool(before) and days.count(day) < days.count(max(before))
