"""A platform in memory that is harvested as a real one: pages, checkpoints, tombstones, rejects and failures."""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from connectors.context import ConnectorContext
from connectors.errors import ConnectorError
from connectors.records import Accepted, Checkpoint, HarvestPage, HarvestRequest, R, Rejected, Unmapped
from connectors.transport.seam import Request, Response
from gateway.harvesting import HarvestingService, HarvestRun, RunState, Worker
from gateway.storage import Database
from gateway.storage.tables import ResourceRow
from schema.access import Access
from schema.findings import Finding
from schema.kinds import ResourceKind
from schema.platforms import Capability, PlatformDescription
from schema.resources import ResourceRecord

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)


class NoTransport:
    """For connectors that ask nobody."""

    async def send(self, request: Request) -> Response:
        raise AssertionError(f"nothing should be sent, but {request.url} was")

    async def aclose(self) -> None:
        """Nothing to close."""


def record(native_id: str, title: str = "勾股定理", **more: Any) -> ResourceRecord:
    return ResourceRecord(native_id=native_id, title=title, kind=more.pop("kind", ResourceKind.LESSON), **more)


def accepted(native_id: str, title: str = "勾股定理", *, unmapped: Sequence[str] = (), **more: Any) -> Accepted:
    digest = hashlib.sha256(f"{native_id}{title}".encode()).hexdigest()
    return Accepted(record(native_id, title, **more), digest, None, tuple(Unmapped("subjects", u) for u in unmapped))


def rejected(native_id: str | None, raw: str = "{}", code: str = "TITLE_MISSING") -> Rejected:
    return Rejected(native_id, (Finding(code, "the record has no title", pointer="/title"),), raw)


@dataclass
class Upstream:
    """Yields its pages in order; `fails_at` raises `failure` instead of the page at that index, `holds_at` waits there
    until `let_go` is set."""

    pages: list[HarvestPage] = field(default_factory=list)
    code: str = "chongqing"
    access: Access = Access.PUBLIC
    version: int = 1
    capabilities: frozenset[Capability] = frozenset({Capability.HARVEST, Capability.INCREMENTAL})
    fails_at: int | None = None
    failure: BaseException | None = None
    pause: Callable[[], float] = lambda: 0.0
    holds_at: int | None = None
    let_go: asyncio.Event = field(default_factory=asyncio.Event)
    requests: list[HarvestRequest] = field(default_factory=list)

    @property
    def platform(self) -> PlatformDescription:
        return PlatformDescription(code=self.code, name="重庆云课堂", region="500000", access=self.access)

    def harvest(self, context: ConnectorContext, request: HarvestRequest) -> AsyncIterator[HarvestPage]:
        self.requests.append(request)
        return self._listing(self.pages, request.checkpoint)

    async def _listing(
        self, pages: Sequence[HarvestPage[R]], checkpoint: Checkpoint | None
    ) -> AsyncIterator[HarvestPage[R]]:
        start = int((checkpoint or {}).get("page", 0))
        for number, page in enumerate(pages[start:], start):
            if number == self.fails_at:
                raise self.failure or ConnectorError("broken")
            await asyncio.sleep(self.pause())
            await self._hold(number)
            yield replace(page, checkpoint={"page": number + 1})
        await self._hold(len(pages))
        if self.fails_at == len(pages):
            raise self.failure or ConnectorError("broken")

    async def _hold(self, number: int) -> None:
        if number == self.holds_at:
            await self.let_go.wait()

    def context(self) -> ConnectorContext:
        return ConnectorContext(self.code, NoTransport(), {}, lambda: NOW, logging.getLogger("tests"))


class Shelf:
    """Connectors as a worker asks for them; remembers how many are open and how many were at once."""

    def __init__(self, *upstreams: Upstream) -> None:
        self.upstreams = {upstream.code: upstream for upstream in upstreams}
        self.opened = self.most = 0

    async def refresh(self) -> None:
        """Other processes change nothing."""

    def find(self, platform: str) -> Upstream | None:
        return self.upstreams.get(platform)

    @asynccontextmanager
    async def open(self, platform: str) -> AsyncIterator[ConnectorContext]:
        self.opened += 1
        self.most = max(self.most, self.opened)
        try:
            yield self.upstreams[platform].context()
        finally:
            self.opened -= 1


@asynccontextmanager
async def working(*workers: Worker) -> AsyncIterator[asyncio.Event]:
    """Workers at work; they stop at the end of the block, or when the event is set."""
    stopping = asyncio.Event()
    tasks = [asyncio.create_task(worker.run(stopping)) for worker in workers]
    try:
        yield stopping
    finally:
        stopping.set()
        await asyncio.gather(*tasks)


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    """Wait for a condition, at most 20 seconds."""
    async with asyncio.timeout(20):
        while not await true():  # noqa: ASYNC110 - what is waited for is in the database
            await asyncio.sleep(0.01)


async def ended(service: HarvestingService, run_id: str) -> HarvestRun:
    """A run once it is over."""

    async def over() -> bool:
        run = await service.get(run_id)
        return run is not None and run.state not in (RunState.QUEUED, RunState.RUNNING)

    await until(over)
    run = await service.get(run_id)
    assert run is not None
    return run


def paged(items: Sequence[Accepted], size: int = 2) -> list[HarvestPage]:
    return [HarvestPage(tuple(items[start : start + size])) for start in range(0, len(items), size)]


async def rows(database: Database, code: str = "chongqing") -> dict[str, Any]:
    """Stored resources of a platform by native id."""
    table = ResourceRow.metadata.tables["resources"]
    async with database.reading() as connection:
        found = await connection.execute(select(table).where(table.c.platform == code))
        return {row.native_id: row for row in found}


async def live(database: Database, code: str = "chongqing") -> set[str]:
    return {native_id for native_id, row in (await rows(database, code)).items() if row.withdrawn_at is None}


async def column(database: Database, table: str, *names: str) -> list[tuple[Any, ...]]:
    """Some columns of every row of a table, sorted."""
    columns = [ResourceRow.metadata.tables[table].c[name] for name in names]
    async with database.reading() as connection:
        return sorted(tuple(row) for row in await connection.execute(select(*columns)))
