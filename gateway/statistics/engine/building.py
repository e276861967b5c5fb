"""A report from its question to numbered rows, in one transaction on the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from gateway.statistics.engine.caveats import find_caveats
from gateway.statistics.engine.cells import add_cells, create_cells, mark_incomplete
from gateway.statistics.engine.claims import Sources, claim_pieces, create_sources
from gateway.statistics.engine.conditions import one_of
from gateway.statistics.engine.disclosure import hide_small_cells
from gateway.statistics.engine.histories import add_changes, add_standings
from gateway.statistics.engine.people import claim_united, sketched
from gateway.statistics.engine.pieces import Scope, add_means, add_sums, check_size, create_pieces
from gateway.statistics.engine.plan import Family, Plan
from gateway.statistics.engine.report import Report
from gateway.statistics.engine.rows import add_lines, create_spots, number_rows
from gateway.statistics.engine.store import Store, state
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
    cursor = store.cursor()
    try:
        cursor.begin()
        report = _built(cursor, world, question, None if resources is None else tuple(resources))
        cursor.commit()
    except BaseException:
        cursor.close()
        raise
    return report


def _built(
    cursor: duckdb.DuckDBPyConnection, world: World, question: ReportQuestion, resources: tuple[str, ...] | None
) -> Report:
    generation, as_of = state(cursor)
    asked = tuple(measures()[code] for code in question.measures)
    book = SourceBook(world.platforms, world.programs)
    origins = _origins(cursor, asked, book, question)
    plan = Plan(question, asked, _span(cursor, asked, origins, question, world.today), resources)
    sources = create_sources(cursor, plan, book, origins)
    create_cells(cursor, plan)
    scope = Scope(cursor, plan, origins, sources.shared)
    for family, codes in plan.families.items():
        _add_family(scope, sources, family, codes)
    silent = _silent(cursor, sources, book.platforms_of(question.filter))
    mark_incomplete(cursor, plan)
    add_lines(cursor, plan, sources, silent)
    create_spots(cursor, plan, sources)
    hide_small_cells(cursor, plan, world.smallest_shown)
    coverage = _coverage(cursor, plan, scope.platforms, [source.owner for source in silent])
    caveats = find_caveats(cursor, plan, sources, silent, coverage, world.programs)
    total = number_rows(cursor, plan)
    return Report(cursor, plan, world.platforms, sources, total, generation, as_of, coverage, caveats)


def _add_family(scope: Scope, sources: Sources, family: Family, codes: Sequence[str]) -> None:
    """Pieces, claims and cells of the measures of one family."""
    cursor, plan = scope.cursor, scope.plan
    drawn: list[str] = []
    create_pieces(cursor, plan)
    if family is Family.CHANGE:
        add_changes(scope, codes)
    elif family is Family.STANDING:
        add_standings(scope, codes, plan.question.measures)
    elif family is Family.MEAN:
        add_means(scope, codes)
    elif family is Family.PEOPLE:
        drawn, plain = sketched(scope, codes)
        if alone := [code for code in plain if code not in drawn]:
            add_sums(scope, family, alone)
        if mixed := [code for code in plain if code in drawn]:
            add_sums(scope, family, mixed, sketched=True)
    else:
        add_sums(scope, family, codes)
    check_size(cursor)
    claim_pieces(cursor, plan, family, sources)
    if drawn:
        claim_united(scope, drawn)
    add_cells(cursor, plan, family)


def _silent(cursor: duckdb.DuckDBPyConnection, sources: Sources, asked: Sequence[Source]) -> list[Source]:
    """Platforms that are asked and have no part in any cell, nor in what was set aside."""
    bits = cursor.execute(
        "SELECT DISTINCT tellers::VARCHAR FROM (SELECT tellers FROM cell UNION ALL SELECT tellers FROM aside)"
    ).fetchall()
    told = {code for (one,) in bits for code in sources.platforms(one)}
    return [source for source in asked if source.owner not in told]


def _origins(
    cursor: duckdb.DuckDBPyConnection, asked: Sequence[Measure], book: SourceBook, question: ReportQuestion
) -> list[Origin]:
    """Origins whose facts are asked for."""
    rows = cursor.execute(
        f"""
        SELECT DISTINCT platform, program, region FROM origin
        WHERE {one_of("measure", [measure.code for measure in asked])} ORDER BY ALL
        """
    ).fetchall()
    return [origin for origin in (Origin(*row) for row in rows) if book.admits(question.filter, origin)]


def _span(
    cursor: duckdb.DuckDBPyConnection,
    asked: Sequence[Measure],
    origins: Sequence[Origin],
    question: ReportQuestion,
    today: date,
) -> Span:
    """The days asked for; an end that nobody stated is where the reports end, and nothing at all is today."""
    row = cursor.execute(
        f"""
        SELECT min(day), max(day) FROM reported
        WHERE {one_of("measure", [measure.code for measure in asked])}
          AND {one_of("platform", sorted({origin.platform for origin in origins}))}
        """
    ).fetchone()
    reported = (row[0], row[1]) if row is not None and row[0] is not None else (today, today)
    first, last = question.filter.first, question.filter.last
    if first is None:
        first = reported[0] if last is None else min(reported[0], last)
    return Span(first, max(first, reported[1]) if last is None else last)


def _coverage(
    cursor: duckdb.DuckDBPyConnection, plan: Plan, platforms: Sequence[str], silent: Sequence[str]
) -> tuple[ReportCoverage, ...]:
    """Days of the span on which each platform reported each measure; none for those that say nothing asked for."""
    rows = cursor.execute(
        f"""
        SELECT platform, measure, min(day), max(day), count(DISTINCT day) FROM reported
        WHERE {one_of("measure", plan.question.measures)} AND {one_of("platform", platforms)}
          AND day BETWEEN DATE '{plan.span.first}' AND DATE '{plan.span.last}'
        GROUP BY ALL
        """
    ).fetchall()
    told = {(platform, measure): days for platform, measure, *days in rows}
    return tuple(
        ReportCoverage(platform, measure, first, last, days, days == plan.span.days)
        for platform in sorted({*platforms, *silent})
        for measure in plan.measures
        for first, last, days in [told.get((platform, measure.code), (None, None, 0))]
    )
