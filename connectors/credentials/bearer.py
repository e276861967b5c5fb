"""Bearer tokens that an operator was given (RFC 6750): `{kind: bearer, secret: platformToken}`."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from connectors.credentials.contract import Clock, Credential, CredentialConfig, secret_value
from connectors.credentials.fixed import Fixed
from connectors.credentials.placement import Placement

BEARER = Placement(place="header", name="Authorization", prefix="Bearer ")


class BearerSpec(CredentialConfig):
    """`kind: bearer`."""

    kind: Literal["bearer"]
    secret: str = Field(min_length=1)

    def build(self, secrets: Mapping[str, str], now: Clock) -> Credential:
        """The credential with its token."""
        del now
        return Fixed(BEARER, secret_value(secrets, self.secret, "/secret"))
