"""A node beside the harvest: a process of its own that follows the database with its search index."""

import asyncio
import multiprocessing
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from gateway.catalog import open_catalog
from gateway.storage import open_database
from schema.platforms import PlatformDescription


@dataclass(frozen=True)
class OnePlatform:
    """Names of the one platform that is harvested, for the index."""

    platform: PlatformDescription

    def codes(self) -> Collection[str]:
        """Its code."""
        return (self.platform.code,)

    def label(self, code: str) -> str | None:
        """Its name."""
        return self.platform.name if code == self.platform.code else None

    def region(self, code: str) -> str | None:
        """Its region."""
        return self.platform.region if code == self.platform.code else None


async def _follow(url: str, index: Path, platform: PlatformDescription, ready: Event, wanted: Any) -> None:
    database = open_database(url)
    async with await open_catalog(database, index, OnePlatform(platform)) as catalog:
        ready.set()
        while True:
            await catalog.catch_up()
            count = (await catalog.counts_by_platform()).get(platform.code, 0)
            if 0 <= wanted.value <= count:
                break
            await asyncio.sleep(0.2)
    await database.aclose()


def _run(url: str, index: Path, platform: PlatformDescription, ready: Event, wanted: Any) -> None:
    asyncio.run(_follow(url, index, platform, ready, wanted))


@asynccontextmanager
async def following(url: str, index: Path, platform: PlatformDescription) -> AsyncIterator[Any]:
    """Run a node; set `value` of what is given to the number of records it must come to have, then leave the block."""
    context = multiprocessing.get_context("spawn")
    ready, wanted = context.Event(), context.Value("q", -1)
    node = context.Process(target=_run, args=(url, index, platform, ready, wanted), daemon=True)
    node.start()
    if not await asyncio.to_thread(ready.wait, 60):
        node.kill()
        raise SystemExit("the node beside the harvest did not start")
    try:
        yield wanted
        await asyncio.to_thread(node.join)
        if node.exitcode:
            raise SystemExit(f"the node beside the harvest ended with {node.exitcode}")
    finally:
        node.kill()
