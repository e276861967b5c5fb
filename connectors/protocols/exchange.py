"""One request and its judged answer: credential, failure table, body."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

from connectors.context import ConnectorContext
from connectors.credentials import Credential
from connectors.credentials.contract import secret_value
from connectors.errors import ConnectorError, CredentialRefused, Malformed, Throttled, Transient, UpstreamFailure
from connectors.protocols.failures import Failed, FailureTable, Outcome
from connectors.protocols.readers import JSON, BodyReader, plain
from connectors.transport import Redactor, Request, Response
from connectors.transport.urls import without_query

T = TypeVar("T")
ATTEMPTS = 3
PAUSE = 0.25
"""Seconds before the second attempt; doubled before the third."""
LONGEST_PAUSE = 20.0
READ_AT_ONCE = 256 * 1024
"""Bytes; larger bodies are read in a thread, so that other requests go on meanwhile."""


class NotFound(UpstreamFailure):
    """What was asked for is not there (404, 410)."""


class Exchange:
    """Asks until the answer is good, the table says stop, or patience ends.

    The transport repeats what fails as HTTP; this repeats what fails inside a good answer, proving itself anew.
    A refused credential is refreshed once per request. One that is not `patient` asks once more at once where the table
    says so, and never waits.
    """

    def __init__(
        self,
        context: ConnectorContext,
        credential: Credential,
        table: FailureTable,
        *,
        patient: bool = True,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._context = context
        self._patient = patient
        self._credential = credential
        self._table = table
        self._sleep = sleep

    @property
    def secrets(self) -> tuple[str, ...]:
        """Everything that must not be shown: the secrets of the context, and what the credential made of them."""
        return (*self._context.secrets.values(), *self._credential.known_secrets())

    def secret(self, name: str, pointer: str) -> str:
        """The secret of this name, which the manifest references at `pointer`; `ManifestError` where it is not set."""
        return secret_value(self._context.secrets, name, pointer)

    async def ask(self, request: Request, reader: BodyReader = JSON) -> tuple[Response, Any]:
        """The answer and its decoded body; raises `ConnectorError`."""
        refreshed, attempt = False, 1
        while True:
            signed = await self._credential.authorize(request, self._context.transport)
            response = await self._context.transport.send(signed)
            body, why = await _decoded(response, reader)
            failed = self._table.judge(response, plain(body), self._context.now())
            if failed is None:
                if why is not None:
                    raise self._named(Malformed(_unreadable(response, reader, why)))
                return response, body
            if failed.outcome is Outcome.REFRESH_CREDENTIAL and not refreshed:
                refreshed = True
                self._credential.invalidate(signed)
                continue
            pause = self._pause(failed, attempt)
            if pause is None:
                raise self._error(failed, response)
            attempt += 1
            await self._sleep(pause)

    def _pause(self, failed: Failed, attempt: int) -> float | None:
        """Seconds before the next attempt, None where there is none."""
        if failed.outcome not in (Outcome.RETRY, Outcome.THROTTLE) or attempt >= ATTEMPTS:
            return None
        if not self._patient:  # who waits is told soon, and asks somebody else meanwhile
            return 0.0 if failed.outcome is Outcome.RETRY and attempt == 1 else None
        pause = failed.retry_after if failed.retry_after is not None else PAUSE * 2 ** (attempt - 1)
        return pause if pause <= LONGEST_PAUSE else None

    def _error(self, failed: Failed, response: Response) -> ConnectorError:
        said = Redactor(self.secrets).text(failed.message)
        readable = "".join(character if character.isprintable() else " " for character in said)
        message = f"{without_query(response.url)}: {readable}"
        match failed.outcome:
            case Outcome.THROTTLE:
                return self._named(Throttled(message, retry_after=failed.retry_after))
            case Outcome.RETRY:
                return self._named(Transient(message))
            case Outcome.REFRESH_CREDENTIAL:
                return self._named(CredentialRefused(message))
            case _:
                return self._named((NotFound if response.status in (404, 410) else UpstreamFailure)(message))

    def _named(self, error: ConnectorError) -> ConnectorError:
        error.platform = self._context.platform
        return error


async def together(awaitables: Iterable[Awaitable[T]]) -> list[T]:
    """All the results in their order; when one fails, nothing goes on behind its error."""
    tasks = [asyncio.ensure_future(one) for one in awaitables]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _decoded(response: Response, reader: BodyReader) -> tuple[Any, str | None]:
    """The body's value, or why there is none."""
    try:
        if len(response.body) > READ_AT_ONCE:
            return await asyncio.to_thread(reader.read, response.body), None
        return reader.read(response.body), None
    except ValueError as error:
        return None, str(error)


def _unreadable(response: Response, reader: BodyReader, why: str) -> str:
    media_type = response.headers.get("content-type", "").partition(";")[0].strip() or "no content type"
    start = response.body[:200].lstrip().lower()
    html = media_type == "text/html" or start.startswith((b"<!doctype html", b"<html"))
    what = "an HTML page" if html else media_type
    size = len(response.body)
    where = without_query(response.url)
    return f"{where} was answered with {what} where {reader.name} was due ({size} bytes; {why[:120]})"
