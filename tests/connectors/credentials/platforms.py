"""Platforms that hand out tokens, as far as credentials can see them."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter

from connectors.credentials import Credential, CredentialSpec
from connectors.transport import Request, Response

SPECS: TypeAdapter[Any] = TypeAdapter(CredentialSpec)
SECRETS = {"user": "u5er-name", "password": "pa55&wörd", "key": "k3y-value", "app": "4pp-id"}
REQUEST = Request("GET", "https://platform.example/api/list?b=2&a=1", {"Accept": "application/json"}, timeout=5)


@dataclass
class Clock:
    """An instant that tests move."""

    instant: datetime = datetime(2026, 11, 1, 12, tzinfo=UTC)

    def now(self) -> datetime:
        return self.instant

    def advance(self, seconds: float) -> None:
        self.instant += timedelta(seconds=seconds)


@dataclass
class Issuer:
    """Answers every request with `answer`, in which `{n}` is the number of the request."""

    answer: str = '{"access_token": "t0ken-{n}", "expires_in": 100}'
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)
    gate: asyncio.Event | None = None

    async def send(self, request: Request) -> Response:
        self.asked.append(request)
        number = str(len(self.asked))
        if self.gate is not None:
            await self.gate.wait()
        headers = {name: value.replace("{n}", number) for name, value in self.headers.items()}
        return Response(self.status, headers, self.answer.replace("{n}", number).encode(), request.url)

    async def aclose(self) -> None:
        pass


def built(clock: Clock | None = None, secrets: Mapping[str, str] = SECRETS, /, **spec: Any) -> Credential:
    """The credential that a manifest's `credential:` describes."""
    credential: Credential = SPECS.validate_python(spec).build(secrets, (clock or Clock()).now)
    return credential
