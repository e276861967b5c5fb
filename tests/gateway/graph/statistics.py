"""Usage in memory: four rows, one for every thing that a cell can say."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from gateway.errors import CursorInvalid, LimitExceeded
from gateway.statistics.errors import ImpossibleGrouping, ImpossibleSpan, UnknownMeasure
from gateway.statistics.questions import ReportDimension, ReportQuestion
from gateway.statistics.reports import (
    Caveat,
    CellStatus,
    ExportFormat,
    ReportCell,
    ReportCoverage,
    ReportKey,
    ReportPage,
    ReportRow,
)
from schema.measures import AggregationMethod, Measure, measures
from schema.quantities import Quantity, between, exact
from tests.gateway.graph.records import NOON

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)
VIEWS, TEACHERS = measures()["views"], measures()["active_teachers"]
LONGEST_LINK = 2
"""Measures of a question that fit into a link."""
OF_TRAINING = {ReportDimension.LEVEL, ReportDimension.ROLE, ReportDimension.FORM}


def cell(measure: Measure, status: CellStatus, quantity: Quantity | None, *platforms: str) -> ReportCell:
    """A cell that is complete up to the last day, but for one without a number."""
    told = quantity is not None
    method = measure.over_platforms if told else AggregationMethod.NONE
    return ReportCell(measure, status, quantity, method, LAST if told else None, told, platforms)


def row(platform: str, label: str, *cells: ReportCell) -> ReportRow:
    """The row of one platform in March."""
    return ReportRow((ReportKey(ReportDimension.PLATFORM, platform, label),), FIRST, LAST, cells)


ROWS = (
    row(
        "zibo",
        "淄博交互式在线教学系统",
        cell(VIEWS, CellStatus.CONFLICT, between(2000, 6005, "人次", closed=True), "zibo", "orphaned"),
        cell(TEACHERS, CellStatus.NOT_PUBLISHED, None),
    ),
    row(
        "chongqing",
        "重庆云课堂",
        cell(VIEWS, CellStatus.OK, exact(1600, "人次"), "chongqing"),
        cell(TEACHERS, CellStatus.OK, between(120, 300, "人", closed=True), "chongqing", "yuzhong"),
    ),
    row(
        "yuzhong",
        "渝中区数字教育云平台",
        cell(VIEWS, CellStatus.SUPPRESSED, None, "yuzhong"),
        cell(TEACHERS, CellStatus.NOT_ADDITIVE, None, "yuzhong"),
    ),
    row(
        "orphaned",
        "orphaned",
        cell(VIEWS, CellStatus.OK, exact(7, "人次"), "orphaned"),
        cell(TEACHERS, CellStatus.NOT_PUBLISHED, None),
    ),
)
COVERAGE = (
    ReportCoverage("chongqing", VIEWS, FIRST, LAST, 31, complete=True),
    ReportCoverage("zibo", TEACHERS, None, None, 0, complete=False),
)
CAVEATS = (Caveat("NESTED_REGION_LEFT_OUT", "渝中 lies in 重庆 and was left out", ("yuzhong", "chongqing")),)


@dataclass
class MemoryUsage:
    """Answers every question with the same rows, cut to the asked measures, and remembers what it was asked."""

    rows: Sequence[ReportRow] = ROWS
    calls: Counter[str] = field(default_factory=Counter)
    questions: list[ReportQuestion] = field(default_factory=list)
    asked: list[tuple[Sequence[tuple[str, str]], Sequence[str] | None]] = field(default_factory=list)

    async def report(self, question: ReportQuestion, *, first: int, after: str | None) -> ReportPage:
        known = _known(question.measures)
        _check(question)
        self.calls["report"] += 1
        self.questions.append(question)
        start = _offset(after)
        page = self.rows[start : start + first]
        return ReportPage(
            rows=tuple(replace(one, cells=_of(one.cells, known)) for one in page),
            cursors=tuple(f"r{start + at}" for at in range(len(page))),
            total=len(self.rows),
            has_next=start + first < len(self.rows),
            has_previous=start > 0,
            measures=tuple(known),
            coverage=tuple(one for one in COVERAGE if one.measure in known),
            caveats=CAVEATS,
            as_of=NOON,
        )

    async def resource_cells(
        self, keys: Sequence[tuple[str, str]], codes: Sequence[str] | None
    ) -> Sequence[Sequence[ReportCell]]:
        known = None if codes is None else _known(codes)
        self.calls["resource_cells"] += 1
        self.asked.append((keys, codes))
        return [_cells(platform, known) for platform, _ in keys]

    def export_link(self, question: ReportQuestion, file_format: ExportFormat) -> str:
        if len(question.measures) > LONGEST_LINK:
            raise LimitExceeded("this question is too long for a link")
        return f"/exports/usage.{file_format.lower()}?q={','.join(question.measures)}"


def _known(codes: Sequence[str]) -> list[Measure]:
    for at, code in enumerate(codes):
        if code not in measures():
            raise UnknownMeasure(f"measures[{at}]: {code!r} is no measure; did you mean 'views'?")
    return [measures()[code] for code in codes]


def _check(question: ReportQuestion) -> None:
    for one in question.group_by:
        if one in OF_TRAINING:
            raise ImpossibleGrouping(f"groupBy: {one} is of training only")
    span = question.filter
    if span.first and span.last and span.last < span.first:
        raise ImpossibleSpan(f"filter: {span.last} lies before {span.first}")


def _of(cells: Sequence[ReportCell], known: Sequence[Measure]) -> tuple[ReportCell, ...]:
    return tuple(one for measure in known for one in cells if one.measure == measure)


def _cells(platform: str, known: Sequence[Measure] | None) -> Sequence[ReportCell]:
    has = {VIEWS: cell(VIEWS, CellStatus.OK, exact(40, "人次"), platform)} if platform == "chongqing" else {}
    if known is None:
        return tuple(has.values())
    return [has.get(one) or cell(one, CellStatus.NOT_PUBLISHED, None) for one in known]


def _offset(after: str | None) -> int:
    if after is None:
        return 0
    if not after.startswith("r") or not after[1:].isdecimal():
        raise CursorInvalid(f"after: {after!r} is no cursor of this report")
    return int(after[1:]) + 1
