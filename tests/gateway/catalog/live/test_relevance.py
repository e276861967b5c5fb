"""The local score: by tokens exactly as the index cuts them, and comparable whoever sends the record."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.catalog import ResourceSort
from gateway.catalog.live.candidates import Candidate
from gateway.catalog.live.ordering import sort_keys_of
from gateway.catalog.live.relevance import Part, Relevance
from gateway.catalog.ranks import freshness, quality, sort_keys, weight
from gateway.catalog.ranks import seconds as whole_seconds
from gateway.catalog.text import fold, runs, token_text
from schema.resources import CodedTerm, Contributor, Organization, ResourceRecord, Translation
from tests.gateway.catalog.live.world import resource
from tests.gateway.catalog.store import NOW, record, seeded
from tests.gateway.catalog.test_brute_force import random_record

PIECES = (
    "勾股定理",
    "勾股",
    "定理",
    "理",
    "函数的图像",
    "Python",
    "ｐｙｔｈｏｎ",
    "python3",
    "ば",
    "は\u3099",
    "⼀",
    "金",
    "É",
    "e\u0301",
    "课",
    " ",
    "，",
)
TEXTS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=5).map("".join)


def tokens(*texts: str | None) -> set[str]:
    return {token for text in texts if text for token in token_text(text).split()}


def by_tokens(query: str, one: ResourceRecord) -> float:
    """Coverage as the documentation states it, from the index's own tokens of each place."""
    sought = list(dict.fromkeys(token_text(query).split()))
    title = tokens(one.title, *(each.title for each in one.translations))
    people = tokens(one.provider.name if one.provider else None, *(each.name for each in one.contributors))
    labels = tokens(*one.keywords)
    summary = tokens(one.summary)
    worth = 0.0
    for token in sought:
        alone = len(token) == 1 and not token.isascii() and token not in "é"
        for found, share in ((title, 1.0), (people, 0.75), (labels, 0.625), (summary, 0.25)):
            if alone and found is summary:
                continue
            if token in found or (alone and any(token in each for each in found)):
                worth += share
                break
    return worth / len(sought) if sought else 0.0


@st.composite
def records(draw: st.DrawFn) -> ResourceRecord:
    def maybe(strategy: st.SearchStrategy[str]) -> str | None:
        return draw(st.none() | strategy.filter(str.strip))

    title = draw(TEXTS.filter(str.strip))
    provider, person, summary, translated = maybe(TEXTS), maybe(TEXTS), maybe(TEXTS), maybe(TEXTS)
    return record(
        "n",
        title,
        provider=Organization(name=provider) if provider else None,
        contributors=(Contributor(name=person),) if person else (),
        keywords=tuple(draw(st.lists(TEXTS.filter(str.strip), max_size=2))),
        summary=summary,
        translations=(Translation(language="en", title=translated),) if translated else (),
    )


def candidate(one: ResourceRecord) -> Candidate:
    """A record of a platform, whole."""
    return Candidate.of(resource("p", one))


def matched(query: str, one: ResourceRecord) -> float:
    """How well a query matches a record."""
    [found] = Relevance(query, NOW).matches([candidate(one)])
    return found


@settings(max_examples=150, deadline=None)
@given(TEXTS, records())
def test_words_are_found_where_the_index_has_their_tokens(query: str, one: ResourceRecord) -> None:
    match = matched(query, one)
    covered = by_tokens(query, one)
    assert 0.05 - 1e-9 <= match <= 1.0 + 1e-9
    # of a match 0.7 is the coverage, the rest needs runs that the title holds as they are written
    least = 0.05 + 0.95 * 0.7 * covered
    assert least - 1e-9 <= match <= least + 0.95 * 0.3 + 1e-9
    if covered == 0.0:
        assert match == pytest.approx(0.05)


@settings(max_examples=500, deadline=None)
@given(TEXTS, st.lists(st.one_of(TEXTS, st.characters(codec="utf-8")), max_size=4), st.data())
def test_what_is_plain_before_folding_is_so_after_it(query: str, others: list[str], data: st.DataObject) -> None:
    title = "".join(data.draw(st.permutations([query, *others])))
    for run in runs(query):
        part = Part(run.text, run.han)
        assert not part.plainly_within(title) or part.within(fold(title))


@pytest.mark.parametrize(
    ("query", "better", "worse"),
    [
        ("勾股定理", {"title": "勾股定理"}, {"title": "勾股定理的证明"}),
        ("勾股定理", {"title": "勾股定理的证明"}, {"title": "勾股与定理"}),
        ("王老师", {"contributors": (Contributor(name="王老师"),)}, {"summary": "王老师讲勾股"}),
        ("证明", {"keywords": ("证明",)}, {"summary": "证明"}),
        ("数学", {"subjects": (CodedTerm(code="mathematics"),)}, {"summary": "数学"}),
        ("小学数学", {"subjects": (CodedTerm(code="mathematics", native="小学数学"),)}, {"title": "课"}),
        ("python", {"title": "Python 入门"}, {"title": "Pythonic 入门"}),
        ("python", {"summary": "ＰＹＴＨＯＮ"}, {"summary": "pythons"}),
    ],
)
def test_a_better_place_scores_higher(query: str, better: dict[str, Any], worse: dict[str, Any]) -> None:
    first, second = (matched(query, record("n", **{"title": "课", **fields})) for fields in (better, worse))
    assert first > second


def test_a_title_that_is_the_query_is_a_full_match_and_no_word_of_it_the_least() -> None:
    assert matched("勾股定理", record("n", "勾股定理")) == pytest.approx(1.0)
    assert matched("勾股定理", record("n", "函数")) == pytest.approx(0.05)


def test_every_character_that_folds_into_common_chinese_is_folded() -> None:
    common = re.compile("[\u4e00-\u9fff]")
    for number in range(0x110000):
        character = chr(number)
        if not (0xD800 <= number <= 0xDFFF or common.match(character)) and common.search(fold(character)):
            chinese = "".join(common.findall(fold(character)))
            assert matched(chinese, record("n", f"x{character}y")) > 0.5


def test_a_word_of_more_than_a_hundred_letters_is_cut_as_in_the_index() -> None:
    assert matched("a" * 120, record("n", "a" * 130)) > 0.9
    assert matched("a" * 120, record("n", "a" * 99)) == pytest.approx(0.05)


def test_freshness_and_quality_raise_a_score_as_in_the_catalog() -> None:
    plain = record("a", "勾股定理")
    fresh = record("b", "勾股定理", published_at=NOW)
    approved = record("c", "勾股定理", review={"status": "APPROVED"})
    alone = [Relevance("勾股定理", NOW).scores([candidate(one)])[0] for one in (plain, fresh, approved)]
    assert alone[0] < alone[2] < alone[1]
    assert alone[0] == pytest.approx(0.5)
    assert alone[1] == pytest.approx(0.5 * 1.5849625)


def test_the_weight_is_the_catalogs() -> None:
    chance = seeded(2)
    for number in range(200):
        one = random_record(chance, number)
        body = one.model_dump(mode="json", by_alias=True)
        approved = one.review is not None and one.review.status == "APPROVED"
        expected = freshness(one.published_at, NOW) + quality(
            bool(one.summary), approved, bool(one.awards), one.use_count
        )
        assert weight(body, one.published_at, NOW) == expected
        assert Relevance("x", NOW)._weight(one) == pytest.approx(expected, abs=0.001)  # by whole days


def test_the_platforms_own_order_decides_between_equals() -> None:
    ones = [candidate(record(f"n{number}", "勾股定理")) for number in range(200)]
    scores = Relevance("勾股定理", NOW).scores(ones)
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 200
    assert scores[-1] > 0.9 * scores[0]


def test_without_words_platforms_take_turns_and_freshness_decides_within_a_turn() -> None:
    chance = seeded(3)
    relevance = Relevance("  ", NOW)
    ages = [[chance.randrange(5_000) for _ in range(3)] for _ in range(30)]
    lists = [
        [candidate(record(f"n{days[which]}", published_at=NOW - timedelta(days=days[which]))) for days in ages]
        for which in range(3)
    ]
    scores = [relevance.scores(each) for each in lists]
    for turn in range(29):
        assert min(each[turn] for each in scores) > max(each[turn + 1] for each in scores)
        freshest = sorted(zip(ages[turn], range(3), strict=True), reverse=True)
        assert [scores[which][turn] for _, which in freshest] == sorted(each[turn] for each in scores)
    assert 0 < min(map(min, scores)) <= max(map(max, scores)) <= 1


@pytest.mark.parametrize(
    ("query", "nothing"), [("", False), ("   ", False), ("，。!", True), ("课", False), ("x", False)]
)
def test_only_punctuation_finds_nothing(query: str, nothing: bool) -> None:
    assert Relevance(query, NOW).finds_nothing is nothing


FIELDS = {
    ResourceSort.NEWEST: ("newest", -1),
    ResourceSort.OLDEST: ("oldest", 1),
    ResourceSort.STARTS_AT: ("starts", 1),
    ResourceSort.MOST_USED: ("used", -1),
    ResourceSort.TITLE: ("title_rank", 1),
}


@pytest.mark.parametrize("sort", list(FIELDS))
def test_other_orders_are_those_of_the_catalogs_keys(sort: ResourceSort) -> None:
    chance = seeded(4)
    ones = [random_record(chance, number) for number in range(100)]
    ones += [record("old", published_at=datetime(1900, 1, 1, tzinfo=UTC), use_count=1 << 40)]

    def catalog_key(one: ResourceRecord) -> int:
        moments = [whole_seconds(moment) if moment else None for moment in (one.published_at, one.starts_at)]
        field, direction = FIELDS[sort]
        return direction * (sort_keys(one.title, moments[0], moments[1], one.use_count, 0)[field] >> 27)

    keys = sort_keys_of(sort, Relevance("", NOW))([candidate(one) for one in ones])
    assert keys == [catalog_key(one) for one in ones]
