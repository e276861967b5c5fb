"""What a live search is answered with: hits of several platforms, and how each of them took part."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gateway.catalog.live.candidates import Candidate
from gateway.catalog.results import Hit


class SourceState(StrEnum):
    """How a platform took part in a search."""

    OK = "OK"
    STALE = "STALE"
    """An earlier answer, or a harvest, shown because the platform did not answer now; `as_of` says how old it is."""
    TIMEOUT = "TIMEOUT"
    CIRCUIT_OPEN = "CIRCUIT_OPEN"
    REFUSED = "REFUSED"
    """It does not accept our credential, or asked us to slow down."""
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"
    """It was not asked: it has no search, or the filter excludes it."""


@dataclass(frozen=True, slots=True)
class SourceOutcome:
    """One platform's part in a search.

    `count` are its hits on this page, `total` what it says it found in all, less what is known not to be valid,
    `latency_ms` how long its answer took, also where the answer was kept since; None where it was not asked.
    `filtered_here` names what was asked for and the platform cannot do (`sort` is one of them); it was applied here, to
    what was read. `error_code` is one of docs/errors.md, and stands beside STALE too where a failure was covered by an
    earlier answer.
    """

    platform: str
    state: SourceState
    count: int = 0
    total: int | None = None
    latency_ms: float | None = None
    as_of: datetime | None = None
    filtered_here: tuple[str, ...] = ()
    error_code: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class SourceAnswer:
    """What one platform answered, in its own order, as this viewer may see it; no records where it did not answer.

    `complete` says that everything was read: the platform has no more than these, as far as it can be told. `ends` says
    of an answer that is not complete that asking for more is of no use to this viewer.
    """

    outcome: SourceOutcome
    records: tuple[Candidate, ...] = ()
    complete: bool = True
    ends: bool = False


@dataclass(frozen=True, slots=True)
class LivePage:
    """One page merged of several platforms.

    `total` is what they say they found in all, less what is known not to be valid; it is exact where every platform
    asked has answered and everything that it has was read, or was counted by the catalog. `read` are the records that
    this page was made of, which facets are counted of. `of_catalog` says that nobody had to be asked: the page is the
    catalog's own, and so are its cursors and its facets. `did_you_mean` is the catalog's, where it took part.
    """

    hits: tuple[Hit, ...]
    total: int
    total_is_exact: bool
    has_next: bool
    has_previous: bool
    sources: tuple[SourceOutcome, ...]
    read: tuple[Candidate, ...] = ()
    did_you_mean: str | None = None
    of_catalog: bool = False


@dataclass(frozen=True, slots=True)
class LiveEvent:
    """One platform's answer to a streamed search, with scores that compare across platforms; `done` marks the last."""

    source: SourceOutcome
    hits: tuple[Hit, ...]
    done: bool = False
