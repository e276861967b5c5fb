"""No credential: the platform is open to everybody."""

from collections.abc import Mapping
from typing import Literal

from connectors.credentials.contract import Clock, Credential, CredentialConfig
from connectors.transport.seam import Request, Transport


class NoCredentialSpec(CredentialConfig):
    """`kind: none`."""

    kind: Literal["none"] = "none"

    def build(self, secrets: Mapping[str, str], now: Clock) -> Credential:
        """A credential that changes nothing."""
        del secrets, now
        return Open()


class Open(Credential):
    """Leaves every request as it is."""

    async def authorize(self, request: Request, transport: Transport) -> Request:
        """The request unchanged."""
        del transport
        return request
