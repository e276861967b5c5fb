"""Resources read from the database by key: single ones, their copies and what they link to."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, FromClause, and_, or_, select
from sqlmodel import col

from gateway.catalog.changes import STORED_COLUMNS
from gateway.catalog.documents import StoredRow, stored_resource
from gateway.catalog.results import ResourceKey
from gateway.storage import Database
from gateway.storage.tables import ResourceCopyKey, ResourceRow
from schema.access import Access
from schema.resources import CatalogResource

RESOURCES = ResourceRow.metadata.tables["resources"]
COPY_KEYS = ResourceCopyKey.metadata.tables["resource_copy_keys"]
_MOST_KEYS = 500
"""Keys per statement, well below the bind variables that SQLite allows."""


def named(columns: tuple[Any, Any], keys: Iterable[ResourceKey]) -> ColumnElement[bool]:
    """A condition on (platform, native id) columns that names these records."""
    by_platform: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        by_platform[key.platform].append(key.native_id)
    return or_(*(and_(columns[0] == platform, columns[1].in_(ids)) for platform, ids in by_platform.items()))


def shown(resources: FromClause, visible: frozenset[Access]) -> ColumnElement[bool]:
    """A condition on a table of resources that holds for live ones of visible tiers."""
    return and_(resources.c.withdrawn_at.is_(None), resources.c.access.in_(sorted(visible)))


async def read_resources(
    database: Database, keys: Sequence[ResourceKey], visible: frozenset[Access]
) -> list[CatalogResource | None]:
    """The resources of these keys in their order; None where there is none, it is withdrawn or may not be seen."""
    found: dict[ResourceKey, CatalogResource] = {}
    unique = list(dict.fromkeys(keys))
    columns = col(ResourceRow.platform), col(ResourceRow.native_id)
    async with database.reading() as connection:
        for start in range(0, len(unique), _MOST_KEYS):
            batch = unique[start : start + _MOST_KEYS]
            sought = select(*STORED_COLUMNS).where(named(columns, batch), shown(RESOURCES, visible))
            for row in (await connection.execute(sought)).all():
                stored = StoredRow(*row)
                found[ResourceKey(stored.platform, stored.native_id)] = stored_resource(stored)
    return [found.get(key) for key in keys]


async def read_copies(
    database: Database, keys: Sequence[ResourceKey], visible: frozenset[Access]
) -> list[tuple[CatalogResource, ...]]:
    """Other records of the same works, in platform order; none for a record that may not be seen itself."""
    own, other = COPY_KEYS.alias(), COPY_KEYS.alias()
    source, target = RESOURCES.alias(), RESOURCES.alias()
    copied: dict[ResourceKey, set[ResourceKey]] = defaultdict(set)
    unique = list(dict.fromkeys(keys))
    async with database.reading() as connection:
        for start in range(0, len(unique), _MOST_KEYS):
            batch = unique[start : start + _MOST_KEYS]
            sought = (
                select(own.c.platform, own.c.native_id, target.c.platform, target.c.native_id)
                .join(other, other.c.key == own.c.key)
                .join(source, and_(source.c.platform == own.c.platform, source.c.native_id == own.c.native_id))
                .join(target, and_(target.c.platform == other.c.platform, target.c.native_id == other.c.native_id))
                .where(named((own.c.platform, own.c.native_id), batch), shown(source, visible), shown(target, visible))
            )
            for platform, native_id, copy_platform, copy_id in (await connection.execute(sought)).all():
                copied[ResourceKey(platform, native_id)].add(ResourceKey(copy_platform, copy_id))
    wanted = sorted({copy for copies in copied.values() for copy in copies})
    records = dict(zip(wanted, await read_resources(database, wanted, visible), strict=True))
    return [
        tuple(record for copy in sorted(copied[key] - {key}) if (record := records[copy]) is not None) for key in keys
    ]
