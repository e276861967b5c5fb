"""How well a record answers a query: one score from 0 to 1, the same for every platform."""

import functools
import math
import re
from collections.abc import Callable, Sequence
from datetime import datetime

from gateway.catalog.matching import MOST_TOKENS
from gateway.catalog.ranks import freshness_of_days, quality
from gateway.catalog.text import LONGEST_WORD, WORD, fold, runs
from schema.quality import ReviewStatus
from schema.resources import CatalogResource, ResourceRecord
from schema.vocabularies import VocabularyScheme, vocabulary

_COVERED, _AS_WRITTEN, _CLOSE = 0.7, 0.2, 0.1
"""Shares of a match: tokens found, runs of the query that the title holds as written, how much of the title they are."""
_UNMATCHED = 0.05
"""What a record is worth that the platform found by something else than these words."""
_RANK_SHARE, _RANK_HALF = 0.1, 10
"""The platform's own order takes up to a tenth from a score, half of that at its tenth record."""


class Token:
    """A part of the query: a run of Chinese, two characters of it, one, or a word."""

    __slots__ = ("alone", "plain", "text", "within")

    def __init__(self, text: str, han: bool) -> None:
        self.text = text
        self.alone = han and len(text) == 1
        self.plain = all("\u4e00" <= character <= "\u9fff" for character in text)
        """Folding neither changes it nor joins it with what stands beside it."""
        self.within: Callable[[str], bool] = _holds(text) if han else _holds_word(text)
        """Whether it stands in a folded text; words as a whole only."""


class Relevance:
    """A query that was taken apart once, to weigh many records; `now` dates their freshness.

    A token counts by the best place it stands in, in the catalog's proportions: title 1, people 3/4, labels 5/8, summary
    1/4. The match is multiplied by the catalog's weight of freshness and quality, and by the platform's own rank. An
    empty query takes the platforms' records in turn, equal ranks by weight.
    """

    def __init__(self, query: str, now: datetime) -> None:
        found = runs(query)
        self._today = now.toordinal()
        self._everything = not query.strip()
        pieces = dict.fromkeys((token, run.han) for run in found for token in run.tokens)
        self._tokens = [Token(text, han) for text, han in list(pieces)[:MOST_TOKENS]]
        # all pairs of a run stand in a row wherever the run stands as it is written
        self._runs = [Token(run.text if run.han else run.text[:LONGEST_WORD], run.han) for run in found]
        self._plain = [run.text for run in self._runs] if all(run.plain for run in self._runs) else []
        self._letters = sum(len(run.text) for run in found)
        self.finds_nothing = not (self._everything or found)

    def score(self, resource: CatalogResource, rank: int) -> float:
        """From 0 to 1; `rank` counts from 0 in the platform's own order."""
        record = resource.record
        published, review = record.published_at, record.review
        weight = quality(
            record.summary is not None,
            review is not None and review.status == ReviewStatus.APPROVED,
            bool(record.awards),
            record.use_count,
        )
        if published is not None:
            weight += freshness_of_days(self._today - published.toordinal())
        if self._everything:
            return (1.0 + weight / (2.0 * (rank + 1))) / (rank + 2)  # between those of the neighboring ranks
        weighed = 0.5 * math.log2(2.0 + weight)
        return self.match(record) * weighed * (1.0 - _RANK_SHARE * rank / (rank + _RANK_HALF))

    def match(self, record: ResourceRecord) -> float:
        """How well the words match, from 0.05 where none does to 1 for a title that is the query."""
        title = record.title
        for text in self._plain:
            if text not in title:
                break
        else:
            if self._plain:
                return _matched(1.0, 1.0, min(self._letters / len(title), 1.0))
        return self._match_folded(record, _title(record))

    def _match_folded(self, record: ResourceRecord, title: str) -> float:
        if not self._runs:
            return _UNMATCHED
        as_written = sum(run.within(title) for run in self._runs) / len(self._runs)
        covered = 1.0 if as_written == 1.0 else self._covered(record, title)
        return _matched(covered, as_written, as_written * min(self._letters / len(record.title), 1.0))

    def _covered(self, record: ResourceRecord, title: str) -> float:
        """Share of the tokens that are found, each by the best place."""
        missing = [token for token in self._tokens if not token.within(title)]
        total = float(len(self._tokens) - len(missing))
        for place, worth in _PLACES:
            if not missing:
                break
            text = place(record)
            if text:
                summary = place is _summary
                rest = [token for token in missing if (summary and token.alone) or not token.within(text)]
                total += worth * (len(missing) - len(rest))
                missing = rest
        return total / len(self._tokens)


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
    texts = list(record.keywords)
    for stage in record.stages:
        texts.append(_label(VocabularyScheme.STAGE, stage))
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


def _holds(part: str) -> Callable[[str], bool]:
    return lambda text: part in text


@functools.lru_cache(maxsize=1_000)
def _holds_word(word: str) -> Callable[[str], bool]:
    # a word that was cut stands for every longer one that begins with it
    end = "" if len(word) == LONGEST_WORD else f"(?!{WORD})"
    whole = re.compile(f"(?<!{WORD}){re.escape(word)}{end}").search
    return lambda text: word in text and whole(text) is not None
