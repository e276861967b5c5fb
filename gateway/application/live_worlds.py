"""Worlds that stay open between searches: one for each platform and registry entry, leased by counting."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from time import monotonic
from types import TracebackType

from sqlalchemy.exc import SQLAlchemyError

from connectors.errors import CredentialRefused
from gateway.application.worlds import ConnectorSecrets, Worlds
from gateway.catalog.live.ports import OpenPlatform
from gateway.errors import NotReady
from gateway.registry import CanaryConnector, LiveRegistry, RegisteredConnector, Registry, Secrets
from schema.platforms import Capability

IDLE_SECONDS = 300.0
"""How long a world stays open that nobody leases."""
_log = logging.getLogger("shanhai.application")


@dataclass(slots=True, eq=False)
class _World:
    """An open world; `compared_with` is the registry in which its entry and its secrets were last found unchanged."""

    entry: RegisteredConnector
    secrets: Secrets
    compared_with: Registry
    platform: OpenPlatform
    resources: AsyncExitStack
    used_at: float
    leases: int = 0
    replaced: bool = False


@dataclass(frozen=True, slots=True)
class _Comparison:
    """The one task that opens a platform's world, or compares it with a registry, however many wait for it."""

    registry: Registry
    task: asyncio.Task[None]


class LiveWorlds:
    """Opens a world at its first lease and keeps it while that very entry is served with the same secrets.

    Every change of the registry, credentials that are set among them, has the next lease compare. What is replaced, or
    was not used for `idle_seconds`, is closed when its last lease has ended; the end of the context closes all.
    """

    def __init__(
        self,
        live: LiveRegistry,
        worlds: Worlds,
        secrets: ConnectorSecrets,
        *,
        idle_seconds: float = IDLE_SECONDS,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._live, self._worlds, self._secrets = live, worlds, secrets
        self._idle_seconds, self._clock = idle_seconds, clock
        self._current: dict[str, _World] = {}
        self._open: set[_World] = set()
        self._comparisons: dict[str, _Comparison] = {}
        self._closings: set[asyncio.Task[None]] = set()
        self._ended = False

    async def __aenter__(self) -> "LiveWorlds":
        """Nothing is opened before it is leased."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close every world, also those that are leased still."""
        self._ended = True
        await asyncio.gather(*(each.task for each in self._comparisons.values()), return_exceptions=True)
        for world in list(self._open):
            self._close(world)
        await asyncio.gather(*self._closings)

    def lease(self, code: str) -> AbstractAsyncContextManager[OpenPlatform]:
        """The platform's connector and world for the length of a block, whatever is served meanwhile.

        Entering raises `NotReady` for a platform that has no search, is not served any more, or whose credentials
        cannot be read now, and `ConnectorError` where its world cannot be opened.
        """
        return _Lease(self, code)

    async def follow(self, interval: float, stopping: asyncio.Event) -> None:
        """Close what is not served any more, and what is idle, every so many seconds until `stopping` is set."""
        while not stopping.is_set():
            self.sweep()
            try:
                await asyncio.wait_for(stopping.wait(), interval)
            except TimeoutError:
                continue

    def sweep(self) -> None:
        """Give up worlds that are not served any more or are idle."""
        connectors, now = self._live.current.connectors, self._clock()
        for code, world in list(self._current.items()):
            idle = world.leases == 0 and now - world.used_at >= self._idle_seconds
            if idle or connectors.get(code) != world.entry:
                self._give_up(code)

    async def acquire(self, code: str) -> _World:
        """Count one more lease of the platform's world, which is opened or compared if need be."""
        while not self._ended:
            world, registry = self._current.get(code), self._live.current
            if world is not None and world.compared_with is registry:
                world.leases += 1
                return world
            comparison = self._comparing(code, registry)
            if comparison.registry is registry:
                await asyncio.shield(comparison.task)
            else:  # what an older registry leads to says nothing about this one
                await asyncio.wait({comparison.task})
        raise NotReady("the gateway is stopping", platform=code)

    def release(self, world: _World) -> None:
        """Count one lease less."""
        world.leases -= 1
        world.used_at = self._clock()
        if world.replaced and world.leases == 0:
            self._close(world)

    def _comparing(self, code: str, registry: Registry) -> _Comparison:
        comparison = self._comparisons.get(code)
        if comparison is None or comparison.task.done():
            task = asyncio.create_task(self._compare(code, registry))
            comparison = self._comparisons[code] = _Comparison(registry, task)
            task.add_done_callback(lambda done: self._compared(code, done))
        return comparison

    def _compared(self, code: str, task: asyncio.Task[None]) -> None:
        if self._comparisons[code].task is task:
            del self._comparisons[code]
        if not task.cancelled():
            task.exception()  # those who waited may have gone; nobody needs to be told twice

    async def _compare(self, code: str, registry: Registry) -> None:
        entry = registry.connectors.get(code)
        if entry is None or Capability.LIVE_SEARCH not in entry.capabilities:
            self._give_up(code)
            raise NotReady(f"platform {code} cannot be searched live now", platform=code)
        try:
            secrets = await self._secrets.of(code, entry)
        except (OSError, SQLAlchemyError) as error:
            message = f"the credentials of platform {code} cannot be read now ({type(error).__name__})"
            raise NotReady(message, platform=code) from None
        world = self._current.get(code)
        if world is not None and (world.entry, world.secrets) == (entry, secrets):
            world.compared_with = registry
            return
        opened = await self._opened(code, entry, secrets, registry)
        self._give_up(code)
        self._current[code] = opened

    async def _opened(self, code: str, entry: RegisteredConnector, secrets: Secrets, registry: Registry) -> _World:
        connector = entry.connector
        if isinstance(connector, CanaryConnector):
            raise NotReady(f"{code} is on trial and cannot be searched live", platform=code)
        resources = AsyncExitStack()
        try:
            context = await resources.enter_async_context(self._worlds.open(connector, secrets, live=True))
        except ValueError as error:  # a certificate that cannot be used
            raise CredentialRefused(str(error), platform=code) from None
        platform = OpenPlatform(connector, context)
        world = _World(entry, secrets, registry, platform, resources, self._clock())
        self._open.add(world)
        return world

    def _give_up(self, code: str) -> None:
        world = self._current.pop(code, None)
        if world is not None:
            world.replaced = True
            if world.leases == 0:
                self._close(world)

    def _close(self, world: _World) -> None:
        # in a task of its own: whoever ends the last lease may be canceled at any moment
        if world in self._open:
            self._open.discard(world)
            task = asyncio.create_task(self._closed(world))
            self._closings.add(task)
            task.add_done_callback(self._closings.discard)

    async def _closed(self, world: _World) -> None:
        try:
            await world.resources.aclose()
        except Exception:
            _log.exception("the connections to %s could not be closed", world.platform.context.platform)


class _Lease(AbstractAsyncContextManager[OpenPlatform]):
    def __init__(self, worlds: LiveWorlds, code: str) -> None:
        self._worlds, self._code = worlds, code

    async def __aenter__(self) -> OpenPlatform:
        self._world = await self._worlds.acquire(self._code)
        return self._world.platform

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._worlds.release(self._world)
