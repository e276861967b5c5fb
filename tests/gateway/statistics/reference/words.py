"""Words of the rules: whose a fact is, where, under which keys, and whether it is asked for."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from gateway.statistics.questions import Interval, ReportDimension, ReportQuestion
from schema.programs import programs
from schema.regions import RegionLevel, region_tree
from tests.gateway.statistics.facts import Fact, Regional

Keys = tuple[str, ...]


UNKNOWN = "~"


REGIONS = Regional.REGIONS
OF_SOURCE = {
    ReportDimension.PLATFORM, ReportDimension.REGION, ReportDimension.PROVINCE, ReportDimension.CITY,
    ReportDimension.DISTRICT, ReportDimension.PROGRAM,
}  # fmt: skip


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
    behind: Decimal | None = None
    """People behind an average."""


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


def ends(start: date, question: ReportQuestion, last: date) -> date:
    """The last day of a period."""
    day = start
    while day < last and start_of(day + timedelta(days=1), question, start) == start:
        day += timedelta(days=1)
    return day if question.interval else last


def spanned(question: ReportQuestion) -> bool:
    return question.interval is not None or question.filter.first is not None
