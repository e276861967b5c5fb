"""Kept answers, bounded by their records, and the hits of the last minutes by key."""

from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from connectors.records import LiveQuery
from gateway.catalog.live.asking.ports import Serving
from gateway.catalog.live.model import SourceAnswer
from schema.access import Access
from schema.resources import CatalogResource


class Question(NamedTuple):
    """What makes two questions equal, but for how many records they ask; nothing is shared between visibilities."""

    platform: str
    serving: Serving
    text: str
    filters: tuple[tuple[str, tuple[str, ...]], ...]
    sort: str | None
    visible: frozenset[Access]


def question_of(platform: str, serving: Serving, query: LiveQuery, visible: frozenset[Access]) -> Question:
    """The question that a query puts to a platform as it is served now."""
    return Question(platform, serving, query.text, tuple(sorted(query.filters.items())), query.sort, visible)


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer, how many records had been asked for, and when it came (seconds of a monotonic clock)."""

    answer: SourceAnswer
    first: int
    at: float

    def covers(self, first: int) -> bool:
        """Whether it answers a question for so many records too; one that only ends was not asked for so many."""
        return first <= self.first or self.answer.complete

    def shown(self, first: int) -> SourceAnswer:
        """The answer to a question for so many records."""
        return shortened(self.answer, first)


def shortened(answer: SourceAnswer, first: int) -> SourceAnswer:
    """An answer of at most so many records."""
    if len(answer.records) <= first:
        return answer
    return SourceAnswer(replace(answer.outcome, count=first), answer.records[:first], complete=False)


class KeptAnswers:
    """Answers by question; the least recently used go first when there are more than so many records."""

    def __init__(self, most_records: int, longest: float) -> None:
        self._most, self._longest = most_records, longest
        self._kept: OrderedDict[Question, KeptAnswer] = OrderedDict()
        self._records = 0

    @property
    def records(self) -> int:
        """Records that are kept; an answer without any counts as one."""
        return self._records

    def find(self, question: Question, first: int, now: float) -> KeptAnswer | None:
        """The answer that covers a question for so many records; None where there is none, or it is too old."""
        kept = self._kept.get(question)
        if kept is None:
            return None
        if now - kept.at >= self._longest:
            self._drop(question)
            return None
        self._kept.move_to_end(question)
        return kept if kept.covers(first) else None

    def put(self, question: Question, answer: KeptAnswer) -> None:
        """Keep an answer in place of an earlier one."""
        weight = _weight(answer)
        if question in self._kept:
            self._drop(question)
        if weight > self._most:
            return
        self._kept[question] = answer
        self._records += weight
        while self._records > self._most:
            self._records -= _weight(self._kept.popitem(last=False)[1])

    def _drop(self, question: Question) -> None:
        self._records -= _weight(self._kept.pop(question))


def _weight(kept: KeptAnswer) -> int:
    return max(1, len(kept.answer.records))


class RecentHits:
    """The last hits by platform and native id, in two generations: when one is full, the one before it is forgotten."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._age = max(1, most // 2), timedelta(seconds=seconds)
        self._young: dict[tuple[str, str], CatalogResource] = {}
        self._old: dict[tuple[str, str], CatalogResource] = {}

    def __len__(self) -> int:
        """Hits that are held, those met twice perhaps counted twice."""
        return len(self._young) + len(self._old)

    def note(self, resource: CatalogResource) -> None:
        """Remember a hit, in place of what was known of the same record."""
        if len(self._young) >= self._most:
            self._old, self._young = self._young, {}
        self._young[resource.platform, resource.record.native_id] = resource

    def find(self, platform: str, native_id: str, now: datetime) -> CatalogResource | None:
        """The hit, unless it is too old."""
        key = platform, native_id
        found = self._young.get(key) or self._old.get(key)
        return found if found is not None and now - found.provenance.fetched_at < self._age else None
