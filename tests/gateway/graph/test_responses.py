"""Kept answers: equal to computed ones for everybody at every time, and never of somebody else."""

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.cache import open_cache
from gateway.graph.context import GraphContext
from gateway.graph.execution import Answer, Executor
from gateway.graph.prepared import Prepared
from gateway.graph.responses import MOST_BYTES, MOST_UNKEPT, UNKEPT_SECONDS, Unkept
from gateway.identity import ADMINISTRATOR, ANONYMOUS, Grant, Principal, Purpose, Role, Scope
from schema.identifiers import resource_id
from tests.gateway.graph.kept import KeptWorld
from tests.gateway.graph.live import MemoryLive
from tests.gateway.graph.records import RECORDS
from tests.gateway.graph.world import EXECUTOR, MemoryCatalog, World

PLATFORMS = "{ platforms { code name } }"
SEARCH = "query($q: String!) { search(query: $q) { totalCount nodes { title openToViewer access } } }"


async def test_the_same_question_is_computed_once_and_answered_with_the_same_bytes() -> None:
    kept = KeptWorld()
    first, again = await kept.ask(SEARCH, {"q": "勾股定理"}), await kept.ask(SEARCH, {"q": "勾股定理"})
    assert (first.headers["X-Cache"], again.headers["X-Cache"]) == ("miss", "hit")
    assert again.encoded() == first.encoded()
    assert again.body == first.body
    assert again.headers["Age"] == "0"
    assert kept.world.catalog.calls["search"] == 1


@pytest.mark.parametrize(
    ("text", "variables", "operation"),
    [
        (SEARCH + " ", {"q": "勾股定理"}, None),
        (SEARCH, {"q": "勾股"}, None),
        ("query A($q: String!) { search(query: $q) { totalCount } } query B { platforms { code } }", {"q": "x"}, "A"),
        ("query A($q: String!) { search(query: $q) { totalCount } } query B { platforms { code } }", {"q": "x"}, "B"),
    ],
)
async def test_another_text_variable_or_operation_is_another_question(
    text: str, variables: dict[str, Any], operation: str | None
) -> None:
    kept = KeptWorld()
    await kept.ask(SEARCH, {"q": "勾股定理"})
    assert await kept.outcome(text, variables, operation=operation) == "miss"
    assert await kept.outcome(text, variables, operation=operation) == "hit"


async def test_variables_are_the_same_in_any_order() -> None:
    kept = KeptWorld()
    text = "query($q: String!, $n: Int!) { search(query: $q, first: $n) { totalCount } }"
    assert await kept.outcome(text, {"q": "数", "n": 3}) == "miss"
    assert await kept.outcome(text, {"n": 3, "q": "数"}) == "hit"


async def test_a_new_generation_is_a_miss_and_unknown_generations_keep_nothing() -> None:
    kept = KeptWorld()
    assert [await kept.outcome(PLATFORMS), await kept.outcome(PLATFORMS)] == ["miss", "hit"]
    kept.generations.state = "two"
    assert [await kept.outcome(PLATFORMS), await kept.outcome(PLATFORMS)] == ["miss", "hit"]
    kept.generations.state = None
    assert [await kept.outcome(PLATFORMS), await kept.outcome(PLATFORMS)] == ["bypass", "bypass"]


async def test_a_client_that_wants_no_kept_answer_is_given_a_computed_one() -> None:
    kept = KeptWorld()
    await kept.ask(SEARCH, {"q": "勾股定理"})
    assert await kept.outcome(SEARCH, {"q": "勾股定理"}, fresh=True) == "bypass"
    assert kept.world.catalog.calls["search"] == 2


@pytest.mark.parametrize(
    ("text", "variables", "outcome"),
    [
        ("{ search(first: 101) { totalCount } platforms { code } }", None, "miss"),
        ('{ resource(id: "unknown") { id } }', None, "miss"),
        ("{ viewer { name } }", None, "bypass"),
        ("{", None, "bypass"),
        ("query($q: String!) { search(query: $q) { totalCount } }", {}, "miss"),
        (SEARCH, {"q": "\ud800"}, "bypass"),
    ],
)
async def test_errors_and_nothing_and_what_is_personal_are_never_kept(
    text: str, variables: dict[str, Any] | None, outcome: str
) -> None:
    kept = KeptWorld()
    assert [await kept.outcome(text, variables) for _ in range(2)] == [outcome, outcome]


async def test_a_live_hit_that_this_process_remembers_is_not_kept() -> None:
    hit = RECORDS[0].model_copy(update={"record": RECORDS[0].record.model_copy(update={"native_id": "NEW-1"})})
    kept = KeptWorld(World(live=MemoryLive(hits=(hit,))))
    text = f'{{ resource(id: "{resource_id(hit.platform, "NEW-1")}") {{ title }} }}'
    assert [await kept.outcome(text) for _ in range(2)] == ["miss", "miss"]
    harvested = f'{{ resource(id: "{resource_id(hit.platform, RECORDS[0].record.native_id)}") {{ title }} }}'
    assert [await kept.outcome(harvested) for _ in range(2)] == ["miss", "hit"]


async def test_an_answer_that_is_too_large_is_computed_again() -> None:
    kept = KeptWorld(inner=_Padded(EXECUTOR.schema))
    assert [await kept.outcome(PLATFORMS) for _ in range(2)] == ["miss", "miss"]


class _Padded(Executor):
    """Answers with more than is kept."""

    async def execute(self, *_asked: Any, **_more: Any) -> Answer:
        return Answer({"data": {"platforms": "x" * MOST_BYTES}})


async def test_equal_questions_at_one_time_are_computed_once() -> None:
    kept = KeptWorld()
    answers = await asyncio.gather(*(kept.ask(SEARCH, {"q": "勾股定理"}) for _ in range(20)))
    assert kept.world.catalog.calls["search"] == 1
    assert len({answer.encoded() for answer in answers}) == 1
    assert [answer.headers["X-Cache"] for answer in answers].count("miss") == 1
    assert kept.responses.computing == {}


class _Held(Executor):
    """Waits until it is let go; fails so many times first."""

    def hold(self, failures: int = 0) -> "_Held":
        self.gate, self.failures, self.started = asyncio.Event(), failures, 0
        return self

    async def execute(self, *asked: Any, **more: Any) -> Answer:
        self.started += 1
        await self.gate.wait()
        if self.failures:
            self.failures -= 1
            return Answer({"data": {"platforms": None}, "errors": [{"message": "of this request alone"}]})
        return await super().execute(*asked, **more)


async def test_who_waits_for_an_answer_that_fails_computes_its_own() -> None:
    held = _Held(EXECUTOR.schema).hold(failures=1)
    kept = KeptWorld(inner=held)
    asked = [asyncio.create_task(kept.ask(PLATFORMS)) for _ in range(4)]
    await asyncio.sleep(0.01)
    assert held.started == 1
    held.gate.set()
    answers = await asyncio.gather(*asked)
    assert ["errors" in answer.body for answer in answers] == [True, False, False, False]
    assert held.started == 4


async def test_one_of_those_who_wait_takes_over_from_who_leaves() -> None:
    held = _Held(EXECUTOR.schema).hold()
    kept = KeptWorld(inner=held)
    first, *others = (asyncio.create_task(kept.ask(PLATFORMS)) for _ in range(5))
    await asyncio.sleep(0.01)
    first.cancel()
    await asyncio.sleep(0.01)
    assert held.started == 2
    held.gate.set()
    answers = await asyncio.gather(*others)
    assert held.started == 2
    assert sorted(answer.headers["X-Cache"] for answer in answers) == ["hit", "hit", "hit", "miss"]


async def test_nobody_waits_for_an_answer_that_could_not_be_kept_before_until_one_can_be() -> None:
    held = _Held(EXECUTOR.schema).hold(failures=1)
    held.gate.set()
    kept = KeptWorld(inner=held)
    assert "errors" in (await kept.ask(PLATFORMS)).body
    held.gate.clear()
    asked = [asyncio.create_task(kept.ask(PLATFORMS)) for _ in range(3)]
    await asyncio.sleep(0.01)
    assert held.started == 4, "one that failed, and three at the same time"
    held.gate.set()
    await asyncio.gather(*asked)
    assert await kept.outcome(PLATFORMS) == "hit"
    kept.generations.state = "two"
    held.gate.clear()
    asked = [asyncio.create_task(kept.ask(PLATFORMS)) for _ in range(3)]
    await asyncio.sleep(0.01)
    assert held.started == 5, "nothing is held against the question any more"
    held.gate.set()
    await asyncio.gather(*asked)


def test_what_could_not_be_kept_is_remembered_for_a_moment_and_the_oldest_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    monkeypatch.setattr("gateway.graph.responses.time.monotonic", lambda: now)
    unkept = Unkept()
    for number in range(MOST_UNKEPT + 1):
        unkept.note(str(number), kept=False)
    assert [unkept.holds(str(number)) for number in (0, 1, MOST_UNKEPT)] == [False, True, True]
    unkept.note("1", kept=True)
    assert [unkept.holds(str(number)) for number in (1, 2)] == [False, True]
    now += UNKEPT_SECONDS
    assert not unkept.holds("2")


async def test_who_leaves_takes_nobody_along() -> None:
    held = _Held(EXECUTOR.schema).hold()
    kept = KeptWorld(inner=held)
    first, second, third = (asyncio.create_task(kept.ask(PLATFORMS)) for _ in range(3))
    await asyncio.sleep(0.01)
    second.cancel()
    await asyncio.sleep(0.01)
    first.cancel()
    held.gate.set()
    assert len((await third).body["data"]["platforms"]) == 3
    assert (first.cancelled(), second.cancelled()) == (True, True)
    assert kept.responses.computing == {}


PRINCIPALS = (
    ANONYMOUS,
    ADMINISTRATOR,
    Principal("key", client="k1"),
    Principal("key", client="k2", scopes=frozenset({Scope.READ})),
    Principal("teacher", teacher="teacher-1", client="t1"),
    Principal("officer", (Grant(Role.TRAINING_OFFICER, "500000"),), Purpose.AUDIT, client="o1"),
    Principal("partner", (Grant(Role.PARTNER, "500000"),), client="p1"),
    Principal("admin of a region", (Grant(Role.ADMIN, "500000"),), client="a1"),
)
QUESTIONS = (
    (SEARCH, {"q": ""}),
    (SEARCH, {"q": "勾股定理"}),
    ("{ search(filter: {access: [SCHOOL, CITY]}) { totalCount nodes { id access } facets(dimensions: [STAGE]) "
     "{ buckets { count } } } }", None),
    ("{ suggest(prefix: \"谢\") { text count } }", None),
    ("{ platforms { code resourceCount } }", None),
    ("{ platform(code: \"chongqing\") { code connector { id } } }", None),
    ("{ viewer { name purpose grants { role } } }", None),
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.lists(st.tuples(st.sampled_from(PRINCIPALS), st.sampled_from(QUESTIONS)), min_size=2, max_size=12))
async def test_whoever_asked_before_everybody_is_answered_as_if_nobody_had(
    asked: list[tuple[Principal, tuple[str, dict[str, Any] | None]]],
) -> None:
    kept, plain = KeptWorld(), World()
    for principal, (text, variables) in asked:
        answer = await kept.ask(text, variables, principal=principal)
        assert answer.body == await plain.answer(text, variables, principal=principal)


async def test_who_may_see_more_never_lends_it() -> None:
    kept = KeptWorld()
    text = "{ search { totalCount } }"
    everything = (await kept.ask(text, principal=ADMINISTRATOR)).body["data"]["search"]["totalCount"]
    public = (await kept.ask(text)).body["data"]["search"]["totalCount"]
    assert everything > public
    assert [await kept.outcome(text, principal=each) for each in (ADMINISTRATOR, ANONYMOUS)] == ["hit", "hit"]


async def test_keys_without_a_role_share_and_those_with_one_do_not() -> None:
    kept = KeptWorld()
    assert [await kept.outcome(PLATFORMS, principal=each) for each in PRINCIPALS] == [
        "miss", "miss", "hit", "hit", "miss", "miss", "miss", "miss",
    ]  # fmt: skip


async def test_what_shows_personal_data_is_not_kept_even_if_its_fields_were() -> None:
    class Telling(Executor):
        async def execute(self, document: str | Prepared, context: GraphContext, *_more: Any, **_others: Any) -> Answer:
            operation = EXECUTOR.prepare(PLATFORMS).operation(None)
            assert operation is not None
            context.disclosures.note(operation, "teacher-1", "Teacher.name")
            return Answer({"data": {"platforms": []}})

    kept = KeptWorld(inner=Telling(EXECUTOR.schema))
    assert [await kept.outcome(PLATFORMS) for _ in range(2)] == ["miss", "miss"]


async def test_processes_that_answer_differently_share_nothing() -> None:
    one = KeptWorld()
    other = KeptWorld(World(catalog=MemoryCatalog(())), one.cache)
    other.responses = type(one.responses)(one.cache, one.generations, 60, "another salt")
    await one.ask(PLATFORMS)
    assert await other.outcome(PLATFORMS) == "miss"
    alike = KeptWorld(cache=one.cache)
    assert await alike.outcome(PLATFORMS) == "hit"


async def test_a_value_that_nobody_here_wrote_is_computed_anew() -> None:
    kept = KeptWorld()
    await kept.ask(PLATFORMS)
    (key,) = kept.cache._cache
    await kept.cache.set(key.removeprefix("shanhai:"), b"short")
    answer = await kept.ask(PLATFORMS)
    assert (answer.headers["X-Cache"], len(answer.body["data"]["platforms"])) == ("miss", 3)


async def test_two_processes_share_answers_in_redis(redis_url: str) -> None:
    async with open_cache(redis_url) as first, open_cache(redis_url) as second:
        one, other = KeptWorld(cache=first), KeptWorld(cache=second)
        made = await one.ask(SEARCH, {"q": "勾股定理"})
        assert made.headers["X-Cache"] == "miss"
        found = await other.ask(SEARCH, {"q": "勾股定理"})
        assert (found.headers["X-Cache"], found.encoded()) == ("hit", made.encoded())
        assert other.world.catalog.calls["search"] == 0
        assert await other.outcome(SEARCH, {"q": "勾股定理"}, principal=ADMINISTRATOR) == "miss"


async def test_answers_are_computed_while_redis_is_away() -> None:
    async with open_cache("redis://127.0.0.1:1") as away:
        kept = KeptWorld(cache=away)
        assert [await kept.outcome(PLATFORMS) for _ in range(2)] == ["miss", "miss"]
