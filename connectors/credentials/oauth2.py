"""OAuth 2 client credentials (RFC 6749, 4.4)."""

from collections.abc import Mapping
from typing import Literal
from urllib.parse import quote, urlencode, urljoin

import orjson
from pydantic import Field, field_validator

from connectors.credentials.basic import basic_value
from connectors.credentials.bearer import BEARER
from connectors.credentials.bodies import FORM
from connectors.credentials.contract import Clock, Credential, CredentialConfig, secret_value
from connectors.credentials.tokens import FetchedToken, Token, refuse_failure, stale_at
from connectors.errors import CredentialRefused, Malformed
from connectors.transport.seam import Request, Response, Transport
from connectors.transport.urls import without_query

_OWN_FIELDS = frozenset({"grant_type", "scope", "audience", "client_id", "client_secret"})


class OAuth2Spec(CredentialConfig):
    """`kind: oauth2`: a token for client id and secret (both names of secrets), sent as bearer.

    `tokenUrl` may be relative to the address that is asked. `clientAuth` says where id and secret go: `basic`, the
    header every server has to accept, or `form`. `scope`, `audience` and the fields in `form` go with the question.
    `lifetimeSeconds` holds where the answer has no `expires_in`.
    """

    kind: Literal["oauth2"]
    token_url: str = Field(min_length=1)
    client_id: str = Field(min_length=1)
    client_secret: str = Field(min_length=1)
    scope: str | None = None
    audience: str | None = None
    form: dict[str, str] = Field(default_factory=dict)
    client_auth: Literal["basic", "form"] = "basic"
    lifetime_seconds: float | None = Field(None, gt=0)

    @field_validator("form")
    @classmethod
    def _other_fields(cls, value: dict[str, str]) -> dict[str, str]:
        if taken := sorted(_OWN_FIELDS & value.keys()):
            raise ValueError(f"{', '.join(taken)} cannot stand in form; there are keys of their own")
        return value

    def build(self, secrets: Mapping[str, str], now: Clock) -> Credential:
        """The credential, which asks for its first token when it is first used."""
        client_id = secret_value(secrets, self.client_id, "/clientId")
        client_secret = secret_value(secrets, self.client_secret, "/clientSecret")

        async def fetch(waiting: Request, transport: Transport) -> Token:
            response = await transport.send(self._request(waiting, client_id, client_secret))
            refuse_failure(response, "the token request", now())
            value, lifetime = _token(response)
            return Token(value, stale_at(now(), lifetime if lifetime is not None else self.lifetime_seconds))

        return FetchedToken(fetch, BEARER, now)

    def _request(self, waiting: Request, client_id: str, client_secret: str) -> Request:
        asked = {"scope": self.scope, "audience": self.audience}
        form = (
            {"grant_type": "client_credentials"} | {name: value for name, value in asked.items() if value} | self.form
        )
        headers = {"content-type": FORM, "accept": "application/json"}
        if self.client_auth == "basic":
            # RFC 6749, 2.3.1: both are form-encoded before they are joined
            headers["authorization"] = "Basic " + basic_value(quote(client_id, safe=""), quote(client_secret, safe=""))
        else:
            form |= {"client_id": client_id, "client_secret": client_secret}
        url = urljoin(waiting.url, self.token_url)
        return Request("POST", url, headers, urlencode(form).encode(), timeout=waiting.timeout)


def _token(response: Response) -> tuple[str, float | None]:
    where = without_query(response.url)
    try:
        answer = orjson.loads(response.body)
        value = answer["access_token"]
        expires = answer.get("expires_in")
        lifetime = None if expires is None else float(expires)
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError, ValueError):
        raise Malformed(f"the token answer of {where} is not JSON with an access_token (RFC 6749, 5.1)") from None
    if not isinstance(value, str) or not value:
        raise CredentialRefused(f"the token answer of {where} holds an empty access_token")
    return value, lifetime
