"""Bodies that would take all memory are refused before they are read, and large ones are read beside the event loop."""

import threading

import pytest

from connectors.context import ConnectorContext, utc_now
from connectors.credentials import NoCredentialSpec
from connectors.protocols.exchange import READ_AT_ONCE, Exchange
from connectors.protocols.failures import FailureTable
from connectors.protocols.readers import JSON, JSON_LINES, MOST_PARTS, BodyReader
from connectors.transport import Request, in_process
from tests.connectors.protocols.platform import Scripted, json


@pytest.mark.parametrize("mark", [b"[", b"{", b","])
def test_a_body_of_more_parts_than_memory_can_hold_is_refused_unread(mark: bytes) -> None:
    with pytest.raises(ValueError, match="it has more than 2,000,000 brackets, braces and commas"):
        JSON.read(mark * (MOST_PARTS + 1))


def test_a_body_of_as_many_parts_as_may_be_is_read() -> None:
    assert len(JSON.read(b"[" + b"1," * (MOST_PARTS - 1) + b"1]")) == MOST_PARTS


def test_lines_are_counted_too() -> None:
    with pytest.raises(ValueError, match="more than 2,000,000"):
        JSON_LINES.read(b"1\n" * (MOST_PARTS + 1))
    assert JSON_LINES.read(b'\xef\xbb\xbf{"a": 1}\r\n\r\n[2]') == [{"a": 1}, [2]]


@pytest.mark.parametrize(("size", "beside"), [(READ_AT_ONCE, False), (READ_AT_ONCE + 1, True)])
async def test_only_large_bodies_are_read_in_a_thread(size: int, beside: bool) -> None:
    threads: list[int] = []

    def read(body: bytes) -> int:
        threads.append(threading.get_ident())
        return len(body)

    platform = Scripted(lambda *_: json("x" * (size - 2)))
    context = ConnectorContext("example", in_process(platform.app), {})
    exchange = Exchange(context, NoCredentialSpec().build({}, utc_now), FailureTable([]))
    _, found = await exchange.ask(Request("GET", "https://api.example/"), BodyReader("JSON", "*/*", read))
    assert found == size
    assert [thread != threading.get_ident() for thread in threads] == [beside]
