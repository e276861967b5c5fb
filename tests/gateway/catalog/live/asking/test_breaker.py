"""The circuit: when it opens, that one probe tries it, and that it closes; against a simple model."""

import asyncio
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import EgressRefused, ManifestError, Unreachable, UpstreamFailure
from connectors.protocols.exchange import NotFound
from connectors.records import LiveQuery
from gateway.catalog.live.asking import AskingRules, BreakerRules, Circuit
from gateway.catalog.live.asking.breaker import MOST_OUTCOMES, Breaker, Verdict
from gateway.catalog.live.model import SourceState
from gateway.graph.ports import CircuitState
from tests.gateway.catalog.live.asking.river import CODE, World, at
from tests.gateway.catalog.live.asking.virtual_time import virtual

RULES = BreakerRules(in_a_row=3, share=0.5, least=6, window=30.0, pause=5.0, longest_pause=12.0)


@dataclass
class Model:
    """What the breaker should do, told by the whole history since it last opened or closed."""

    history: list[tuple[float, Verdict]] = field(default_factory=list)
    failures: int = 0
    opened: int = 0
    retry_at: float | None = None
    probing: bool = False
    era: int = 0

    def admit(self, now: float) -> int | None:
        if self.retry_at is None:
            return self.era
        if self.probing or now < self.retry_at:
            return None
        self.probing = True
        return self.era

    def refuses(self, now: float) -> bool:
        return self.probing or (self.retry_at is not None and now < self.retry_at)

    def told(self, now: float) -> float | None:
        return self.retry_at if self.refuses(now) and not self.probing else None

    def settle(self, era: int, verdict: Verdict, now: float) -> None:
        if era != self.era:
            return
        was_probe, self.probing = self.probing, False
        if verdict is Verdict.UNREACHED:
            return
        self.failures = self.failures + 1 if verdict is Verdict.FAILED else 0
        if was_probe:
            self.change(now, opens=verdict is Verdict.FAILED)
            return
        self.history.append((now, verdict))
        window = [outcome for instant, outcome in self.history if now - instant < RULES.window]
        often = len(window) >= RULES.least and window.count(Verdict.FAILED) >= RULES.share * len(window)
        if verdict is Verdict.FAILED and (self.failures >= RULES.in_a_row or often):
            self.change(now, opens=True)

    def change(self, now: float, *, opens: bool) -> None:
        self.history, self.era = [], self.era + 1
        self.opened = self.opened + 1 if opens else 0
        pause = min(RULES.pause * 2 ** (self.opened - 1), RULES.longest_pause)
        self.retry_at = now + pause if opens else None


STEPS = st.one_of(
    st.just(None),
    st.integers(0, 12),
    st.tuples(st.integers(0, 3), st.sampled_from([*Verdict, Verdict.FAILED])),
)


@given(st.lists(STEPS, max_size=120))
@settings(max_examples=300)
def test_the_breaker_does_what_its_history_says(steps: list[int | tuple[int, Verdict] | None]) -> None:
    breaker, model, now = Breaker(RULES), Model(), 0.0
    admitted: list[int] = []
    for step in steps:
        if step is None:
            ticket = breaker.admit(now)
            assert ticket == model.admit(now)
            if ticket is not None:
                admitted.append(ticket)
        elif isinstance(step, int):
            now += step
        elif admitted:
            ticket = admitted.pop(step[0] % len(admitted))
            breaker.settle(ticket, step[1], now)
            model.settle(ticket, step[1], now)
        assert (breaker.is_open, breaker.failures) == (model.retry_at is not None, model.failures)
        assert (breaker.retry_at(now), breaker.refuses(now)) == (model.told(now), model.refuses(now))
        assert (breaker.failing_since is None) is (breaker.failures == 0)


def fail(breaker: Breaker, times: int, now: float) -> None:
    for _ in range(times):
        ticket = breaker.admit(now)
        assert ticket is not None
        breaker.settle(ticket, Verdict.FAILED, now)


def test_pauses_double_up_to_the_longest_and_begin_anew_after_a_success() -> None:
    breaker, now, pauses = Breaker(RULES), 0.0, []
    fail(breaker, 3, now)
    for _ in range(3):
        again = breaker.retry_at(now)
        assert again is not None
        pauses.append(again - now)
        assert breaker.admit(again - 0.001) is None
        now = again
        fail(breaker, 1, now)
    assert pauses == [5.0, 10.0, 12.0]
    now += 12.0
    ticket = breaker.admit(now)
    assert ticket is not None
    assert breaker.admit(now) is None
    breaker.settle(ticket, Verdict.ANSWERED, now)
    assert (breaker.is_open, breaker.failures) == (False, 0)
    fail(breaker, 3, now)
    assert breaker.retry_at(now) == now + 5.0


def test_a_probe_that_never_reached_the_platform_makes_way_for_another() -> None:
    breaker = Breaker(RULES)
    fail(breaker, 3, 0.0)
    ticket = breaker.admit(5.0)
    assert ticket is not None
    breaker.settle(ticket, Verdict.UNREACHED, 5.0)
    assert breaker.is_open
    assert breaker.admit(5.0) is not None


def test_what_was_admitted_before_it_opened_neither_closes_nor_extends_it() -> None:
    breaker = Breaker(RULES)
    early = [breaker.admit(0.0) for _ in range(2)]
    fail(breaker, 3, 0.0)
    for ticket, verdict in zip(early, (Verdict.ANSWERED, Verdict.FAILED), strict=True):
        assert ticket is not None
        breaker.settle(ticket, verdict, 1.0)
    assert (breaker.retry_at(1.0), breaker.failures) == (5.0, 3)


def test_a_busy_platform_is_judged_by_its_last_outcomes_and_costs_bounded_memory() -> None:
    breaker = Breaker(BreakerRules(in_a_row=10_000, share=0.5, least=20, window=3600.0))
    for _ in range(10 * MOST_OUTCOMES):
        ticket = breaker.admit(0.0)
        assert ticket is not None
        breaker.settle(ticket, Verdict.ANSWERED, 0.0)
    fail(breaker, MOST_OUTCOMES // 2, 1.0)
    assert breaker.is_open


@pytest.mark.parametrize(("later", "opens"), [(29.9, True), (30.0, False)])
def test_what_lies_before_the_window_counts_no_more(later: float, opens: bool) -> None:
    breaker = Breaker(RULES)
    for verdict in (Verdict.FAILED, Verdict.ANSWERED) * 2 + (Verdict.FAILED,):
        ticket = breaker.admit(0.0)
        assert ticket is not None
        breaker.settle(ticket, verdict, 0.0)
    fail(breaker, 1, later)
    assert breaker.is_open is opens


@virtual
async def test_a_platform_that_fails_is_left_alone_probed_once_and_taken_back() -> None:
    async with World(AskingRules(negative=0.0, breaker=RULES)) as world:
        world.river.error = Unreachable("refused")
        for number in range(3):
            assert (await world.ask(LiveQuery(str(number)))).outcome.state is SourceState.FAILED
        failing = Circuit("search", True, 3, retry_at=at(8), since=at(1), last_error="UPSTREAM_UNREACHABLE")
        assert world.asking.circuits() == {CODE: failing}
        left_alone = (await world.ask()).outcome
        assert (left_alone.state, left_alone.error_code, left_alone.latency_ms) == (
            SourceState.CIRCUIT_OPEN,
            "CIRCUIT_OPEN",
            None,
        )
        assert len(world.river.asked) == 3
        await asyncio.sleep(8 - world.clock())
        # its pause is over: the next question is asked, whoever looks before
        assert world.asking.circuits() == {CODE: replace(failing, open=False, retry_at=None)}
        world.river.error = None
        outcomes = await asyncio.gather(*(world.ask(LiveQuery(f"probe {number}")) for number in range(10)))
        states = [one.outcome.state for one in outcomes]
        assert states == [SourceState.OK] + [SourceState.CIRCUIT_OPEN] * 9
        assert world.asking.circuits() == {CODE: Circuit("search", open=False, failures=0)}
        assert (await world.ask()).outcome.state is SourceState.OK


@pytest.mark.parametrize("error", [EgressRefused("10.0.0.1"), ManifestError("no field"), NotFound("404")])
@virtual
async def test_what_says_nothing_of_the_platform_opens_no_circuit(error: Exception) -> None:
    async with World(AskingRules(negative=0.0, breaker=RULES)) as world:
        world.river.error = error
        for number in range(20):
            assert (await world.ask(LiveQuery(str(number)))).outcome.state is SourceState.FAILED
        assert len(world.river.asked) == 20
        assert world.asking.circuits() == {CODE: Circuit("search", open=False, failures=0)}


@virtual
async def test_errors_in_the_platforms_own_words_and_faults_of_ours_open_it() -> None:
    for error in (UpstreamFailure("服务异常"), ValueError("ours")):
        async with World(AskingRules(negative=0.0, breaker=RULES)) as world:
            world.river.error = error
            for number in range(5):
                await world.ask(LiveQuery(str(number)))
            assert len(world.river.asked) == 3
            assert world.asking.circuits()[CODE].open is True


@virtual
async def test_a_world_that_cannot_be_opened_is_told_and_reaches_nobody() -> None:
    async with World(AskingRules(negative=0.0, breaker=RULES)) as world:
        world.platforms.refusal = ManifestError("the secret platformKey is not set")
        outcome = (await world.ask()).outcome
        assert (outcome.state, outcome.error_code) == (SourceState.FAILED, "MANIFEST_INVALID")
        assert world.asking.circuits()[CODE].failures == 0


@virtual
async def test_hanging_opens_it_and_waiting_behind_others_that_are_answered_does_not() -> None:
    rules = AskingRules(negative=0.0, patience=2.0, breaker=RULES)
    async with World(rules) as world:
        world.river.seconds = 3600.0
        await asyncio.gather(*(world.ask(LiveQuery(str(number))) for number in range(3)))
        assert world.asking.circuits()[CODE].open is True
    async with World(rules) as world:
        world.river.seconds = 3600.0
        slow = [asyncio.create_task(world.ask(LiveQuery(str(number)))) for number in range(10)]
        await asyncio.sleep(0.5)
        world.river.seconds = 1.0
        await world.ask()
        assert [(await one).outcome.state for one in slow] == [SourceState.TIMEOUT] * 10
        assert world.asking.circuits() == {CODE: Circuit("search", open=False, failures=0)}


def test_circuits_are_told_in_the_words_of_the_graph() -> None:
    told = Circuit("search", open=True, failures=3, retry_at=at(8))
    assert CircuitState(told.operation, told.open, told.failures, told.retry_at) == CircuitState(
        operation="search", open=True, failures=3, retry_at=at(8)
    )
    assert set(Circuit.__slots__) - set(CircuitState.__slots__) == {"since", "last_error"}  # which health tells
