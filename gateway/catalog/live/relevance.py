"""How well a record answers a query: one score from 0 to 1, the same for every platform."""

import functools
import math
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from gateway.catalog.matching import MOST_TOKENS
from gateway.catalog.ranks import freshness_of_days, quality
from gateway.catalog.text import LONGEST_WORD, WORD, Run, fold, runs
from schema.quality import ReviewStatus
from schema.resources import CatalogResource, ResourceRecord
from schema.vocabularies import VocabularyScheme, vocabulary

_COVERED, _AS_WRITTEN, _CLOSE = 0.7, 0.2, 0.1
"""Shares of a match: tokens found, runs of the query that the title holds as written, how much of it they are."""
_UNMATCHED = 0.05
"""What a record is worth that the platform found by something else than these words."""
_RANK_SHARE, _RANK_HALF = 0.1, 10
"""The platform's own order takes up to a tenth from a score, half of that at its tenth record."""


class Part:
    """A part of the query: a run of Chinese, two characters of it, one, or a word in another script."""

    __slots__ = ("alone", "han", "text", "whole")

    def __init__(self, text: str, han: bool) -> None:
        self.text = text
        self.han = han
        self.alone = han and len(text) == 1
        self.whole = None if han else _whole_word(text)

    def within(self, text: str) -> bool:
        """Whether it stands in a folded text; a word as a whole only."""
        return self.text in text and (self.whole is None or self.whole.search(text) is not None)


class Relevance:
    """A query that was taken apart once, to weigh many records; `now` dates their freshness.

    A token counts by the best place it stands in, in the catalog's proportions: title 1, people 3/4, labels 5/8,
    summary 1/4. The match is multiplied by the catalog's weight of freshness and quality, and by the platform's own
    rank. An empty query takes the platforms' records in turn, equal ranks by weight.
    """

    def __init__(self, query: str, now: datetime) -> None:
        found = runs(query)
        self._today = now.toordinal()
        self._everything = not query.strip()
        # all pairs of a run stand in a row wherever the run stands as it is written
        self._runs = [Part(run.text if run.han else run.text[:LONGEST_WORD], run.han) for run in found]
        pieces = dict.fromkeys((token, run.han) for run in found for token in run.tokens)
        self._tokens = [Part(text, han) for text, han in list(pieces)[:MOST_TOKENS]]
        self._letters = sum(len(run.text) for run in found)
        self._unfolded = [run.text for run in found] if all(map(_never_folded, found)) else []
        self.finds_nothing = not (self._everything or found)

    def scores(self, resources: Iterable[CatalogResource]) -> list[float]:
        """From 0 to 1 for each of one platform's records, which are in the platform's own order."""
        if self._everything:
            return [
                (1.0 + self._weight(one.record) / (2.0 * (rank + 1))) / (rank + 2)  # between those of neighboring ranks
                for rank, one in enumerate(resources)
            ]
        found: list[float] = []
        for rank, one in enumerate(resources):
            record = one.record
            weighed = 0.5 * math.log2(2.0 + self._weight(record))
            found.append(self.match(record) * weighed * (1.0 - _RANK_SHARE * rank / (rank + _RANK_HALF)))
        return found

    def match(self, record: ResourceRecord) -> float:
        """How well the words match, from 0.05 where none does to 1 for a title that is the query."""
        title = record.title
        for text in self._unfolded:
            if text not in title:
                break
        else:
            if self._unfolded:
                close = self._letters / len(title)
                return _matched(1.0, 1.0, close if close < 1.0 else 1.0)
        return self._match_folded(record, _title(record))

    def _weight(self, record: ResourceRecord) -> float:
        """Freshness and quality as the catalog's index has them."""
        review, published = record.review, record.published_at
        approved = review is not None and review.status == ReviewStatus.APPROVED
        found = quality(record.summary is not None, approved, bool(record.awards), record.use_count)
        return found if published is None else found + freshness_of_days(self._today - published.toordinal())

    def _match_folded(self, record: ResourceRecord, title: str) -> float:
        if not self._runs:
            return _UNMATCHED
        as_written = sum(run.within(title) for run in self._runs) / len(self._runs)
        covered = 1.0 if as_written == 1.0 else self._covered(record, title)
        return _matched(covered, as_written, as_written * min(self._letters / len(record.title), 1.0))

    def _covered(self, record: ResourceRecord, title: str) -> float:
        """Share of the tokens that are found, each by the best place."""
        missing = _missing(self._tokens, title)
        total = float(len(self._tokens) - len(missing))
        for place, worth in _PLACES:
            if not missing:
                break
            text = place(record)
            if text:
                rest = _missing(missing, text)
                if place is _summary:
                    rest += [token for token in missing if token.alone and token not in rest]
                total += worth * (len(missing) - len(rest))
                missing = rest
        return total / len(self._tokens)


def _never_folded(run: Run) -> bool:
    """Whether a run stands in a text wherever it stands in the folded text, whatever is beside it."""
    return all("\u4e00" <= character <= "\u9fff" for character in run.text)


def _missing(tokens: Sequence[Part], text: str) -> list[Part]:
    return [token for token in tokens if token.text not in text or (not token.han and not token.within(text))]


def _matched(covered: float, as_written: float, close: float) -> float:
    return _UNMATCHED + (1.0 - _UNMATCHED) * (_COVERED * covered + _AS_WRITTEN * as_written + _CLOSE * close)


def _title(record: ResourceRecord) -> str:
    if not record.translations:
        return fold(record.title)
    return fold("\n".join((record.title, *(one.title for one in record.translations if one.title))))


def _summary(record: ResourceRecord) -> str:
    if not record.translations:
        return fold(record.summary) if record.summary else ""
    return fold("\n".join((record.summary or "", *(one.summary for one in record.translations if one.summary))))


def _people(record: ResourceRecord) -> str:
    names: list[str] = [record.provider.name] if record.provider else []
    for person in record.contributors:
        if person.name:
            names.append(person.name)
        if person.organization:
            names.append(person.organization.name)
    return fold("\n".join(names))


def _labels(record: ResourceRecord) -> str:
    """Keywords, and stage, subject, grade and edition in our words and in the platform's."""
    texts = [*record.keywords, *(_label(VocabularyScheme.STAGE, stage) for stage in record.stages)]
    for scheme, terms in ((VocabularyScheme.SUBJECT, record.subjects), (VocabularyScheme.GRADE, record.grades)):
        for term in terms:
            texts.append(_label(scheme, term.code))
            if term.native:
                texts.append(term.native)
    if edition := record.edition:
        texts += [_label(VocabularyScheme.EDITION, edition.code), edition.native or ""]
    return fold("\n".join(texts))


_PLACES: Sequence[tuple[Callable[[ResourceRecord], str], float]] = ((_people, 0.75), (_labels, 0.625), (_summary, 0.25))


@functools.cache
def _label(scheme: VocabularyScheme, code: str) -> str:
    term = vocabulary(scheme).get(code)
    if term is None:
        return ""
    return f"{term.label}\n{term.label_en}" if scheme is VocabularyScheme.SUBJECT and term.label_en else term.label


@functools.lru_cache(maxsize=1_000)
def _whole_word(word: str) -> re.Pattern[str]:
    # a word that was cut stands for every longer one that begins with it
    end = "" if len(word) == LONGEST_WORD else f"(?!{WORD})"
    return re.compile(f"(?<!{WORD}){re.escape(word)}{end}")
