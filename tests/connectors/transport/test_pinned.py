"""Clients stay with the address that was judged, until the judgment is old or the address does not answer."""

import asyncio
import gc
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import pytest

from connectors.errors import EgressRefused, Timeout, Unreachable
from connectors.transport import EgressPolicy, FastTransport
from connectors.transport.destinations import Destination, destination
from connectors.transport.guard import GuardedBackend
from connectors.transport.pinned import MOST_CLIENTS, PinnedClients
from tests.connectors.transport.fakes import FakeTime, get
from tests.connectors.transport.keeping import Kept, at_once, keeping

HOME, OTHER, SILENT = "127.0.0.1", "127.0.0.2", "127.0.0.3"
LOOPBACK = EgressPolicy.parse(["127.0.0.0/8"])


@dataclass
class Names:
    """A name server whose answer can be changed, and which counts its questions."""

    answer: Sequence[str]
    asked: int = 0

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked += 1
        await asyncio.sleep(0)
        return self.answer


@dataclass
class Pinned:
    """A transport to `a.example` whose names and clock are in our hands."""

    names: Names
    policy: EgressPolicy = LOOPBACK
    time: FakeTime = field(default_factory=FakeTime)

    def __post_init__(self) -> None:
        self.transport = FastTransport(policy=self.policy)
        guard = GuardedBackend(self.policy, self.names)
        self.transport._clients = PinnedClients(guard, self.transport._build, clock=self.time.clock)

    async def ask(self, port: int, host: str = "a.example") -> int:
        return (await self.transport.send(get(f"http://{host}:{port}/"))).status


async def served_twice(check: Callable[[Kept, Kept], Awaitable[None]]) -> None:
    """Run a check with two servers on one port of two addresses."""
    async with keeping(HOME) as home, keeping(OTHER, home.port) as other:
        await check(home, other)


async def test_a_name_is_looked_up_once_a_minute_and_its_connections_outlive_that() -> None:
    async with keeping(HOME) as home:
        pinned = Pinned(Names([HOME]))
        for _ in range(3):
            for _ in range(3):
                assert await pinned.ask(home.port) == 200
            pinned.time.seconds += 60
        await pinned.transport.aclose()
        assert (pinned.names.asked, home.opened, len(home.targets)) == (3, 1, 9)
        await home.quiet()


async def test_many_who_ask_at_once_look_a_name_up_once() -> None:
    async with keeping(HOME) as home:
        pinned = Pinned(Names([HOME]))
        assert await asyncio.gather(*(pinned.ask(home.port) for _ in range(20))) == [200] * 20
        await pinned.transport.aclose()
        assert (pinned.names.asked, len(home.targets)) == (1, 20)


async def test_a_name_that_moves_is_followed_after_a_minute_and_its_old_connections_are_closed() -> None:
    async def check(home: Kept, other: Kept) -> None:
        pinned = Pinned(Names([HOME]))
        await pinned.ask(home.port)
        pinned.names.answer = [OTHER]
        await pinned.ask(home.port)
        assert (len(home.targets), len(other.targets)) == (2, 0)
        pinned.time.seconds += 60
        await pinned.ask(home.port)
        assert (len(home.targets), len(other.targets)) == (2, 1)
        gc.collect()
        await home.quiet()
        await pinned.transport.aclose()

    await served_twice(check)


async def test_a_name_that_moves_to_a_forbidden_address_is_refused_after_a_minute() -> None:
    async def check(home: Kept, other: Kept) -> None:
        pinned = Pinned(Names([HOME]), EgressPolicy.parse([f"{HOME}/32"]))
        await pinned.ask(home.port)
        pinned.names.answer = [OTHER]
        pinned.time.seconds += 60
        for _ in range(2):
            with pytest.raises(EgressRefused):
                await pinned.ask(home.port)
        await pinned.transport.aclose()
        assert (len(home.targets), other.opened) == (1, 0)

    await served_twice(check)


async def test_an_address_that_stops_answering_is_left_before_the_minute_is_over() -> None:
    async with keeping(OTHER) as other:
        pinned = Pinned(Names([HOME, OTHER]))
        async with keeping(HOME, other.port) as home:
            await pinned.ask(home.port)
            assert len(home.targets) == 1
        with pytest.raises(Unreachable):
            await pinned.ask(other.port)
        assert await pinned.ask(other.port) == 200
        await pinned.transport.aclose()
        assert (pinned.names.asked, len(other.targets)) == (2, 1)


async def test_an_address_that_answers_late_keeps_its_connections() -> None:
    async def late(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.0 if kept else 0.2)
        kept.append(writer)
        await at_once(writer)

    kept: list[asyncio.StreamWriter] = []
    async with keeping(HOME, answer=late) as home:
        pinned = Pinned(Names([HOME]))
        with pytest.raises(Timeout):
            await pinned.transport.send(get(f"http://a.example:{home.port}/", 0.1))
        client = pinned.transport._clients._pins["a.example", home.port].client
        for _ in range(2):
            assert await pinned.ask(home.port) == 200
        assert pinned.transport._clients._pins["a.example", home.port].client is client
        await pinned.transport.aclose()
        assert pinned.names.asked == 2


async def test_an_address_that_never_answers_gives_way_to_one_that_does() -> None:
    async with keeping(HOME) as home:
        pinned = Pinned(Names([SILENT, HOME]))
        assert await pinned.ask(home.port) == 200
        await pinned.transport.aclose()


@pytest.mark.parametrize("answer", [["fe80::1%lo"], ["nonsense"], []])
async def test_an_address_that_cannot_be_connected_to_is_unreachable(answer: list[str]) -> None:
    pinned = Pinned(Names(answer), EgressPolicy.parse(["a.example"]))
    with pytest.raises(Unreachable, match="no address that answers"):
        await pinned.ask(80)
    await pinned.transport.aclose()


async def test_hosts_and_ports_have_clients_of_their_own() -> None:
    async def check(home: Kept, other: Kept) -> None:
        pinned = Pinned(Names([OTHER]))
        await pinned.ask(home.port)
        await pinned.ask(home.port, HOME)
        await pinned.ask(home.port, "localhost")
        assert (home.hosts, other.hosts) == (
            [f"{HOME}:{home.port}"],
            [f"a.example:{home.port}", f"localhost:{home.port}"],
        )
        await pinned.transport.aclose()

    await served_twice(check)


async def test_no_more_hosts_are_remembered_than_a_platform_has_a_use_for() -> None:
    built: list[str] = []
    transport = FastTransport()

    def build(host: str, address: str | None) -> object:
        built.append(host)
        return transport._build(host, address)

    clients = PinnedClients(GuardedBackend(LOOPBACK, Names([HOME])), build)  # type: ignore[arg-type]  # the clients are real
    places: list[Destination] = [destination(f"http://host{number}.example/") for number in range(MOST_CLIENTS + 1)]
    for place in places:
        await clients.open(place)
    assert len(built) == MOST_CLIENTS + 1
    assert clients.known(places[0]) is None
    assert all(clients.known(place) for place in places[1:])
    await clients.aclose()
    await transport.aclose()
