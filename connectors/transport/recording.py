"""Keeping what was asked and answered, without secrets, for previews and reports."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace

from connectors.transport.redaction import Redactor
from connectors.transport.seam import Request, Response, Transport


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, both redacted."""

    request: Request
    response: Response


class Recording:
    """Keeps the last `keep` exchanges in `exchanges`; what the caller gets is untouched.

    `secrets` are the values to mask wherever they appear.
    """

    def __init__(self, inner: Transport, secrets: Iterable[str] = (), *, keep: int = 100) -> None:
        self._inner = inner
        self._redactor = Redactor(secrets)
        self.exchanges: deque[Exchange] = deque(maxlen=keep)

    async def send(self, request: Request) -> Response:
        """Send and remember."""
        response = await self._inner.send(request)
        self.exchanges.append(Exchange(self._asked(request), self._answered(response)))
        return response

    async def aclose(self) -> None:
        """Close what is inside."""
        await self._inner.aclose()

    def _asked(self, request: Request) -> Request:
        show = self._redactor
        return replace(
            request,
            url=show.url(request.url),
            headers=show.headers(request.headers),
            body=show.text(request.body.decode("utf-8", "replace")).encode(),
        )

    def _answered(self, response: Response) -> Response:
        show = self._redactor
        return replace(
            response,
            url=show.url(response.url),
            headers=show.headers(response.headers),
            body=show.text(response.body.decode("utf-8", "replace")).encode(),
        )
