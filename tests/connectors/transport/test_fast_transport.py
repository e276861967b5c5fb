"""What is particular to the transport on pyreqwest: its errors, its reading of addresses, and its connections."""

import asyncio
import inspect
import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

import pyreqwest.exceptions
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyreqwest.exceptions import DetailedPyreqwestError, JSONDecodeError, PyreqwestError
from pyreqwest.http import Url

from connectors.errors import ConnectorError, EgressRefused, Malformed, Timeout, Unreachable
from connectors.transport import EgressPolicy, FastTransport, HttpxTransport, Limits, Request, open_transport
from connectors.transport.destinations import destination
from connectors.transport.fast_transport import read_alike, translated
from tests.connectors.transport.fakes import get
from tests.connectors.transport.keeping import keeping, never

LOOPBACK = EgressPolicy.parse(["127.0.0.1"])
TIMEOUTS = {"RequestTimeoutError", "ConnectTimeoutError", "ReadTimeoutError", "WriteTimeoutError", "PoolTimeoutError"}
UNREACHABLE = {
    "TransportError",
    "NetworkError",
    "ConnectError",
    "ReadError",
    "WriteError",
    "ClientClosedError",
    "DecodeError",
    "BodyDecodeError",
    "JSONDecodeError",
}
URLS = st.from_regex(r"https?://[a-z0-9.:_@\[\]%-]{1,20}[/?#\\][!-~]{0,20}", fullmatch=True) | st.from_regex(
    r"http://a\.example/[.%2eE/;\\a?'\" ~^`{}|]{0,12}", fullmatch=True
)


def exceptions() -> Iterator[type[PyreqwestError]]:
    """Every exception class that pyreqwest publishes."""
    for item in vars(pyreqwest.exceptions).values():
        if inspect.isclass(item) and issubclass(item, PyreqwestError):
            yield item


def raised(kind: type[PyreqwestError]) -> PyreqwestError:
    causes: dict[str, Any] = {
        "causes": [{"message": "error sending request for url (https://platform.example/api?a=s3cret)"}]
    }
    if kind is JSONDecodeError:
        return JSONDecodeError("s3cret", {**causes, "doc": "s3cret", "pos": 0})
    if issubclass(kind, DetailedPyreqwestError):
        details: Any = {**causes, "status": 500}
        return kind("s3cret", details)
    return kind("s3cret")


@pytest.mark.parametrize("kind", list(exceptions()), ids=lambda kind: kind.__name__)
def test_every_exception_of_pyreqwest_becomes_one_of_ours(kind: type[PyreqwestError]) -> None:
    expected = Timeout if kind.__name__ in TIMEOUTS else Unreachable if kind.__name__ in UNREACHABLE else Malformed
    error = translated(raised(kind), get())
    assert type(error) is expected
    assert "s3cret" not in str(error)


def test_the_walk_finds_the_exceptions() -> None:
    names = {kind.__name__ for kind in exceptions()}
    assert names > TIMEOUTS | UNREACHABLE


async def test_connections_are_kept_for_the_next_request_and_closed_in_the_end() -> None:
    async with keeping() as served:
        transport = FastTransport(policy=LOOPBACK)
        for number in range(5):
            await transport.send(get(f"http://127.0.0.1:{served.port}/{number}"))
        assert (served.opened, served.open, len(served.targets)) == (1, 1, 5)
        await transport.aclose()
        await served.quiet()


async def test_a_request_under_way_when_the_transport_is_closed_is_unreachable() -> None:
    async with keeping(answer=never) as served:
        transport = FastTransport(policy=LOOPBACK)
        task = asyncio.create_task(transport.send(get(f"http://127.0.0.1:{served.port}/", 0.3)))
        await served.asked.wait()
        await transport.aclose()
        with pytest.raises(Unreachable):
            await task
        await served.quiet()


async def test_a_canceled_request_keeps_its_connection_no_longer_than_its_own_time() -> None:
    async with keeping(answer=never) as served:
        transport = FastTransport(policy=LOOPBACK)
        task = asyncio.create_task(transport.send(get(f"http://127.0.0.1:{served.port}/", 0.3)))
        await served.asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert served.open == 1
        await served.quiet()
        await transport.aclose()


async def test_connections_of_canceled_requests_count_among_those_a_platform_sees() -> None:
    async with keeping(answer=never) as served:
        limits = Limits(requests_per_second=1000, burst=100, concurrency=2, retries=0)
        transport = open_transport(limits, policy=LOOPBACK, fast=True)
        url = f"http://127.0.0.1:{served.port}/"
        for _ in range(3):
            tasks = [asyncio.create_task(transport.send(get(url, 30.0))) for _ in range(2)]
            await served.reached(2)
            await asyncio.wait(tasks, timeout=0.05)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        assert (served.opened, served.open) == (2, 2)
        with pytest.raises(Timeout):
            await transport.send(get(url, 0.05))
        assert served.opened == 2
        await transport.aclose()


async def test_closing_while_a_name_is_looked_up_lets_nothing_be_sent() -> None:
    async with keeping() as served:
        looking, go_on = asyncio.Event(), asyncio.Event()

        async def resolver(host: str, port: int) -> list[str]:
            looking.set()
            await go_on.wait()
            return ["127.0.0.1"]

        transport = FastTransport(policy=EgressPolicy.parse(["a.example"]), resolver=resolver)
        task = asyncio.create_task(transport.send(get(f"http://a.example:{served.port}/")))
        await looking.wait()
        await transport.aclose()
        go_on.set()
        with pytest.raises(Unreachable, match="closed meanwhile"):
            await task
        assert served.opened == 0


async def test_logs_show_no_address_and_no_header(caplog: pytest.LogCaptureFixture) -> None:
    async with keeping() as served:
        transport = FastTransport(policy=LOOPBACK)
        with caplog.at_level(logging.DEBUG):
            url = f"http://127.0.0.1:{served.port}/?sign=s3cret"
            await transport.send(Request("GET", url, {"authorization": "s3cret"}))
        await transport.aclose()
        assert "s3cret" not in caplog.text


@given(URLS)
def test_an_address_is_asked_only_where_both_parsers_read_the_same(url: str) -> None:
    try:
        place = destination(url)
        read = read_alike(Request("GET", url), place)
    except (EgressRefused, Malformed):
        return
    assert read.origin_ascii == place.origin
    assert (read.host_str, read.port_or_known_default) == (
        f"[{place.host}]" if ":" in place.host else place.host,
        place.port,
    )
    assert unquote(read.path) == (unquote(urlsplit(url).path) or "/")
    assert (read.username, read.password) == ("", None)


async def test_a_query_that_would_leave_in_another_spelling_is_refused_and_not_sent() -> None:
    async with keeping() as served:
        transport = FastTransport(policy=LOOPBACK)
        with pytest.raises(EgressRefused, match="write %27 for '") as caught:
            await transport.send(get(f"http://127.0.0.1:{served.port}/a?q='x'&sign=s3cret"))
        await transport.aclose()
        assert "s3cret" not in str(caught.value)
        assert served.opened == 0


@pytest.mark.parametrize("path", ["/a/../b", "/./a", "/a/%2e%2E/b", "/a/.%2e", "/.", "/a\\b"])
async def test_a_path_that_the_parsers_read_in_two_ways_is_refused_and_not_sent(path: str) -> None:
    async with keeping() as served:
        transport = FastTransport(policy=LOOPBACK)
        with pytest.raises(EgressRefused):
            await transport.send(get(f"http://127.0.0.1:{served.port}{path}?sign=s3cret"))
        await transport.aclose()
        assert served.opened == 0


TARGETS = [
    "",
    "/",
    "//a",
    "/api?q=%E5%8B%BE&b=%2f",
    "/勾股/定理?学段=小学",
    "/a b?c d",
    '/;v=1/(a)/*,+$&=:@!~-_.?x=[1]&y={z}|^`"<>',
    "/%zz?%zz#fragment",
    "?a=1",
]


@pytest.mark.parametrize("target", TARGETS)
async def test_both_transports_ask_for_the_same(target: str) -> None:
    async with keeping() as served:
        for transport in (HttpxTransport(policy=LOOPBACK), FastTransport(policy=LOOPBACK)):
            await transport.send(get(f"http://127.0.0.1:{served.port}{target}"))
            await transport.aclose()
        reference, fast = (unquote(asked) for asked in served.targets)
        assert fast == reference
        assert served.hosts == [f"127.0.0.1:{served.port}"] * 2


def test_what_only_pyreqwest_would_understand_is_not_asked() -> None:
    for host in ("2130706433", "0x7f.1", "127.1", "１２７.0.0.1", "a%2eexample", "a.example."):
        Url(f"http://{host}/")  # it would be asked
        with pytest.raises(ConnectorError):
            destination(f"http://{host}/")
