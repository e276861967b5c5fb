"""Nothing leaves the process but through the guarded transport: read in the source, and watched while it runs.

The database and Redis are asked by their own drivers at the addresses of the operator's settings; no manifest and no
platform can name those, and nothing of theirs is read as an address.
"""

import ast
import re
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.transport import HttpxTransport, Request
from gateway.cli.simulation import demo_secrets, simulators
from tests.architecture.source import imported, module_files
from tests.journeys.gateway import harvest_once, running, settings_for

TRANSPORT = re.compile(r"connectors\.transport(\.|$)")
WAYS_OUT = re.compile(
    r"(httpx|httpcore|aiohttp|pyreqwest|requests|urllib\.request|urllib3|http\.client|socket|ftplib|smtplib|poplib|imaplib"
    r"|telnetlib|xmlrpc|websockets|wsproto|h11|anyio\.connect_tcp)(\.|$)"
)
REASONS = {
    ("gateway.cli.answers", "httpx"): "the demo asks the gateway it has just started, at its own address",
    ("gateway.cli.serve", "socket"): "looks whether the port to listen on is taken",
    ("gateway.cli.simulation", "socket"): "binds the simulators' listeners on loopback",
    ("gateway.harvesting.leases", "socket"): "the name of this host",
}
CONNECTING = {
    "create_connection",
    "create_datagram_endpoint",
    "create_unix_connection",
    "open_connection",
    "open_unix_connection",
    "sock_connect",
    "sock_sendto",
    "urlopen",
}


def test_network_libraries_are_imported_by_the_transport_only() -> None:
    found = {
        (module, target.split(".")[0])
        for module, path in module_files().items()
        for target, _ in imported(path)
        if WAYS_OUT.match(target) and not TRANSPORT.match(module)
    }
    assert found == set(REASONS)


def calls() -> Iterator[tuple[str, str]]:
    """Module and name of everything that is called or mentioned as an attribute."""
    for module, path in module_files().items():
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute):
                yield module, node.attr
            elif isinstance(node, ast.Name):
                yield module, node.id


def test_no_connection_is_opened_by_hand() -> None:
    assert [(module, name) for module, name in calls() if name in CONNECTING] == []


def test_transports_are_made_by_the_transport_package_only() -> None:
    made = {module for module, name in calls() if name in ("HttpxTransport", "FastTransport", "guarded_client")}
    assert {module for module in made if not TRANSPORT.match(module)} == set()
    assert "connectors.transport.assembly" in made


EVENTS = {
    "socket.connect": 1,
    "socket.sendto": 1,
    "socket.sendmsg": 1,
    "socket.getaddrinfo": 0,
    "socket.gethostbyname": 0,
}


class Watch:
    """Refuses and notes every connection and every look-up but those to `allowed` ports of loopback."""

    def __init__(self, allowed: set[int]) -> None:
        self._allowed = {("127.0.0.1", port) for port in allowed}
        self.used: set[Any] = set()
        self.strays: list[Any] = []

    def see(self, event: str, args: tuple[Any, ...]) -> None:
        """Judge one audit event."""
        target = args[EVENTS[event]]
        if event == "socket.connect" and target in self._allowed:
            self.used.add(target)
            return
        self.strays.append((event, target))
        raise PermissionError(f"{event} {target}")


# an audit hook stays as long as the process, so there is one, and it is asleep but for the time of a watch
_hooked = False
_watch: Watch | None = None


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if _watch is not None and event in EVENTS:
        _watch.see(event, args)


@contextmanager
def watching(allowed: set[int]) -> Iterator[Watch]:
    """Watch this process for a while."""
    global _hooked, _watch  # noqa: PLW0603 - hooks cannot be removed
    if not _hooked:
        sys.addaudithook(_hook)
        _hooked = True
    _watch = watch = Watch(allowed)
    try:
        yield watch
    finally:
        _watch = None


QUERY = "{ search { totalCount } platforms { code health { state } } }"


async def test_a_harvest_and_a_search_connect_to_the_platforms_and_nowhere_else(tmp_path: Path) -> None:
    with simulators(size=20) as reroutes:
        ports = {int(target.rpartition(":")[2]) for target in reroutes.values()}
        settings = settings_for(tmp_path, reroutes)
        with watching(ports) as watch:
            runs = await harvest_once(settings, demo_secrets(), "chongqing", "yuzhong", "zibo", "national")
            async with running(settings) as client:
                assert (await client.ask(QUERY))["search"]["totalCount"] > 0
    assert [run.state for run in runs] == ["SUCCEEDED"] * 4
    assert watch.strays == []
    assert len(watch.used) == 4


@pytest.fixture
def stranger() -> Iterator[socket.socket]:
    """A listener that nobody may connect to."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0)
        yield listener
        with pytest.raises(BlockingIOError):
            listener.accept()


async def test_the_watch_catches_a_connection_beside_the_transport(stranger: socket.socket) -> None:
    address = stranger.getsockname()
    with watching(set()) as watch:
        async with httpx.AsyncClient(trust_env=False) as client:
            with pytest.raises(httpx.ConnectError):
                await client.get(f"http://127.0.0.1:{address[1]}/")
        with socket.socket() as plain, pytest.raises(PermissionError):
            plain.connect(address)
        with socket.socket(type=socket.SOCK_DGRAM) as datagram, pytest.raises(PermissionError):
            datagram.sendto(b"secret", address)
        with pytest.raises(PermissionError):
            socket.getaddrinfo("stranger.example", 80)
    assert watch.strays == [
        ("socket.connect", address),
        ("socket.connect", address),
        ("socket.sendto", address),
        ("socket.getaddrinfo", "stranger.example"),
    ]


async def test_the_guard_refuses_before_the_watch_would(stranger: socket.socket) -> None:
    transport = HttpxTransport()
    with watching(set()) as watch:
        for host in ("127.0.0.1", "[::ffff:127.0.0.1]", "2130706433"):
            with pytest.raises(Exception, match="refused"):
                await transport.send(Request("GET", f"http://{host}:{stranger.getsockname()[1]}/"))
    assert watch.strays == []
    await transport.aclose()
