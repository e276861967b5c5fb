"""What connectors are asked for and what they hand back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Generic

from typing_extensions import TypeVar

from connectors.shapes import Shape
from schema.findings import Finding
from schema.records import Record
from schema.resources import ResourceRecord

R = TypeVar("R", bound=Record, default=ResourceRecord, covariant=True)  # noqa: PLC0105  # short, for it is everywhere
"""What is accepted: resources unless said otherwise."""

Checkpoint = Mapping[str, str | int]
"""Where a listing can be resumed: small, JSON-ready and opaque to everybody but the connector."""


@dataclass(frozen=True, slots=True)
class HarvestRequest:
    """A whole listing, or with `since` only what changed after it; `checkpoint` resumes an interrupted one."""

    since: datetime | None = None
    checkpoint: Checkpoint | None = None


@dataclass(frozen=True, slots=True)
class UsageRequest:
    """Usage of the days from `first` to `last`, both included; `checkpoint` resumes an interrupted reading."""

    first: date
    last: date
    checkpoint: Checkpoint | None = None


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A value that the manifest could not map; `field` is the record's field, such as `subjects`."""

    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Accepted(Generic[R]):
    """A record that validates, with the SHA-256 (hexadecimal) of the upstream record it was mapped from."""

    record: R
    digest: str
    modified_upstream_at: datetime | None = None
    unmapped: tuple[Unmapped, ...] = ()


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that does not validate: why, and what the platform sent (JSON or XML text, secrets removed)."""

    native_id: str | None
    findings: tuple[Finding, ...]
    raw: str


@dataclass(frozen=True, slots=True)
class HarvestPage(Generic[R]):
    """One page: what was accepted and rejected, native ids the platform says are deleted, and where to resume after it.

    `expected` is the number of records the platform says the whole listing holds; `shape` is that of the raw records.
    """

    accepted: tuple[Accepted[R], ...]
    rejected: tuple[Rejected, ...] = ()
    deleted: tuple[str, ...] = ()
    checkpoint: Checkpoint | None = None
    expected: int | None = None
    shape: Shape | None = None


@dataclass(frozen=True, slots=True)
class LiveQuery:
    """A question to a platform's own search: words, codes by filter (`stages`, `subjects`, …), an order, how many."""

    text: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: str | None = None
    first: int = 20


@dataclass(frozen=True, slots=True)
class LiveAnswer:
    """What a platform's search found, in its order. `total` is what the platform says it found in all.

    `filtered_here` names the filters (and `sort`) that were asked for and that the platform cannot do: they have not
    been applied. `complete` is false where the platform has, or may have, more than was read for this answer.
    """

    accepted: tuple[Accepted, ...]
    rejected: tuple[Rejected, ...] = ()
    total: int | None = None
    filtered_here: tuple[str, ...] = ()
    complete: bool = True
