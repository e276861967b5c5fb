"""Attacks on the way out of the process, against real listeners on loopback."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpcore
import pytest

from connectors.errors import EgressRefused, Timeout, Unreachable
from connectors.transport import (
    Confined,
    EgressPolicy,
    FastTransport,
    HttpxTransport,
    Limits,
    Request,
    Rerouted,
    Response,
    assemble,
)
from connectors.transport.guard import GuardedBackend
from tests.contract.transport.server import Platform, serving

HOME = "127.0.0.1"
INSIDE = "127.0.0.2"
ONLY_HOME = EgressPolicy.parse([f"{HOME}/32"])
Kind = type[HttpxTransport] | type[FastTransport]


@dataclass
class Names:
    """A name server: gives its answers in turn, the last one forever."""

    answers: Sequence[Sequence[str]]
    asked: list[tuple[str, int]] = field(default_factory=list)

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        return self.answers[min(len(self.asked), len(self.answers)) - 1]


@asynccontextmanager
async def counting(host: str, port: int) -> AsyncIterator[list[str]]:
    """A listener that notes who connects."""
    connected: list[str] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.append(writer.get_extra_info("peername")[0])
        writer.close()

    async with await asyncio.start_server(handle, host, port):
        yield connected


@pytest.fixture(params=[HttpxTransport, FastTransport])
def kind(request: pytest.FixtureRequest) -> Kind:
    """Every implementation that opens connections."""
    found: Kind = request.param
    return found


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    """The platform on 127.0.0.1."""
    async with serving() as served:
        yield served


def port_of(platform: Platform) -> int:
    return int(platform.url.rpartition(":")[2])


async def ask(
    kind: Kind, names: Names, platform: Platform, path: str = "/hello", policy: EgressPolicy = ONLY_HOME, times: int = 1
) -> Response:
    """Ask `rebound.example` at the platform's port."""
    transport = kind(policy=policy, resolver=names)
    try:
        for _ in range(times):
            answer = await transport.send(
                Request("GET", f"http://rebound.example:{port_of(platform)}{path}", timeout=5)
            )
        return answer
    finally:
        await transport.aclose()


async def test_a_name_is_resolved_once_and_the_judged_address_is_the_one_connected_to(
    kind: Kind, platform: Platform
) -> None:
    names = Names([[HOME], [INSIDE]])
    async with counting(INSIDE, port_of(platform)) as inside:
        assert (await ask(kind, names, platform)).status == 200
    assert names.asked == [("rebound.example", port_of(platform))]
    assert f"host: rebound.example:{port_of(platform)}" in platform.heads[0].lower()
    assert inside == []


async def test_a_name_that_is_bound_anew_is_judged_anew_with_the_next_connection(platform: Platform) -> None:
    names = Names([[HOME], [INSIDE]])
    async with counting(INSIDE, port_of(platform)) as inside:
        with pytest.raises(EgressRefused):
            await ask(HttpxTransport, names, platform, times=2)
    assert (len(names.asked), len(platform.heads), inside) == (2, 1, [])


@pytest.mark.parametrize(
    "answers", [[HOME, INSIDE], [INSIDE, HOME], [HOME, "169.254.169.254"], [HOME, "::1"], [HOME, "fe80::1%lo"]]
)
async def test_one_forbidden_address_refuses_the_name(kind: Kind, platform: Platform, answers: list[str]) -> None:
    with pytest.raises(EgressRefused):
        await ask(kind, Names([answers]), platform)
    assert platform.heads == []


@pytest.mark.parametrize("names", [None, Names([["127.0.0.1"]]), Names([["::ffff:127.0.0.1"]])])
@pytest.mark.parametrize("host", ["localhost", "LOCALHOST"])
async def test_names_of_loopback_are_refused_although_somebody_listens(
    kind: Kind, platform: Platform, host: str, names: Names | None
) -> None:
    port = port_of(platform)
    transport = kind(policy=EgressPolicy(ports=frozenset({port})), resolver=names)
    with pytest.raises(EgressRefused, match="'localhost' is refused: its address is not public but loopback"):
        await transport.send(Request("GET", f"http://{host}:{port}/hello", timeout=5))
    await transport.aclose()
    assert platform.heads == []


async def test_an_address_that_does_not_answer_gives_way_to_the_next(kind: Kind, platform: Platform) -> None:
    policy = EgressPolicy.parse(["127.0.0.0/8"])
    answer = await ask(kind, Names([["127.0.0.3", "127.0.0.3", HOME]]), platform, policy=policy)
    assert (answer.status, len(platform.heads)) == (200, 1)


async def test_a_name_without_an_address_is_unreachable(kind: Kind, platform: Platform) -> None:
    with pytest.raises(Unreachable):
        await ask(kind, Names([[]]), platform)


async def test_a_name_server_that_hangs_is_a_timeout(kind: Kind) -> None:
    async def hanging(host: str, port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    transport = kind(resolver=hanging)
    with pytest.raises(Timeout):
        await transport.send(Request("GET", "http://platform.example/", timeout=0.05))
    await transport.aclose()


async def test_a_redirect_inside_is_an_answer_that_nobody_follows(kind: Kind, platform: Platform) -> None:
    names = Names([[HOME]])
    answer = await ask(kind, names, platform, "/moved-inside")
    assert (answer.status, answer.headers["location"]) == (307, "http://169.254.169.254/")
    assert (len(names.asked), len(platform.heads)) == (1, 1)


async def test_a_refusal_is_not_tried_again(kind: Kind, platform: Platform) -> None:
    names = Names([[INSIDE]])
    limits = Limits(retries=3, backoff_seconds=0.001, requests_per_second=1000)
    transport = assemble(kind(resolver=names), limits)
    with pytest.raises(EgressRefused):
        await transport.send(Request("GET", "http://rebound.example/"))
    await transport.aclose()
    assert len(names.asked) == 1


async def test_a_refused_request_leaves_the_transport_usable(kind: Kind, platform: Platform) -> None:
    transport = kind(policy=EgressPolicy.parse([HOME]))
    for url in ("http://localhost/", "http://10.0.0.1/", "http://2130706433/"):
        with pytest.raises(EgressRefused):
            await transport.send(Request("GET", url, timeout=5))
    assert (await transport.send(Request("GET", platform.url + "/hello", timeout=5))).status == 200
    await transport.aclose()


async def test_a_detour_of_the_operator_opens_no_other_way(kind: Kind, platform: Platform) -> None:
    port = port_of(platform)
    inner = kind(policy=EgressPolicy().allowing([platform.url]))
    transport = Confined(Rerouted(inner, {"https://platform.example": platform.url}), ["https://platform.example"])
    async with counting(INSIDE, port) as inside:
        assert (await transport.send(Request("GET", "https://platform.example/hello"))).status == 200
        for url in (platform.url + "/hello", f"http://{INSIDE}:{port}/", "https://other.example/"):
            with pytest.raises(EgressRefused):
                await transport.send(Request("GET", url))
        with pytest.raises(EgressRefused):
            await inner.send(Request("GET", f"http://{INSIDE}:{port}/"))
    assert (len(platform.heads), inside) == (1, [])
    await transport.aclose()


async def test_unix_sockets_are_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = str(tmp_path_factory.mktemp("s") / "s")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        with pytest.raises(EgressRefused):
            await GuardedBackend(EgressPolicy()).connect_unix_socket(path)
        listener.settimeout(0)
        with pytest.raises(BlockingIOError):
            listener.accept()


async def test_the_guard_judges_the_very_host_it_is_given() -> None:
    names = Names([["1.1.1.1"]])
    backend = GuardedBackend(EgressPolicy(), names)
    for host in ("127.1", "2130706433", "0x7f.1", "platform.example.", "::1", "::ffff:127.0.0.1", "fe80::1%lo", HOME):
        with pytest.raises(EgressRefused):
            await backend.connect_tcp(host, 80)
    assert names.asked == []


async def test_a_closed_port_is_a_connect_error_of_the_library() -> None:
    with socket.socket() as taken:
        taken.bind((HOME, 0))
        with pytest.raises(httpcore.ConnectError):
            await GuardedBackend(ONLY_HOME).connect_tcp(HOME, taken.getsockname()[1], timeout=5)
