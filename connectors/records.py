"""What connectors are asked for and what they hand back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Generic, Protocol

from typing_extensions import TypeVar

from connectors.shapes import Shape
from schema.access import Access
from schema.findings import Finding
from schema.parts import Award, Review, Translation
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

    @property
    def outline(self) -> R:
        """The record itself, which outlines itself best."""
        return self.record

    def read(self) -> "Accepted[R]":
        """This; it has been read."""
        return self


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


class Outline(Protocol):
    """What a record is ordered and hidden by; every `ResourceRecord` is its own outline."""

    @property
    def native_id(self) -> str:
        """Id of the record on its platform."""

    @property
    def title(self) -> str:
        """Title without markup."""

    @property
    def summary(self) -> str | None:
        """Summary as plain text."""

    @property
    def translations(self) -> tuple[Translation, ...]:
        """Title and summary in other languages."""

    @property
    def access(self) -> Access:
        """Who may see it."""

    @property
    def review(self) -> Review | None:
        """What a review came to."""

    @property
    def awards(self) -> tuple[Award, ...]:
        """Awards it was given."""

    @property
    def published_at(self) -> datetime | None:
        """When it was published."""

    @property
    def use_count(self) -> int | None:
        """How often it was used."""


class Sighting(Protocol):
    """A record that a search found: what orders it, and the way to the whole of it.

    Of a hundred records that platforms answer with, twenty are shown; only those need to be read. `Accepted` is one.
    """

    @property
    def outline(self) -> Outline:
        """What orders it, as the whole record will say it."""

    def read(self) -> Accepted | None:
        """The whole record; None where it turns out not to be valid. Cheap when asked again."""


@dataclass(frozen=True, slots=True)
class LiveAnswer:
    """What a platform's search found, in its order. `total` is what the platform says it found in all.

    `found` are `Accepted` records, or sightings that are read when they are shown; `rejected` are those of which it is
    plain already that they are not valid.

    `filtered_here` names the filters (and `sort`) that were asked for and that the platform cannot do: they have not
    been applied. `complete` is false where the platform has, or may have, more than was read for this answer.
    """

    found: tuple[Sighting, ...]
    rejected: tuple[Rejected, ...] = ()
    total: int | None = None
    filtered_here: tuple[str, ...] = ()
    complete: bool = True

    @property
    def accepted(self) -> tuple[Accepted, ...]:
        """The valid ones of what was found; reads every record."""
        return tuple(one for each in self.found if (one := each.read()) is not None)
