"""The small world with its records and facts in a real database, and the real catalog and statistics over them."""

import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from gateway.catalog import CatalogService, open_catalog
from gateway.graph.context import GraphServices
from gateway.harvesting.copies import copy_keys
from gateway.statistics import StatisticsService, open_statistics
from gateway.statistics.links import Links
from gateway.storage import Database, open_database
from gateway.storage.sequences import CATALOG, take_numbers
from gateway.storage.tables import ResourceCopyKey, ResourceLink, ResourceRow
from schema.programs import Program
from schema.resources import CatalogResource
from tests.gateway.graph.records import CHENGYU, RECORDS
from tests.gateway.graph.world import MemoryPlatforms, World
from tests.gateway.statistics.facts import NOON, fact
from tests.gateway.statistics.stored import store as store_facts

FACTS = (
    fact("chongqing", "views", "2026-01-10", 1000, stage="PRIMARY", subject="mathematics"),
    fact("chongqing", "views", "2026-02-10", 1500, stage="JUNIOR_SECONDARY", subject="chinese"),
    fact("chongqing", "views", "2026-02-11", 40, resource="YKT-0000000"),
    fact("chongqing", "active_teachers", "2026-01-10", 120),
    fact("chongqing", "active_teachers", "2026-01-11", 80),
    fact("yuzhong", "views", "2026-01-10", 70, stage="PRIMARY", subject="mathematics"),
    fact("zibo", "views", "2026-01-10", 900),
)
PROGRAMS: Mapping[str, Program] = {CHENGYU.code: CHENGYU}


@dataclass
class StoredWorld(World):
    """Like the small world, with the catalog and the statistics of the product."""

    service: CatalogService | None = None
    statistics: StatisticsService | None = None
    database: Database | None = None

    @property
    def services(self) -> GraphServices:
        assert self.service is not None
        return replace(super().services, catalog=self.service, usage=self.statistics)


async def fill(folder: Path, template: Path) -> None:
    """Write database, index and lake of a world to a folder; `template` is a database file with every table."""
    shutil.copyfile(template, folder / "shanhai.db")
    database = open_database(f"sqlite+aiosqlite:///{folder / 'shanhai.db'}")
    try:
        await store(database)
        await store_facts(database, FACTS)
    finally:
        await database.aclose()
    async with _opened(folder):
        pass


@asynccontextmanager
async def stored_world(folder: Path, filled: Path) -> AsyncIterator[StoredWorld]:
    """A world on SQLite in this folder, a copy of one that is filled."""
    shutil.copytree(filled, folder, dirs_exist_ok=True)
    async with _opened(folder) as world:
        yield world


@asynccontextmanager
async def _opened(folder: Path) -> AsyncIterator[StoredWorld]:
    database = open_database(f"sqlite+aiosqlite:///{folder / 'shanhai.db'}")
    try:
        links = Links(b"k" * 32, 600)
        async with (
            await open_catalog(database, folder / "index", MemoryPlatforms()) as catalog,
            await open_statistics(
                database, folder / "lake", MemoryPlatforms(), PROGRAMS, links, clock=lambda: NOON
            ) as statistics,
        ):
            yield StoredWorld(service=catalog, statistics=statistics, database=database)
    finally:
        await database.aclose()


async def store(database: Database) -> None:
    """Write the records as a harvest would."""
    async with database.writing() as connection:
        numbers = await take_numbers(connection, CATALOG, len(RECORDS))
        await connection.execute(
            insert(ResourceRow), [row(one, number) for one, number in zip(RECORDS, numbers, strict=True)]
        )
        await connection.execute(insert(ResourceLink), [link for one in RECORDS for link in links(one)])
        await connection.execute(insert(ResourceCopyKey), [key for one in RECORDS for key in keys(one)])


def row(stored: CatalogResource, number: int) -> dict[str, Any]:
    view = MemoryPlatforms().get(stored.platform)
    tier = stored.record.access.narrower(view.description.access) if view else stored.record.access
    return {
        "platform": stored.platform,
        "native_id": stored.record.native_id,
        "sequence": number,
        "access": tier.value,
        "content_hash": b"",
        "body": stored.record.to_json(),
        "unmapped": '["subject: 国学"]',
        "digest": stored.provenance.digest,
        "manifest_version": 3,
        "fetched_at": stored.provenance.fetched_at,
    }


def links(stored: CatalogResource) -> list[dict[str, Any]]:
    return [
        {
            "platform": stored.platform,
            "source": stored.record.native_id,
            "relation": link.relation.value,
            "target": link.native_id,
            "position": link.position or 0,
        }
        for link in stored.record.related
    ]


def keys(stored: CatalogResource) -> list[dict[str, Any]]:
    return [
        {"platform": stored.platform, "native_id": stored.record.native_id, "key": key}
        for key in copy_keys(stored.record)
    ]
