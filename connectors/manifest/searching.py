"""The `search:` section: a question put to the platform's own search, with as much of it as the platform can do."""

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from connectors.errors import UpstreamFailure
from connectors.extraction import truthy
from connectors.manifest.compiled import CompiledMapper, Sight, Sighted
from connectors.manifest.fields import Words
from connectors.manifest.readers import Seen, unseen
from connectors.manifest.rules import FieldRule, Rule
from connectors.manifest.sections import Section
from connectors.manifest.tables import TableSpec
from connectors.protocols import RawPage, Upstream, Walk
from connectors.records import LiveAnswer, LiveQuery, Rejected, Sighting
from schema.records import Record
from schema.resources import ResourceRecord
from schema.vocabularies import VocabularyScheme, vocabulary

BULKY = 4 * 1024
"""Bytes of an answer for each of its records; beyond it none waits unmapped, since what waits is kept whole."""
MOST_PAGES = 10
"""Pages of a platform's search that one question may read."""
FILTERS = ("stages", "grades", "subjects", "kinds", "teachingModes", "editions", "languages", "regions")
SCHEMES = {
    "stages": VocabularyScheme.STAGE,
    "grades": VocabularyScheme.GRADE,
    "subjects": VocabularyScheme.SUBJECT,
    "kinds": VocabularyScheme.KIND,
    "teachingModes": VocabularyScheme.TEACHING_MODE,
    "editions": VocabularyScheme.EDITION,
}
SORTS = ("NEWEST", "OLDEST", "MOST_USED", "TITLE")


class FilterSpec(Record):
    """How the platform is asked for some codes only.

    The platform's own word for a code is what `values` says for it, what alone the table `vocabulary` maps to it, or,
    with `label: true`, our own label of it. Of several codes all are sent, joined by `joiner`, or none where the
    platform takes one at a time.
    """

    parameter: str
    vocabulary: str | None = None
    values: dict[str, str] = Field(default_factory=dict)
    label: bool = False
    joiner: str | None = None

    def parameters(self, name: str, codes: Sequence[str], tables: Mapping[str, TableSpec]) -> dict[str, str] | None:
        """The parameter that asks for these codes of a filter; None where the platform cannot be asked for them."""
        words = [self._word(name, code, tables) for code in codes]
        if None in words or (len(words) > 1 and self.joiner is None):
            return None
        return {self.parameter: (self.joiner or "").join(word for word in words if word is not None)}

    def _word(self, name: str, code: str, tables: Mapping[str, TableSpec]) -> str | None:
        if code in self.values:
            return self.values[code]
        if self.label:
            term = vocabulary(SCHEMES[name]).get(code) if name in SCHEMES else None
            return term.label if term else None
        table = tables.get(self.vocabulary) if self.vocabulary else None
        if table is None:
            return None if self.vocabulary or self.values else code
        only = [word for word, mapped in table.values.items() if mapped == (code,)]
        return only[0] if len(only) == 1 else None


def _named(value: object) -> object:
    return {"parameter": value} if isinstance(value, str) else value


class SortSpec(Record):
    """The parameter and value that ask for an order."""

    parameter: str
    value: str


class SearchSection(Section):
    """`search:`, the platform's own search. Without `fields`, its answers are mapped as the harvest's records are.

    `text` is the parameter of the words that are looked for; `filters` and `sorts` say what else the platform can do.
    """

    fields: dict[str, Rule] = Field(default_factory=dict)
    text: str
    filters: dict[str, Annotated[FilterSpec, BeforeValidator(_named)]] = Field(default_factory=dict)
    sorts: dict[str, SortSpec] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _known_names(self) -> "SearchSection":
        for what, given, known in (("filters", self.filters, FILTERS), ("sorts", self.sorts, SORTS)):
            for name in given:
                if name not in known:
                    raise ValueError(f"{what}: {name} is none of {', '.join(known)}")
        return self

    @classmethod
    def target(cls) -> type[Record]:
        """Resources."""
        return ResourceRecord


@dataclass(slots=True)
class _Reading:
    """What has been read of an answer; `read` counts records, and `complete` is None as long as reading goes on."""

    wanted: int
    found: list[Sighting] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    total: int | None = None
    read: int = 0
    pages: int = 0
    complete: bool | None = None


class SearchReader:
    """A search section, compiled; `fields` are the harvest's where the section has none of its own."""

    def __init__(
        self, section: SearchSection, fields: Mapping[str, FieldRule], words: Words, deleted: Sequence[str] = ()
    ) -> None:
        self.section = section
        self._words = words
        mapped = section.fields or fields
        self._mapper = CompiledMapper(ResourceRecord, mapped, words, deleted=deleted)
        self._sight = Sight(self._mapper, mapped, words)
        self._when = words.language.compile(section.when) if section.when else None

    async def answer(self, upstream: Upstream, query: LiveQuery, seen: Seen = unseen) -> LiveAnswer:
        """Ask until there are `query.first` records, no more, or `MOST_PAGES` were read; raises `ConnectorError`.

        No more is asked for and mapped than is needed, and nothing goes on behind an answer or a cancellation.
        """
        parameters, here = self._pushed_down(query)
        reading = _Reading(query.first)
        # of pages with records that are passed over nobody knows how many are needed
        walk = Walk(parameters=parameters, size=max(1, query.first) if self._when is None else None)
        async with aclosing(self.section.complete_pages(upstream, walk)) as pages:
            async for page in pages:
                self._read(page, reading, upstream.exchange.secrets, seen)
                if reading.complete is not None:
                    break
            else:
                reading.complete = True
        if not reading.complete and not reading.found and query.first > 0:
            raise UpstreamFailure(f"the search gives fewer than {query.first} records in {MOST_PAGES} pages")
        return LiveAnswer(
            tuple(reading.found), tuple(reading.rejected), reading.total, here, complete=bool(reading.complete)
        )

    def _read(self, page: RawPage, reading: "_Reading", secrets: Sequence[str], seen: Seen) -> None:
        """See the records of a page until there are enough; whoever watches has each of them mapped."""
        reading.pages += 1
        if reading.total is None:
            reading.total = page.expected
        bulky = page.size is None or page.size > BULKY * len(page.records)
        see = self._sight.map if bulky or seen is not unseen else self._sight.see
        found, wanted = reading.found, reading.wanted
        for number, raw in enumerate(page.records):
            if len(found) >= wanted:
                reading.read += number
                reading.complete = False
                return
            if self._when is not None and not truthy(self._when(raw)):
                continue
            outcome = see(raw, secrets)
            if isinstance(outcome, Rejected):
                reading.rejected.append(outcome)
            elif not isinstance(outcome, str):
                found.append(outcome)
            if seen is not unseen and not isinstance(outcome, Sighted):
                seen(self._mapper.raw_text(raw, secrets), outcome)
        reading.read += len(page.records)
        if len(found) >= wanted or reading.pages == MOST_PAGES:
            reading.complete = page.last or (reading.total is not None and reading.total <= reading.read)

    def _pushed_down(self, query: LiveQuery) -> tuple[dict[str, str | int], tuple[str, ...]]:
        """The parameters for what the platform can do, and the names of what is left to us."""
        section = self.section
        parameters: dict[str, str | int] = {section.text: query.text} if query.text else {}
        here: list[str] = []
        for name, codes in query.filters.items():
            spec = section.filters.get(name)
            found = spec.parameters(name, codes, self._words.tables) if spec else None
            if found is None:
                here.append(name)
            else:
                parameters.update(found)
        if query.sort is not None:
            sort = section.sorts.get(query.sort)
            if sort is None:
                here.append("sort")
            else:
                parameters[sort.parameter] = sort.value
        return parameters, tuple(here)
