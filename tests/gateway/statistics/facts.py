"""Facts in memory for tests of reports, the lake they make, and the platforms that told them."""

import csv
import itertools
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from gateway.statistics.lake import Partition, Snapshot
from gateway.statistics.lake.writing import KINDS, MonthWriter

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)
TODAY = date(2026, 11, 28)


@dataclass(frozen=True, slots=True)
class Fact:
    """One stored fact."""

    platform: str
    measure: str
    day: date
    value: Decimal
    region: str | None = None
    stage: str | None = None
    subject: str | None = None
    kind: str | None = None
    teaching_mode: str | None = None
    classroom_kind: str | None = None
    program: str | None = None
    resource: str | None = None
    weight: Decimal | None = None
    sketch: bytes | None = None

    @property
    def series(self) -> tuple[str | None, ...]:
        """What makes a row of numbers over time."""
        return (
            self.measure, self.platform, self.program, self.region, self.stage, self.subject, self.kind,
            self.teaching_mode, self.classroom_kind, self.resource,
        )  # fmt: skip


class Regional:
    """The platforms of the tests by code, with their regions."""

    REGIONS = {  # noqa: RUF012 - never written
        "chongqing": "500000",
        "yuzhong": "500103",
        "sichuan": "510000",
        "neijiang": "511000",
        "zibo": "370300",
    }

    def codes(self) -> Collection[str]:
        return list(self.REGIONS)

    def label(self, code: str) -> str | None:
        return f"平台{code}" if code in self.REGIONS else None

    def region(self, code: str) -> str | None:
        return self.REGIONS.get(code)


def fact(platform: str, measure: str, day: str, value: int | str, **more: str | bytes | Decimal | None) -> Fact:
    """A fact in short words."""
    return Fact(platform, measure, date.fromisoformat(day), Decimal(value), **more)  # type: ignore[arg-type] # by name


class FactFiles:
    """Writes lakes of facts into files of one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writer = MonthWriter(folder)
        self._numbers = itertools.count(1)

    def snapshot(self, facts: Iterable[Fact]) -> Snapshot:
        """The lake of these facts."""
        months: dict[tuple[str, str], list[Fact]] = defaultdict(list)
        for one in facts:
            months[one.platform, f"{one.day:%Y-%m}"].append(one)
        number = next(self._numbers)
        parts = [self._partition(*month, rows, number) for month, rows in months.items()]
        return Snapshot(f"generation-{number}", NOON, tuple(parts))

    def close(self) -> None:
        """Close the writer."""
        self._writer.close()

    def _partition(self, platform: str, month: str, rows: Sequence[Fact], number: int) -> Partition:
        source = self._folder / "facts.csv"
        files: dict[str, Any] = {kind: self._folder / f"{platform}-{month}-{number}-{kind}.parquet" for kind in KINDS}
        with source.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(sorted(_line(row) for row in rows))
        held = self._writer.write(source, files)
        return Partition(platform, month, **files, **asdict(held), sequence=number)


def _line(row: Fact) -> list[str]:
    texts = (
        row.region, row.stage, row.subject, row.kind, row.teaching_mode, row.classroom_kind, row.program, row.resource,
    )  # fmt: skip
    weight = "" if row.weight is None else f"{row.weight:f}"
    sketch = "" if row.sketch is None else f"x{row.sketch.hex()}"
    named = [_hexadecimal(row.platform), _hexadecimal(row.measure), row.day.isoformat()]
    return [*named, *map(_hexadecimal, texts), f"{row.value:f}", weight, sketch]


def _hexadecimal(text: str | None) -> str:
    return "" if text is None else f"x{text.encode().hex()}"
