"""Session logins: a request with user and password, whose answer holds a token for all others."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlencode, urljoin

import orjson
from pydantic import Field, JsonValue, model_validator

from connectors.credentials.contract import Clock, Credential, CredentialConfig, secret_value
from connectors.credentials.placement import Placement
from connectors.credentials.tokens import FetchedToken, Token, refuse_failure, stale_at
from connectors.errors import CredentialRefused, Malformed
from connectors.extraction import JmesPath, compile_expression
from connectors.transport.header_names import HeaderName
from connectors.transport.redaction import Redactor
from connectors.transport.seam import Request, Response, Transport
from connectors.transport.urls import with_query, without_query
from schema.records import Record


class LoginRequest(Record):
    """The request that logs in. Wherever a value is `{secret: name}`, the secret's value is sent.

    `url` may be relative to the address that is asked.
    """

    method: Literal["GET", "POST", "PUT"] = "POST"
    url: str = Field(min_length=1)
    headers: dict[HeaderName, str] = Field(default_factory=dict)
    query: dict[str, JsonValue] | None = None
    json_body: JsonValue = Field(None, alias="json")
    form: dict[str, JsonValue] | None = None

    @model_validator(mode="after")
    def _one_body(self) -> "LoginRequest":
        if self.json_body is not None and self.form is not None:
            raise ValueError("a login request has a json or a form body, not both")
        return self


class TokenSource(Record):
    """Where the answer holds the token: `path`, a JMESPath into its JSON, or the name of a `cookie`.

    `expiresIn` is a JMESPath to the token's lifetime in seconds.
    """

    path: JmesPath | None = None
    cookie: str | None = None
    expires_in: JmesPath | None = None

    @model_validator(mode="after")
    def _one_source(self) -> "TokenSource":
        if (self.path is None) == (self.cookie is None):
            raise ValueError("the token is taken from a path or from a cookie, exactly one of them")
        return self


class SessionSpec(CredentialConfig):
    """`kind: session`: log in, take the token, send it until it expires or is refused."""

    kind: Literal["session"]
    login: LoginRequest
    token: TokenSource
    send: Placement
    lifetime_seconds: float | None = Field(None, gt=0)

    def build(self, secrets: Mapping[str, str], now: Clock) -> Credential:
        """The credential, which logs in when it is first used."""
        query = _filled(self.login.query or {}, secrets, "/login/query")
        form = _filled(self.login.form, secrets, "/login/form")
        json_body = _filled(self.login.json_body, secrets, "/login/json")

        async def fetch(waiting: Request, transport: Transport) -> Token:
            url = with_query(urljoin(waiting.url, self.login.url), _texts(query))
            headers, body = dict(self.login.headers), b""
            if form is not None:
                headers |= {"content-type": "application/x-www-form-urlencoded"}
                body = urlencode(_texts(form)).encode()
            elif json_body is not None:
                headers |= {"content-type": "application/json"}
                body = orjson.dumps(json_body)
            response = await transport.send(Request(self.login.method, url, headers, body, timeout=waiting.timeout))
            refuse_failure(response, "the login", now())
            return self._token(response, now(), Redactor(secrets.values()))

        return FetchedToken(fetch, self.send, now)

    def _token(self, response: Response, now: datetime, redactor: Redactor) -> Token:
        source, where = self.token, without_query(response.url)
        answer = _json(response) if source.path or source.expires_in else None
        value = cookie(response, source.cookie) if source.cookie else _found(source.path, answer)
        if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
            place = f"in the cookie {source.cookie!r}" if source.cookie else f"at {source.path!r}"
            said = redactor.text(_said(answer))
            raise CredentialRefused(f"the login at {where} was answered without a token {place}{said}")
        said = _found(source.expires_in, answer)
        try:
            lifetime = self.lifetime_seconds if said is None else float(said)
        except (TypeError, ValueError):
            raise Malformed(f"the login at {where}: {source.expires_in!r} is not a number of seconds") from None
        return Token(str(value), stale_at(now, lifetime))


def _said(answer: Any) -> str:
    """What the platform says in the usual places, in words for the end of a message."""
    if not isinstance(answer, dict):
        return ""
    said = (answer.get(name) for name in ("errMsg", "msg", "message", "error_description", "error"))
    found = next((text for text in said if isinstance(text, str) and text), None)
    return f"; the platform says: {found[:200]}" if found else ""


def cookie(response: Response, name: str) -> str | None:
    """The value of a cookie the response sets; joined `Set-Cookie` headers are told apart by their names."""
    match = re.search(rf"(?:^|,)\s*{re.escape(name)}=([^;,\s]*)", response.headers.get("set-cookie", ""))
    return match[1].strip('"') if match else None


def _filled(value: Any, secrets: Mapping[str, str], pointer: str) -> Any:
    """`value` with every `{secret: name}` replaced by the secret."""
    if isinstance(value, dict):
        if set(value) == {"secret"} and isinstance(value["secret"], str):
            return secret_value(secrets, value["secret"], f"{pointer}/secret")
        return {name: _filled(inner, secrets, f"{pointer}/{name}") for name, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, secrets, f"{pointer}/{index}") for index, inner in enumerate(value)]
    return value


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: value if isinstance(value, str) else orjson.dumps(value).decode() for name, value in values.items()}


def _found(path: str | None, answer: Any) -> Any:
    """What `path` finds; an answer of another shape than the path expects holds nothing."""
    return None if path is None else compile_expression(path)(answer)


def _json(response: Response) -> Any:
    try:
        return orjson.loads(response.body)
    except orjson.JSONDecodeError:
        raise Malformed(f"the login at {without_query(response.url)} was not answered with JSON") from None
