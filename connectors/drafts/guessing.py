"""Which place of the records a field of ours is: by its name, and by what its values look like."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.drafts.columns import ENTRIES, Place, Render
from connectors.drafts.names import RESOURCE, TRAINING, USAGE
from connectors.drafts.rules import Rule, rule_for
from connectors.drafts.values import MOST, is_chinese, share
from connectors.manifest.targets import Target, targets
from schema.records import Record
from schema.training import TrainingReport
from schema.usage import UsageFact
from schema.vocabularies import VocabularyScheme

ENOUGH = 6.0
NAMED, LIKE = 10.0, 6.5
BY_VALUE = (
    VocabularyScheme.STAGE,
    VocabularyScheme.GRADE,
    VocabularyScheme.SUBJECT,
    VocabularyScheme.KIND,
    VocabularyScheme.TEACHING_MODE,
    VocabularyScheme.CLASSROOM_KIND,
    VocabularyScheme.DELIVERY,
    VocabularyScheme.EDITION,
    VocabularyScheme.ACCESS,
)
"""Vocabularies whose words are told from others without a name."""


@dataclass(frozen=True, slots=True)
class Guess:
    """A field, its rule, why, and the vocabulary tables it needs: name to value to (code, note)."""

    target: str
    rule: Any
    why: str
    tables: Mapping[str, Mapping[str, tuple[Any, str]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Candidate:
    score: float
    target: Target
    place: Place
    rule: Rule
    why: str


def words_of(record: type[Record]) -> Mapping[str, tuple[str, ...]]:
    """The names by which platforms call the fields of a record."""
    return {TrainingReport: TRAINING, UsageFact: USAGE}.get(record, RESOURCE)


def guess_fields(
    record: type[Record], places: Sequence[Place], render: Render, *, taken: Sequence[str] = (), base: str | None = None
) -> list[Guess]:
    """The fields that hold plain values, in the order of the record; `base` completes relative addresses."""
    known, words = targets(record), words_of(record)
    candidates = [
        found
        for name, target in known.items()
        if name not in taken and target.record is None and name in words
        for place in places
        if place.values and (found := _candidate(target, place, words[name], render, base)) is not None
    ]
    candidates.sort(key=lambda one: -one.score)
    chosen: dict[str, _Candidate] = {}
    used: set[tuple[str, ...]] = set()
    for one in candidates:
        if one.target.name not in chosen and one.place.steps not in used:
            chosen[one.target.name] = one
            used.add(one.place.steps)
    return [
        Guess(name, chosen[name].rule.written, chosen[name].why, chosen[name].rule.tables)
        for name in known
        if name in chosen
    ]


def _candidate(
    target: Target, place: Place, words: Sequence[str], render: Render, base: str | None
) -> _Candidate | None:
    named, called = named_score(place, words)
    if not named and (target.scheme not in BY_VALUE or place.depth > 2 or not _telling(place)):
        return None
    rule = rule_for(target, place, render, base)
    if rule is None or (not named and rule.fit < 5.6):
        return None
    lists = sum(step == ENTRIES for step in place.steps)
    awkward = 1.5 * place.depth + (0 if target.many else 2.5 * lists)
    score = named + rule.fit - awkward - 2 * (1 - len(place.rows) / place.of if place.of else 0)
    if score < ENOUGH:
        return None
    reasons = [f"called {called}" if named else "by its values", rule.why]
    return _Candidate(score, target, place, rule, "; ".join(reason for reason in reasons if reason))


def _telling(place: Place) -> bool:
    """Whether words tell a vocabulary without a name; short codes such as g1 belong to many."""
    return share(place.values, is_chinese) >= MOST


def named_score(place: Place, words: Sequence[str]) -> tuple[float, str]:
    """How well a place's names fit, and the name that does; nothing where none does."""
    best = (0.0, "")
    for number, name in enumerate(place.names):
        if name in words:
            score = NAMED - 0.1 * words.index(name) - number
        elif any(_like(name, word) for word in words):
            score = LIKE - number
        else:
            continue
        if score > best[0]:
            best = (score, place.steps[-1] if place.steps[-1] != ENTRIES else place.steps[-2])
    return best


def _like(name: str, word: str) -> bool:
    """Whether a name begins or ends with a word that is long enough to mean something."""
    return len(word) >= (4 if word.isascii() else 2) and name != word and name.endswith(word)
