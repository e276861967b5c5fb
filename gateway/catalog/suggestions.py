"""Completions of titles, people, providers and subjects, by Chinese text, pinyin initials and full pinyin.

The candidates come from the index's own terms and are scanned as plain text in memory. What is answered is checked and
counted in the present index under the tiers that the principal may see, so that nothing hidden or withdrawn shows.
"""

import time
from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from tantivy import Occur, Query

from gateway.catalog.filters import Filters
from gateway.catalog.generations import Generation
from gateway.catalog.pinyin import Pinyin, pinyin
from gateway.catalog.plans import count
from gateway.catalog.query import ResourceFilter
from gateway.catalog.results import Suggestion, SuggestionKind
from gateway.catalog.text import fold
from schema.access import Access
from schema.vocabularies import VocabularyScheme, vocabulary

MOST_CANDIDATES = 200_000
"""Most frequent texts that are kept; more titles than that are not completed."""
_SLICE, _PAUSES = 0.0005, 2
"""Seconds of work at a time, and how many times as long other threads may then run."""
_EXAMINED = 200
"""Candidates counted for one answer at most."""
_FIELDS = {
    SuggestionKind.SUBJECT: "subject",
    SuggestionKind.CONTRIBUTOR: "contributor",
    SuggestionKind.PROVIDER: "provider",
    SuggestionKind.TITLE: "name",
}


_Item = TypeVar("_Item")


class Pace:
    """How fast completions are built: with pauses for those who search, until somebody waits for the completions.

    A thread that computes without a break has every other one wait five milliseconds for each turn.
    """

    def __init__(self) -> None:
        self.hurried = False

    def through(self, items: Iterable[_Item]) -> Iterator[_Item]:
        """The items, with a pause after every half millisecond of work on them."""
        began = time.perf_counter()
        for item in items:
            yield item
            worked = time.perf_counter() - began
            if worked >= _SLICE:
                time.sleep(0 if self.hurried else _PAUSES * worked)
                began = time.perf_counter()


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

    def __getitem__(self, number: int) -> str:
        following = number + 1
        end = self._starts[following] if following < len(self._starts) else len(self._buffer)
        return self._buffer[self._starts[number] : end - 1]

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
    """Candidates of one generation in memory, most frequent first; about 100 bytes each.

    What the completions of an earlier generation know of the same texts is taken over.
    """

    def __init__(self, generation: Generation, pace: Pace, earlier: "Completions | None" = None) -> None:
        self.token = generation.token
        self._candidates = _candidates(generation, pace)
        self._texts = _Lines(_one_line(candidate.text) for candidate in pace.through(self._candidates))
        known = earlier.lines() if earlier else {}
        spoken = [
            earlier.spoken(known[candidate.text]) if earlier and candidate.text in known else pinyin(candidate.text)
            for candidate in pace.through(self._candidates)
        ]
        self._syllables = _Lines(part.syllables for part in pace.through(spoken))
        self._initials = _Lines(part.initials for part in pace.through(spoken))

    def lines(self) -> dict[str, int]:
        """Each text with the number of a line that has it."""
        return {candidate.text: number for number, candidate in enumerate(self._candidates)}

    def spoken(self, line: int) -> Pinyin:
        """How the text of a line is spoken."""
        return Pinyin(self._syllables[line], self._initials[line])

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


def _candidates(generation: Generation, pace: Pace) -> list[Candidate]:
    """The most frequent ones, short ones first; sorted group by group, since one long sort stops every other thread."""
    groups: dict[tuple[int, int, SuggestionKind], list[str]] = defaultdict(list)
    for kind, field in _FIELDS.items():
        for value, total in pace.through(generation.searcher.terms_with_prefix(field, "", None, MOST_CANDIDATES)):
            groups[-total, len(value), kind].append(value)
    found: list[Candidate] = []
    for key in pace.through(sorted(groups)):
        if len(found) >= MOST_CANDIDATES:
            break
        kind = key[2]
        found.extend(Candidate(kind, value, _text(kind, value)) for value in sorted(groups[key]))
    return found[:MOST_CANDIDATES]


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
