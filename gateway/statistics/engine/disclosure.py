"""Small cells of people are hidden, and so many beside them that a total does not give them away.

Where a report has a line of cells (all but one key the same, or all but the period), its total can be asked for too.
So hidden cells of a line must be at least two, and together at least as many people as a cell must have to be shown;
else the smallest cell that is shown is hidden too, until that holds for every line. Of an average what counts is how
many people are behind it.
"""

from collections.abc import Sequence

import duckdb

from gateway.statistics.engine.plan import Plan

_SHOWN = ("value", "lo", "hi", "CASE WHEN method = 'BOUNDS' THEN hi - lo END")
"""Numbers that a cell shows: bounds that are a greatest part and a sum differ by what the other parts count."""


def hide_small_cells(cursor: duckdb.DuckDBPyConnection, plan: Plan, threshold: int) -> None:
    """Hide cells of measures that count people with a number above 0 and below the threshold, and their complements.

    Needs the table `spot`.
    """
    for measure in plan.measures:
        if measure.people:
            _hide(cursor, plan, measure.code, threshold)


def _hide(cursor: duckdb.DuckDBPyConnection, plan: Plan, measure: str, threshold: int) -> None:
    shown = " OR ".join(f"({number} > 0 AND {number} < $threshold)" for number in _SHOWN)
    small = f"CASE WHEN behind IS NULL THEN {shown} ELSE behind > 0 AND behind < $threshold END"
    asked = {"threshold": threshold, "measure": measure}
    if cursor.execute(f"SELECT count(*) FROM cell WHERE measure = $measure AND ({small})", asked).fetchone() == (0,):
        return
    keys = (*plan.keys, "p")
    cursor.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE weighed AS
        SELECT {", ".join(keys)}, spot, coalesce(behind, hi) AS size, coalesce({small}, false) AS hidden
        FROM cell JOIN spot USING (spot)
        WHERE measure = $measure AND hi IS NOT NULL
        """,
        asked,
    )
    lines = [tuple(other for other in keys if other != key) for key in keys]
    while sum(_complement(cursor, keys, line, threshold) for line in lines):
        continue
    same = " AND ".join(f"cell.{key} = weighed.{key}" for key in (*plan.cell_keys, "p"))
    cursor.execute(
        f"""
        UPDATE cell SET status = 'SUPPRESSED', value = NULL, lo = NULL, hi = NULL, as_of = NULL
        FROM weighed WHERE weighed.hidden AND cell.measure = $measure AND {same}
        """,
        {"measure": measure},
    )


def _complement(cursor: duckdb.DuckDBPyConnection, keys: Sequence[str], line: Sequence[str], threshold: int) -> int:
    """Hide the smallest shown cell of every line whose total would give hidden ones away; returns how many."""
    among = f"PARTITION BY {', '.join(line)}" if line else ""
    changed = cursor.execute(
        f"""
        UPDATE weighed SET hidden = true
        FROM (
            SELECT {", ".join(keys)} FROM (
                SELECT *, count(*) FILTER (hidden) OVER line AS hidden_cells,
                    coalesce(sum(size) FILTER (hidden) OVER line, 0) AS hidden_people
                FROM weighed WINDOW line AS ({among})
            )
            WHERE NOT hidden AND size > 0 AND hidden_cells > 0
              AND (hidden_cells < 2 OR hidden_people < $threshold)
            QUALIFY row_number() OVER ({among} ORDER BY size, {", ".join(keys)}) = 1
        ) AS next
        WHERE {" AND ".join(f"weighed.{key} = next.{key}" for key in keys)}
        """,
        {"threshold": threshold},
    ).fetchone()
    return int(changed[0]) if changed else 0
