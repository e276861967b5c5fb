"""A report from its question to numbered rows, in one transaction on the store."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from gateway.statistics.engine.caveats import find_caveats
from gateway.statistics.engine.cells import add_cells, create_cells, mark_incomplete
from gateway.statistics.engine.claims import Sources, claims, create_sources
from gateway.statistics.engine.days import DaySet
from gateway.statistics.engine.disclosure import hide_small_cells
from gateway.statistics.engine.histories import changes, standings
from gateway.statistics.engine.holdings import Holdings
from gateway.statistics.engine.people import claim_united, sketched
from gateway.statistics.engine.pieces import Scope, means, sums
from gateway.statistics.engine.plan import Family, Plan
from gateway.statistics.engine.report import Report
from gateway.statistics.engine.rows import add_lines, create_spots, number_rows
from gateway.statistics.engine.store import Store
from gateway.statistics.ports import PlatformNames
from gateway.statistics.questions import ReportQuestion
from gateway.statistics.reports import ReportCoverage
from gateway.statistics.sources import Origin, Source, SourceBook
from gateway.statistics.spans import Span
from schema.measures import Measure, measures
from schema.programs import Program


@dataclass(frozen=True, slots=True)
class World:
    """What reports are made from beside the facts: who the platforms and programs are, today, and what is too small."""

    platforms: PlatformNames
    programs: Mapping[str, Program]
    today: date
    smallest_shown: int

    def about(self, code: str) -> tuple[str, str | None, str | None]:
        """What reports say of a platform and depend on."""
        return code, self.platforms.label(code), self.platforms.region(code)


def build(store: Store, world: World, question: ReportQuestion, resources: Sequence[str] | None = None) -> Report:
    """Compute a report; `question` was validated. The report holds a connection until it is closed."""
    cursor, holdings = store.begin()
    try:
        report = _built(cursor, holdings, world, question, None if resources is None else tuple(resources))
        cursor.commit()
    except BaseException:
        cursor.close()
        raise
    return report


def _built(
    cursor: duckdb.DuckDBPyConnection,
    holdings: Holdings,
    world: World,
    question: ReportQuestion,
    resources: tuple[str, ...] | None,
) -> Report:
    asked = tuple(measures()[code] for code in question.measures)
    book = SourceBook(world.platforms, world.programs)
    origins = [one for one in holdings.origins_of(question.measures) if book.admits(question.filter, one)]
    plan = Plan(question, asked, _span(holdings, origins, question, world.today), resources)
    sources = create_sources(cursor, plan, book, origins)
    create_cells(cursor, plan)
    scope = Scope(cursor, holdings, plan, sources)
    for family, codes in plan.families.items():
        _add_family(scope, family, codes)
    silent = _silent(cursor, sources, book.platforms_of(question.filter))
    mark_incomplete(scope)
    add_lines(cursor, plan, sources, silent)
    create_spots(cursor, plan, sources)
    hide_small_cells(cursor, plan, world.smallest_shown)
    coverage = _coverage(scope, [source.owner for source in silent])
    caveats = find_caveats(cursor, plan, sources, silent, coverage, world.programs)
    total = number_rows(cursor, plan)
    state = (holdings.generation, holdings.as_of)
    return Report(cursor, plan, world.platforms, sources, total, *state, coverage, caveats)


def _add_family(scope: Scope, family: Family, codes: Sequence[str]) -> None:
    """Claims and cells of the measures of one family."""
    drawn: list[str] = []
    if family is Family.CHANGE:
        pieces = changes(scope, codes)
    elif family is Family.STANDING:
        pieces = standings(scope, codes, scope.plan.question.measures)
    elif family is Family.MEAN:
        pieces = means(scope, codes)
    elif family is Family.PEOPLE:
        drawn, plain = sketched(scope, codes)
        alone, mixed = ([code for code in plain if (code in drawn) is told] for told in (False, True))
        pieces = sums(scope, family, alone) if alone else []
        pieces += sums(scope, family, mixed, sketched=True) if mixed else []
    else:
        pieces = sums(scope, family, codes)
    said = claims(scope.cursor, scope.plan, family, scope.sources, pieces, kept=bool(drawn))
    if drawn:
        claim_united(scope, drawn)
    add_cells(scope.cursor, scope.plan, family, said)


def _silent(cursor: duckdb.DuckDBPyConnection, sources: Sources, asked: Sequence[Source]) -> list[Source]:
    """Platforms that are asked and have no part in any cell, nor in what was set aside."""
    aside = " UNION SELECT tellers FROM aside" if sources.nested else ""
    bits = cursor.execute(f"SELECT DISTINCT tellers::VARCHAR FROM (SELECT tellers FROM cell{aside})").fetchall()
    told = {code for (one,) in bits for code in sources.platforms(one)}
    return [source for source in asked if source.owner not in told]


def _span(holdings: Holdings, origins: Sequence[Origin], question: ReportQuestion, today: date) -> Span:
    """The days asked for; an end that nobody stated is where the reports end, and nothing at all is today."""
    keys = itertools.product({origin.platform for origin in origins}, question.measures)
    spans = [days.span for key in keys if (days := holdings.reported.get(key)) is not None]
    first_reported = min((span.first for span in spans), default=today)
    last_reported = max((span.last for span in spans), default=today)
    first, last = question.filter.first, question.filter.last
    if first is None:
        first = first_reported if last is None else min(first_reported, last)
    return Span(first, max(first, last_reported) if last is None else last)


def _coverage(scope: Scope, silent: Sequence[str]) -> tuple[ReportCoverage, ...]:
    """Days of the span on which each platform reported each measure; none for those that say nothing asked for."""
    plan = scope.plan
    told = scope.platforms
    return tuple(
        _covered(measure, code, scope.holdings.days(code, measure.code, plan.span) if code in told else None, plan)
        for code in sorted({*told, *silent})
        for measure in plan.measures
    )


def _covered(measure: Measure, platform: str, days: DaySet | None, plan: Plan) -> ReportCoverage:
    if days is None:
        return ReportCoverage(platform, measure, None, None, 0, False)
    reached = days.span
    return ReportCoverage(platform, measure, reached.first, reached.last, len(days), len(days) == plan.span.days)
