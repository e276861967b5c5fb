"""What every implementation of `Transport` does, whatever the other side does."""

import asyncio
import socket

import pytest

from connectors.errors import EgressRefused, Malformed, Timeout, Unreachable
from connectors.transport import Request, Response, Transport
from tests.contract.transport.server import Platform, serving

PATIENCE = 5.0


def get(platform: Platform, path: str, timeout: float = PATIENCE, /, **headers: str) -> Request:
    return Request("GET", platform.url + path, headers, timeout=timeout)


@pytest.mark.parametrize("status", [201, 400, 401, 403, 404, 429, 500, 502, 503, 504])
async def test_any_status_is_an_answer(transport: Transport, platform: Platform, status: int) -> None:
    response = await transport.send(get(platform, f"/status/{status}"))
    assert (response.status, response.body) == (status, b"{}")


async def test_the_body_arrives_whole_under_the_address_that_was_asked(
    transport: Transport, platform: Platform
) -> None:
    response = await transport.send(get(platform, "/hello?q=%E5%8B%BE&a=1"))
    assert response.body.decode() == "山海"
    assert response.url == platform.url + "/hello?q=%E5%8B%BE&a=1"
    assert response.elapsed > 0


async def test_header_names_are_lower_case_and_repeated_headers_joined(
    transport: Transport, platform: Platform
) -> None:
    headers = (await transport.send(get(platform, "/hello"))).headers
    assert headers["x-part"] == "a, b"
    assert headers["set-cookie"] == "one=1, two=2"


async def test_method_query_headers_and_body_arrive_as_given(transport: Transport, platform: Platform) -> None:
    body = '{"关键词": "勾股"}'.encode()
    await transport.send(Request("POST", platform.url + "/hello?b=%2F&a=", {"X-Key": "value"}, body))
    head = platform.heads[0].split("\r\n")
    assert head[0] == "POST /hello?b=%2F&a= HTTP/1.1"
    assert "x-key: value" in [line.lower() for line in head]
    assert platform.bodies == [body]


async def test_cookies_are_not_kept_between_requests(transport: Transport, platform: Platform) -> None:
    await transport.send(get(platform, "/hello"))
    await transport.send(get(platform, "/hello"))
    assert [head for head in platform.heads if "cookie" in head.lower()] == []


@pytest.mark.parametrize(("path", "status"), [("/moved", 302), ("/moved-inside", 307)])
async def test_redirects_are_answers(transport: Transport, platform: Platform, path: str, status: int) -> None:
    response = await transport.send(get(platform, path))
    assert (response.status, "location" in response.headers) == (status, True)
    assert len(platform.heads) == 1


async def test_proxies_of_the_environment_are_not_asked(
    transport: Transport, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert (await transport.send(get(platform, "/hello"))).status == 200


@pytest.mark.parametrize("path", ["/drip", "/hang", "/hang-in-the-head", "/drip-in-the-head", "/never-final"])
async def test_a_platform_that_dawdles_is_a_timeout(transport: Transport, platform: Platform, path: str) -> None:
    started = asyncio.get_running_loop().time()
    with pytest.raises(Timeout):
        await transport.send(get(platform, path, 0.3))
    assert asyncio.get_running_loop().time() - started < PATIENCE


async def test_a_refused_connection_is_unreachable(transport: Transport) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        with pytest.raises(Unreachable):
            await transport.send(Request("GET", url, timeout=PATIENCE))


async def test_an_unknown_host_is_unreachable(transport: Transport) -> None:
    with pytest.raises(Unreachable):
        await transport.send(Request("GET", "http://no-such-host.invalid/", timeout=PATIENCE))


@pytest.mark.parametrize("path", ["/reset", "/disconnect"])
async def test_a_connection_that_breaks_is_unreachable(transport: Transport, platform: Platform, path: str) -> None:
    with pytest.raises(Unreachable):
        await transport.send(get(platform, path))


@pytest.mark.parametrize("path", ["/large-header", "/endless-head", "/endless-chunk-head"])
async def test_a_head_without_measure_is_an_error_long_before_the_deadline(
    transport: Transport, platform: Platform, path: str
) -> None:
    with pytest.raises((Unreachable, Malformed)):
        await transport.send(get(platform, path))


@pytest.mark.parametrize("path", ["/truncated", "/gibberish", "/two-lengths"])
async def test_an_answer_that_is_not_whole_is_unreachable(transport: Transport, platform: Platform, path: str) -> None:
    with pytest.raises(Unreachable):
        await transport.send(get(platform, path))


@pytest.mark.parametrize(("method", "path"), [("HEAD", "/head-only"), ("GET", "/status/204"), ("GET", "/status/304")])
async def test_answers_without_a_body_may_say_how_long_it_would_be(
    transport: Transport, platform: Platform, method: str, path: str
) -> None:
    response = await transport.send(Request(method, platform.url + path, timeout=PATIENCE))
    assert response.body == b""
    assert "content-length" not in response.headers


async def test_a_header_outside_ascii_does_not_spoil_the_answer(transport: Transport, platform: Platform) -> None:
    response = await transport.send(get(platform, "/foreign-header"))
    assert (response.body, response.headers["x-after"]) == (b"{}", "1")
    assert "x-name" in response.headers
    with pytest.raises(Malformed):
        await transport.send(get(platform, "/foreign-encoding"))


@pytest.mark.parametrize(("method", "framing"), [("POST", ["content-length: 0"]), ("GET", []), ("HEAD", [])])
async def test_a_request_without_a_body_says_so_where_one_is_expected(
    transport: Transport, platform: Platform, method: str, framing: list[str]
) -> None:
    await transport.send(Request(method, platform.url + "/hello", timeout=PATIENCE))
    lines = platform.heads[0].lower().split("\r\n")
    assert [line for line in lines if line.startswith(("content-length", "transfer-encoding"))] == framing


async def test_the_headers_sent_are_ours_and_those_given_and_no_others(
    transport: Transport, platform: Platform
) -> None:
    await transport.send(get(platform, "/hello", **{"X-Key": "v"}))
    names = sorted(line.partition(":")[0] for line in platform.heads[0].lower().split("\r\n")[1:] if line)
    assert [name for name in names if name != "connection"] == [
        "accept",
        "accept-encoding",
        "host",
        "user-agent",
        "x-key",
    ]
    assert "user-agent: shanhai-gateway" in platform.heads[0].lower()


async def test_ipv6_addresses_are_asked(transport: Transport) -> None:
    async with serving("::1") as six:
        for host in ("[::1]", "[0:0::1]"):
            url = six.url.replace("[::1]", host) + "/hello"
            assert (await transport.send(Request("GET", url, timeout=PATIENCE))).status == 200
    assert len(six.heads) == 2


async def test_no_time_at_all_is_a_timeout(transport: Transport, platform: Platform) -> None:
    with pytest.raises(Timeout):
        await transport.send(get(platform, "/hello", 0.0))


@pytest.mark.parametrize("path", ["/large", "/endless", "/bomb", "/many-members"])
async def test_an_answer_over_the_cap_is_malformed(transport: Transport, platform: Platform, path: str) -> None:
    with pytest.raises(Malformed, match="more than 4096 bytes"):
        await transport.send(get(platform, path))


async def test_gzip_is_asked_for_and_undone(transport: Transport, platform: Platform) -> None:
    response = await transport.send(get(platform, "/gzip", **{"Accept-Encoding": "br, zstd"}))
    asked = [line for line in platform.heads[0].lower().split("\r\n") if line.startswith("accept-encoding")]
    assert asked == ["accept-encoding: gzip"]
    assert response.body.decode() == "勾股定理" * 50
    assert {"content-encoding", "content-length"} & set(response.headers) == set()


@pytest.mark.parametrize(
    "path", ["/gzip-truncated", "/gzip-lie", "/brotli", "/bomb-in-a-bomb", "/two-encodings", "/too-many-members"]
)
async def test_a_body_that_is_not_what_its_encoding_says_is_malformed(
    transport: Transport, platform: Platform, path: str
) -> None:
    with pytest.raises(Malformed):
        await transport.send(get(platform, path))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/relative",
        "ftp://example.org/",
        "file:///etc/hosts",
        "http://",
        "http://[",
        "http://a:99999/",
        "http://a b/",
    ],
)
async def test_an_address_that_cannot_be_asked_is_malformed(transport: Transport, url: str) -> None:
    with pytest.raises(Malformed):
        await transport.send(Request("GET", url, timeout=PATIENCE))


@pytest.mark.parametrize("host", ["localhost", "127.1", "user:password@127.0.0.1", "[::ffff:127.0.0.1]", "127.0.0.2"])
async def test_a_host_that_is_not_allowed_is_refused_before_anything_leaves(
    transport: Transport, platform: Platform, host: str
) -> None:
    with pytest.raises(EgressRefused):
        await transport.send(Request("GET", platform.url.replace("127.0.0.1", host) + "/hello", timeout=PATIENCE))
    assert platform.heads == []


@pytest.mark.parametrize("headers", [{"x-key": "山"}, {"x-key": "a\r\nx-injected: b"}, {"x key": "a"}])
async def test_a_request_that_breaks_http_is_refused_before_it_leaves(
    transport: Transport, platform: Platform, headers: dict[str, str]
) -> None:
    with pytest.raises(Malformed):
        await transport.send(Request("GET", platform.url + "/hello", headers, timeout=PATIENCE))
    assert platform.heads == []


@pytest.mark.parametrize(("method", "body"), [("POST", b""), ("GET", b""), ("POST", b"four"), ("POST", b"longer")])
async def test_a_length_that_is_not_that_of_the_body_is_refused_before_anything_leaves(
    transport: Transport, platform: Platform, method: str, body: bytes
) -> None:
    with pytest.raises(Malformed, match="its content-length is not the length of its body"):
        await transport.send(Request(method, platform.url + "/hello", {"Content-Length": "5"}, body, PATIENCE))
    assert platform.heads == []


async def test_a_length_that_is_that_of_the_body_is_sent_once(transport: Transport, platform: Platform) -> None:
    await transport.send(Request("POST", platform.url + "/hello", {"Content-Length": "4"}, b"four", PATIENCE))
    lines = platform.heads[0].lower().split("\r\n")
    assert [line for line in lines if line.startswith(("content-length", "transfer-encoding"))] == ["content-length: 4"]
    assert platform.bodies == [b"four"]


@pytest.mark.parametrize(
    "query", ["q=%27x%27", "q='x'", "a=|^`{}[]\\!$&()*+,;:@/?~", "q=%zz&", "", "sign=a%2bb+c", "q='#f"]
)
async def test_a_query_is_sent_as_it_was_signed_or_not_at_all(
    transport: Transport, platform: Platform, query: str
) -> None:
    try:
        await transport.send(get(platform, f"/hello?{query}"))
    except EgressRefused:
        assert "'" in query
        assert platform.heads == []
    else:
        assert platform.heads[0].split(" ")[1].partition("?")[2] == query.partition("#")[0]


@pytest.mark.parametrize("path", ["/hang", "/disconnect", "/large", "/gzip-lie"])
async def test_errors_never_quote_headers_or_query(transport: Transport, platform: Platform, path: str) -> None:
    with pytest.raises((Timeout, Unreachable, Malformed)) as caught:
        await transport.send(get(platform, path + "?sign=s3cret", 0.3, authorization="Bearer s3cret"))
    assert "s3cret" not in str(caught.value) + repr(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


async def test_a_redirect_to_no_address_is_an_answer_or_malformed_without_the_query(
    transport: Transport, platform: Platform
) -> None:
    asking = transport.send(get(platform, "/moved-nowhere?sign=s3cret"))
    [outcome] = await asyncio.gather(asking, return_exceptions=True)
    # httpx reads the address although nobody follows it
    assert isinstance(outcome, Malformed) or (isinstance(outcome, Response) and outcome.status == 302)
    assert "s3cret" not in str(outcome)
    assert len(platform.heads) == 1


async def test_a_failed_exchange_leaves_the_transport_usable(transport: Transport, platform: Platform) -> None:
    for path in ("/drip", "/reset", "/bomb"):
        with pytest.raises((Timeout, Unreachable, Malformed)):
            await transport.send(get(platform, path, 0.3))
    assert (await transport.send(get(platform, "/hello"))).status == 200


async def test_many_requests_run_at_once(transport: Transport, platform: Platform) -> None:
    answers = await asyncio.gather(*(transport.send(get(platform, f"/hello?n={n}")) for n in range(4)))
    assert [answer.url[-1] for answer in answers] == ["0", "1", "2", "3"]


async def test_canceling_is_not_turned_into_an_error(transport: Transport, platform: Platform) -> None:
    task = asyncio.create_task(transport.send(get(platform, "/hang")))
    await platform.asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_sending_after_closing_is_a_mistake(transport: Transport, platform: Platform) -> None:
    await transport.aclose()
    with pytest.raises(RuntimeError):
        await transport.send(get(platform, "/hello"))
