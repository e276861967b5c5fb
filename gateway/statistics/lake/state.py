"""What `current.json` says: which files make up the lake, what of which database they hold, and their checksums."""

import hashlib
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from gateway.statistics.lake.changes import Month
from gateway.statistics.lake.snapshots import Partition, Snapshot
from gateway.statistics.lake.writing import FORMAT, KINDS


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file by its path within the lake, with its CRC-32."""

    path: str
    checksum: int


@dataclass(frozen=True, slots=True)
class ListedMonth:
    """A month of a platform with its files and what they hold.

    `edition` counts how often the same facts were written again, when all was rebuilt or a file was damaged.
    """

    platform: str
    month: str
    sequence: int
    edition: int
    facts: ListedFile
    rollup: ListedFile
    weeks: ListedFile
    daily: ListedFile
    counters: ListedFile
    steps: ListedFile
    strides: ListedFile
    rows: int
    first_day: date
    last_day: date
    measures: tuple[str, ...]
    resources: bool

    @property
    def files(self) -> tuple[ListedFile, ...]:
        """All of them."""
        return tuple(getattr(self, kind) for kind in KINDS)


@dataclass(frozen=True, slots=True)
class EmptyMonth:
    """A month of a platform that has no fact any more, up to which change that holds."""

    platform: str
    month: str
    sequence: int


@dataclass(frozen=True, slots=True)
class LakeState:
    """The lake of one database at one moment; `checksum` is that of all the rest."""

    format: int
    database: int
    generation: str
    as_of: datetime
    partitions: tuple[ListedMonth, ...]
    emptied: tuple[EmptyMonth, ...]
    checksum: int = 0

    @classmethod
    def of(cls, database: int, as_of: datetime, months: Collection[ListedMonth | EmptyMonth]) -> "LakeState":
        """The state that lists these months."""
        ordered = sorted(months, key=lambda each: (each.platform, each.month))
        partitions = tuple(each for each in ordered if isinstance(each, ListedMonth))
        emptied = tuple(each for each in ordered if isinstance(each, EmptyMonth))
        held = [(each.platform, each.month, each.sequence, each.edition) for each in partitions]
        generation = hashlib.sha256(repr((FORMAT, database, held)).encode()).hexdigest()[:16]
        return cls(FORMAT, database, generation, as_of, partitions, emptied)

    @property
    def changes(self) -> list[tuple[str, str, int]]:
        """Which change each month with facts is of; equal for equal facts of one database."""
        return [(each.platform, each.month, each.sequence) for each in self.partitions]

    @property
    def months(self) -> dict[Month, ListedMonth | EmptyMonth]:
        """Every month by platform and name."""
        held: tuple[ListedMonth | EmptyMonth, ...] = (*self.partitions, *self.emptied)
        return {(each.platform, each.month): each for each in held}

    def files(self) -> Iterator[ListedFile]:
        """Every file."""
        for each in self.partitions:
            yield from each.files

    def snapshot(self, directory: Path) -> Snapshot:
        """The same for readers."""
        return Snapshot(self.generation, self.as_of, tuple(_partition(each, directory) for each in self.partitions))


def _partition(month: ListedMonth, directory: Path) -> Partition:
    files: dict[str, Any] = {kind: directory / getattr(month, kind).path for kind in KINDS}
    return Partition(
        month.platform,
        month.month,
        **files,
        rows=month.rows,
        first_day=month.first_day,
        last_day=month.last_day,
        measures=month.measures,
        resources=month.resources,
        sequence=month.sequence,
    )


_JSON = TypeAdapter(LakeState)


def encode(state: LakeState) -> bytes:
    """A state as JSON with its checksum."""
    return _JSON.dump_json(replace(state, checksum=_checksum(state)), indent=1)


def decode(data: bytes) -> LakeState:
    """The state that JSON holds; ValueError where that is not what `encode` wrote."""
    state = _JSON.validate_json(data)
    if state.checksum != _checksum(state):
        raise ValueError("the list of files does not have its checksum")
    return replace(state, checksum=0)


def _checksum(state: LakeState) -> int:
    return zlib.crc32(_JSON.dump_json(replace(state, checksum=0)))
