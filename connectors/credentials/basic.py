"""Basic authentication (RFC 7617): `{kind: basic, username: platformUser, password: platformPassword}`."""

import base64
from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from connectors.credentials.contract import Clock, Credential, CredentialConfig, secret_value
from connectors.credentials.fixed import Fixed
from connectors.credentials.placement import Placement

BASIC = Placement(place="header", name="Authorization", prefix="Basic ")


class BasicSpec(CredentialConfig):
    """`kind: basic`; `username` and `password` are names of secrets, sent as UTF-8."""

    kind: Literal["basic"]
    username: str = Field(min_length=1)
    password: str = Field(min_length=1)

    def build(self, secrets: Mapping[str, str], now: Clock) -> Credential:
        """The credential with user and password."""
        del now
        user = secret_value(secrets, self.username, "/username")
        return Fixed(BASIC, basic_value(user, secret_value(secrets, self.password, "/password")))


def basic_value(user: str, password: str) -> str:
    """User and password as the header wants them, without the word `Basic`."""
    return base64.b64encode(f"{user}:{password}".encode()).decode()
