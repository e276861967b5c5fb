"""Links of one resource: those it states and those stated at their other end."""

import base64
from collections.abc import Collection
from dataclasses import dataclass

import orjson
from sqlalchemy import and_, or_, select
from sqlmodel import col

from gateway.catalog.cursors import decode_parts, refusal
from gateway.catalog.reading import RESOURCES, read_resources, shown
from gateway.catalog.results import RelatedHit, RelatedPage, ResourceKey
from gateway.errors import CursorInvalid
from gateway.storage import Database
from gateway.storage.tables import ResourceLink
from schema.access import Access
from schema.relations import Relation

_LINKS = "resource's links"


@dataclass(frozen=True, slots=True, order=True)
class _Link:
    position: int
    native_id: str
    relation: Relation

    def cursor(self, key: ResourceKey) -> str:
        parts = [1, key.platform, key.native_id, self.position, self.native_id, self.relation.value]
        return base64.urlsafe_b64encode(orjson.dumps(parts)).rstrip(b"=").decode()


async def read_related(
    database: Database,
    key: ResourceKey,
    relations: Collection[Relation] | None,
    first: int,
    after: str | None,
    visible: frozenset[Access],
) -> RelatedPage:
    """A page of links ordered by (position, native id); targets that are missing or may not be seen are left out."""
    start = None if after is None else _read_cursor(key, after)
    links = sorted(
        link for link in await _links(database, key, visible) if relations is None or link.relation in relations
    )
    rest = [link for link in links if start is None or link > start]
    page = rest[:first]
    targets = [ResourceKey(key.platform, link.native_id) for link in page]
    resources = await read_resources(database, targets, visible)
    hits = tuple(
        RelatedHit(link.cursor(key), link.relation, resource)
        for link, resource in zip(page, resources, strict=True)
        if resource is not None
    )
    return RelatedPage(hits, len(links), has_next=len(rest) > len(page), has_previous=after is not None)


async def _links(database: Database, key: ResourceKey, visible: frozenset[Access]) -> list[_Link]:
    """Every visible link once; where both ends state it, the resource's own statement gives the position."""
    source, target = RESOURCES.alias(), RESOURCES.alias()
    platform, origin, aim = col(ResourceLink.platform), col(ResourceLink.source), col(ResourceLink.target)
    sought = (
        select(origin, col(ResourceLink.relation), aim, col(ResourceLink.position))
        .join(source, and_(source.c.platform == platform, source.c.native_id == origin))
        .join(target, and_(target.c.platform == platform, target.c.native_id == aim))
        .where(platform == key.platform, or_(origin == key.native_id, aim == key.native_id), origin != aim)
        .where(shown(source, visible), shown(target, visible))
    )
    stated: dict[tuple[Relation, str], int] = {}
    inverse: dict[tuple[Relation, str], int] = {}
    async with database.reading() as connection:
        for begin, relation, end, position in (await connection.execute(sought)).all():
            read = Relation(relation)
            if begin == key.native_id:
                stated[read, end] = position
            elif read.inverse is not None:
                inverse[read.inverse, begin] = position
    return [_Link(position, native_id, relation) for (relation, native_id), position in {**inverse, **stated}.items()]


def _read_cursor(key: ResourceKey, after: str) -> _Link:
    _, platform, native_id, position, target, relation = decode_parts(after, 6, _LINKS)
    words = {known.value: known for known in Relation}
    if (platform, native_id) != (key.platform, key.native_id) or relation not in words:
        raise CursorInvalid(refusal("belongs to the links of another resource", _LINKS))
    if type(position) is not int or not isinstance(target, str):
        raise CursorInvalid(refusal("is no cursor of this list", _LINKS))
    return _Link(position, target, words[str(relation)])
