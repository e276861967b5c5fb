"""From the words of a query to what the index looks for: everything at first, less where that finds nothing."""

from collections.abc import Callable, Sequence
from enum import IntEnum

import rjieba
from tantivy import Occur, Query, Schema

from gateway.catalog.generations import Generation
from gateway.catalog.text import Run, runs

TITLE_WEIGHT, LABELS_WEIGHT, PEOPLE_WEIGHT, PHRASE_WEIGHT = 3.0, 1.5, 2.0, 4.0
"""How much more a match counts there than in the summary alone; the last is for a title with the query as written."""
MOST_TOKENS = 64
"""Tokens of a query beyond these are ignored."""
MOST_ALTERNATIVES = 12
"""Tokens that a query which finds nothing is reduced to."""


class Relaxation(IntEnum):
    """How much of the query has to match."""

    NONE = 0
    WORDS = 1
    """Every dictionary word, wherever it stands."""
    SOME = 2
    """Half of the tokens."""


class Matched:
    """What matches: a query for counting it, one with the same matches for scoring it, and what scores more.

    The boosts are made where they are needed, since that takes longer than to count few matches.
    """

    def __init__(self, counted: Query, scored: Query, boosts: Callable[[], Sequence[Query]]) -> None:
        self.counted = counted
        self.scored = scored
        self._boosts = boosts

    def weighed(self, conditioned: Query) -> Query:
        """`scored`, which conditions that score nothing may narrow by now, with the boosts around it.

        So only what the conditions leave is weighed. The boosts stand one inside the other: side by side, their whole
        posting lists would be read instead of looked into.
        """
        for boost in self._boosts():
            conditioned = Query.boolean_query([(Occur.Must, conditioned), (Occur.Should, boost)])
        return conditioned


def everything() -> Matched:
    """Every record, all alike."""
    return Matched(Query.all_query(), Query.const_score_query(Query.all_query(), 1.0), list)


def nothing() -> Matched:
    """No record."""
    return Matched(Query.empty_query(), Query.empty_query(), list)


def match(generation: Generation, query: str, relaxation: Relaxation = Relaxation.NONE) -> Matched | None:
    """What a query asks for at one level of relaxation; None where there is nothing to look for in the text."""
    found = runs(query)
    if relaxation is Relaxation.WORDS:
        found = [run for word in words(query) for run in runs(word)]
    terms = _terms(found)
    if not terms:
        return None
    needed = [_term(generation.schema, field, token) for field, token in terms]
    if relaxation is Relaxation.SOME:
        alternatives = [(Occur.Should, term) for term in needed[:MOST_ALTERNATIVES]]
        counted = Query.boolean_query(alternatives, minimum_number_should_match=(len(alternatives) + 1) // 2)
    else:
        counted = needed[0] if len(needed) == 1 else Query.boolean_query([(Occur.Must, term) for term in needed])
    return Matched(counted, counted, lambda: _boosts(generation, found, terms))


def words(query: str) -> list[str]:
    """Dictionary words of a query, in its order and without repetition."""
    return list(
        dict.fromkeys(word for run in runs(query) for word in (rjieba.cut(run.text) if run.han else (run.text,)))
    )


def _terms(found: Sequence[Run]) -> list[tuple[str, str]]:
    """Field and token of each needed term; a run of one Chinese character looks in `chars`."""
    terms = dict.fromkeys(
        ("chars" if run.han and len(run.text) == 1 else "text", token) for run in found for token in run.tokens
    )
    return list(terms)[:MOST_TOKENS]


def _term(schema: Schema, field: str, token: str) -> Query:
    if field == "chars":
        return Query.const_score_query(Query.term_query(schema, "chars", token, "basic"), 1.0)
    return Query.term_query(schema, "text", token, "freq")


def _boosts(generation: Generation, found: Sequence[Run], terms: Sequence[tuple[str, str]]) -> list[Query]:
    """What weighs more; a term that no record has in a field would weigh nothing and is left out."""
    schema = generation.schema
    tokens = [token for field, token in terms if field == "text"][:MOST_ALTERNATIVES]
    boosts = [
        Query.boost_query(Query.term_query(schema, field, token, option), weight)
        for token in tokens
        for field, option, weight in (
            ("title", "freq", TITLE_WEIGHT),
            ("labels", "freq", LABELS_WEIGHT),
            ("people", "freq", PEOPLE_WEIGHT),
        )
        if generation.holds(field, token)
    ]
    for run in found:
        phrase = run.tokens[:MOST_TOKENS]
        if len(phrase) > 1 and all(generation.holds("title", token) for token in phrase):
            boosts.append(Query.boost_query(Query.phrase_query(schema, "title", list(phrase)), PHRASE_WEIGHT))
    return boosts
