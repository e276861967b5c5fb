"""The sections of a manifest: what a protocol lists, and what its records mean."""

from abc import abstractmethod
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Annotated, Any, Self, cast

from pydantic import Field, create_model, model_validator

from connectors.components import OneOf, discovered
from connectors.credentials import CredentialSpec
from connectors.extraction import JMESPATH
from connectors.manifest.count_specs import Count
from connectors.manifest.incremental import IncrementalSpec, InstantFormat
from connectors.manifest.origins import Origin
from connectors.manifest.rules import Path, Rule
from connectors.manifest.targets import targets
from connectors.protocols import Listing, RawPage, Upstream, Walk
from connectors.protocols.enrichment import DetailSpec, Enrichment, JoinSpec
from schema.records import Record
from schema.resources import ResourceRecord
from schema.training import TrainingReport
from schema.usage import UsageFact


class Section(Listing):
    """What every section has beside the keys of its protocol: where the record's fields are found."""

    fields: dict[str, Rule]
    when: Path | None = None
    """A path that is true of the records this section is about; others are passed over."""
    origin: Origin | None = None
    """Where this section asks, if not at the manifest's own origin."""
    credentials: CredentialSpec | None = None
    """How this section is shown who asks, if not as the manifest says."""
    detail: DetailSpec | None = None
    """A second request for every record."""
    joins: dict[str, JoinSpec] = Field(default_factory=dict)
    """Collections that are joined to the records, by the name under which they stand there."""

    @model_validator(mode="before")
    @classmethod
    def _with_defaults(cls, section: Any) -> Any:
        """Complete the fields by those that the protocol itself knows."""
        if not isinstance(section, dict):
            return section
        known, fields = targets(cls.target()), section.get("fields", {})
        defaults = {name: rule for name, rule in cls.default_fields(section).items() if name in known}
        return {**section, "fields": {**defaults, **fields}} if defaults and isinstance(fields, dict) else section

    @model_validator(mode="after")
    def _only_objects_are_completed(self) -> Self:
        if (self.detail is not None or self.joins) and self.language is not JMESPATH:
            raise ValueError("detail and joins complete JSON records, not XML ones")
        return self

    @property
    def deletion_paths(self) -> tuple[str, ...]:
        """The predicates that are true of deleted records."""
        return ()

    @classmethod
    @abstractmethod
    def target(cls) -> type[Record]:
        """The record its fields make."""

    def complete_pages(self, upstream: Upstream, walk: Walk) -> AsyncGenerator[RawPage, None]:
        """The pages of the listing, each record with its details and what is joined to it."""
        return self._enriched(upstream, walk) if self.detail or self.joins else self.pages(upstream, walk)

    async def _enriched(self, upstream: Upstream, walk: Walk) -> AsyncGenerator[RawPage, None]:
        enrichment = Enrichment(self.detail, self.joins, upstream, self.deletion_paths)
        async with aclosing(self.pages(upstream, walk)) as pages:
            async for page in pages:
                yield await enrichment.complete(page)


class RecordSection(Section):
    """A section whose records have ids of their own, change and are deleted.

    `deleted` is a path that is true of a record the platform says is deleted.
    """

    incremental: IncrementalSpec | None = None
    deleted: Path | None = None

    @property
    def follows(self) -> bool:
        """Whether changes can be asked for by themselves."""
        return self.incremental is not None or self.tells_changes

    @property
    def deletion_paths(self) -> tuple[str, ...]:
        """Those of the section itself and of its protocol."""
        return tuple(path for path in (self.deleted, self.deletion) if path is not None)


class HarvestSection(RecordSection):
    """`harvest:`, the platform's resources."""

    @classmethod
    def target(cls) -> type[Record]:
        """Resources."""
        return ResourceRecord


class TrainingSection(RecordSection):
    """`training:`, the records of teachers' training."""

    @classmethod
    def target(cls) -> type[Record]:
        """Training records."""
        return TrainingReport


class WindowSpec(Record):
    """How the days asked for are written: two parameters, at most `days` at once; the last day is included."""

    first: str = Field(alias="from")
    last: str = Field(alias="to")
    format: InstantFormat = InstantFormat.DATE
    days: Annotated[int, Field(ge=1, le=3660)] = 31

    def parameters(self, first: date, last: date) -> dict[str, str | int]:
        """The parameters for these days."""
        return {self.first: self.format.of_day(first), self.last: self.format.of_day(last)}


class UsageSection(Section):
    """`usage:`, what the platform counts: rows with a number for every measure, or events that are counted here.

    Beside the number of a measure, `sketches` find a sketch of the people it counts and `weights` what it was divided
    by; both are by the measure's code, because a row holds several measures.
    """

    window: WindowSpec | None = None
    measures: dict[str, Rule] = Field(default_factory=dict)
    sketches: dict[str, Rule] = Field(default_factory=dict)
    weights: dict[str, Rule] = Field(default_factory=dict)
    counts: dict[str, Count] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _either(self) -> Self:
        if bool(self.measures) == bool(self.counts):
            raise ValueError("a usage section has either measures (rows of numbers) or counts (events)")
        if self.counts and self.sketches:
            raise ValueError("sketches go with measures; of events, counts.<measure>.sketch makes one")
        if self.counts and self.weights:
            raise ValueError("weights go with measures; counts make no averages")
        return self

    @property
    def sketch_secrets(self) -> Mapping[str, str]:
        """The names of the secrets by which people are keyed in sketches made here, by the code of the measure."""
        return {code: count.sketch.secret for code, count in self.counts.items() if count.sketch is not None}

    @classmethod
    def target(cls) -> type[Record]:
        """Usage facts."""
        return UsageFact

    def windows(self, first: date, last: date) -> list[tuple[date, date]]:
        """The spans of days to ask for one after the other; none where `last` is before `first`."""
        if last < first:
            return []
        step = timedelta(days=self.window.days) if self.window else last - first + timedelta(days=1)
        starts = range((last - first).days // step.days + 1)
        return [(first + n * step, min(last, first + (n + 1) * step - timedelta(days=1))) for n in starts]


NOT_MAPPED: Mapping[str, str] = {
    "measure": "is the key under measures or counts",
    "value": "is what the rules under measures find",
    "sketch": "belongs to one measure: write its rule under sketches, by the code of the measure",
    "weight": "belongs to one measure: write its rule under weights, by the code of the measure",
}
"""Fields of a usage fact that stand under no `fields:`, and where they come from."""


@dataclass(frozen=True, slots=True)
class SectionOf(OneOf):
    """Marks an annotation as a section of one kind in any protocol."""

    def models(self) -> tuple[type[Record], ...]:
        """The section with each protocol's keys."""
        return _combined(self.base)


@cache
def _combined(section: type[Record]) -> tuple[type[Record], ...]:
    protocols: Mapping[str, type[Listing]] = discovered("connectors.protocols", Listing, "protocol")
    found = dict.fromkeys(protocols.values())
    return tuple(_joined(section, protocol) for protocol in found)


def _joined(section: type[Record], protocol: type[Listing]) -> type[Record]:
    name = section.__name__.removesuffix("Section") + protocol.__name__
    create: Any = create_model  # the type checker takes the call itself for a class of its own
    words = f"{section.__doc__}\n\n{protocol.__doc__}"
    return cast("type[Record]", create(name, __base__=(section, protocol), __doc__=words))


def any_protocol(section: type[Section]) -> Any:
    """Marks an annotation as a section of this kind, in any protocol."""
    return SectionOf("connectors.protocols", section, "protocol")


AnyHarvest = Annotated[HarvestSection, any_protocol(HarvestSection)]
AnyTraining = Annotated[TrainingSection, any_protocol(TrainingSection)]
AnyUsage = Annotated[UsageSection, any_protocol(UsageSection)]
