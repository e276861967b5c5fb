"""API keys: `{kind: apiKey, in: header, name: X-Api-Key, secret: platformKey}`."""

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field, model_validator

from connectors.credentials.contract import Clock, Credential, CredentialConfig, secret_value
from connectors.credentials.fixed import Fixed
from connectors.credentials.placement import Placement
from connectors.transport.header_names import checked_header_name


class ApiKeySpec(CredentialConfig):
    """`kind: apiKey`: a key in a header or a query parameter."""

    kind: Literal["apiKey"]
    place: Literal["header", "query"] = Field("header", alias="in")
    name: str = Field("X-Api-Key", min_length=1)
    prefix: str = ""
    secret: str = Field(min_length=1)

    @model_validator(mode="after")
    def _header_may_be_set(self) -> Self:
        if self.place == "header":
            checked_header_name(self.name)
        return self

    def build(self, secrets: Mapping[str, str], now: Clock) -> Credential:
        """The credential with its key."""
        del now
        placement = Placement(place=self.place, name=self.name, prefix=self.prefix)
        return Fixed(placement, secret_value(secrets, self.secret, "/secret"))
