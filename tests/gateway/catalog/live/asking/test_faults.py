"""Real simulators that go wrong, asked through their manifests: the outcome is exact, and no caller waits too long."""

import asyncio
import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from starlette.applications import Starlette

from connectors.records import LiveQuery
from connectors.simulators import Faults
from connectors.transport import HttpxTransport
from gateway.catalog.live.asking import Asking, AskingRules
from gateway.catalog.live.candidates import whole
from gateway.catalog.live.model import SourceAnswer, SourceState
from tests.connectors.platforms.runs import NOW, built, connector, context
from tests.gateway.catalog.live.asking.river import EVERYTHING, OnePlatform
from tests.gateway.catalog.live.asking.virtual_time import virtual

SEARCHES = {
    "chongqing": "/openapi/v1/resources/search",
    "zibo": "/api/resource/search",
    "yuzhong": "/api/v2/search",
    "sichuan": "/graphql",
}
FEW = LiveQuery(first=5)


@functools.cache
def simulator(code: str) -> Starlette:
    """A platform that is built once; nothing but its faults ever changes."""
    return built(code, size=120)


class Disturbed:
    """A platform that is asked within 2 seconds, in virtual time."""

    def __init__(self, code: str) -> None:
        self.code, self.path = code, SEARCHES[code]
        app = simulator(code)
        self.faults: Faults = app.state.simulation.faults
        self.faults.clear()
        self.world = context(code, app)
        speaker = connector(code)
        platforms = OnePlatform(speaker, self.world)
        platforms.served = speaker.version
        self.clock = asyncio.get_running_loop().time
        now = lambda: NOW + timedelta(seconds=self.clock())  # noqa: E731  # a clock
        self.asking = Asking(platforms, AskingRules(fresh=1.0, revalidate=0.0), clock=self.clock, now=now)

    async def ask(self) -> SourceAnswer:
        return await self.asking.ask(self.code, FEW, EVERYTHING, 2.0)

    async def __aenter__(self) -> "Disturbed":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.asking.aclose()
        assert isinstance(self.world.transport, HttpxTransport)
        await self.world.transport.aclose()
        self.faults.clear()


@dataclass(frozen=True)
class Case:
    """A fault and what is told of it."""

    disturb: Callable[[Faults, str], object]
    state: SourceState
    code: str | None = None


CASES = {
    "sound": Case(lambda _, path: path, SourceState.OK),
    "slow": Case(lambda faults, path: faults.delay(1.5, path=path), SourceState.OK),
    "hanging": Case(lambda f, path: f.delay(3600, path=path, times=None), SourceState.TIMEOUT, "UPSTREAM_TIMEOUT"),
    "one 500": Case(lambda faults, path: faults.error(500, path=path), SourceState.OK),
    "500": Case(lambda f, path: f.error(500, path=path, times=None), SourceState.FAILED, "UPSTREAM_UNAVAILABLE"),
    "404": Case(lambda f, path: f.error(404, path=path, times=None), SourceState.FAILED, "UPSTREAM_FAILURE"),
    "429": Case(lambda f, path: f.error(429, path=path, times=None), SourceState.REFUSED, "UPSTREAM_THROTTLED"),
    "429 for long": Case(
        lambda f, path: f.error(429, path=path, times=None, retry_after="40"), SourceState.REFUSED, "UPSTREAM_THROTTLED"
    ),
    "html": Case(lambda f, path: f.html(path=path, times=None), SourceState.FAILED, "UPSTREAM_MALFORMED"),
    "truncated": Case(lambda f, path: f.truncate(path=path, times=None), SourceState.FAILED, "UPSTREAM_MALFORMED"),
    "error under 200": Case(
        lambda f, path: f.fail("server", path=path, times=None), SourceState.FAILED, "UPSTREAM_UNAVAILABLE"
    ),
    "refused": Case(lambda f, path: f.error(403, path=path, times=None), SourceState.REFUSED, "CREDENTIAL_REFUSED"),
}


@pytest.mark.parametrize("code", SEARCHES)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@virtual
async def test_each_fault_has_its_outcome(case: Case, code: str) -> None:
    async with Disturbed(code) as platform:
        case.disturb(platform.faults, platform.path)
        found = await platform.ask()
        assert (found.outcome.state, found.outcome.error_code) == (case.state, case.code)
        assert len(found.records) == found.outcome.count == (5 if case.state is SourceState.OK else 0)
        assert found.outcome.latency_ms is not None
        assert found.outcome.latency_ms / 1000 == pytest.approx(platform.clock())
        assert platform.clock() <= 2.0


@pytest.mark.parametrize("code", SEARCHES)
@virtual
async def test_an_earlier_answer_covers_every_fault(code: str) -> None:
    for name, case in CASES.items():
        async with Disturbed(code) as platform:
            sound = await platform.ask()
            began = platform.clock()
            await asyncio.sleep(30)
            case.disturb(platform.faults, platform.path)
            found = await platform.ask()
            expected = (SourceState.STALE, case.code) if case.code else (SourceState.OK, None)
            assert (found.outcome.state, found.outcome.error_code) == expected, name
            assert found.outcome.as_of == NOW + timedelta(seconds=began if case.code else platform.clock())
            assert [one.record for one in whole(found.records)] == [one.record for one in whole(sound.records)]


@virtual
async def test_a_platform_that_names_a_time_is_left_alone_until_then() -> None:
    async with Disturbed("yuzhong") as platform:
        platform.faults.error(429, path=platform.path, retry_after="40")
        for instant in (0.0, 39.9):
            await asyncio.sleep(instant - platform.clock())
            assert (await platform.ask()).outcome.state is SourceState.REFUSED
        await asyncio.sleep(40.1 - platform.clock())
        assert (await platform.ask()).outcome.state is SourceState.OK


@virtual
async def test_nothing_that_the_platform_said_is_told_to_everybody() -> None:
    async with Disturbed("chongqing") as platform:
        status, body = platform.faults.failures["server"]
        platform.faults.fail("server", path=platform.path, times=None)
        outcome = (await platform.ask()).outcome
        assert status == 200
        assert body["msg"] not in str(outcome)
        assert outcome.message == "the platform, or the way to it, is disturbed"


@virtual
async def test_a_hanging_platform_is_left_alone_in_the_end_and_comes_back() -> None:
    async with Disturbed("zibo") as platform:
        platform.faults.delay(3600, path=platform.path, times=None)
        states = []
        for _ in range(6):
            states.append((await platform.ask()).outcome.state)
            await asyncio.sleep(11.5)
        assert states == [SourceState.TIMEOUT] * 5 + [SourceState.CIRCUIT_OPEN]
        platform.faults.clear()
        assert (await platform.ask()).outcome.state is SourceState.OK
        assert platform.asking.circuits()["zibo"].open is False
