"""What a reader of the lake is given: an immutable list of files."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Partition:
    """One month of one platform: a file of its facts, and files that are made of them, as `writing` says.

    `sequence` is that of the newest change they hold; `rows` counts facts, `resources` says whether any of them counts
    a single resource.
    """

    platform: str
    month: str
    """Such as 2026-03."""
    facts: Path
    rollup: Path
    weeks: Path
    daily: Path
    counters: Path
    steps: Path
    strides: Path
    rows: int
    first_day: date
    last_day: date
    measures: tuple[str, ...]
    resources: bool
    sequence: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The lake at one moment; its files stay for ten minutes after another snapshot took its place.

    Snapshots of one `generation` hold the same facts, also on different nodes, and on one node the same files: a
    generation ends when facts change, and when files are written again. `as_of` is when this node took in the last
    change of a fact.
    """

    generation: str
    as_of: datetime
    partitions: tuple[Partition, ...]
