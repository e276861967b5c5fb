"""江城云课堂 for tests of asking: a platform whose search does as it is told, and the world around it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from connectors.context import ConnectorContext
from connectors.contract import Searches
from connectors.records import Accepted, LiveAnswer, LiveQuery, Unmapped
from connectors.transport import Request, Response
from gateway.catalog.live.asking import Asking, AskingRules, Serving
from gateway.catalog.live.asking.resources import answer_of, shown_tiers
from gateway.catalog.live.model import SourceAnswer
from gateway.catalog.live.ports import OpenPlatform
from gateway.catalog.results import ResourceKey
from gateway.errors import NotReady
from gateway.identity import PUBLIC_TIERS
from schema.access import Access
from schema.kinds import ResourceKind
from schema.platforms import Capability, PlatformDescription
from schema.resources import CatalogResource, ResourceRecord

CODE = "river"
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
EVERYTHING = frozenset(Access)
WORDS = LiveQuery("勾股定理")


def record(number: int, access: Access = Access.PUBLIC) -> Accepted:
    """A record as a connector accepts it."""
    resource = ResourceRecord(native_id=f"R-{number}", title="勾股定理", kind=ResourceKind.LESSON, access=access)
    return Accepted(resource, f"{number:064x}", BEGIN, (Unmapped("subjects", "国学"),) if number == 1 else ())


def answer(count: int, *, total: int | None = None, access: Access = Access.PUBLIC) -> LiveAnswer:
    """An answer of so many records, numbered from 0."""
    return LiveAnswer(tuple(record(number, access) for number in range(count)), total=total)


def shown(
    found: LiveAnswer,
    *,
    platform: Access = Access.PUBLIC,
    visible: frozenset[Access] = PUBLIC_TIERS,
    first: int = 20,
    note: Callable[[CatalogResource], None] = lambda _hit: None,
) -> SourceAnswer:
    """What a viewer sees of an answer."""
    return answer_of(
        CODE,
        found,
        first=first,
        asked=first,
        version=3,
        tiers=shown_tiers(platform, visible),
        fetched_at=BEGIN,
        latency_ms=1.0,
        note=note,
    )


class Unreached:
    """A transport that nothing may be sent through."""

    async def send(self, request: Request) -> Response:
        raise AssertionError(request.url)

    async def aclose(self) -> None:
        pass


class River:
    """The connector: by default 500 records, as many as are asked for, a second after the question."""

    def __init__(self) -> None:
        self.platform = PlatformDescription(code=CODE, name="江城云课堂", region="420100")
        self.version = 1
        self.capabilities = frozenset({Capability.LIVE_SEARCH})
        self.asked: list[LiveQuery] = []
        self.seconds = 1.0
        self.error: BaseException | None = None
        self.found: LiveAnswer | None = None

    def restrict(self, tier: Access) -> None:
        """Show everything to so narrow a circle at most."""
        self.platform = self.platform.model_copy(update={"access": tier})

    async def search(self, context: ConnectorContext, query: LiveQuery) -> LiveAnswer:
        self.asked.append(query)
        error, found = self.error, self.found
        await asyncio.sleep(self.seconds)
        if error is not None:
            raise error
        return answer(query.first, total=500) if found is None else found


class OnePlatform:
    """What is served: one platform, whose leases are counted."""

    def __init__(self, connector: Searches, context: ConnectorContext | None = None) -> None:
        self.code = connector.platform.code
        self.world = OpenPlatform(connector, context or ConnectorContext(self.code, Unreached(), {}))
        self.served: int | None = 1
        self.revision = 1
        self.leases = 0
        self.refusal: Exception | None = None

    def codes(self) -> Sequence[str]:
        return (self.code,)

    def searchable(self) -> Collection[str]:
        return (self.code,)

    def suspended(self) -> Collection[str]:
        return ()

    def access(self, code: str) -> Access:
        return self.world.connector.platform.access

    def region(self, code: str) -> str | None:
        return "420100"

    def serving(self, code: str) -> Serving | None:
        return Serving(self.served, self.revision) if code == self.code and self.served is not None else None

    @asynccontextmanager
    async def open(self, code: str) -> AsyncIterator[OpenPlatform]:
        if self.served is None:
            raise NotReady("not served")
        if self.refusal is not None:
            raise self.refusal
        self.leases += 1
        try:
            yield self.world
        finally:
            self.leases -= 1


class World:
    """Asking of one platform in virtual time."""

    def __init__(self, rules: AskingRules | None = None) -> None:
        self.river = River()
        self.platforms = OnePlatform(self.river)
        loop = asyncio.get_running_loop()
        self.clock = loop.time
        self.asking = Asking(self.platforms, rules, clock=loop.time, now=lambda: BEGIN + timedelta(seconds=loop.time()))

    async def ask(
        self, query: LiveQuery = WORDS, visible: frozenset[Access] = PUBLIC_TIERS, seconds: float = 5.0
    ) -> SourceAnswer:
        return await self.asking.ask(CODE, query, visible, seconds)

    def recent(self, *numbers: int, visible: frozenset[Access] = PUBLIC_TIERS) -> list[bool]:
        """Which of the numbered records are found again."""
        found = self.asking.recent([ResourceKey(CODE, f"R-{number}") for number in numbers], visible)
        for number, one in zip(numbers, found, strict=True):
            assert one is None or one.record.native_id == f"R-{number}"
        return [one is not None for one in found]

    async def __aenter__(self) -> "World":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.asking.aclose()
        assert self.platforms.leases == 0


def at(seconds: float) -> datetime:
    """The instant so many seconds after the beginning."""
    return BEGIN + timedelta(seconds=seconds)
