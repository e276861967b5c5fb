"""What API key, basic and bearer share: one value in one place, the same in every request."""

from collections.abc import Iterable

from connectors.credentials.contract import Credential
from connectors.credentials.placement import Placement
from connectors.transport.seam import Request, Transport


class Fixed(Credential):
    """Puts `value` into `placement` of every request."""

    def __init__(self, placement: Placement, value: str) -> None:
        self._placement = placement
        self._value = value

    async def authorize(self, request: Request, transport: Transport) -> Request:
        """The request with the value."""
        del transport
        return self._placement.put(request, self._value)

    def known_secrets(self) -> Iterable[str]:
        """The value as it travels, such as user and password in base64."""
        return (self._value,)
