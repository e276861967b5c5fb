"""Logins of any shape give a token that goes where the platform wants it."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
from pydantic import ValidationError

from connectors.credentials.session import cookie
from connectors.errors import CredentialRefused, Malformed
from connectors.transport import Response
from tests.connectors.credentials.platforms import REQUEST, SPECS, Clock, Issuer, built

JSON = {"user": {"secret": "user"}, "deep": [{"pass": {"secret": "password"}}], "remember": True, "terminal": 3}
SESSION: dict[str, Any] = {
    "kind": "session",
    "login": {"url": "/api/login", "json": JSON, "headers": {"X-Client": "web"}},
    "token": {"path": "data.token", "expiresIn": "data.expires"},
    "send": {"name": "X-Token"},
}
ANSWER = '{"code": 0, "data": {"token": "t0ken-{n}", "expires": 600}}'


async def test_a_json_login_fills_in_the_secrets() -> None:
    issuer = Issuer(ANSWER)
    request = await built(**SESSION).authorize(REQUEST, issuer)
    [asked] = issuer.asked
    assert (asked.method, asked.url) == ("POST", "https://platform.example/api/login")
    assert asked.headers == {"X-Client": "web", "content-type": "application/json"}
    assert orjson.loads(asked.body) == {
        "user": "u5er-name",
        "deep": [{"pass": "pa55&wörd"}],
        "remember": True,
        "terminal": 3,
    }
    assert request.headers == {"Accept": "application/json", "X-Token": "t0ken-1"}


async def test_a_form_login_takes_the_session_from_a_cookie_and_sends_it_as_one() -> None:
    issuer = Issuer("<html>", headers={"set-cookie": "theme=dark; Path=/, JSESSIONID=s{n}; HttpOnly"})
    form = {"u": {"secret": "user"}, "p": {"secret": "password"}, "type": 1}
    spec = SESSION | {
        "login": {"url": "https://login.example/in", "form": form},
        "token": {"cookie": "JSESSIONID"},
        "send": {"in": "cookie", "name": "JSESSIONID"},
    }
    request = await built(**spec).authorize(REQUEST, issuer)
    assert parse_qs(issuer.asked[0].body.decode()) == {"u": ["u5er-name"], "p": ["pa55&wörd"], "type": ["1"]}
    assert request.headers["cookie"] == "JSESSIONID=s1"


async def test_a_login_by_query_sends_the_token_in_the_query() -> None:
    login = {"method": "GET", "url": "/token?v=1", "query": {"key": {"secret": "password"}}}
    issuer = Issuer('"t0ken"')
    spec = SESSION | {"login": login, "token": {"path": "@"}, "send": {"in": "query", "name": "token"}}
    request = await built(**spec).authorize(REQUEST, issuer)
    assert parse_qs(urlsplit(issuer.asked[0].url).query) == {"v": ["1"], "key": ["pa55&wörd"]}
    assert issuer.asked[0].body == b""
    assert request.url == REQUEST.url + "&token=t0ken"


@pytest.mark.parametrize(("seconds", "expected"), [(539, "t0ken-1"), (541, "t0ken-2")])
async def test_the_lifetime_in_the_answer_counts(seconds: float, expected: str) -> None:
    clock, issuer = Clock(), Issuer(ANSWER)
    credential = built(clock, **SESSION, lifetimeSeconds=5)
    await credential.authorize(REQUEST, issuer)
    clock.advance(seconds)
    assert (await credential.authorize(REQUEST, issuer)).headers["X-Token"] == expected


@pytest.mark.parametrize(
    "answer",
    [
        '{"code": 1001, "data": null}',
        "{}",
        "[]",
        '{"data": {"token": ""}}',
        '{"data": {"token": {}}}',
    ],
)
async def test_a_login_without_a_token_is_refused_without_quoting_the_answer(answer: str) -> None:
    with pytest.raises(CredentialRefused, match=r"answered without a token at 'data.token'$"):
        await built(**SESSION).authorize(REQUEST, Issuer(answer))


async def test_the_platform_says_why_it_gives_no_token_and_no_secret_is_repeated() -> None:
    answer = '{"code": 1001, "msg": "wrong pa55&wörd", "data": null}'
    with pytest.raises(CredentialRefused, match=r"at 'data.token'; the platform says: wrong •••$"):
        await built(**SESSION).authorize(REQUEST, Issuer(answer))


@pytest.mark.parametrize("answer", ["<html>login</html>", '{"data": {"token": "t", "expires": "soon"}}'])
async def test_an_answer_of_another_shape_is_malformed(answer: str) -> None:
    with pytest.raises(Malformed):
        await built(**SESSION).authorize(REQUEST, Issuer(answer))


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("sid=a", "a"),
        ('sid="abc"; Path=/', "abc"),
        ("old=1; Expires=Sun, 01 Nov 2026 00:00:00 GMT, sid=abc; Secure", "abc"),
        ("mysid=1", None),
        ("", None),
    ],
)
def test_cookies_are_told_apart_in_joined_headers(header: str, expected: str | None) -> None:
    assert cookie(Response(200, {"set-cookie": header}, b"", ""), "sid") == expected


@pytest.mark.parametrize(
    "wrong",
    [
        {"login": {"url": "/in", "json": {}, "form": {}}},
        {"token": {"path": "data.token", "cookie": "sid"}},
        {"token": {}},
        {"token": {"path": "data.["}},
        {"token": {"path": " | ".join(["[@, @]"] * 16 + ["[]"] * 16)}},
        {"token": {"path": "token", "expiresIn": " | ".join(["[@, @]"] * 16)}},
        {"lifetimeSeconds": 0},
    ],
)
def test_a_session_that_cannot_work_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SPECS.validate_python(SESSION | wrong)
