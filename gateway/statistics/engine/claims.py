"""The second step of a report: pieces become claims, one for each source, combination of keys and period.

Here a joint program that several platforms report on is heard once, and what lies inside another claim of the same cell
is set aside. Keys that follow from the source (platform, places, program) are numbered: a spot is one combination.
"""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import duckdb

from gateway.statistics.engine.conditions import folds
from gateway.statistics.engine.plan import OF_SOURCE, UNKNOWN, Family, Plan, comma, family, overlaps
from gateway.statistics.questions import ReportDimension
from gateway.statistics.sources import Origin, Source, SourceBook, nested_pairs, place

_TABLES = """
CREATE TEMP TABLE source AS
SELECT unnest($platform::VARCHAR[]) AS platform, unnest($program::VARCHAR[]) AS program,
    unnest($region::VARCHAR[]) AS region, unnest($sid::BIGINT[]) AS sid, unnest($teller::VARCHAR[])::BIT AS teller
"""
_OWNERS = """
CREATE TEMP TABLE owner AS
SELECT unnest($sid::BIGINT[]) AS sid, unnest($owner::VARCHAR[]) AS owner, unnest($joint::BOOLEAN[]) AS joint,
    unnest($spot::BIGINT[]) AS spot
"""
_NESTED = """
CREATE TEMP TABLE aside (sid BIGINT, tellers BIT);
CREATE TEMP TABLE nested AS SELECT unnest($inner::BIGINT[]) AS inner_sid, unnest($outer::BIGINT[]) AS outer_sid
"""

_PIECE = """
SELECT NULL::VARCHAR AS measure, NULL::BIGINT AS sid, {keys}NULL::DATE AS p, NULL::DATE AS day,
    NULL::DECIMAL(38, 6) AS lo, NULL::DECIMAL(38, 6) AS hi, NULL::BIGINT AS n, NULL::DECIMAL(38, 6) AS weight,
    NULL::BIGINT AS weighed, NULL::DECIMAL(38, 6) AS least, NULL::DECIMAL(38, 6) AS most, NULL::DATE AS as_of,
    NULL::BIGINT AS resets, NULL::BOOLEAN AS carried, NULL::BOOLEAN AS thin, NULL::BIT AS tellers
WHERE false
"""
"""Every column that pieces may have, with its type."""

_ALIKE = (Family.FLOW, Family.PEAK, Family.PEOPLE, Family.MEAN)
"""Families whose cells put numbers of several sources together in the way that claims do those of one."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Sources of a report by position (their `sid`), platforms by their bit, and keys of spots by number.

    `shared` are joint programs that several platforms report on; `nested` says whether a claim can lie in another one.
    """

    all: Sequence[Source]
    origins: Sequence[Origin]
    tellers: Sequence[str]
    spots: list[tuple[str, ...]]
    shared: frozenset[str]
    nested: bool
    apart: Sequence[int]
    """Sources that lie inside one of another row."""

    @property
    def joint(self) -> bool:
        """Whether any of them is a joint program."""
        return any(source.joint for source in self.all)

    def platforms(self, bits: str) -> tuple[str, ...]:
        """The platforms of a set of bits."""
        return tuple(code for code, bit in zip(self.tellers, bits, strict=True) if bit == "1")


def create_sources(
    cursor: duckdb.DuckDBPyConnection, plan: Plan, book: SourceBook, origins: Sequence[Origin]
) -> Sources:
    """The tables of sources, of whose they are and at which spot, and of which lie inside others."""
    named = [book.source(origin) for origin in origins]
    numbers = {source: number for number, source in enumerate(dict.fromkeys(named))}
    tellers = sorted({origin.platform for origin in origins})
    keys = [spot_keys(plan, source) for source in numbers]
    spots = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    every = nested_pairs(list(numbers))
    pairs = [(inner, outer) for inner, outer in every if keys[inner] == keys[outer]]
    voices = _voices(plan, list(numbers), keys, pairs)
    cursor.execute(
        _TABLES,
        {
            "platform": [origin.platform for origin in origins],
            "program": [origin.program for origin in origins],
            "region": [origin.region for origin in origins],
            "sid": [voices[numbers[source]] for source in named],
            "teller": ["".join("1" if code == origin.platform else "0" for code in tellers) for origin in origins],
        },
    )
    cursor.execute(
        _OWNERS,
        {
            "sid": list(numbers.values()),
            "owner": [f"program {source.owner}" if source.joint else source.owner for source in numbers],
            "joint": [source.joint for source in numbers],
            "spot": [spots[key] for key in keys],
        },
    )
    apart = sorted({inner for inner, outer in every if keys[inner] != keys[outer]})
    if pairs:
        cursor.execute(_NESTED, {"inner": [inner for inner, _ in pairs], "outer": [outer for _, outer in pairs]})
    return Sources(list(numbers), origins, tellers, list(spots), _shared(origins), bool(pairs), apart)


def claims(
    cursor: duckdb.DuckDBPyConnection,
    plan: Plan,
    kind: Family,
    sources: Sources,
    pieces: Sequence[str],
    *,
    kept: bool = False,
) -> str:
    """SQL of what the pieces of one family, which are queries, say.

    That is the table `claim` where claims are looked at more than once: to set some aside, to tell which programs were
    heard, or, with `kept`, to add others. Else they are no table, which would take as long again as to read the facts.
    """
    if not (kept or sources.joint or sources.nested):
        return _one_by_one(plan, pieces) if kind in _ALIKE else _stated(plan, kind, sources, pieces)
    cursor.execute(f"CREATE OR REPLACE TEMP TABLE claim AS {_stated(plan, kind, sources, pieces)}")
    if sources.nested:
        _set_nested_aside(cursor, plan)
    if sources.joint:
        cursor.execute("CREATE TEMP TABLE IF NOT EXISTS heard (sid BIGINT)")
        cursor.execute("INSERT INTO heard SELECT DISTINCT sid FROM claim WHERE joint")
    return "FROM claim"


def _pieces(plan: Plan, pieces: Sequence[str]) -> str:
    nothing = _PIECE.format(keys=comma([f"NULL::VARCHAR AS {key}" for key in plan.raw_keys]))
    return " UNION ALL BY NAME ".join((nothing, *pieces))


def _one_by_one(plan: Plan, pieces: Sequence[str]) -> str:
    """SQL of pieces as claims, where cells put them together as claims would have been."""
    return f"""
        SELECT piece.* REPLACE (
            coalesce(resets, 0) AS resets, coalesce(carried, false) AS carried, coalesce(thin, false) AS thin),
            NULL::DECIMAL(38, 6) AS estimate, false AS estimated, false AS conflict, owner, joint, spot
        FROM ({_pieces(plan, pieces)}) AS piece JOIN owner USING (sid)
        """


def _stated(plan: Plan, kind: Family, sources: Sources, pieces: Sequence[str]) -> str:
    """SQL of one claim for each source, combination of keys and period."""
    # a peak is the highest that anybody has seen, so that hearing of it twice changes nothing
    twice = bool(sources.shared) and kind is not Family.PEAK
    told = _heard_once(plan, kind) if twice else "SELECT *, false AS conflict FROM piece"
    lower, upper = folds(plan, kind)
    return f"""
        WITH piece AS ({_pieces(plan, pieces)}), told AS ({told}), stated AS (
            SELECT measure, sid, {comma(plan.raw_keys)}p, {lower} AS lo, {upper} AS hi,
                NULL::DECIMAL(38, 6) AS estimate, false AS estimated, sum(n) AS n, sum(weight) AS weight,
                sum(weighed) AS weighed,
                min(least) AS least, max(most) AS most, max(as_of) AS as_of, coalesce(sum(resets), 0) AS resets,
                coalesce(bool_or(carried), false) AS carried, coalesce(bool_or(thin), false) AS thin,
                bool_or(conflict) AS conflict, bit_or(tellers) AS tellers
            FROM told GROUP BY measure, sid, {comma(plan.raw_keys)}p
        )
        SELECT stated.*, owner, joint, spot FROM stated JOIN owner USING (sid)
        """


def _shared(origins: Sequence[Origin]) -> frozenset[str]:
    tellers: dict[str, set[str]] = defaultdict(set)
    for origin in origins:
        if origin.program:
            tellers[origin.program].add(origin.platform)
    return frozenset(program for program, told in tellers.items() if len(told) > 1)


def _voices(
    plan: Plan, sources: Sequence[Source], keys: Sequence[tuple[str, ...]], pairs: Sequence[tuple[int, int]]
) -> list[int]:
    """The position under which each source is heard: that of the first one whose numbers are put together alike.

    What an owner says of several regions at one spot is added up whenever it is, unless one of them may lie inside
    another. Only where counters of what overlaps grow, regions stay apart: the greatest of them is the lower bound.
    """
    apart = {position for pair in pairs for position in pair}
    if any(overlaps(measure) and family(measure, plan.question) is Family.CHANGE for measure in plan.measures):
        return list(range(len(sources)))
    first: dict[Hashable, int] = {}
    return [
        position if source.joint or position in apart else first.setdefault((source.owner, keys[position]), position)
        for position, source in enumerate(sources)
    ]


def spot_keys(plan: Plan, source: Source) -> tuple[str, ...]:
    """What a source is in each of the asked dimensions that follow from it."""
    lifted = place(source.region)
    known = {
        ReportDimension.PLATFORM: "" if source.joint else source.owner,
        ReportDimension.REGION: source.region,
        ReportDimension.PROVINCE: lifted.province,
        ReportDimension.CITY: lifted.city,
        ReportDimension.DISTRICT: lifted.district,
        ReportDimension.PROGRAM: source.owner if source.joint else "",
    }
    return tuple(known[one] or UNKNOWN for one in plan.question.group_by if one in OF_SOURCE)


def _heard_once(plan: Plan, kind: Family) -> str:
    """Pieces of which those of one joint program by several platforms are one: what all can agree on, else all claims.

    Flows, people and means are compared day by day, counters by period; of stocks the newest report counts.
    """
    same = f"measure, sid, {comma(plan.raw_keys)}p, day"
    lower, upper = folds(plan, kind)
    told = f"""
        SELECT {same}, tellers, {lower} AS lo, {upper} AS hi, sum(n) AS n,
            sum(weight) AS weight, sum(weighed) AS weighed, min(least) AS least, max(most) AS most,
            max(as_of) AS as_of, sum(resets) AS resets, bool_or(carried) AS carried, bool_or(thin) AS thin
        FROM piece SEMI JOIN joined USING (sid) GROUP BY ALL
        """
    if kind is Family.STANDING:
        told = f"SELECT * FROM ({told}) QUALIFY as_of = max(as_of) OVER (PARTITION BY {same})"
    agreed = "count(DISTINCT (lo, hi, weight)) = 1" if kind is Family.MEAN else "max(lo) <= min(hi)"
    return f"""
        WITH joined AS (SELECT sid FROM owner WHERE joint)
        SELECT {same}, CASE WHEN {agreed} THEN max(lo) ELSE min(lo) END AS lo,
            CASE WHEN {agreed} THEN min(hi) ELSE max(hi) END AS hi, max(n) AS n, max(weight) AS weight,
            max(weighed) AS weighed, min(least) AS least, max(most) AS most, max(as_of) AS as_of,
            max(resets) AS resets, bool_or(carried) AS carried, bool_or(thin) AS thin,
            NOT ({agreed}) AS conflict, bit_or(tellers) AS tellers
        FROM ({told}) GROUP BY {same}
        UNION ALL BY NAME
        SELECT *, false AS conflict FROM piece ANTI JOIN joined USING (sid)
        """


def _set_nested_aside(cursor: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """Move claims out of the way that lie inside another claim of the same cell; nested sources share their spot."""
    same = "".join(f" AND inside.{key} = claim.{key}" for key in ("measure", *plan.raw_keys, "p"))
    cursor.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE inside AS
        SELECT DISTINCT measure, {comma(plan.raw_keys)}p, inner_sid AS sid FROM claim JOIN nested ON outer_sid = sid
        """
    )
    condition = f"EXISTS (SELECT 1 FROM inside WHERE inside.sid = claim.sid{same})"
    cursor.execute(f"INSERT INTO aside SELECT DISTINCT sid, tellers FROM claim WHERE {condition}")
    cursor.execute(f"DELETE FROM claim WHERE {condition}")
