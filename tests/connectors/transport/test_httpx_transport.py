"""Every exception of httpx has a place among our errors, and applications of this process behave like servers."""

import logging
from collections.abc import Iterator

import httpx
import pytest

from connectors.errors import ConnectorError, Malformed, Timeout, Unreachable
from connectors.transport import HttpxTransport, Limits, Request, assemble, in_process
from connectors.transport.httpx_transport import AsgiApp, Message, Receive, Send
from tests.connectors.transport.fakes import get

TIMEOUTS = {"TimeoutException", "ConnectTimeout", "ReadTimeout", "WriteTimeout", "PoolTimeout"}
UNREACHABLE = {
    "NetworkError",
    "ReadError",
    "WriteError",
    "ConnectError",
    "CloseError",
    "ProxyError",
    "RemoteProtocolError",
}


def exceptions() -> Iterator[type[Exception]]:
    """Every exception class httpx publishes."""
    for name in httpx.__all__:
        item = getattr(httpx, name)
        if isinstance(item, type) and issubclass(item, Exception):
            yield item


def raised(kind: type[Exception]) -> Exception:
    if kind is httpx.HTTPStatusError:
        return httpx.HTTPStatusError("m", request=httpx.Request("GET", "http://a/"), response=httpx.Response(500))
    if kind in (httpx.StreamConsumed, httpx.StreamClosed, httpx.ResponseNotRead, httpx.RequestNotRead):
        return kind()
    return kind("message")


def failing(error: Exception) -> HttpxTransport:
    def handle(request: httpx.Request) -> httpx.Response:
        raise error

    return HttpxTransport(client=httpx.AsyncClient(transport=httpx.MockTransport(handle)))


@pytest.mark.parametrize("kind", list(exceptions()), ids=lambda kind: kind.__name__)
async def test_every_exception_of_httpx_becomes_one_of_ours(kind: type[Exception]) -> None:
    expected = Timeout if kind.__name__ in TIMEOUTS else Unreachable if kind.__name__ in UNREACHABLE else Malformed
    with pytest.raises(ConnectorError) as caught:
        await failing(raised(kind)).send(get())
    assert type(caught.value) is expected


def test_the_walk_finds_the_exceptions() -> None:
    names = {kind.__name__ for kind in exceptions()}
    assert names > TIMEOUTS | UNREACHABLE


@pytest.mark.parametrize(("error", "expected"), [(ConnectionResetError(), Unreachable), (TimeoutError(), Timeout)])
async def test_errors_of_the_operating_system_are_translated(error: OSError, expected: type[ConnectorError]) -> None:
    with pytest.raises(expected):
        await failing(error).send(get())


def answering(*messages: Message, crash: bool = False) -> AsgiApp:
    async def app(scope: Message, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)
        if crash:
            raise ValueError("inside")

    return app


START: Message = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]}
HALF: Message = {"type": "http.response.body", "body": b"ab", "more_body": True}
END: Message = {"type": "http.response.body", "body": b"cd"}


async def test_an_application_of_this_process_is_asked_whatever_the_host() -> None:
    response = await in_process(answering(START, HALF, END)).send(get())
    assert (response.status, response.body) == (200, b"abcd")


async def test_user_and_password_of_an_address_are_not_turned_into_a_credential() -> None:
    names: list[bytes] = []

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        names.extend(name for name, _ in scope["headers"])
        await answering(START, HALF, END)(scope, receive, send)

    await in_process(app).send(get("https://user:password@platform.example/"))
    assert (b"host" in names, b"authorization" in names) == (True, False)


async def test_an_application_that_crashes_answers_500() -> None:
    assert (await in_process(answering(crash=True)).send(get())).status == 500


async def test_a_crash_after_the_answer_changes_nothing() -> None:
    assert (await in_process(answering(START, HALF, END, crash=True)).send(get())).body == b"abcd"


@pytest.mark.parametrize("messages", [(START,), (START, HALF), (START, {**END})])
async def test_an_application_that_breaks_off_is_unreachable(messages: tuple[Message, ...]) -> None:
    with pytest.raises(Unreachable):
        await in_process(answering(*messages)).send(get())


async def test_an_assembled_transport_retries_in_front_of_the_reroute() -> None:
    asked: list[str] = []

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        asked.append(dict(scope["headers"])[b"host"].decode())
        await send({"type": "http.response.start", "status": 503 if len(asked) == 1 else 200, "headers": []})
        await send({"type": "http.response.body"})

    limits = Limits(requests_per_second=1000, backoff_seconds=0.001)
    transport = assemble(in_process(app), limits, {"https://platform.example": "http://127.0.0.1:9001"})
    response = await transport.send(get())
    assert (response.status, response.url) == (200, get().url)
    assert asked == ["127.0.0.1:9001", "127.0.0.1:9001"]
    await transport.aclose()


async def test_logs_show_no_address_and_no_header(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        request = Request("GET", "https://platform.example/?sign=s3cret", {"authorization": "s3cret"})
        await in_process(answering(START, HALF, END)).send(request)
        assert "s3cret" not in caplog.text + repr(request)
