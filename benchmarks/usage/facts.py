"""Synthetic facts of two years: six platforms, seven measures of every kind, regions, stages, subjects and kinds."""

import hashlib
import random
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from datasketches import hll_sketch

from schema.modes import ClassroomKind, TeachingMode

FIRST = date(2025, 1, 1)
DAYS = 730
LAST = FIRST + timedelta(days=DAYS - 1)
REGIONS = {
    "chongqing": tuple(f"5001{n:02}" for n in range(1, 20)),
    "sichuan": ("510100", "510300", "510400", "510500", "510600", "510700", "510800", "510900", "511000", "511100"),
    "zibo": ("370302", "370303", "370304", "370305", "370306", "370321", "370322", "370323"),
    "national": ("110000", "120000", "130000", "140000", "210000", "220000", "230000", "310000", "320000", "330000"),
    "neijiang": ("511002", "511011", "511024", "511025", "511083"),
    "yuzhong": ("500103",),
}
STAGES = ("PRIMARY", "JUNIOR_SECONDARY", "SENIOR_SECONDARY", "PRESCHOOL")
SUBJECTS = (
    "mathematics",
    "chinese",
    "english",
    "physics",
    "chemistry",
    "biology",
    "geography",
    "history",
    "music",
    "art",
)
KINDS = ("LESSON", "MICRO_LESSON", "COURSEWARE", "EXERCISE", "VIDEO")
MODES = tuple(TeachingMode)
CLASSROOMS = tuple(ClassroomKind)
SHARES = {
    "views": 0.42,
    "plays": 0.2,
    "views_total": 0.14,
    "resources_online": 0.1,
    "live_viewers_peak": 0.06,
    "active_teachers": 0.08,
}
"""Share of each measure among the facts; `active_users` has one fact with a sketch for each platform and day."""
HOMES = {
    "chongqing": "500000",
    "sichuan": "510000",
    "zibo": "370300",
    "national": "100000",
    "neijiang": "511000",
    "yuzhong": "500103",
}
DIMENSIONS = ("region", "stage", "subject", "kind", "teaching_mode", "classroom_kind")
NOON = datetime(2027, 1, 1, 4, tzinfo=UTC)
_PEOPLE = 400
_VALUES = """
CASE measure
    WHEN 'views_total' THEN number * 40 + hash(place, number) % 40
    WHEN 'resources_online' THEN 500 + number // 3 + hash(place) % 300
    WHEN 'active_teachers' THEN 5 + hash(place, number) % 200
    ELSE hash(place, number, measure) % 900
END
"""


class Platforms:
    """The platforms of the facts."""

    def codes(self) -> Collection[str]:
        """Their codes."""
        return HOMES

    def label(self, code: str) -> str | None:
        """Their codes stand for their names."""
        return code if code in HOMES else None

    def region(self, code: str) -> str | None:
        """Where they are at home."""
        return HOMES.get(code)


def months() -> list[str]:
    """Every month, such as 2025-03."""
    return sorted({f"{FIRST + timedelta(days=number):%Y-%m}" for number in range(DAYS)})


def facts(connection: duckdb.DuckDBPyConnection, platform: str, month: str, total: int) -> Iterator[dict[str, Any]]:
    """The facts of a month, of `total` in all, as rows of the table of facts."""
    connection.execute(_statement(platform), _parameters(platform, month, total))
    while batch := connection.fetchmany(5_000):
        for measure, day, *dimensions, value, sketch in batch:
            yield {
                "platform": platform,
                "measure": measure,
                "day": day,
                **dict(zip(DIMENSIONS, dimensions, strict=True)),
                "value": Decimal(value),
                "sketch": sketch and bytes.fromhex(sketch),
                "key": hashlib.sha256(repr((measure, dimensions)).encode()).hexdigest()[:32],
                "revision": 0,
                "run_id": "benchmark",
                "fetched_at": NOON,
            }


def write_source(connection: duckdb.DuckDBPyConnection, platform: str, month: str, total: int, target: Path) -> None:
    """The same facts as the CSV that the lake makes the files of a month from."""
    texts = ", ".join(_hexadecimal(name) for name in DIMENSIONS)
    connection.execute(
        f"""
        COPY (
            SELECT 'x' || hex(encode('{platform}')), {_hexadecimal("measure")}, day, {texts}, NULL, NULL, value, NULL,
                'x' || sketch
            FROM ({_statement(platform)}) ORDER BY measure, day, {", ".join(DIMENSIONS)}
        ) TO $target (FORMAT csv, HEADER false)
        """,
        {**_parameters(platform, month, total), "target": str(target)},
    )


def _statement(platform: str) -> str:
    """SQL of the facts of a month."""
    return f"""
        SELECT measure, DATE '{FIRST}' + number::INTEGER AS day, {_dimensions(platform)}, {_VALUES} AS value,
            NULL AS sketch
        FROM (SELECT unnest($measures::VARCHAR[]) AS measure, unnest($places::BIGINT[]) AS places),
            range({DAYS}) AS days(number), LATERAL (SELECT unnest(range(places)) AS place)
        WHERE strftime(DATE '{FIRST}' + number::INTEGER, '%Y-%m') = $month
        UNION ALL
        SELECT 'active_users', unnest($days::DATE[]), {"NULL, " * len(DIMENSIONS)} {_PEOPLE},
            unnest($sketches::VARCHAR[])
        """


def _parameters(platform: str, month: str, total: int) -> dict[str, Any]:
    places = {measure: max(round(total / DAYS / len(HOMES) * share), 1) for measure, share in SHARES.items()}
    sketches = dict(_sketches(platform, month))
    return {
        "measures": list(places),
        "places": list(places.values()),
        "month": month,
        "days": list(sketches),
        "sketches": [sketch.hex() for sketch in sketches.values()],
    }


def _hexadecimal(column: str) -> str:
    return f"'x' || hex(encode({column}))"


def _dimensions(platform: str) -> str:
    """SQL of the dimensions of a place: its number in the mixed radix of their values."""
    columns: list[str] = []
    reach = 1
    for values in (REGIONS[platform], STAGES, SUBJECTS, KINDS, MODES, CLASSROOMS):
        listed = [str(value) for value in values]
        columns.append(f"({listed!r})[1 + place // {reach} % {len(values)}] AS {DIMENSIONS[len(columns)]}")
        reach *= len(values)
    return ", ".join(columns)


def _sketches(platform: str, month: str) -> Iterator[tuple[date, bytes]]:
    """Different people of each day, of whom each is seen on several days and some on several platforms."""
    chance = random.Random(f"{platform} {month}")
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        if f"{day:%Y-%m}" == month:
            sketch = hll_sketch(11)
            for person in chance.sample(range(20_000), _PEOPLE):
                sketch.update(person)
            yield day, sketch.serialize_compact()
