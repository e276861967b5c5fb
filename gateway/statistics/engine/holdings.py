"""What one generation of the lake holds, small enough to be asked without SQL.

Which files there are, whose facts, on which days they were reported, and which come with sketches.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb

from gateway.statistics.engine.days import DaySet
from gateway.statistics.lake import Partition, Snapshot
from gateway.statistics.sources import Origin
from gateway.statistics.spans import Span

_ORIGINS = "SELECT DISTINCT measure, platform, program, region FROM origin ORDER BY ALL"
_REPORTED = """
SELECT platform, measure, month, bit_or(1::INTEGER << (day - month)::INTEGER) FROM reported GROUP BY ALL
"""
_SKETCHED = """
SELECT measure, platform, sum(sketched) > 0, sum(sketched) < sum(facts) FROM rollup GROUP BY ALL
"""


@dataclass(frozen=True, slots=True)
class Holdings:
    """One generation of the lake."""

    generation: str
    as_of: datetime
    partitions: Sequence[Partition]
    origins: Mapping[str, Sequence[Origin]]
    """By measure."""
    reported: Mapping[tuple[str, str], DaySet]
    """By platform and measure."""
    sketched: Mapping[tuple[str, str], tuple[bool, bool]]
    """By measure and platform: whether any facts have a sketch, and whether any have none."""

    @classmethod
    def of(cls, cursor: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> "Holdings":
        """What the tables hold that were made from this snapshot."""
        origins: dict[str, list[Origin]] = defaultdict(list)
        for measure, *origin in cursor.execute(_ORIGINS).fetchall():
            origins[measure].append(Origin(*origin))
        months: dict[tuple[str, str], list[tuple[date, int]]] = defaultdict(list)
        for platform, measure, month, bits in cursor.execute(_REPORTED).fetchall():
            months[platform, measure].append((month, bits))
        sketched = cursor.execute(_SKETCHED).fetchall()
        return cls(
            snapshot.generation,
            snapshot.as_of,
            sorted(snapshot.partitions, key=lambda one: (one.platform, one.month)),
            origins,
            {key: DaySet.of_months(each) for key, each in months.items()},
            {(measure, platform): (some, plain) for measure, platform, some, plain in sketched},
        )

    def origins_of(self, codes: Iterable[str]) -> list[Origin]:
        """Whose facts there are of any of these measures, each once and in order."""
        found = {origin for code in codes for origin in self.origins.get(code, ())}
        return sorted(found, key=lambda one: (one.platform, one.program, one.region))

    def days(self, platform: str, measure: str, span: Span) -> DaySet | None:
        """On which days of a span a platform reported a measure; None where on none."""
        reported = self.reported.get((platform, measure))
        return None if reported is None else reported.within(span)

    def files(
        self, platforms: Collection[str], measures: Collection[str], span: Span, *, resources: bool = False
    ) -> list[Path]:
        """Fact files that may hold such facts on such days; with `resources` those that count single ones."""
        return [one.facts for one in self.months(platforms, measures, span) if one.resources or not resources]

    def months(self, platforms: Collection[str], measures: Collection[str], span: Span) -> list[Partition]:
        """Months of platforms that have such facts on such days."""
        return [
            one
            for one in self.partitions
            if one.platform in platforms
            and one.first_day <= span.last
            and one.last_day >= span.first
            and not set(one.measures).isdisjoint(measures)
        ]
