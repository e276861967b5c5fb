"""Reports computed slowly and obviously: a plain reading of the rules in docs/analyst.md over a list of facts."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from gateway.statistics.questions import Interval, ReportDimension, ReportQuestion
from gateway.statistics.sketches import united
from schema.measures import AggregationMethod, Measure, MeasureKind, measures
from schema.programs import programs
from schema.regions import RegionLevel, region_tree
from tests.gateway.statistics.facts import TODAY, Fact, Regional

Keys = tuple[str, ...]
UNKNOWN = "~"
REGIONS = Regional.REGIONS


@dataclass
class Cell:
    """What a cell must be; numbers are None where none may be shown."""

    status: str
    method: str
    lower: Decimal | None
    upper: Decimal | None
    value: Decimal | None
    as_of: date | None
    complete: bool
    platforms: tuple[str, ...]


@dataclass
class Expected:
    """A whole report: cells by row and measure, and codes of caveats."""

    cells: dict[tuple[Keys, date], dict[str, Cell]] = field(default_factory=dict)
    caveats: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Owner:
    """Whose a fact is and where."""

    code: str
    joint: bool
    region: str
    explicit: bool


# ── words ───────────────────────────────────────────────────────────────────────────────────────


def above(code: str) -> list[str]:
    """A region and everything around it."""
    found = [code]
    while (parent := region_tree().regions[found[-1]].parent) is not None:
        found.append(parent)
    return found


def owner_of(one: Fact) -> Owner:
    if one.program is not None:
        around = [set(above(region)) for region in programs()[one.program].regions]
        home = next(region for region in above(programs()[one.program].regions[0]) if all(region in a for a in around))
        return Owner(one.program, True, one.region or home, one.region is not None)
    return Owner(one.platform, False, one.region or REGIONS.get(one.platform, "100000"), one.region is not None)


def lifted(region: str, level: RegionLevel) -> str:
    return next((code for code in above(region) if region_tree().regions[code].level is level), UNKNOWN)


def key_of(one: Fact, dimension: ReportDimension) -> str:
    owner = owner_of(one)
    levels = {
        ReportDimension.PROVINCE: RegionLevel.PROVINCE,
        ReportDimension.CITY: RegionLevel.CITY,
        ReportDimension.DISTRICT: RegionLevel.DISTRICT,
    }
    if dimension in levels:
        return lifted(owner.region, levels[dimension])
    if dimension is ReportDimension.PLATFORM:
        return UNKNOWN if owner.joint else owner.code
    if dimension is ReportDimension.REGION:
        return owner.region
    if dimension is ReportDimension.PROGRAM:
        return owner.code if owner.joint else UNKNOWN
    return getattr(one, dimension.value.lower()) or UNKNOWN


def admitted(one: Fact, question: ReportQuestion) -> bool:
    """Conditions but those on days."""
    wanted, owner = question.filter, owner_of(one)
    tellers, regions = {one.platform}, [owner.region]
    if one.program is not None:
        tellers |= set(programs()[one.program].platforms)
        if not owner.explicit:
            regions = list(programs()[one.program].regions)
    stated = (
        (wanted.stages, one.stage),
        (wanted.subjects, one.subject),
        (wanted.kinds, one.kind),
        (wanted.teaching_modes, one.teaching_mode),
        (wanted.programs, one.program),
    )
    return (
        all(allowed is None or value in allowed for allowed, value in stated)
        and (wanted.platforms is None or bool(tellers & set(wanted.platforms)))
        and (wanted.regions is None or any(set(above(region)) & set(wanted.regions) for region in regions))
    )


def start_of(day: date, question: ReportQuestion, first: date) -> date:
    if question.interval is None:
        return first
    if question.interval is Interval.WEEK:
        return day - timedelta(days=day.isoweekday() - 1)
    months = {Interval.MONTH: 1, Interval.QUARTER: 3, Interval.YEAR: 12}.get(question.interval)
    return day if months is None else date(day.year, (day.month - 1) // months * months + 1, 1)


# ── claims: what one owner says of one region in one cell ─────────────────────────────────────────


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
        heard += max(each, key=lambda said: len(said))
    return heard, False


# ── cells ────────────────────────────────────────────────────────────────────────────────────────


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
    carried = any(one.carried for one in claims)
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
        lower, upper = sum(lows, Decimal(0)), sum(highs, Decimal(0))
        method = "DIFFERENCE" if measure.kind is MeasureKind.COUNTER else "SUM"
    if any(one.conflict for one in claims):
        status, method = "CONFLICT", "BOUNDS"
    elif value is None and lower == upper:
        value = lower
    cell = Cell(status, method, lower, upper, None if status == "CONFLICT" else value, as_of, not carried, platforms)
    if measure.over_platforms is AggregationMethod.NONE and len(codes) > 1:
        return Cell("NOT_ADDITIVE", method, None, None, None, as_of, not carried, platforms)
    return cell


def standing(measure: Measure, claims: list[Claim]) -> tuple[Decimal, Decimal, str]:
    """Stocks and counters of several owners on one day."""
    owners: dict[tuple[bool, str], list[Claim]] = defaultdict(list)
    for one in claims:
        owners[one.owner.joint, one.owner.code].append(one)
    sums = {
        owner: (sum((one.lower for one in said), Decimal(0)), sum((one.upper for one in said), Decimal(0)))
        for owner, said in owners.items()
    }
    low, high = sum((one[0] for one in sums.values()), Decimal(0)), sum((one[1] for one in sums.values()), Decimal(0))
    if len(sums) == 1:
        return low, high, "LAST"
    greatest = max(one[0] for one in sums.values())
    if measure.over_platforms is AggregationMethod.BOUNDS:
        low = greatest
    elif any(joint for joint, _ in sums):
        low = max(greatest, sum((one[0] for (joint, _), one in sums.items() if not joint), Decimal(0)))
    return low, high, "SUM" if low == high else "BOUNDS"


def spanned(question: ReportQuestion) -> bool:
    return question.interval is not None or question.filter.first is not None


# ── the report ───────────────────────────────────────────────────────────────────────────────────


def reference(facts: Sequence[Fact], question: ReportQuestion, threshold: int) -> Expected:
    """The whole report."""
    report = Expected()
    asked = [measures()[code] for code in question.measures]
    mine = [one for one in facts if one.measure in question.measures]
    origins = {(one.platform, one.program, one.region) for one in mine if on_board(one, question)}
    tellers = {platform for platform, _, _ in origins}
    reported = {(one.platform, one.measure, one.day) for one in mine if one.platform in tellers}
    first, last = span_of(question, reported)
    heard: set[str] = set()
    expected_of: dict[tuple[str, Keys], set[str]] = defaultdict(set)
    starts = {start_of(day, question, first) for _, _, day in reported if first <= day <= last}
    for measure in asked:
        chosen = [one for one in mine if one.measure == measure.code and admitted(one, question)]
        for (keys, start), claims in cells_of(measure, question, chosen, mine, tellers, first, last, starts):
            staying = kept(claims, report)
            heard |= {one.platform for claim in claims for one in claim.facts}
            if measure.kind in (MeasureKind.AVERAGE, MeasureKind.RATIO):
                cell = mean_cell(measure, staying)
            else:
                cell = together(measure, question, staying)
            if any(one.owner.joint and not one.united for one in staying):
                report.caveats.add("JOINT_PROGRAM_ONCE")
            if any(one.resets for one in staying):
                report.caveats.add("COUNTER_RESET")
            if any(one.carried for one in staying):
                report.caveats.add("CARRIED_FORWARD")
            report.cells.setdefault((keys, start), {})[measure.code] = cell
            expected_of[measure.code, keys] |= set(cell.platforms)
    complete(report, question, asked, expected_of, reported, first, last)
    hide(report, question, asked, threshold)
    statuses = [cell for row in report.cells.values() for cell in row.values()]
    for status, code in (("CONFLICT", "CONFLICTING_REPORTS"), ("NOT_ADDITIVE",) * 2,
                         ("SUPPRESSED", "SMALL_CELLS_SUPPRESSED")):  # fmt: skip
        if any(cell.status == status for cell in statuses):
            report.caveats.add(code)
    if any(cell.method == "SKETCH_UNION" for cell in statuses):
        report.caveats.add("PEOPLE_ESTIMATED")
    silent(report, question, heard, first)
    coverage(report, question, asked, reported, first, last)
    return report


def on_board(one: Fact, question: ReportQuestion) -> bool:
    """Whether whoever told the fact is asked, whatever else the fact states."""
    wanted = question.filter
    loose = ReportQuestion(
        question.measures,
        type(wanted)(platforms=wanted.platforms, regions=wanted.regions, programs=wanted.programs),
    )
    return admitted(one, loose)


def span_of(question: ReportQuestion, reported: set[tuple[str, str, date]]) -> tuple[date, date]:
    days = [day for _, _, day in reported] or [TODAY]
    first, last = question.filter.first, question.filter.last
    if first is None:
        first = min(days) if last is None else min(min(days), last)
    return first, max(first, max(days)) if last is None else last


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


def united_claim(owner: Owner, facts: list[Fact]) -> Claim:
    """Everybody of several sketches."""
    if len(facts) == 1:
        return Claim(owner, facts[0].value, facts[0].value, facts, united=True, count=1)
    estimates = list(united([one.sketch for one in facts if one.sketch is not None]).values())
    lower = Decimal(max(one.lower for one in estimates)).__floor__()
    upper = sum((Decimal(one.upper) for one in estimates), Decimal(0)).__ceil__()
    estimate = Decimal(round(estimates[0].value)) if len(estimates) == 1 else None
    return Claim(owner, Decimal(lower), Decimal(upper), facts, united=True, estimate=estimate, count=len(facts))


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
                sums = [sum((one.value for one in told), Decimal(0)) for told in by(newest, "platform").values()]
                lower, upper, conflict = agreed([(number, number) for number in sums])
                carried = any(one.day < max(start, first) for one in newest)
                claims.append(Claim(owner, lower, upper, newest, conflict, count=len(newest), carried=carried))
            yield (keys, start), claims


def ends(start: date, question: ReportQuestion, last: date) -> date:
    """The last day of a period."""
    day = start
    while day < last and start_of(day + timedelta(days=1), question, start) == start:
        day += timedelta(days=1)
    return day if question.interval else last


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
    if len(heard) > 1 and (len(weights) < len(heard) or sum(weights) <= 0):
        return Cell("NOT_ADDITIVE", "NONE", None, None, None, as_of, True, platforms)
    if conflict:
        values = [one.value for one in everything]
        return Cell("CONFLICT", "BOUNDS", min(values), max(values), None, as_of, True, platforms)
    if len(heard) == 1:
        return Cell("OK", "NONE", heard[0].value, heard[0].value, heard[0].value, as_of, True, platforms)
    mean = sum((one.value * one.weight for one in heard if one.weight is not None), Decimal(0)) / sum(weights)
    return Cell("OK", "WEIGHTED_MEAN", mean, mean, mean, as_of, True, platforms)


# ── around the cells ─────────────────────────────────────────────────────────────────────────────


def complete(
    report: Expected,
    question: ReportQuestion,
    asked: Sequence[Measure],
    expected_of: Mapping[tuple[str, Keys], set[str]],
    reported: set[tuple[str, str, date]],
    first: date,
    last: date,
) -> None:
    for (keys, start), row in report.cells.items():
        begin, end = max(start, first), min(last, ends(start, question, last))
        days = (end - begin).days + 1
        for measure in asked:
            stands = measure.kind is MeasureKind.STOCK or (
                measure.kind is MeasureKind.COUNTER and not spanned(question)
            )
            if measure.code not in row or stands:
                continue
            row[measure.code].complete = all(
                len({d for p, m, d in reported if (p, m) == (code, measure.code) and begin <= d <= end}) == days
                for code in expected_of[measure.code, keys]
                if any((p, m) == (code, measure.code) and first <= d <= last for p, m, d in reported)
            )


def hide(report: Expected, question: ReportQuestion, asked: Sequence[Measure], threshold: int) -> None:
    for measure in asked:
        if not measure.people:
            continue
        cells = {place: row[measure.code] for place, row in report.cells.items() if measure.code in row}
        sizes = {
            (*keys, start): cell.upper for (keys, start), cell in cells.items() if cell.upper is not None
        }  # fmt: skip
        hidden = {
            (*keys, start)
            for (keys, start), cell in cells.items()
            for number in (cell.value, cell.lower, cell.upper)
            if number is not None and 0 < number < threshold
        }
        settled = False
        while not settled:
            settled = True
            for axis in range(len(question.group_by) + 1):
                lines: dict[Any, list[Any]] = defaultdict(list)
                for place in sizes:
                    lines[place[:axis] + place[axis + 1 :]].append(place)
                more = set()
                for line in lines.values():
                    gone = [place for place in line if place in hidden]
                    shown = sorted((place for place in line if place not in hidden and sizes[place] > 0),
                                   key=lambda place: (sizes[place], place))  # fmt: skip
                    if gone and shown and (len(gone) < 2 or sum(sizes[place] for place in gone) < threshold):
                        more.add(shown[0])
                if more:
                    hidden |= more
                    settled = False
        for (keys, start), cell in cells.items():
            if (*keys, start) in hidden:
                cell.status, cell.lower, cell.upper, cell.value, cell.as_of = "SUPPRESSED", None, None, None, None


def silent(report: Expected, question: ReportQuestion, heard: set[str], first: date) -> None:
    wanted = question.filter
    quiet = []
    for code, region in REGIONS.items():
        member = wanted.programs is None or any(code in programs()[one].platforms for one in wanted.programs)
        near = wanted.regions is None or bool(set(above(region)) & set(wanted.regions))
        if member and near and (wanted.platforms is None or code in wanted.platforms) and code not in heard:
            quiet.append(code)
    if quiet:
        report.caveats.add("NOT_PUBLISHED")
    of_platform = {
        ReportDimension.PLATFORM, ReportDimension.REGION, ReportDimension.PROVINCE, ReportDimension.CITY,
        ReportDimension.DISTRICT,
    }  # fmt: skip
    if not set(question.group_by) <= of_platform:
        return
    starts = {start for _, start in report.cells} or {start_of(first, question, first)}
    known = {keys for keys, _ in report.cells}
    rows = {
        tuple(code if d is ReportDimension.PLATFORM else key_of_region(REGIONS[code], d) for d in question.group_by)
        for code in quiet
    }
    if not question.group_by:
        rows = set() if report.cells else {()}
    for keys in rows - known:
        for start in starts:
            report.cells.setdefault((keys, start), {})


def key_of_region(region: str, dimension: ReportDimension) -> str:
    if dimension is ReportDimension.REGION:
        return region
    return lifted(region, RegionLevel(dimension.value))


def coverage(
    report: Expected,
    question: ReportQuestion,
    asked: Sequence[Measure],
    reported: set[tuple[str, str, date]],
    first: date,
    last: date,
) -> None:
    days = (last - first).days + 1
    for measure in asked:
        for code in {platform for platform, _, _ in reported}:
            told = {d for p, m, d in reported if (p, m) == (code, measure.code) and first <= d <= last}
            if told and len(told) < days:
                report.caveats.add("INCOMPLETE")
