"""Whatever happens in whatever order, what is told stays true and nothing is left behind."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import CredentialRefused, Malformed, Throttled, Unreachable
from connectors.records import LiveAnswer, LiveQuery
from gateway.catalog.live.asking import AskingRules, BreakerRules
from gateway.catalog.live.candidates import whole
from gateway.catalog.live.model import SourceAnswer, SourceState
from gateway.identity import PUBLIC_TIERS
from schema.access import Access
from tests.gateway.catalog.live.asking.river import BEGIN, CODE, EVERYTHING, River, World, record
from tests.gateway.catalog.live.asking.virtual_time import virtual

RULES = AskingRules(
    fresh=3.0,
    revalidate=5.0,
    stale=20.0,
    patience=4.0,
    flights=3,
    kept_records=40,
    recent_records=30,
    breaker=BreakerRules(in_a_row=3, least=6, pause=2.0, longest_pause=8.0),
)
TIERS = (Access.PUBLIC, Access.SCHOOL, Access.PROVINCE)
ERRORS: dict[str, Callable[[], Exception | None]] = {
    "sound": lambda: None,
    "unreachable": lambda: Unreachable("refused"),
    "malformed": lambda: Malformed("html"),
    "throttled": lambda: Throttled("429", retry_after=3.0),
    "refused": lambda: CredentialRefused("401"),
    "ours": lambda: LookupError("ours"),
}


class CountedRiver(River):
    """A platform with records of three tiers, which knows how many ask it at one time."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.most = 0

    async def search(self, context: Any, query: LiveQuery) -> LiveAnswer:
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await super().search(context, query)
        finally:
            self.now -= 1
        return LiveAnswer(tuple(record(n, TIERS[n % 3]) for n in range(min(query.first, 30))), total=30)


ASKS = st.tuples(
    st.just("ask"),
    st.integers(0, 4),
    st.sampled_from([3, 10, 40]),
    st.sampled_from([PUBLIC_TIERS, EVERYTHING]),
    st.sampled_from([0.0, 0.5, 2.0, 6.0]),
)
STEPS = st.one_of(
    ASKS,
    ASKS,
    st.tuples(st.just("wait"), st.sampled_from([0.1, 1.0, 2.5, 7.0, 30.0])),
    st.tuples(st.just("takes"), st.sampled_from([0.0, 1.0, 3.0, 100.0])),
    st.tuples(st.just("fails"), st.sampled_from(sorted(ERRORS))),
    st.tuples(st.just("serves"), st.sampled_from([1, None])),
)


def check(
    told: SourceAnswer, first: int, visible: frozenset[Access], began: float, ended: float, allowed: float
) -> None:
    """What must hold of every answer."""
    outcome = told.outcome
    answered = outcome.state in (SourceState.OK, SourceState.STALE)
    assert ended - began <= allowed + 1e-9
    assert outcome.count == len(told.records) <= first
    assert all(one.record.access in visible for one in whole(told.records))
    assert told.complete or told.ends or len(told.records) == first
    assert (outcome.as_of is not None) == answered
    assert (outcome.error_code is None) or outcome.state is not SourceState.OK
    if outcome.as_of is not None:
        age = BEGIN + timedelta(seconds=began) - outcome.as_of
        limit = RULES.fresh if outcome.state is SourceState.OK else RULES.longest
        assert age <= timedelta(seconds=limit)
    if visible is PUBLIC_TIERS and answered:
        assert outcome.total in (None, 20)


@given(st.lists(STEPS, min_size=1, max_size=40))
@settings(max_examples=150, deadline=None)
def test_every_answer_is_true_whatever_happens(steps: list[tuple[Any, ...]]) -> None:
    live(steps)


@virtual
async def live(steps: list[tuple[Any, ...]]) -> None:
    """Go through the steps; what is asked is waited for while the next steps are taken."""
    world, river = World(RULES), CountedRiver()
    world.river = river
    world.platforms.world = type(world.platforms.world)(river, world.platforms.world.context)
    waiting: list[asyncio.Task[None]] = []

    async def ask(number: int, first: int, visible: frozenset[Access], seconds: float) -> None:
        began = world.clock()
        told = await world.ask(LiveQuery(str(number), first=first), visible, seconds)
        check(told, first, visible, began, world.clock(), seconds)

    for what, *values in steps:
        match what:
            case "ask":
                waiting.append(asyncio.create_task(ask(*values)))
                await asyncio.sleep(0)
            case "wait":
                await asyncio.sleep(values[0])
            case "takes":
                river.seconds = values[0]
            case "fails":
                river.error = ERRORS[values[0]]()
            case "serves":
                world.platforms.served = values[0]
    await asyncio.gather(*waiting)
    await world.asking.aclose()
    assert (world.platforms.leases, river.now) == (0, 0)
    assert river.most <= RULES.flights
    assert world.asking.circuits().keys() <= {CODE}
