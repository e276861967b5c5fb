"""What surrounds the cells: completeness, small cells, silent platforms and coverage."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from gateway.statistics.questions import ReportDimension, ReportQuestion
from schema.measures import Measure, MeasureKind
from schema.programs import programs
from schema.regions import RegionLevel
from tests.gateway.statistics.reference.words import (
    REGIONS,
    Cell,
    Expected,
    Keys,
    above,
    ends,
    lifted,
    spanned,
    start_of,
)


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
    """Hide small cells of people and what would give them away."""
    for measure in asked:
        if not measure.people:
            continue
        cells = {
            (*keys, start): row[measure.code] for (keys, start), row in report.cells.items() if measure.code in row
        }
        sizes = {
            place: cell.upper if cell.behind is None else cell.behind
            for place, cell in cells.items()
            if cell.upper is not None
        }
        hidden = {place for place, cell in cells.items() if is_small(cell, threshold)}
        while sum(more_hidden(sizes, hidden, axis, threshold) for axis in range(len(question.group_by) + 1)):
            continue
        for place in hidden:
            cell = cells[place]
            cell.status, cell.lower, cell.upper, cell.value, cell.as_of = "SUPPRESSED", None, None, None, None


def is_small(cell: Cell, threshold: int) -> bool:
    """Whether a number that a cell shows, or that can be worked out from it, is of few people."""
    numbers = [cell.value, cell.lower, cell.upper]
    if cell.method == "BOUNDS" and cell.lower is not None and cell.upper is not None:
        numbers.append(cell.upper - cell.lower)
    if cell.behind is not None:
        numbers = [cell.behind]
    return cell.upper is not None and any(one is not None and 0 < one < threshold for one in numbers)


def more_hidden(sizes: Mapping[Any, Decimal], hidden: set[Any], axis: int, threshold: int) -> bool:
    """Hide the smallest cell of each line along an axis whose total gives hidden ones away; whether there were any."""
    lines: dict[Any, list[Any]] = defaultdict(list)
    for place in sizes:
        lines[place[:axis] + place[axis + 1 :]].append(place)
    more = set()
    for line in lines.values():
        gone = [place for place in line if place in hidden]
        shown = [place for place in line if place not in hidden and sizes[place] > 0]
        if gone and shown and (len(gone) < 2 or sum(sizes[place] for place in gone) < threshold):
            more.add(min(shown, key=lambda place: (sizes[place], place)))
    hidden |= more
    return bool(more)


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
