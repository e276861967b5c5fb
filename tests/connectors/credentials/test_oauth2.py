"""Client credentials as RFC 6749 writes them."""

import base64
from urllib.parse import parse_qs

import pytest
from pydantic import ValidationError

from connectors.errors import ConnectorError, CredentialRefused, Malformed, Throttled, Transient, UpstreamFailure
from tests.connectors.credentials.platforms import REQUEST, Clock, Issuer, built

OAUTH = {"kind": "oauth2", "tokenUrl": "https://login.example/token", "clientId": "app", "clientSecret": "password"}


async def test_id_and_secret_go_into_the_header() -> None:
    issuer = Issuer()
    await built(**OAUTH, scope="resources usage").authorize(REQUEST, issuer)
    [asked] = issuer.asked
    assert (asked.method, asked.url) == ("POST", "https://login.example/token")
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qs(asked.body.decode()) == {"grant_type": ["client_credentials"], "scope": ["resources usage"]}
    scheme, value = asked.headers["authorization"].split(" ")
    assert (scheme, base64.b64decode(value)) == ("Basic", b"4pp-id:pa55%26w%C3%B6rd")


async def test_id_and_secret_go_into_the_form_where_the_platform_wants_them_there() -> None:
    issuer = Issuer()
    await built(**OAUTH, clientAuth="form").authorize(REQUEST, issuer)
    [asked] = issuer.asked
    assert "authorization" not in asked.headers
    assert parse_qs(asked.body.decode()) == {
        "grant_type": ["client_credentials"],
        "client_id": ["4pp-id"],
        "client_secret": ["pa55&wörd"],
    }


async def test_a_relative_token_address_belongs_to_the_platform() -> None:
    issuer = Issuer()
    await built(**OAUTH | {"tokenUrl": "/oauth/token"}).authorize(REQUEST, issuer)
    assert [asked.url for asked in issuer.asked] == ["https://platform.example/oauth/token"]


async def test_the_lifetime_of_the_manifest_holds_where_the_answer_names_none() -> None:
    clock, issuer = Clock(), Issuer('{"access_token": "t0ken-{n}"}')
    credential = built(clock, **OAUTH, lifetimeSeconds=10)
    await credential.authorize(REQUEST, issuer)
    clock.advance(10)
    assert (await credential.authorize(REQUEST, issuer)).headers["Authorization"] == "Bearer t0ken-2"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, CredentialRefused),
        (401, CredentialRefused),
        (403, CredentialRefused),
        (404, UpstreamFailure),
        (429, Throttled),
        (500, Transient),
        (503, Transient),
    ],
)
async def test_each_status_has_its_recovery(status: int, expected: type[ConnectorError]) -> None:
    issuer = Issuer('{"error_description": "pa55&wörd is wrong"}', status, {"retry-after": "7"})
    with pytest.raises(expected) as caught:
        await built(**OAUTH).authorize(REQUEST, issuer)
    assert type(caught.value) is expected
    assert str(caught.value) == f"the token request at https://login.example/token answered with status {status}"
    assert getattr(caught.value, "retry_after", 7) == 7


@pytest.mark.parametrize(
    "answer",
    ["<html>", "[]", "null", "{}", '"text"', '{"access_token": "a", "expires_in": "soon"}', '{"access_token": 5}'],
)
async def test_an_answer_of_another_shape_is_an_error(answer: str) -> None:
    with pytest.raises((Malformed, CredentialRefused)):
        await built(**OAUTH).authorize(REQUEST, Issuer(answer))


async def test_an_audience_and_further_fields_go_with_the_question() -> None:
    issuer = Issuer()
    fields = {"resource": "勾股", "tenant": "7"}
    await built(**OAUTH, audience="https://api.example", form=fields).authorize(REQUEST, issuer)
    [asked] = issuer.asked
    assert parse_qs(asked.body.decode()) == {
        "grant_type": ["client_credentials"],
        "audience": ["https://api.example"],
        "resource": ["勾股"],
        "tenant": ["7"],
    }


@pytest.mark.parametrize("name", ["grant_type", "scope", "audience", "client_id", "client_secret"])
def test_a_field_that_has_a_key_of_its_own_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match=f"{name} cannot stand in form; there are keys of their own"):
        built(**OAUTH, form={name: "x"})
