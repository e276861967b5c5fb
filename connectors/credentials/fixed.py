"""What API key, basic and bearer share: one value in one place, the same in every request."""

from connectors.credentials.placement import Placement
from connectors.transport.seam import Request, Transport


class Fixed:
    """Puts `value` into `placement` of every request."""

    __slots__ = ("_placement", "_value")

    def __init__(self, placement: Placement, value: str) -> None:
        self._placement = placement
        self._value = value

    async def authorize(self, request: Request, transport: Transport) -> Request:
        """The request with the value."""
        del transport
        return self._placement.put(request, self._value)

    def invalidate(self, refused: Request | None = None) -> None:
        """There is no other value to try."""
        del refused
