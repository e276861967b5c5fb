"""Values of secrets are never seen, and names of missing ones are."""

import logging
import traceback
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.context import ConnectorContext
from connectors.errors import ConnectorError, ManifestError
from tests.connectors.credentials.platforms import REQUEST, SECRETS, SPECS, Issuer, built

SPECIFICATIONS: dict[str, dict[str, Any]] = {
    "apiKey": {"kind": "apiKey", "secret": "key"},
    "basic": {"kind": "basic", "username": "user", "password": "password"},
    "bearer": {"kind": "bearer", "secret": "key"},
    "oauth2": {"kind": "oauth2", "tokenUrl": "/token", "clientId": "app", "clientSecret": "key"},
    "session": {
        "kind": "session",
        "login": {"url": "/in", "json": {"a": [{"secret": "user"}], "b": {"secret": "password"}}},
        "token": {"path": "access_token"},
        "send": {"name": "X-Token"},
    },
    "hmac": {"kind": "hmac", "appKey": "app", "secret": "key"},
}
ECHO = '{"access_token": "t0ken-value", "echo": "' + " ".join(SECRETS.values()) + '"}'


def leaked(text: str) -> list[str]:
    return [value for value in (*SECRETS.values(), "t0ken-value") if value in text]


@pytest.mark.parametrize("kind", SPECIFICATIONS)
async def test_no_value_shows_in_repr_or_logs(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        credential = built(**SPECIFICATIONS[kind])
        request = await credential.authorize(REQUEST, Issuer(ECHO))
    assert leaked(repr(credential) + str(credential) + repr(request) + caplog.text) == []


@pytest.mark.parametrize("kind", ["oauth2", "session"])
@pytest.mark.parametrize(
    ("status", "answer"), [(401, ECHO), (500, ECHO), (200, ECHO.replace("access_token", "x")), (200, ECHO[1:])]
)
async def test_no_value_shows_in_errors(kind: str, status: int, answer: str) -> None:
    with pytest.raises(ConnectorError) as caught:
        await built(**SPECIFICATIONS[kind]).authorize(REQUEST, Issuer(answer, status))
    assert leaked("".join(traceback.format_exception(caught.value)) + repr(caught.value)) == []


@pytest.mark.parametrize(
    ("kind", "missing", "pointer"),
    [
        ("apiKey", "key", "/secret"),
        ("basic", "user", "/username"),
        ("basic", "password", "/password"),
        ("bearer", "key", "/secret"),
        ("oauth2", "app", "/clientId"),
        ("oauth2", "key", "/clientSecret"),
        ("session", "user", "/login/json/a/0/secret"),
        ("session", "password", "/login/json/b/secret"),
        ("hmac", "app", "/appKey"),
        ("hmac", "key", "/secret"),
    ],
)
def test_a_missing_secret_is_named_with_its_place(kind: str, missing: str, pointer: str) -> None:
    for secrets in ({name: value for name, value in SECRETS.items() if name != missing}, SECRETS | {missing: ""}):
        with pytest.raises(ManifestError, match=f"^the secret '{missing}' is not set$") as caught:
            built(None, secrets, **SPECIFICATIONS[kind])
        [finding] = caught.value.findings
        assert (finding.code, finding.pointer) == ("SECRET_MISSING", pointer)
        assert leaked(repr(finding)) == []


def test_the_context_of_a_connector_does_not_show_its_secrets() -> None:
    assert leaked(repr(ConnectorContext("chongqing", Issuer(), SECRETS))) == []


@pytest.mark.parametrize(
    "wrong", [{}, {"kind": "magic"}, {"kind": "bearer"}, {"kind": "bearer", "secret": "key", "token": "x"}]
)
def test_kinds_that_do_not_exist_and_unknown_keys_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        SPECS.validate_python(wrong)


@pytest.mark.parametrize("kind", SPECIFICATIONS)
def test_a_specification_survives_its_own_json(kind: str) -> None:
    spec = SPECS.validate_python(SPECIFICATIONS[kind])
    assert SPECS.validate_json(SPECS.dump_json(spec, by_alias=True)) == spec
