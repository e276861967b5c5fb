"""Rows as a harvest leaves them, written directly, and the platforms they belong to."""

import random
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update
from sqlmodel import col

from gateway.catalog import CatalogService, SearchPage, SearchRequest, open_catalog
from gateway.identity import PUBLIC_TIERS
from gateway.storage import Database
from gateway.storage.tables import ChangeCounter, ResourceCopyKey, ResourceLink, ResourceRow
from schema.access import Access
from schema.kinds import ResourceKind
from schema.relations import Relation
from schema.resources import ResourceRecord

NOW = datetime(2026, 9, 1, tzinfo=UTC)
EVERYBODY, ADMINISTRATOR = PUBLIC_TIERS, frozenset(Access)
PLATFORMS = {
    "chongqing": ("重庆云课堂", "500000"),
    "yuzhong": ("渝中区数字教育云平台", "500103"),
    "zibo": ("淄博", "370300"),
    "national": ("国家平台", "100000"),
}


class Platforms:
    """Four platforms."""

    def codes(self) -> Collection[str]:
        return PLATFORMS.keys()

    def label(self, code: str) -> str | None:
        return PLATFORMS[code][0] if code in PLATFORMS else None

    def region(self, code: str) -> str | None:
        return PLATFORMS[code][1] if code in PLATFORMS else None


def record(native_id: str, title: str = "勾股定理", **fields: Any) -> ResourceRecord:
    return ResourceRecord(native_id=native_id, title=title, kind=fields.pop("kind", ResourceKind.LESSON), **fields)


def seeded(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - repeatable data, nothing secret


async def put(database: Database, platform: str, *records: ResourceRecord, access: Access = Access.PUBLIC) -> None:
    """Create or replace records in one transaction with numbers in commit order."""
    async with database.writing() as connection:
        for one in records:
            sequence = await _next(connection)
            values = {
                "sequence": sequence,
                "access": access.narrower(one.access),
                "content_hash": b"",
                "body": one.to_json(),
                "unmapped": "[]",
                "digest": "0" * 64,
                "manifest_version": 1,
                "fetched_at": NOW,
                "withdrawn_at": None,
            }
            named = (col(ResourceRow.platform) == platform, col(ResourceRow.native_id) == one.native_id)
            changed = await connection.execute(update(ResourceRow).where(*named).values(**values))
            if not changed.rowcount:
                await connection.execute(
                    insert(ResourceRow).values(platform=platform, native_id=one.native_id, **values)
                )


async def withdraw(database: Database, platform: str, native_id: str) -> None:
    async with database.writing() as connection:
        sequence = await _next(connection)
        named = (col(ResourceRow.platform) == platform, col(ResourceRow.native_id) == native_id)
        await connection.execute(update(ResourceRow).where(*named).values(withdrawn_at=NOW, sequence=sequence))


async def link(
    database: Database, platform: str, source: str, relation: Relation, target: str, position: int = 0
) -> None:
    async with database.writing() as connection:
        values = {"platform": platform, "source": source, "relation": relation, "target": target, "position": position}
        await connection.execute(insert(ResourceLink).values(**values))


async def share_copy_key(database: Database, key: str, *records: tuple[str, str]) -> None:
    async with database.writing() as connection:
        for platform, native_id in records:
            await connection.execute(insert(ResourceCopyKey).values(platform=platform, native_id=native_id, key=key))


async def opened(database: Database, folder: Path) -> CatalogService:
    return await open_catalog(database, folder, Platforms(), lambda: NOW)


async def titles(catalog: CatalogService, query: str, **wanted: Any) -> list[str]:
    page: SearchPage = await catalog.search(SearchRequest(query=query, **wanted))
    return [hit.resource.record.title for hit in page.hits]


async def _next(connection: Any) -> int:
    name = col(ChangeCounter.name) == "catalog"
    await connection.execute(update(ChangeCounter).where(name).values(value=col(ChangeCounter.value) + 1))
    return int((await connection.execute(select(col(ChangeCounter.value)).where(name))).scalar_one())
