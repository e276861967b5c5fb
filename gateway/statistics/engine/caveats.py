"""What a reader must know of a report, found in its tables before they are gone."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import duckdb

from gateway.statistics.engine.claims import Sources
from gateway.statistics.engine.plan import Plan
from gateway.statistics.reports import Caveat, ReportCoverage
from gateway.statistics.sources import Source
from schema.programs import Program

_KINDS = (
    (
        "CONFLICTING_REPORTS",
        "status = 'CONFLICT'",
        "In {} cells platforms report different numbers of the same thing; both are kept, and the cell spans them.",
    ),
    (
        "NOT_ADDITIVE",
        "status = 'NOT_ADDITIVE'",
        "{} cells have no number: an average needs the weight of each of its parts, and some measures are never added "
        "over platforms or days.",
    ),
    (
        "PEOPLE_ESTIMATED",
        "estimated",
        "{} cells count people by united sketches: that part of them is an estimate, whose bounds hold within two "
        "standard deviations (95 %).",
    ),
    (
        "COUNTER_RESET",
        "resets > 0",
        "In {} cells a counter shows less than before: after a reset the new number was added, after a correction "
        "less, so the cell gives both as bounds.",
    ),
    ("CARRIED_FORWARD", "carried", "{} cells show what was last reported before their period began; see asOf."),
    (
        "PARTLY_REPORTED",
        "thin",
        "{} cells show a day on which a platform reported fewer numbers than on the one before; the rest may come.",
    ),
    (
        "SMALL_CELLS_SUPPRESSED",
        "status = 'SUPPRESSED'",
        "{} cells are hidden: they count few people, or would give away one that does.",
    ),
)
"""Code, condition on a cell, and message with the number of cells."""
CODES = (
    "NESTED_REGION_LEFT_OUT",
    "ROWS_OVERLAP",
    "JOINT_PROGRAM_ONCE",
    *(code for code, _, _ in _KINDS),
    "NOT_PUBLISHED",
    "INCOMPLETE",
)
"""Every code, in the order of reports."""


def find_caveats(
    cursor: duckdb.DuckDBPyConnection,
    plan: Plan,
    sources: Sources,
    silent: Sequence[Source],
    coverage: Iterable[ReportCoverage],
    programs: Mapping[str, Program],
) -> tuple[Caveat, ...]:
    """Every caveat that applies, in a fixed order."""
    return (
        *_nested(cursor, sources),
        *_overlapping(sources),
        *_joint(cursor, sources, programs),
        *_of_cells(cursor, sources),
        *_silent(silent),
        *_incomplete(plan, coverage),
    )


def _nested(cursor: duckdb.DuckDBPyConnection, sources: Sources) -> Iterator[Caveat]:
    if not sources.nested:
        return
    rows = cursor.execute("SELECT DISTINCT sid, tellers::VARCHAR FROM aside ORDER BY ALL").fetchall()
    if rows:
        named = sorted({f"{sources.all[sid].owner} ({sources.all[sid].region})" for sid, _ in rows})
        message = (
            f"Left out, because a region around it reports too and a total and its part are never added: "
            f"{', '.join(named)}. Group by PLATFORM, or ask for these alone, to see them."
        )
        yield Caveat(
            "NESTED_REGION_LEFT_OUT", message, _platforms(code for _, bits in rows for code in sources.platforms(bits))
        )


def _overlapping(sources: Sources) -> Iterator[Caveat]:
    if sources.apart:
        inner = [sources.all[sid] for sid in sources.apart]
        named = sorted({f"{source.owner} ({source.region})" for source in inner})
        owners = {source.owner for source in inner}
        message = (
            f"Rows overlap and must not be added up: {', '.join(named)} may be part of what another row reports of a "
            "region around it."
        )
        told = _platforms(one.platform for one in sources.origins if (one.program or one.platform) in owners)
        yield Caveat("ROWS_OVERLAP", message, told)


def _joint(cursor: duckdb.DuckDBPyConnection, sources: Sources, programs: Mapping[str, Program]) -> Iterator[Caveat]:
    if not sources.joint:
        return
    told = {sid for (sid,) in cursor.execute("SELECT DISTINCT sid FROM heard").fetchall()}
    codes = sorted({source.owner for sid, source in enumerate(sources.all) if source.joint and sid in told})
    if codes:
        names = [programs[code].name if code in programs else code for code in codes]
        tellers = _platforms(origin.platform for origin in sources.origins if origin.program in codes)
        message = (
            f"Numbers of joint programs ({', '.join(names)}) are the program's own: counted once, whichever platforms "
            "report them, and in no platform's row."
        )
        yield Caveat("JOINT_PROGRAM_ONCE", message, tellers)


def _of_cells(cursor: duckdb.DuckDBPyConnection, sources: Sources) -> Iterator[Caveat]:
    """Those that say how many cells are of some kind, and of which platforms."""
    counted = ", ".join(
        f"count(*) FILTER ({condition}), bit_or(tellers) FILTER ({condition})::VARCHAR" for _, condition, _ in _KINDS
    )
    row = cursor.execute(f"SELECT {counted} FROM cell").fetchone() or ()
    for (code, _, message), count, bits in zip(_KINDS, row[::2], row[1::2], strict=True):
        if count:
            yield Caveat(code, message.format(count), sources.platforms(bits))


def _silent(silent: Sequence[Source]) -> Iterator[Caveat]:
    if silent:
        codes = _platforms(source.owner for source in silent)
        message = f"Report nothing that is asked for, which is not zero: {', '.join(codes)}."
        yield Caveat("NOT_PUBLISHED", message, codes)


def _incomplete(plan: Plan, coverage: Iterable[ReportCoverage]) -> Iterator[Caveat]:
    short = [one for one in coverage if one.days and not one.complete]
    if short:
        told = ", ".join(f"{one.platform} {one.measure.code} {one.days} of {plan.span.days}" for one in short[:20])
        message = f"Days reported of those asked for: {told}{', …' if len(short) > 20 else ''}."
        yield Caveat("INCOMPLETE", message, _platforms(one.platform for one in short))


def _platforms(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(codes)))
