"""Worlds of live search stay open, are exchanged under those who use them, and are all closed in the end."""

import asyncio
import random
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request as Asked
from starlette.responses import JSONResponse
from starlette.routing import Route

from connectors.context import ConnectorContext
from connectors.errors import CredentialRefused
from connectors.records import LiveAnswer, LiveQuery
from gateway.application import Services, egress_policy, open_services
from gateway.application.live_platforms import RegistryLivePlatforms
from gateway.application.live_worlds import LiveWorlds
from gateway.application.worlds import ConnectorSecrets, Worlds
from gateway.catalog.live.ports import LivePlatforms
from gateway.errors import NotReady
from gateway.registry import ConnectorOutcome, SecretStore
from gateway.settings import Settings
from schema.access import Access
from tests.connectors.transport.certificates import Authority, pem_of
from tests.connectors.transport.fakes import FakeTime
from tests.journeys.partner import partner_settings
from tests.journeys.river import HOME, on_loopback, river_manifest

BY = "administrator"
SEARCH = (
    "search: {protocol: rest, request: {path: /items}, records: items, text: q, "
    "paging: {kind: page, parameter: page, size: 10}}\n"
)
KEYED = "credentials: {kind: apiKey, secret: platformKey, name: x-key}\n"


def searching(version: int = 1, *, title: str = "title", credentials: str = "", code: str = "river") -> str:
    return river_manifest(version, code=code, title=title, credentials=credentials, more=SEARCH)


@dataclass
class Platform:
    """Answers every search with one lesson; `keys` are those it was shown, a closed `gate` holds it up."""

    keys: list[str | None] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/items", self._items)])

    async def _items(self, request: Asked) -> JSONResponse:
        self.keys.append(request.headers.get("x-key"))
        await self.gate.wait()
        return JSONResponse({"items": [{"id": "r1", "title": "第1课", "name": "新第1课", "note": ""}]})


@dataclass(frozen=True)
class CountingWorlds(Worlds):
    """Counts what is opened and closed, by platform."""

    opened: Counter[str] = field(default_factory=Counter)
    closed: Counter[str] = field(default_factory=Counter)

    @asynccontextmanager
    async def open(self, connector: object, secrets: object, *, live: bool = False) -> AsyncIterator[ConnectorContext]:
        """As `Worlds.open`."""
        async with Worlds.open(self, connector, secrets, live=live) as context:  # type: ignore[arg-type]
            self.opened[context.platform] += 1
            yield context
        self.closed[context.platform] += 1


@dataclass
class Stage:
    """A gateway with worlds for live search, and the platform it speaks to."""

    services: Services
    platform: Platform
    counting: CountingWorlds
    worlds: LiveWorlds
    time: FakeTime

    async def search(self, code: str = "river") -> str:
        """The title of the lesson that a search finds."""
        async with self.worlds.lease(code) as opened:
            return titles(await opened.connector.search(opened.context, LiveQuery("课")))[0]

    async def serve(self, manifest: str, version: int = 1, **credentials: str) -> None:
        """Register or publish a version, and activate it; what the platform was asked meanwhile is forgotten."""
        registry = self.services.registrations
        if version == 1:
            done(await registry.register(manifest, credentials, BY))
        else:
            done(await registry.publish("river", manifest, False, BY))
        code = manifest.partition("code: ")[2].partition(",")[0]
        done(await registry.verify(code, version, BY))
        done(await registry.activate(code, version, BY))
        await self.services.live.refresh()
        self.platform.keys.clear()

    @property
    def counts(self) -> tuple[int, int]:
        """Worlds of the river that were opened, and that were closed."""
        return self.counting.opened["river"], self.counting.closed["river"]


def done(outcome: ConnectorOutcome) -> None:
    assert outcome.refusals == ()


def titles(answer: LiveAnswer) -> list[str]:
    return [each.record.title for each in answer.accepted]


async def settled() -> None:
    """Let tasks end that close something."""
    for _ in range(20):
        await asyncio.sleep(0.005)


@asynccontextmanager
async def staged(settings: Settings, platform: Platform) -> AsyncIterator[Stage]:
    async with open_services(settings) as services:
        counting = CountingWorlds(settings, egress_policy(settings))
        secrets = ConnectorSecrets(services.registrations, SecretStore())
        time = FakeTime()
        async with LiveWorlds(services.live, counting, secrets, idle_seconds=300, clock=time.clock) as worlds:
            yield Stage(services, platform, counting, worlds, time)
        assert counting.opened == counting.closed


@pytest.fixture
async def stage(tmp_path: Path, sqlite_template: Path) -> AsyncIterator[Stage]:
    """The stage; in the end everything that was opened must be closed."""
    shutil.copyfile(sqlite_template, tmp_path / "shanhai.db")
    platform = Platform()
    async with (
        on_loopback(platform.app()) as address,
        staged(partner_settings(tmp_path, {HOME: address}), platform) as opened,
    ):
        yield opened


async def test_a_world_is_opened_once_however_many_wait_and_stays_open(stage: Stage) -> None:
    await stage.serve(searching())
    for _ in range(2):
        assert await asyncio.gather(*(stage.search() for _ in range(20))) == ["第1课"] * 20
    assert (stage.counts, len(stage.platform.keys)) == ((1, 0), 40)


async def test_a_change_elsewhere_leaves_a_world_open(stage: Stage) -> None:
    await stage.serve(searching())
    await stage.search()
    before = stage.services.live.current
    await stage.serve(searching(code="lake"), 1)
    assert stage.services.live.current is not before
    assert await stage.search() == "第1课"
    assert stage.counts == (1, 0)


async def test_a_request_keeps_what_it_started_with_and_the_next_has_what_is_served(stage: Stage) -> None:
    await stage.serve(searching())
    async with stage.worlds.lease("river") as first:
        await stage.serve(searching(2, title="name"), 2)
        assert await stage.search() == "新第1课"
        stage.worlds.sweep()
        await settled()
        assert stage.counts == (2, 0)
        assert titles(await first.connector.search(first.context, LiveQuery("课"))) == ["第1课"]
    await settled()
    assert stage.counts == (2, 1)
    done(await stage.services.registrations.rollback("river", BY))
    await stage.services.live.refresh()
    assert await stage.search() == "第1课"
    await settled()
    assert stage.counts == (3, 2)


@pytest.mark.parametrize("end", ["suspend", "retire"])
async def test_what_is_not_served_any_more_ends_with_its_last_lease(stage: Stage, end: str) -> None:
    await stage.serve(searching())
    registry = stage.services.registrations
    async with stage.worlds.lease("river") as opened:
        done(await (registry.suspend("river", "maintenance", BY) if end == "suspend" else registry.retire("river", BY)))
        await stage.services.live.refresh()
        for _ in range(2):
            with pytest.raises(NotReady, match="platform river cannot be searched live now"):
                await stage.search()
        await settled()
        assert stage.counts == (1, 0)
        assert titles(await opened.connector.search(opened.context, LiveQuery("课"))) == ["第1课"]
    await settled()
    assert stage.counts == (1, 1)


async def test_a_world_that_nobody_uses_is_closed_after_a_while(stage: Stage) -> None:
    await stage.serve(searching())
    async with stage.worlds.lease("river"):
        stage.time.seconds += 1000
        stage.worlds.sweep()
    stage.time.seconds += 299
    stage.worlds.sweep()
    await settled()
    assert stage.counts == (1, 0)
    stage.time.seconds += 1
    stage.worlds.sweep()
    await settled()
    assert stage.counts == (1, 1)
    assert await stage.search() == "第1课"
    assert stage.counts == (2, 1)


async def test_what_is_withdrawn_is_closed_although_nobody_asks(stage: Stage) -> None:
    await stage.serve(searching())
    await stage.search()
    stopping = asyncio.Event()
    following = asyncio.create_task(stage.worlds.follow(0.005, stopping))
    await settled()
    assert stage.counts == (1, 0)
    done(await stage.services.registrations.suspend("river", "maintenance", BY))
    await stage.services.live.refresh()
    await settled()
    assert stage.counts == (1, 1)
    stopping.set()
    await following


async def test_credentials_that_another_process_sets_are_presented_by_the_next_search(
    tmp_path: Path, sqlite_template: Path
) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "shanhai.db")
    platform = Platform()
    async with on_loopback(platform.app()) as address:
        settings = partner_settings(tmp_path, {HOME: address})
        async with staged(settings, platform) as stage, open_services(settings) as other:
            await stage.serve(searching(credentials=KEYED), platformKey="first-key")
            await stage.search()
            done(await other.registrations.set_credentials("river", {"platformKey": "second-key"}, BY))
            assert await stage.services.live.refresh() is True
            await stage.search()
            done(await other.registrations.set_credentials("river", {"platformKey": "second-key"}, BY))
            assert await stage.services.live.refresh() is True
            await stage.search()
            assert platform.keys == ["first-key", "second-key", "second-key"]
            await settled()
            assert stage.counts == (2, 1)


async def test_credentials_and_a_new_registration_tell_what_serves_a_platform_from_what_did(stage: Stage) -> None:
    platforms = RegistryLivePlatforms(stage.services.live, stage.worlds)
    registry = stage.services.registrations
    await stage.serve(searching(credentials=KEYED), platformKey="first-key")
    first = platforms.serving("river")
    await stage.serve(searching(code="lake"))
    assert platforms.serving("river") == first
    done(await registry.set_credentials("river", {"platformKey": "second-key"}, BY))
    await stage.services.live.refresh()
    second = platforms.serving("river")
    done(await registry.retire("river", BY))
    await stage.services.live.refresh()
    assert platforms.serving("river") is None
    done(await registry.register(searching(2, credentials=KEYED), {"platformKey": "third-key"}, BY))
    done(await registry.verify("river", 2, BY))
    done(await registry.activate("river", 2, BY))
    await stage.services.live.refresh()
    third = platforms.serving("river")
    assert first is not None
    assert second is not None
    assert third is not None
    assert [each.version for each in (first, second, third)] == [1, 1, 2]
    assert first.revision < second.revision < third.revision


async def test_an_action_of_this_process_is_followed_at_once(stage: Stage) -> None:
    await stage.serve(searching(credentials=KEYED), platformKey="first-key")
    await stage.search()
    actions = stage.services.graph_services().connectors
    assert actions is not None
    done(await actions.set_credentials(platform="river", values={"platformKey": "second-key"}, by=BY))
    await stage.search()
    assert stage.platform.keys == ["first-key", "second-key"]


async def test_an_opening_that_fails_is_told_to_all_who_wait_and_tried_again(stage: Stage) -> None:
    mutual = "credentials: {kind: mutualTls, certificate: cert, key: key}\n"
    certificate, key = Authority("Province").issue("shanhai")
    await stage.serve(searching(credentials=mutual), cert=certificate, key=pem_of(key))
    registry = stage.services.registrations
    done(await registry.set_credentials("river", {"key": "no key"}, BY))
    await stage.services.live.refresh()
    outcomes = await asyncio.gather(*(stage.search() for _ in range(5)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [CredentialRefused] * 5
    assert len({id(outcome) for outcome in outcomes}) == 1
    with pytest.raises(CredentialRefused, match="the client certificate cannot be used"):
        await stage.search()
    done(await registry.set_credentials("river", {"key": pem_of(key)}, BY))
    await stage.services.live.refresh()
    assert await stage.search() == "第1课"
    assert stage.counts == (1, 0)


async def test_one_who_stops_waiting_does_not_stop_the_opening(stage: Stage) -> None:
    await stage.serve(searching())
    waiting = [asyncio.create_task(stage.search()) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    assert await asyncio.gather(*waiting[1:]) == ["第1课"] * 2
    assert stage.counts == (1, 0)


async def test_a_search_that_is_canceled_ends_its_lease(stage: Stage) -> None:
    await stage.serve(searching())
    stage.platform.gate.clear()
    task = asyncio.create_task(stage.search())
    async with asyncio.timeout(20):
        while not stage.platform.keys:  # noqa: ASYNC110 - the platform has no event for that
            await asyncio.sleep(0.005)
    done(await stage.services.registrations.suspend("river", "maintenance", BY))
    await stage.services.live.refresh()
    stage.worlds.sweep()
    assert stage.counts == (1, 0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await settled()
    assert stage.counts == (1, 1)
    stage.platform.gate.set()


async def test_nothing_is_leased_after_the_end(stage: Stage) -> None:
    await stage.serve(searching())
    async with stage.worlds:
        await stage.search()
    assert stage.counts == (1, 1)
    with pytest.raises(NotReady, match="stopping"):
        await stage.search()


async def test_searches_go_on_while_connectors_come_and_go(stage: Stage) -> None:
    await stage.serve(searching(credentials=KEYED), platformKey="key-0")
    await stage.serve(searching(2, title="name", credentials=KEYED), 2)
    chance, over, found = random.Random(6), asyncio.Event(), Counter[str]()  # noqa: S311 - the same pauses each time
    registry = stage.services.registrations

    async def searches() -> None:
        while not over.is_set():
            with suppress(NotReady):
                found[await stage.search()] += 1
            await asyncio.sleep(0)

    workers = [asyncio.create_task(searches()) for _ in range(6)]
    for turn in range(24):
        await asyncio.sleep(chance.random() * 0.02)
        match turn % 4:
            case 0:
                done(await registry.activate("river", 1 + turn // 4 % 2, BY))
            case 1:
                done(await registry.set_credentials("river", {"platformKey": f"key-{turn}"}, BY))
            case 2:
                done(await registry.suspend("river", "maintenance", BY))
            case 3:
                done(await registry.activate("river", None, BY))
        await stage.services.live.refresh()
    over.set()
    await asyncio.gather(*workers)
    found[await stage.search()] += 1
    assert set(found) == {"第1课", "新第1课"}
    assert len(stage.platform.keys) == found.total()
    assert {"key-0", *(f"key-{turn}" for turn in range(1, 24, 4))} >= set(stage.platform.keys)
    assert stage.platform.keys[-1] == "key-21"
    stage.worlds.sweep()
    await settled()
    opened, closed = stage.counts
    assert opened - closed == 1


async def test_platforms_are_listed_as_the_registry_has_them(stage: Stage) -> None:
    platforms: LivePlatforms = RegistryLivePlatforms(stage.services.live, stage.worlds)
    assert (platforms.codes(), set(platforms.searchable())) == ((), set())
    await stage.serve(searching())
    await stage.serve(river_manifest(code="lake"), 1)
    registry = stage.services.registrations
    done(await registry.publish("river", searching(2), True, BY))
    await stage.services.live.refresh()
    assert stage.services.live.current.get("river@canary") is not None
    assert (platforms.codes(), set(platforms.searchable())) == (("lake", "river"), {"river"})
    assert (platforms.region("river"), platforms.access("river")) == ("500000", Access.PUBLIC)
    assert (platforms.region("nobody"), platforms.access("nobody")) == (None, Access.SCHOOL)
    async with platforms.open("river") as opened:
        assert titles(await opened.connector.search(opened.context, LiveQuery("课"))) == ["第1课"]
    for code in ("lake", "river@canary", "nobody"):
        with pytest.raises(NotReady):
            async with platforms.open(code):
                pass
    done(await registry.suspend("river", "maintenance", BY))
    await stage.services.live.refresh()
    assert (platforms.codes(), set(platforms.searchable())) == (("lake", "river"), set())
