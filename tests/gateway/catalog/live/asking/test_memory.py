"""What memory holds: answers by their last use, hits by key, failures for a moment; all of it bounded."""

import asyncio
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from connectors.records import LiveQuery
from gateway.catalog.live.asking import AskingRules, Serving
from gateway.catalog.live.asking.flights import MOST_FAILURES, Failures
from gateway.catalog.live.asking.kept import KeptAnswer, KeptAnswers, Question, question_of
from gateway.catalog.live.asking.outcomes import TOO_LATE, failed
from gateway.catalog.live.candidates import whole
from gateway.identity import PUBLIC_TIERS
from schema.access import Access
from tests.gateway.catalog.live.asking.river import CODE, EVERYTHING, WORDS, World, answer, record, shown
from tests.gateway.catalog.live.asking.virtual_time import virtual


@virtual
async def test_hits_of_the_last_minutes_are_found_by_their_keys_by_who_may_see_them() -> None:
    async with World() as world:
        world.river.found = replace(answer(2), found=(record(0), record(1, Access.SCHOOL)))
        found = await world.ask()
        assert world.recent(0, 1, 2) == [False, False, False]  # nobody was shown any yet
        whole(found.records)
        assert world.recent(0, 1, 2) == [True, False, False]
        whole((await world.ask(visible=EVERYTHING)).records)
        assert world.recent(0, 1, 2) == [True, False, False]
        assert world.recent(0, 1, 2, visible=EVERYTHING) == [True, True, False]
        world.river.restrict(Access.CITY)
        assert world.recent(0, 1) == [False, False]
        world.river.restrict(Access.PUBLIC)
        world.platforms.served = None
        assert world.recent(0, 1, visible=EVERYTHING) == [False, False]
        world.platforms.served = 1
        await asyncio.sleep(902 - world.clock())
        assert world.recent(0) == [False]


@virtual
async def test_hits_are_forgotten_when_there_are_too_many() -> None:
    async with World(AskingRules(recent_records=100)) as world:
        whole((await world.ask(replace(WORDS, first=200))).records)
        assert world.recent(*range(200)) == [number >= 100 for number in range(200)]


def question(number: int) -> Question:
    return question_of(CODE, Serving(1), LiveQuery(str(number)), PUBLIC_TIERS)


def kept_answer(count: int, at: float) -> KeptAnswer:
    return KeptAnswer(shown(answer(count, total=99), first=count), count, at)


@given(
    st.lists(
        st.tuples(st.booleans(), st.integers(0, 5), st.integers(0, 12), st.integers(0, 30)), min_size=1, max_size=60
    )
)
def test_kept_answers_are_those_used_last_and_never_more_than_fit(steps: list[tuple[bool, int, int, int]]) -> None:
    kept, now = KeptAnswers(20, 50.0), 0.0
    model: dict[Question, KeptAnswer] = {}
    for put, number, count, passing in steps:
        now += passing
        asked = question(number)
        if put:
            found = kept_answer(count, now)
            kept.put(asked, found)
            model.pop(asked, None)
            model[asked] = found
            while sum(max(1, each.first) for each in model.values()) > 20:
                del model[next(iter(model))]
        else:
            known = model.get(asked)
            if known is not None and now - known.at >= 50:
                known = model.pop(asked) and None
            if known is not None:
                model[asked] = model.pop(asked)
            fits = known if known is not None and known.first >= count else None
            assert kept.find(asked, count, now) == fits
        assert kept.records == sum(max(1, each.first) for each in model.values()) <= 20


def test_an_answer_larger_than_all_memory_is_not_kept_and_displaces_nothing() -> None:
    kept = KeptAnswers(20, 50.0)
    small = kept_answer(5, 0.0)
    kept.put(question(0), small)
    kept.put(question(1), kept_answer(21, 0.0))
    assert kept.find(question(0), 5, 1.0) is small
    assert kept.find(question(1), 1, 1.0) is None
    assert kept.records == 5


def test_remembered_failures_are_bounded_and_end() -> None:
    failures, failure = Failures(), failed(CODE, TOO_LATE)
    for number in range(3 * MOST_FAILURES):
        failures.remember(question(number), failure, 2.0, 0.0)
    assert len(failures) == MOST_FAILURES
    assert failures.find(question(0), 1.0) is None
    assert failures.find(question(3 * MOST_FAILURES - 1), 1.0) is failure
    assert failures.find(question(3 * MOST_FAILURES - 1), 2.0) is None
    failures.remember(question(0), failure, 4.0, 2.0)
    assert len(failures) == 1
