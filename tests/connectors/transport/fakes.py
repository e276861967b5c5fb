"""A transport that answers from a list, and a clock that only sleeping moves."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from connectors.errors import ConnectorError
from connectors.transport import Request, Response

EPOCH = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass
class FakeTime:
    """Monotonic seconds and an instant that move together."""

    seconds: float = 100.0
    naps: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return EPOCH + timedelta(seconds=self.seconds)

    async def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.seconds += seconds


Outcome = int | ConnectorError | Response


@dataclass
class Scripted:
    """Gives the outcomes in turn, the last one forever: a status, a response or an error to raise."""

    outcomes: Sequence[Outcome] = (200,)
    asked: list[Request] = field(default_factory=list)
    closed: bool = False
    before: Callable[[], None] = lambda: None

    async def send(self, request: Request) -> Response:
        self.before()
        outcome = self.outcomes[min(len(self.asked), len(self.outcomes) - 1)]
        self.asked.append(request)
        if isinstance(outcome, ConnectorError):
            raise outcome
        return outcome if isinstance(outcome, Response) else Response(outcome, {}, b"", request.url)

    async def aclose(self) -> None:
        self.closed = True


def get(url: str = "https://platform.example/api?a=1", timeout: float = 30.0, *, idempotent: bool = True) -> Request:
    return Request("GET", url, timeout=timeout, idempotent=idempotent)
