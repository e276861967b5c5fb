"""Tokens that are fetched: kept until they expire or are refused, fetched once for all requests that wait."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import quote

from connectors.credentials.contract import SHORTEST_SECRET, Clock, Credential
from connectors.credentials.placement import Placement
from connectors.errors import ConnectorError, CredentialRefused, Throttled, Timeout, Transient, UpstreamFailure
from connectors.transport.retry import retry_after_seconds
from connectors.transport.seam import Request, Response, Transport
from connectors.transport.urls import without_query

REMEMBERED = 4
"""Tokens of one credential that are masked at the same time."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is sent, and the instant from which it is not used any more; None where nobody said."""

    value: str = field(repr=False)
    stale_at: datetime | None = None


Fetch = Callable[[Request, Transport], Awaitable[Token]]


class FetchedToken(Credential):
    """A credential that asks for a token when it has none.

    `fetch` gets the first waiting request, to resolve relative addresses and to stay within its time. All requests
    that wait share its outcome, also a failure: a wrong password is tried once, not once per request.
    """

    def __init__(self, fetch: Fetch, placement: Placement, now: Clock) -> None:
        self._fetch = fetch
        self._placement = placement
        self._now = now
        self._token: Token | None = None
        self._lock = asyncio.Lock()
        self._given: deque[str] = deque(maxlen=REMEMBERED)
        self._attempts = 0
        self._failure: ConnectorError | None = None

    async def authorize(self, request: Request, transport: Transport) -> Request:
        """The request with a token that is still good."""
        token = self._good()
        if token is None:
            try:
                async with asyncio.timeout(request.timeout):
                    token = await self._refreshed(request, transport)
            except TimeoutError:
                raise Timeout(f"no token for {without_query(request.url)} within {request.timeout:g} seconds") from None
        return self._placement.put(request, token.value)

    def invalidate(self, refused: Request | None = None) -> None:
        """Forget the token, unless `refused` carried an older one."""
        if refused is None or self._token is None or _carries(refused, self._token.value):
            self._token = None

    def known_secrets(self) -> Iterable[str]:
        """The last tokens it was given, the newest last; a token that was replaced may still stand in an answer."""
        return tuple(value for value in self._given if len(value) >= SHORTEST_SECRET)

    def _good(self) -> Token | None:
        token = self._token
        if token is None or (token.stale_at is not None and self._now() >= token.stale_at):
            return None
        return token

    async def _refreshed(self, request: Request, transport: Transport) -> Token:
        seen = self._attempts
        async with self._lock:
            if token := self._good():
                return token
            if self._attempts != seen and self._failure is not None:
                raise self._failure
            try:
                token = self._token = await self._fetch(request, transport)
                self._given.append(token.value)
            except ConnectorError as error:
                self._failure = error
                self._attempts += 1
                raise
            self._failure = None
            self._attempts += 1
            return token


def stale_at(now: datetime, lifetime: float | None) -> datetime | None:
    """When to stop using a token of `lifetime` seconds: a tenth before its end, a minute at most."""
    if lifetime is None:
        return None
    return now + timedelta(seconds=max(0.0, lifetime - min(60.0, lifetime / 10)))


def refuse_failure(response: Response, what: str, now: datetime) -> None:
    """Raise what the status of a token answer means; its body, which may quote a password, is never repeated."""
    status = response.status
    if 200 <= status < 400:
        return
    message = f"{what} at {without_query(response.url)} answered with status {status}"
    if status == 429:
        raise Throttled(message, retry_after=retry_after_seconds(response.headers.get("retry-after"), now))
    if status >= 500:
        raise Transient(message)
    if status in (400, 401, 403, 422):
        raise CredentialRefused(message)
    raise UpstreamFailure(message)


def _carries(request: Request, token: str) -> bool:
    return any(token in value for value in request.headers.values()) or quote(token, safe="") in request.url
