"""Completions of titles, people, providers and subjects, by Chinese text, pinyin initials and full pinyin.

The candidates come from the index's own terms and are scanned as plain text in memory. What is answered is checked and
counted in the present index under the tiers that the principal may see, so that nothing hidden or withdrawn shows.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tantivy import Occur, Query

from gateway.catalog.filters import Filters
from gateway.catalog.generations import Generation
from gateway.catalog.pinyin import pinyin
from gateway.catalog.plans import count
from gateway.catalog.query import ResourceFilter
from gateway.catalog.results import Suggestion, SuggestionKind
from gateway.catalog.text import fold
from schema.access import Access
from schema.vocabularies import VocabularyScheme, vocabulary

MOST_CANDIDATES = 200_000
"""Most frequent texts that are kept; more titles than that are not completed."""
_EXAMINED = 200
"""Candidates counted for one answer at most."""
_FIELDS = {
    SuggestionKind.SUBJECT: "subject",
    SuggestionKind.CONTRIBUTOR: "contributor",
    SuggestionKind.PROVIDER: "provider",
    SuggestionKind.TITLE: "name",
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A term of the index that may complete something, and what people read for it."""

    kind: SuggestionKind
    value: str
    text: str


class _Lines:
    """Texts one per line, found by what they begin with or hold."""

    def __init__(self, texts: Iterable[str]) -> None:
        starts, lines, position = array("Q"), [], 1
        for text in texts:
            starts.append(position)
            lines.append(text)
            position += len(text) + 1
        self._starts = starts
        self._buffer = "\n" + "\n".join(lines) + "\n"
        self._folded = self._buffer.casefold()

    def beginning_with(self, sought: str) -> Iterator[int]:
        """Numbers of lines that begin with a text."""
        return self._found("\n" + sought, 1, syllables=False)

    def holding(self, sought: str, *, syllables: bool) -> Iterator[int]:
        """Numbers of lines that hold a text, which may have to begin with a capital letter there."""
        return self._found(sought, 0, syllables=syllables)

    def _found(self, sought: str, skip: int, *, syllables: bool) -> Iterator[int]:
        at = self._folded.find(sought)
        while at >= 0:
            if syllables and not self._buffer[at].isupper():
                at = self._folded.find(sought, at + 1)
                continue
            line = bisect_right(self._starts, at + skip) - 1
            yield line
            following = line + 1
            if following >= len(self._starts):
                return
            at = self._folded.find(sought, self._starts[following] - skip)


class Completions:
    """Candidates of one generation in memory, most frequent first; about 100 bytes each."""

    def __init__(self, generation: Generation) -> None:
        self.token = generation.token
        counted = sorted(
            (
                (-count, len(value), kind, value)
                for kind, field in _FIELDS.items()
                for value, count in generation.searcher.terms_with_prefix(field, "", None, MOST_CANDIDATES)
            ),
        )[:MOST_CANDIDATES]
        self._candidates = [Candidate(kind, value, _text(kind, value)) for _, _, kind, value in counted]
        self._texts = _Lines(_one_line(candidate.text) for candidate in self._candidates)
        spoken = [pinyin(candidate.text) for candidate in self._candidates]
        self._syllables = _Lines(part.syllables for part in spoken)
        self._initials = _Lines(part.initials for part in spoken)

    def complete(self, generation: Generation, prefix: str, first: int, visible: frozenset[Access]) -> list[Suggestion]:
        """Up to `first` completions: those that begin with the prefix, then those that hold it; frequent ones first."""
        sought = fold(prefix).strip().replace("\n", " ")
        filters = Filters(generation.schema, ResourceFilter(), visible)
        found: list[tuple[bool, Suggestion]] = []
        for examined, (line, inside) in enumerate(self._matches(sought)):
            enough = sum(not within for within, _ in found) >= first or (inside and len(found) >= first)
            if enough or examined >= _EXAMINED:
                break
            count = _count(generation, filters, self._candidates[line])
            if count:
                candidate = self._candidates[line]
                found.append((inside, Suggestion(candidate.text, candidate.kind, count)))
        found.sort(key=lambda item: (item[0], -item[1].count))
        return [suggestion for _, suggestion in found[:first]]

    def _matches(self, sought: str) -> Iterator[tuple[int, bool]]:
        """Numbers of matching candidates once each, and whether the match lies inside the text."""
        if not sought:
            return
        seen: set[int] = set()
        letters = "".join(sought.split())
        spelled = letters.isascii() and letters.isalnum()
        for inside in (False, True):
            ways = [self._texts.holding(sought, syllables=False) if inside else self._texts.beginning_with(sought)]
            if spelled:
                for lines, capital in ((self._initials, False), (self._syllables, True)):
                    ways.append(lines.holding(letters, syllables=capital) if inside else lines.beginning_with(letters))
            for way in ways:
                for line in way:
                    if line not in seen:
                        seen.add(line)
                        yield line, inside


def _text(kind: SuggestionKind, value: str) -> str:
    if kind is not SuggestionKind.SUBJECT:
        return value
    term = vocabulary(VocabularyScheme.SUBJECT).get(value)
    return term.label if term else value


def _one_line(text: str) -> str:
    return fold(text).replace("\n", " ")


def _count(generation: Generation, filters: Filters, candidate: Candidate) -> int:
    term = Query.term_query(generation.schema, _FIELDS[candidate.kind], candidate.value, "basic")
    asked = filters.applied_to(Query.boolean_query([(Occur.Must, term)]))
    return count(generation, asked)
