"""Calls under way: shared by who asks the same, never across visibilities, and never without an end."""

import asyncio
from dataclasses import replace

import pytest

from connectors.errors import CredentialRefused, Unreachable
from connectors.records import LiveAnswer, LiveQuery
from gateway.catalog.live.asking import AskingRules
from gateway.catalog.live.candidates import whole
from gateway.catalog.live.model import SourceOutcome, SourceState
from gateway.identity import PUBLIC_TIERS
from schema.access import Access
from tests.gateway.catalog.live.asking.river import CODE, EVERYTHING, WORDS, World, answer, at, record
from tests.gateway.catalog.live.asking.virtual_time import virtual

NOTHING_KEPT = AskingRules(fresh=0.0, revalidate=0.0, stale=0.0, negative=0.0)


@virtual
async def test_an_answer_says_who_gave_it_when_and_how_long_it_took() -> None:
    async with World() as world:
        found = await world.ask()
        assert found.outcome == SourceOutcome(CODE, SourceState.OK, count=20, latency_ms=1000.0, as_of=at(1))
        assert [one.native_id for one in found.records] == [f"R-{number}" for number in range(20)]
        assert found.complete is False


@virtual
async def test_equal_questions_at_one_time_share_one_call() -> None:
    async with World() as world:
        answers = await asyncio.gather(*(world.ask() for _ in range(50)))
        assert len(world.river.asked) == 1
        assert all(one == answers[0] for one in answers)


@virtual
async def test_the_order_in_which_filters_are_named_makes_no_other_question() -> None:
    async with World() as world:
        one = LiveQuery("数学", {"stages": ("PRIMARY",), "subjects": ("mathematics",)})
        other = LiveQuery("数学", {"subjects": ("mathematics",), "stages": ("PRIMARY",)})
        await asyncio.gather(world.ask(one), world.ask(other))
        assert len(world.river.asked) == 1


@pytest.mark.parametrize(
    "other",
    [
        LiveQuery("勾股"),
        replace(WORDS, filters={"stages": ("PRIMARY",)}),
        replace(WORDS, sort="NEWEST"),
    ],
    ids=["words", "filters", "sort"],
)
@virtual
async def test_other_questions_have_calls_of_their_own(other: LiveQuery) -> None:
    async with World() as world:
        await asyncio.gather(world.ask(), world.ask(other))
        assert world.river.asked == [WORDS, other]


@virtual
async def test_a_question_for_fewer_records_joins_the_call_for_more_and_not_the_other_way_round() -> None:
    async with World() as world:
        more, fewer = replace(WORDS, first=40), replace(WORDS, first=10)
        answers = await asyncio.gather(world.ask(more), world.ask(fewer))
        assert [len(one.records) for one in answers] == [40, 10]
        assert [one.outcome.count for one in answers] == [40, 10]
        assert world.river.asked == [more]
    async with World() as world:
        answers = await asyncio.gather(world.ask(fewer), world.ask(more))
        assert [len(one.records) for one in answers] == [10, 40]
        assert world.river.asked == [fewer, more]


@virtual
async def test_viewers_who_may_see_different_tiers_share_neither_calls_nor_answers() -> None:
    async with World() as world:
        world.river.found = LiveAnswer((record(0), record(1, Access.SCHOOL), record(2, Access.PROVINCE)), total=3)
        everybody, administrator = await asyncio.gather(world.ask(), world.ask(visible=EVERYTHING))
        assert len(world.river.asked) == 2
        for again in (everybody, await world.ask()):
            assert [one.native_id for one in again.records] == ["R-0", "R-2"]
        for again in (administrator, await world.ask(visible=EVERYTHING)):
            assert [one.native_id for one in again.records] == ["R-0", "R-1", "R-2"]
        assert len(world.river.asked) == 2


@virtual
async def test_the_end_of_a_callers_time_ends_the_waiting_and_not_the_call() -> None:
    async with World() as world:
        world.river.seconds = 3.0
        late = await world.ask(seconds=0.5)
        assert world.clock() == 0.5
        assert late.outcome == SourceOutcome(
            CODE,
            SourceState.TIMEOUT,
            latency_ms=500.0,
            error_code="UPSTREAM_TIMEOUT",
            message="the platform gave no complete answer in time",
        )
        patient, impatient = await asyncio.gather(world.ask(), world.ask(seconds=1.0))
        assert (patient.outcome.state, impatient.outcome.state) == (SourceState.OK, SourceState.TIMEOUT)
        assert patient.outcome.latency_ms == 3000.0
        assert len(world.river.asked) == 1
        assert world.asking.circuits()[CODE].failures == 0


@virtual
async def test_a_caller_who_leaves_takes_nobodys_answer_along() -> None:
    async with World() as world:
        leaving, staying = (asyncio.create_task(world.ask()) for _ in range(2))
        await asyncio.sleep(0.5)
        leaving.cancel()
        assert (await staying).outcome.state is SourceState.OK
        assert leaving.cancelled()
        assert len(world.river.asked) == 1


@virtual
async def test_a_call_that_nobody_waits_for_ends_within_its_patience_and_counts() -> None:
    async with World(AskingRules(patience=7.0)) as world:
        world.river.seconds = 3600.0
        await world.ask(seconds=0.1)
        assert world.platforms.leases == 1
        await asyncio.sleep(6.8)
        assert world.platforms.leases == 1
        await asyncio.sleep(0.2)
        assert world.platforms.leases == 0
        assert world.asking.circuits()[CODE].failures == 1


@virtual
async def test_more_calls_than_there_may_be_are_refused_at_once_and_others_go_on() -> None:
    async with World(AskingRules(flights=3)) as world:
        waiting = [asyncio.create_task(world.ask(LiveQuery(str(number)))) for number in range(3)]
        await asyncio.sleep(0)
        refused = await world.ask(LiveQuery("3"))
        assert world.clock() == 0.0
        assert (refused.outcome.state, refused.outcome.error_code) == (SourceState.TIMEOUT, "PLATFORM_BUSY")
        assert refused.outcome.latency_ms is None
        joined = asyncio.create_task(world.ask(LiveQuery("1")))
        assert [(await one).outcome.state for one in (*waiting, joined)] == [SourceState.OK] * 4
        assert (await world.ask(LiveQuery("3"))).outcome.state is SourceState.OK
        assert len(world.river.asked) == 4


@virtual
async def test_closing_ends_every_call_and_tells_who_waits() -> None:
    world = World()
    waiting = [asyncio.create_task(world.ask(LiveQuery(str(number)))) for number in range(5)]
    await asyncio.sleep(0.5)
    assert world.platforms.leases == 5
    await world.asking.aclose()
    assert world.platforms.leases == 0
    outcomes = [(await one).outcome for one in waiting]
    assert {(one.state, one.error_code) for one in outcomes} == {(SourceState.SKIPPED, "NOT_READY")}
    assert (await world.ask(LiveQuery("later"))).outcome.state is SourceState.SKIPPED
    assert len(world.river.asked) == 5
    await world.asking.aclose()


@virtual
async def test_closing_at_once_ends_calls_that_have_not_begun() -> None:
    world = World()
    waiting = asyncio.create_task(world.ask())
    await asyncio.sleep(0)
    await world.asking.aclose()
    assert (await waiting).outcome.state is SourceState.SKIPPED
    assert world.river.asked == []


@virtual
async def test_a_connector_that_cancels_itself_is_a_fault_and_nobodys_end() -> None:
    async with World() as world:
        world.river.error = asyncio.CancelledError()
        failed = await world.ask()
        assert (failed.outcome.state, failed.outcome.error_code) == (SourceState.FAILED, "INTERNAL")


@virtual
async def test_answers_of_another_version_of_the_manifest_are_not_shown() -> None:
    async with World() as world:
        await world.ask()
        world.platforms.served = world.river.version = 2
        found = await world.ask()
        assert [query.text for query in world.river.asked] == [WORDS.text] * 2
        assert whole(found.records)[0].provenance.manifest_version == 2


@virtual
async def test_an_answer_of_a_version_that_took_over_meanwhile_is_shown_and_not_kept_for_the_old_one() -> None:
    async with World() as world:
        world.river.version = 2
        found = await world.ask()
        assert whole(found.records)[0].provenance.manifest_version == 2
        await world.ask()
        assert len(world.river.asked) == 2


@virtual
async def test_the_tier_of_a_version_that_took_over_meanwhile_holds_for_its_answer() -> None:
    async with World() as world:
        waiting = asyncio.create_task(world.ask())
        await asyncio.sleep(0)
        world.river.version = 2
        world.river.restrict(Access.SCHOOL)
        found = await waiting
        assert (found.outcome.state, found.records, found.outcome.total) == (SourceState.OK, (), None)


@virtual
async def test_calls_of_versions_that_were_replaced_end_when_everything_is_closed() -> None:
    world = World()
    for version in (1, 2, 3):
        world.platforms.served = version
        await world.ask(seconds=0.1)
    assert world.platforms.leases == 3
    await world.asking.aclose()
    assert world.platforms.leases == 0


@virtual
async def test_a_new_version_is_asked_although_the_old_one_failed() -> None:
    async with World() as world:
        world.river.error = Unreachable("refused")
        for number in range(5):
            await world.ask(LiveQuery(str(number)))
        assert (await world.ask()).outcome.state is SourceState.CIRCUIT_OPEN
        world.river.error, world.platforms.served = None, 2
        assert (await world.ask()).outcome.state is SourceState.OK


@virtual
async def test_a_change_of_the_registration_is_asked_at_once_and_nothing_of_before_is_shown() -> None:
    async with World() as world:
        await world.ask()
        world.river.error = CredentialRefused("no such account")
        for number in range(5):
            await world.ask(LiveQuery(str(number)))
        world.river.error, asked = None, len(world.river.asked)
        assert (await world.ask(LiveQuery("0"))).outcome.state is not SourceState.OK
        assert len(world.river.asked) == asked
        world.platforms.revision = 2
        assert world.asking.circuits() == {}
        for query in (LiveQuery("0"), WORDS):
            assert (await world.ask(query)).outcome.state is SourceState.OK
        assert len(world.river.asked) == asked + 2


@virtual
async def test_what_is_not_served_is_not_asked_and_its_answers_are_not_shown() -> None:
    async with World() as world:
        await world.ask()
        world.platforms.served = None
        gone = await world.ask()
        assert (gone.outcome.state, gone.outcome.error_code, gone.records) == (SourceState.SKIPPED, "NOT_READY", ())
        stranger = await world.asking.ask("nowhere", WORDS, PUBLIC_TIERS, 1.0)
        assert stranger.outcome.state is SourceState.SKIPPED
        assert len(world.river.asked) == 1
        assert world.asking.circuits() == {}


@virtual
async def test_without_kept_answers_every_question_is_asked_anew() -> None:
    async with World(NOTHING_KEPT) as world:
        world.river.found = answer(0)
        for _ in range(3):
            await world.ask()
        assert len(world.river.asked) == 3
