"""What a protocol is: the part of a manifest's section that says how its listing is walked, page by page."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors.extraction import JMESPATH, Language
from connectors.protocols.exchange import Exchange
from connectors.protocols.failures import Failure
from connectors.records import Checkpoint
from schema.findings import Finding
from schema.records import Record


@dataclass(frozen=True, slots=True)
class Upstream:
    """The platform as a listing may touch it; `timeout` is of one request, in seconds."""

    exchange: Exchange
    origin: str
    origins: frozenset[str]
    timeout: float
    now: Callable[[], datetime]
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class Walk:
    """What is asked of a listing: all of it, what changed after `since`, or what happened up to `until`.

    `checkpoint` resumes an interrupted walk; `parameters` are added to every request. `size` is how many records are
    wanted at all: pages need not be larger, where their size is asked for.
    """

    since: datetime | None = None
    until: datetime | None = None
    checkpoint: Checkpoint | None = None
    parameters: Mapping[str, str | int] = field(default_factory=dict)
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Broken:
    """A piece of an answer that cannot be used, such as a line with too few columns: what came and why it is refused.

    `record` is the record where there is one, so that the one it would have replaced is not taken for gone.
    """

    raw: str
    finding: Finding
    record: Any = None


@dataclass(frozen=True, slots=True)
class RawPage:
    """The records of one answer as the platform sent them, and where to resume after it.

    `deleted` are native ids, and `gone` records (whole or in part), that the platform says are deleted. `last` is true
    where the protocol knows that no page follows. `size` is that of the answer in bytes, None where the records hold
    more or where that is not known.
    """

    records: Sequence[Any]
    checkpoint: Checkpoint | None
    expected: int | None = None
    deleted: Sequence[str] = ()
    gone: Sequence[Any] = ()
    broken: Sequence[Broken] = ()
    last: bool = False
    size: int | None = None


class Listing(Record, ABC):
    """Base of the protocols: a subclass in a module of this package whose `protocol` is a Literal is found by name."""

    @classmethod
    def default_fields(cls, section: Mapping[str, Any]) -> Mapping[str, Any]:
        """Rules for fields that the manifest leaves out, given the section as it is written."""
        del section
        return {}

    @property
    def language(self) -> Language:
        """What the paths of its fields are written in."""
        return JMESPATH

    @property
    def paths(self) -> Mapping[str, str]:
        """Its own paths in that language, by their key."""
        return {}

    @property
    def deletion(self) -> str | None:
        """A path, in that language, that is true of records the protocol itself marks as deleted."""
        return None

    @property
    def known_failures(self) -> Sequence[Failure]:
        """Rows for the end of the failure table: what the protocol itself says about failures."""
        return ()

    @property
    def tells_changes(self) -> bool:
        """Whether it can be asked for what changed since an instant."""
        return False

    @property
    def tells_deletions(self) -> bool:
        """Whether its answers name what was deleted."""
        return self.deletion is not None

    @abstractmethod
    def pages(self, upstream: Upstream, walk: Walk) -> AsyncGenerator[RawPage, None]:
        """Yield pages until the listing is complete; raises `ConnectorError`."""
