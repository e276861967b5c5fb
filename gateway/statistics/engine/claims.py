"""The second step of a report: pieces become claims, one for each source, combination of keys and period.

Here a joint program that several platforms report on is heard once, and what lies inside another claim of the same cell
is set aside.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from gateway.statistics.engine.plan import UNKNOWN, Family, Plan, comma
from gateway.statistics.sources import Origin, Source, SourceBook, nested_pairs, place

_SOURCES = """
CREATE OR REPLACE TEMP TABLE source AS
SELECT unnest($platform::VARCHAR[]) AS platform, unnest($program::VARCHAR[]) AS program,
    unnest($region::VARCHAR[]) AS region, unnest($sid::BIGINT[]) AS sid, unnest($owner::VARCHAR[]) AS owner,
    unnest($joint::BOOLEAN[]) AS joint,
    unnest($platform_key::VARCHAR[]) AS platform_key, unnest($region_key::VARCHAR[]) AS region_key,
    unnest($province_key::VARCHAR[]) AS province_key, unnest($city_key::VARCHAR[]) AS city_key,
    unnest($district_key::VARCHAR[]) AS district_key, unnest($program_key::VARCHAR[]) AS program_key
"""
_NESTED = """
CREATE OR REPLACE TEMP TABLE nested AS
SELECT unnest($inner::BIGINT[]) AS inner_sid, unnest($outer::BIGINT[]) AS outer_sid
"""
FOLDS = {
    Family.FLOW: ("sum", "sum"),
    Family.CHANGE: ("sum", "sum"),
    Family.STANDING: ("sum", "sum"),
    Family.PEAK: ("max", "max"),
    Family.PEOPLE: ("max", "sum"),
    Family.MEAN: ("sum", "sum"),
}
"""How the numbers of one source on several days, or by several platforms that speak of different days, become one."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Sources of a report by position; `shared` are joint programs that several platforms report on."""

    all: Sequence[Source]
    origins: Sequence[Origin]
    shared: frozenset[str]
    nested: bool


def create_sources(cursor: duckdb.DuckDBPyConnection, book: SourceBook, origins: Sequence[Origin]) -> Sources:
    """The tables of sources and of which lie inside others."""
    named = [book.source(origin) for origin in origins]
    numbers = {source: number for number, source in enumerate(dict.fromkeys(named))}
    places = [place(source.region) for source in named]
    tellers: dict[str, set[str]] = defaultdict(set)
    for origin in origins:
        if origin.program:
            tellers[origin.program].add(origin.platform)
    cursor.execute(
        _SOURCES,
        {
            "platform": [origin.platform for origin in origins],
            "program": [origin.program for origin in origins],
            "region": [origin.region for origin in origins],
            "sid": [numbers[source] for source in named],
            "owner": [f"program {source.owner}" if source.joint else source.owner for source in named],
            "joint": [source.joint for source in named],
            "platform_key": [UNKNOWN if source.joint else source.owner for source in named],
            "region_key": [source.region for source in named],
            "province_key": [one.province or UNKNOWN for one in places],
            "city_key": [one.city or UNKNOWN for one in places],
            "district_key": [one.district or UNKNOWN for one in places],
            "program_key": [source.owner if source.joint else UNKNOWN for source in named],
        },
    )
    sources = list(numbers)
    pairs = nested_pairs(sources)
    inner, outer = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    cursor.execute(_NESTED, {"inner": inner, "outer": outer})
    shared = frozenset(program for program, told in tellers.items() if len(told) > 1)
    return Sources(sources, origins, shared, bool(pairs))


def create_claims(cursor: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """Empty tables of claims and of those that were set aside."""
    keys = "".join(f"{key} VARCHAR, " for key in plan.keys)
    columns = f"""
        measure VARCHAR, sid BIGINT, owner VARCHAR, joint BOOLEAN, {keys}p DATE, lo DECIMAL(38, 6), hi DECIMAL(38, 6),
        estimate DECIMAL(38, 6), n BIGINT, weight DECIMAL(38, 6), weighed BIGINT, least DECIMAL(38, 6),
        most DECIMAL(38, 6), as_of DATE, resets BIGINT, carried BOOLEAN, conflict BOOLEAN, platforms VARCHAR[]
        """
    cursor.execute(f"CREATE OR REPLACE TEMP TABLE claim ({columns})")
    cursor.execute("CREATE OR REPLACE TEMP TABLE aside (measure VARCHAR, sid BIGINT, platforms VARCHAR[])")


def add_claims(cursor: duckdb.DuckDBPyConnection, plan: Plan, family: Family, sources: Sources) -> None:
    """Turn the pieces of one family into claims."""
    heard = "sourced"
    if sources.shared:
        cursor.execute(f"CREATE OR REPLACE TEMP TABLE heard AS {_heard_once(plan, family)}")
        heard = "heard"
    else:
        cursor.execute(f"CREATE OR REPLACE TEMP VIEW sourced AS {_sourced(plan)}")
    lower, upper = FOLDS[family]
    cursor.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE stated AS
        SELECT measure, sid, owner, joint, {comma(plan.keys)}p, {lower}(lo) AS lo, {upper}(hi) AS hi,
            NULL::DECIMAL(38, 6) AS estimate, sum(n) AS n, sum(weight) AS weight, sum(weighed) AS weighed,
            min(least) AS least, max(most) AS most, max(as_of) AS as_of, sum(resets) AS resets,
            bool_or(carried) AS carried, bool_or(conflict) AS conflict,
            list_sort(list_distinct(flatten(list(platforms)))) AS platforms
        FROM {heard} GROUP BY measure, sid, owner, joint, {comma(plan.keys)}p
        """
    )
    if sources.nested:
        _set_nested_aside(cursor, plan)
    cursor.execute("INSERT INTO claim BY NAME SELECT * FROM stated")


def _sourced(plan: Plan) -> str:
    """Pieces with whose they are, where, and their keys."""
    return f"""
        SELECT measure, piece.platform, sid, owner, joint, {comma(plan.keys)}p, day, lo, hi, n, weight, weighed,
            least, most, as_of, resets, carried, false AS conflict, [piece.platform] AS platforms
        FROM piece JOIN source
          ON piece.platform = source.platform AND piece.program = source.program AND piece.region = source.region
        """


def _heard_once(plan: Plan, family: Family) -> str:
    """Pieces of which those of one joint program by several platforms are one: what all can agree on, else all claims.

    Flows, people and means are compared day by day, counters by period; of stocks the newest report counts.
    """
    same = f"measure, sid, owner, joint, {comma(plan.keys)}p, day"
    told = f"""
        SELECT measure, sid, owner, joint, {comma(plan.keys)}p, day, platform, {FOLDS[family][0]}(lo) AS lo,
            {FOLDS[family][1]}(hi) AS hi, sum(n) AS n, sum(weight) AS weight, sum(weighed) AS weighed,
            min(least) AS least, max(most) AS most, max(as_of) AS as_of, sum(resets) AS resets,
            bool_or(carried) AS carried
        FROM ({_sourced(plan)}) WHERE joint GROUP BY ALL
        """
    if family is Family.STANDING:
        told = f"SELECT * FROM ({told}) QUALIFY as_of = max(as_of) OVER (PARTITION BY {same})"
    agreed = "max(lo) <= min(hi)"
    if family is Family.MEAN:
        agreed = "count(DISTINCT (lo, hi, weight)) = 1"
    return f"""
        SELECT {same}, CASE WHEN {agreed} THEN max(lo) ELSE min(lo) END AS lo,
            CASE WHEN {agreed} THEN min(hi) ELSE max(hi) END AS hi, max(n) AS n, max(weight) AS weight,
            max(weighed) AS weighed, min(least) AS least, max(most) AS most, max(as_of) AS as_of,
            max(resets) AS resets, bool_or(carried) AS carried, NOT ({agreed}) AS conflict, list(platform) AS platforms
        FROM ({told}) GROUP BY {same}
        UNION ALL BY NAME
        SELECT * EXCLUDE (platform) FROM ({_sourced(plan)}) WHERE NOT joint
        """


def _set_nested_aside(cursor: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """Move claims out of the way that lie inside another claim of the same cell."""
    same = "".join(f" AND inside.{key} = cell.{key}" for key in ("measure", *plan.keys, "p"))
    cursor.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE inside AS
        SELECT DISTINCT measure, {comma(plan.keys)}p, inner_sid AS sid FROM stated JOIN nested ON outer_sid = sid
        """
    )
    condition = f"EXISTS (SELECT 1 FROM inside WHERE inside.sid = cell.sid{same})"
    cursor.execute(f"INSERT INTO aside SELECT measure, sid, platforms FROM stated AS cell WHERE {condition}")
    cursor.execute(f"DELETE FROM stated AS cell WHERE {condition}")
