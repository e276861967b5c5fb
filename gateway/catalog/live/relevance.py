"""How well a record answers a query: one score from 0 to 1, the same for every platform."""

import functools
import math
import re
from collections.abc import Callable, Sequence
from datetime import datetime

from connectors.records import Outline
from gateway.catalog.live.candidates import Candidate
from gateway.catalog.matching import MOST_TOKENS
from gateway.catalog.ranks import freshness_of_days, quality
from gateway.catalog.text import LONGEST_WORD, WORD, fold, runs
from schema.quality import ReviewStatus
from schema.resources import ResourceRecord
from schema.vocabularies import VocabularyScheme, vocabulary

_COVERED, _AS_WRITTEN, _CLOSE = 0.7, 0.2, 0.1
"""Shares of a match: tokens found, runs of the query that the title holds as written, how much of it they are."""
_UNMATCHED = 0.05
"""What a record is worth that the platform found by something else than these words."""
_BECOMES_CHINESE = re.compile(
    "[\u2e80-\u2fdf\u3038-\u303a\u3190-\u33ff\uf900-\ufaff\U0001f200-\U0001f2ff\U0002f800-\U0002fa1f]"
)
"""Characters that folding may turn into common Chinese ones."""
_LETTER = re.compile(WORD)
_SEPARATORS = frozenset(" !\"#$%&'()*+,-./:;<=>?@[]{|}，。、：；！？（）《》〈〉【】「」“”‘’—…·～")
"""Characters around words; none of them becomes a letter when it is folded, and none joins with one."""
_RANK_SHARE, _RANK_HALF = 0.1, 10
"""The platform's own order takes up to a tenth from a score, half of that at its tenth record."""


class Part:
    """A part of the query: a run of Chinese, two characters of it, one, or a word in another script."""

    __slots__ = ("_plain", "han", "text")

    def __init__(self, text: str, han: bool) -> None:
        self.text = text
        self.han = han
        self._plain = all(map(_is_common, text)) if han else text.isascii() and len(text) < LONGEST_WORD

    def within(self, text: str) -> bool:
        """Whether it stands in a folded text; a word as a whole only."""
        return self.text in text and (self.han or _stands_alone(self.text, text))

    def plainly_within(self, text: str) -> bool:
        """Whether that can be told of a text before it is folded, which costs most of all that is done for a record."""
        if not self._plain:
            return False
        start = text.find(self.text)
        if start < 0 or self.han:
            return start >= 0
        end = start + len(self.text)
        return (start == 0 or _separates(text[start - 1])) and (end == len(text) or _separates(text[end]))


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
        self._tokens = [(1 << bit, Part(text, han)) for bit, (text, han) in enumerate(list(pieces)[:MOST_TOKENS])]
        self._all = (1 << len(self._tokens)) - 1
        self._alone = sum(bit for bit, token in self._tokens if token.han and len(token.text) == 1)
        self._in_names: dict[str, int] = {}
        self._letters = sum(len(run.text) for run in found)
        self._fold = _fold_chinese if all(_is_common(each) for run in found for each in run.text) else fold
        self.finds_nothing = not (self._everything or found)

    def scores(self, found: Sequence[Candidate]) -> list[float]:
        """From 0 to 1 for each of one platform's records, which are in the platform's own order.

        A record is made whole only where its title does not hold all that is looked for.
        """
        weights = [self._weight(one.outline) for one in found]
        if self._everything:
            return [
                (1.0 + weight / (2.0 * (rank + 1))) / (rank + 2)  # between those of neighboring ranks
                for rank, weight in enumerate(weights)
            ]
        log, share, half = math.log2, _RANK_SHARE, _RANK_HALF
        return [
            match * 0.5 * log(2.0 + weight) * (1.0 - share * rank / (rank + half))
            for rank, (match, weight) in enumerate(zip(self.matches(found), weights, strict=True))
        ]

    def matches(self, found: Sequence[Candidate]) -> list[float]:
        """How well the words match, from 0.05 where none does to 1 for a title that is the query."""
        if not self._runs:
            return [_UNMATCHED] * len(found)
        letters, first, others = self._letters, self._runs[0].plainly_within, self._runs[1:]
        matches: list[float] = []
        for one in found:
            title = one.outline.title
            whole = first(title)
            for run in others:
                whole = whole and run.plainly_within(title)
            matches.append(_matched(1.0, 1.0, min(letters / len(title), 1.0)) if whole else self._match(one))
        return matches

    def _weight(self, outline: Outline) -> float:
        """Freshness and quality as the catalog's index has them."""
        review, published = outline.review, outline.published_at
        approved = review is not None and review.status == ReviewStatus.APPROVED
        found = quality(outline.summary is not None, approved, bool(outline.awards), outline.use_count)
        return found if published is None else found + freshness_of_days(self._today - published.toordinal())

    def _match(self, one: Candidate) -> float:
        """The match of a record whose title does not plainly hold the query."""
        title = self._fold(_title(one.outline))
        whole = sum([run.within(title) for run in self._runs])
        as_written = whole / len(self._runs)
        covered = 1.0 if whole == len(self._runs) else self._covered(one, title)
        return _matched(covered, as_written, as_written * min(self._letters / len(one.outline.title), 1.0))

    def _covered(self, one: Candidate, title: str) -> float:
        """Share of the tokens that are found, each by the best place."""
        found = self._within(title)
        total = float(found.bit_count())
        if found == self._all or (resource := one.resource()) is None:
            return total / len(self._tokens)
        record = resource.record
        if more := self._people(record) & ~found:
            total += 0.75 * more.bit_count()
            found |= more
        if found != self._all and (more := self._labels(record) & ~found):
            total += 0.625 * more.bit_count()
            found |= more
        if found != self._all:
            total += 0.25 * (self._summary(record) & ~found).bit_count()
        return total / len(self._tokens)

    def _within(self, text: str) -> int:
        """The tokens in a folded text, a bit for each."""
        found = 0
        for bit, token in self._tokens:
            if token.text in text and (token.han or _stands_alone(token.text, text)):
                found |= bit
        return found

    def _within_name(self, name: str) -> int:
        """The same for a name or label, of which the records of one answer share most."""
        found = self._in_names.get(name)
        if found is None:
            found = self._in_names[name] = self._within(self._fold(name))
        return found

    def _people(self, record: ResourceRecord) -> int:
        found = self._within_name(record.provider.name) if record.provider else 0
        for person in record.contributors:
            if person.name:
                found |= self._within_name(person.name)
            if person.organization:
                found |= self._within_name(person.organization.name)
        return found

    def _labels(self, record: ResourceRecord) -> int:
        """In keywords, and in stage, subject, grade and edition in our words and in the platform's."""
        found = 0
        for keyword in record.keywords:
            found |= self._within_name(keyword)
        for stage in record.stages:
            found |= self._within_name(_stage(str(stage)))
        terms = [(_subject, term) for term in record.subjects] + [(_grade, term) for term in record.grades]
        if record.edition:
            terms.append((_edition, record.edition))
        for label, term in terms:
            found |= self._within_name(label(term.code))
            if term.native:
                found |= self._within_name(term.native)
        return found

    def _summary(self, record: ResourceRecord) -> int:
        """One character alone is not looked for there, as in the catalog."""
        summary = record.summary or ""
        if record.translations:
            summary = "\n".join((summary, *(one.summary for one in record.translations if one.summary)))
        return self._within(self._fold(summary)) & ~self._alone if summary else 0


def _is_common(character: str) -> bool:
    """Whether it is a common Chinese one, which folding neither changes nor joins with others."""
    return "\u4e00" <= character <= "\u9fff"


def _separates(character: str) -> bool:
    """Whether, folded or not, it plainly is no part of a word in another script than Chinese."""
    return character in _SEPARATORS or "\u4e00" <= character <= "\u9fff"


def _fold_chinese(text: str) -> str:
    """Folded as far as common Chinese is concerned; full-width punctuation makes all of it dear."""
    return fold(text) if _BECOMES_CHINESE.search(text) else text


def _matched(covered: float, as_written: float, close: float) -> float:
    return _UNMATCHED + (1.0 - _UNMATCHED) * (_COVERED * covered + _AS_WRITTEN * as_written + _CLOSE * close)


def _title(outline: Outline) -> str:
    if not outline.translations:
        return outline.title
    return "\n".join((outline.title, *(one.title for one in outline.translations if one.title)))


def _labels_of(scheme: VocabularyScheme) -> Callable[[str], str]:
    """The label of a code, for subjects with the English one, as the index has them."""

    @functools.cache  # keyed by plain text, since members of an enum are slow to hash
    def label(code: str) -> str:
        term = vocabulary(scheme).get(code)
        if term is None:
            return ""
        return f"{term.label}\n{term.label_en}" if scheme is VocabularyScheme.SUBJECT and term.label_en else term.label

    return label


_stage, _subject, _grade, _edition = map(
    _labels_of, (VocabularyScheme.STAGE, VocabularyScheme.SUBJECT, VocabularyScheme.GRADE, VocabularyScheme.EDITION)
)


def _stands_alone(word: str, text: str) -> bool:
    """Whether a word stands in a text with no letter beside it; a pattern for each word would cost milliseconds."""
    # a word that was cut stands for every longer one that begins with it
    cut = len(word) == LONGEST_WORD
    start = text.find(word)
    while start >= 0:
        end = start + len(word)
        begins = start == 0 or _LETTER.match(text, start - 1) is None
        if begins and (cut or _LETTER.match(text, end) is None):
            return True
        start = text.find(word, start + 1)
    return False
