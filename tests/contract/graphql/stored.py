"""The small world with its records in a real database and the real catalog over them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from gateway.catalog import CatalogService, open_catalog
from gateway.graph.context import GraphServices
from gateway.harvesting.copies import copy_keys
from gateway.storage import Database, open_database, upgrade
from gateway.storage.sequences import CATALOG, take_numbers
from gateway.storage.tables import ResourceCopyKey, ResourceLink, ResourceRow
from schema.resources import CatalogResource
from tests.gateway.graph.records import RECORDS
from tests.gateway.graph.world import MemoryPlatforms, MemoryPrograms, World


@dataclass
class StoredWorld(World):
    """Like the small world, with the catalog of the product."""

    service: CatalogService | None = None
    database: Database | None = None

    @property
    def services(self) -> GraphServices:
        assert self.service is not None
        return GraphServices(
            self.service, MemoryPlatforms(), self.states, MemoryPrograms(), self.connectors, self.harvests
        )


@asynccontextmanager
async def stored_world(folder: Path) -> AsyncIterator[StoredWorld]:
    """A world on SQLite in this folder."""
    database = open_database(f"sqlite+aiosqlite:///{folder / 'shanhai.db'}")
    try:
        await upgrade(database)
        await store(database)
        async with await open_catalog(database, folder / "index", MemoryPlatforms()) as service:
            yield StoredWorld(service=service, database=database)
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
