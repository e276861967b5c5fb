"""Kept answers while the application runs, and what they rest on: index, lake, registry, ended harvests and the day."""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from importlib.metadata import version
from logging import getLogger

from sqlalchemy.exc import SQLAlchemyError

from gateway.application.services import FOLLOW_SECONDS, Services
from gateway.cache import open_cache
from gateway.catalog import CatalogService
from gateway.clock import CHINA, Clock, utc_now
from gateway.errors import NotReady
from gateway.graph.responses import Responses
from gateway.harvesting import HarvestingService
from gateway.registry import LiveRegistry
from gateway.settings import Settings
from gateway.statistics import StatisticsService

_log = getLogger("shanhai.application")


class ServedGenerations:
    """The graph's port. Harvests are looked up by `follow`; all else is at hand in this process.

    Nothing that is kept rests on training records or sharing agreements, so that their changes do not matter here.
    """

    def __init__(
        self,
        catalog: CatalogService,
        statistics: StatisticsService,
        live: LiveRegistry,
        harvesting: HarvestingService,
        clock: Clock = utc_now,
    ) -> None:
        self._catalog, self._statistics, self._live = catalog, statistics, live
        self._harvesting, self._clock = harvesting, clock
        self._ended: datetime | None = None
        self._looked = False
        self._state: tuple[object, ...] = ()
        self._token = ""
        self._day = _day_of(clock())

    def token(self) -> str | None:
        """The generations of this moment; None before harvests were looked up, and while there is no index."""
        if not self._looked:
            return None
        try:
            index = self._catalog.generation
        except NotReady:
            return None
        now = self._clock()
        if not self._day[0] <= now < self._day[1]:
            self._day = _day_of(now)
        state = (index, self._statistics.generation, self._live.current.revision, self._ended, self._day[2])
        if state != self._state:
            self._state, self._token = state, ".".join(map(str, state))
        return self._token

    async def look(self) -> None:
        """See which harvest ended last; while the database is away nothing may be kept."""
        try:
            self._ended = await self._harvesting.latest_end()
            self._looked = True
        except (OSError, SQLAlchemyError) as error:
            self._looked = False
            _log.warning("no answers are kept while harvests cannot be read: %s", type(error).__name__)
        except Exception:
            self._looked = False
            _log.exception("no answers are kept: harvests could not be read")

    async def follow(self, interval: float, stopping: asyncio.Event) -> None:
        """Look every so many seconds until `stopping` is set."""
        while not stopping.is_set():
            await self.look()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), interval)


def _day_of(now: datetime) -> tuple[datetime, datetime, date]:
    """When the day in China began, when the next one begins, and which it is."""
    began = now.astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    return began, began + timedelta(days=1), began.date()


@contextlib.asynccontextmanager
async def open_responses(settings: Settings, services: Services, schema: str) -> AsyncIterator[Responses | None]:
    """Where answers are kept: in memory, or in Redis for processes that answer alike; None where the setting is off."""
    if settings.response_cache_seconds == 0:
        yield None
        return
    parts = (services.catalog, services.statistics, services.live, services.harvesting)
    generations, stopping = ServedGenerations(*parts), asyncio.Event()
    following = asyncio.create_task(generations.follow(FOLLOW_SECONDS, stopping))
    try:
        async with open_cache(settings.redis_url, namespace="shanhai:responses:", entries=20_000) as cache:
            yield Responses(cache, generations, settings.response_cache_seconds, _salt(settings, schema))
    finally:
        stopping.set()
        await following


def _salt(settings: Settings, schema: str) -> str:
    """What makes processes of one database answer differently: another version, schema or rule of disclosure."""
    alike = (version("shanhai-gateway"), schema, settings.smallest_shown, settings.introspection)
    return hashlib.blake2b(repr(alike).encode(), digest_size=8).hexdigest()
