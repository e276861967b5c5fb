"""Failures recognized in every disguise, and what follows from them."""

import pytest
from starlette.requests import Request
from starlette.responses import Response

from connectors.errors import (
    ConnectorError,
    CredentialRefused,
    Malformed,
    ManifestError,
    Throttled,
    Transient,
    UpstreamFailure,
)
from connectors.manifest import read_manifest
from connectors.protocols.exchange import NotFound
from connectors.protocols.failures import Outcome, outcome_of_status
from tests.connectors.manifest.manifests import manifest
from tests.connectors.protocols.platform import Scripted, harvest, ids, json, rows

TABLE = """\
failures:
  - {body: "code == `429`", outcome: throttle, message: msg}
  - {body: "code == `401`", outcome: refreshCredential, message: msg}
  - {body: "code == `500`", outcome: retry, message: msg}
  - {status: 403, outcome: throttle}
  - {contentType: text/html, outcome: refreshCredential}
  - {body: "code && code != `0`", outcome: stop, message: msg}
"""
ENVELOPED = manifest(top=TABLE, harvest="  records: data\n")
SESSION = """\
credentials:
  kind: session
  login: {url: /login, json: {user: {secret: user}}}
  token: {path: token}
  send: {in: header, name: X-Token}
"""


def fails(**body: object) -> Response:
    """A failure under HTTP 200."""
    return json({"data": None} | body)


@pytest.mark.parametrize(
    ("answer", "error", "asked"),
    [
        (fails(code=429, msg="请求过于频繁"), Throttled, 3),
        (fails(code=500, msg="系统繁忙"), Transient, 3),
        (fails(code=401, msg="未登录"), CredentialRefused, 2),
        (fails(code=7, msg="参数错误"), UpstreamFailure, 1),
        (json({"data": []}, 403), Throttled, 3),
        (json({"msg": "gone"}, 410), NotFound, 1),
        (json({}, 302, {"location": "/login"}), UpstreamFailure, 1),
        (Response("<html>登录</html>", media_type="text/html"), CredentialRefused, 2),
        (Response("<!DOCTYPE html><p>维护中", media_type="text/plain"), Malformed, 1),
        (Response('{"data": [', media_type="application/json"), Malformed, 1),
        (Response(b"", media_type="application/json"), Malformed, 1),
        (json({"code": 0, "data": None}), Malformed, 1),
    ],
)
async def test_a_failure_is_told_by_what_can_be_done_about_it(
    answer: Response, error: type[ConnectorError], asked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.protocols.exchange.PAUSE", 0.001)
    platform = Scripted(lambda request, body, number: answer)
    with pytest.raises(error) as caught:
        await harvest(ENVELOPED, platform)
    assert type(caught.value) is error
    assert caught.value.platform == "example"
    assert len(platform.asked) == asked


async def test_the_platform_s_own_words_are_kept() -> None:
    platform = Scripted(lambda request, body, number: fails(code=7, msg="参数错误"))
    with pytest.raises(UpstreamFailure, match=r"https://api.example.org/items: 参数错误"):
        await harvest(ENVELOPED, platform)


async def test_a_platform_that_recovers_is_asked_again() -> None:
    def answer(request: Request, body: bytes, number: int) -> Response:
        return fails(code=500) if number < 3 else json({"code": 0, "data": rows(1)})

    platform = Scripted(answer)
    assert ids(await harvest(ENVELOPED, platform)) == ["1"]
    assert len(platform.asked) == 3


async def test_a_long_pause_is_left_to_the_scheduler() -> None:
    platform = Scripted(lambda request, body, number: json({}, 429, {"retry-after": "3600"}))
    with pytest.raises(Throttled) as caught:
        await harvest(ENVELOPED, platform)
    assert caught.value.retry_after == 3600
    assert len(platform.asked) == 1


async def test_an_expired_session_is_renewed_once_and_the_listing_goes_on() -> None:
    logins: list[str] = []

    def answer(request: Request, body: bytes, number: int) -> Response:
        if request.url.path == "/login":
            logins.append(f"t{len(logins)}")
            return json({"token": logins[-1]})
        if request.headers["x-token"] == "t0":
            return fails(code=401)
        return json({"code": 0, "data": rows(1)})

    text = manifest(top=SESSION + TABLE, harvest="  records: data\n")
    assert ids(await harvest(text, Scripted(answer), secrets={"user": "someone"})) == ["1"]
    assert logins == ["t0", "t1"]


async def test_a_missing_secret_is_named_before_anything_is_sent() -> None:
    platform = Scripted(lambda request, body, number: json([]))
    with pytest.raises(ManifestError, match="'user'"):
        await harvest(manifest(top=SESSION), platform)
    assert platform.asked == []


async def test_errors_never_repeat_the_query() -> None:
    text = manifest(top=TABLE).replace("    path: /items\n", "    path: /items\n    query: {viewer: someone}\n")
    with pytest.raises(UpstreamFailure) as caught:
        await harvest(text, Scripted(lambda request, body, number: fails(code=9, msg="否")))
    assert "someone" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, None),
        (204, None),
        (301, Outcome.STOP),
        (400, Outcome.STOP),
        (401, Outcome.REFRESH_CREDENTIAL),
        (403, Outcome.REFRESH_CREDENTIAL),
        (404, Outcome.STOP),
        (408, Outcome.RETRY),
        (429, Outcome.THROTTLE),
        (500, Outcome.RETRY),
        (503, Outcome.RETRY),
    ],
)
def test_http_speaks_where_the_manifest_is_silent(status: int, outcome: Outcome | None) -> None:
    assert outcome_of_status(status) is outcome


@pytest.mark.parametrize(
    "row",
    [
        "{outcome: stop}",
        "{status: 99, outcome: stop}",
        "{status: 6xx, outcome: stop}",
        "{record: a, outcome: stop}",
        "{status: 404, outcome: skipRecord}",
        "{body: 'a[', outcome: stop}",
        "{status: 500, outcome: again}",
    ],
)
def test_a_row_that_means_nothing_is_refused(row: str) -> None:
    reading = read_manifest(manifest(top=f"failures: [{row}]\n"))
    assert reading.connector is None
    assert all((finding.pointer or "").startswith("/failures/0") for finding in reading.findings)
