"""Resources by key, their copies and their links, on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.catalog import CatalogService, ResourceKey
from gateway.errors import CursorInvalid, LimitExceeded
from gateway.storage import Database
from schema.relations import Relation
from tests.gateway.catalog.store import EVERYBODY, link, opened, put, record, share_copy_key, withdraw


@pytest.fixture
async def service(database: Database, tmp_path: Path) -> AsyncIterator[CatalogService]:
    async with await opened(database, tmp_path / "index") as catalog:
        yield catalog


async def test_resources_come_in_the_order_of_their_keys(service: CatalogService, database: Database) -> None:
    await put(database, "zibo", record("a"), record("b"), record("gone"))
    await put(database, "yuzhong", record("a", "别处"))
    await withdraw(database, "zibo", "gone")
    keys = [
        ResourceKey("zibo", "b"), ResourceKey("zibo", "gone"), ResourceKey("yuzhong", "a"),
        ResourceKey("zibo", "never"), ResourceKey("zibo", "b"),
    ]  # fmt: skip
    found = await service.resources(keys, EVERYBODY)
    assert [one and (one.platform, one.record.native_id) for one in found] == [
        ("zibo", "b"), None, ("yuzhong", "a"), None, ("zibo", "b"),
    ]  # fmt: skip
    assert await service.resources([], EVERYBODY) == []
    assert found[0] is not None
    assert found[0].provenance.manifest_version == 1


async def test_more_keys_than_a_statement_takes_are_read(service: CatalogService, database: Database) -> None:
    await put(database, "zibo", *(record(f"n{number}") for number in range(1_200)))
    found = await service.resources([ResourceKey("zibo", f"n{number}") for number in range(1_201)], EVERYBODY)
    assert sum(one is not None for one in found) == 1_200
    assert found[-1] is None


async def test_copies_are_other_live_records_in_platform_order(service: CatalogService, database: Database) -> None:
    for platform in ("zibo", "chongqing", "yuzhong"):
        await put(database, platform, record("1"), record("2"))
    everywhere = [(platform, "1") for platform in ("zibo", "chongqing", "yuzhong")]
    await share_copy_key(database, "checksum", *everywhere)
    await share_copy_key(database, "title", ("zibo", "1"), ("chongqing", "1"), ("zibo", "2"))
    keys = [ResourceKey("zibo", "1"), ResourceKey("yuzhong", "1"), ResourceKey("chongqing", "2")]

    async def copies() -> list[list[tuple[str, str]]]:
        found = await service.copies(keys, EVERYBODY)
        return [[(one.platform, one.record.native_id) for one in group] for group in found]

    assert await copies() == [
        [("chongqing", "1"), ("yuzhong", "1"), ("zibo", "2")],
        [("chongqing", "1"), ("zibo", "1")],
        [],
    ]
    await withdraw(database, "chongqing", "1")
    assert await copies() == [[("yuzhong", "1"), ("zibo", "2")], [("zibo", "1")], []]
    await withdraw(database, "zibo", "1")
    assert (await copies())[0] == []


async def course(database: Database) -> ResourceKey:
    """A course with five lessons; two say so themselves, one at both ends, one is gone, one never came."""
    await put(database, "zibo", record("course"), *(record(f"l{number}") for number in range(6)))
    await put(database, "yuzhong", record("l9"))
    await link(database, "zibo", "course", Relation.HAS_PART, "l2", 2)
    await link(database, "zibo", "course", Relation.HAS_PART, "l1", 1)
    await link(database, "zibo", "course", Relation.HAS_PART, "l9", 0)
    await link(database, "zibo", "course", Relation.HAS_PART, "l5", 5)
    await link(database, "zibo", "course", Relation.HAS_PART, "course", 5)
    await link(database, "zibo", "l2", Relation.PART_OF, "course", 7)
    await link(database, "zibo", "l0", Relation.PART_OF, "course", 1)
    await link(database, "zibo", "l3", Relation.PART_OF, "course", 3)
    await link(database, "zibo", "l4", Relation.BEFORE_CLASS, "course", 3)
    await withdraw(database, "zibo", "l5")
    return ResourceKey("zibo", "course")


async def test_links_of_both_ends_are_walked_in_order(service: CatalogService, database: Database) -> None:
    key = await course(database)
    seen: list[tuple[str, Relation]] = []
    after = None
    while True:
        page = await service.related(key, None, 2, after, EVERYBODY)
        assert page.total == 4
        assert page.has_previous is (after is not None)
        seen += [(hit.resource.record.native_id, hit.relation) for hit in page.hits]
        if not page.has_next:
            break
        after = page.hits[-1].cursor
    assert seen == [(name, Relation.HAS_PART) for name in ("l0", "l1", "l2", "l3")]


async def test_links_read_from_the_other_end_have_the_inverse_word(service: CatalogService, database: Database) -> None:
    await course(database)
    page = await service.related(ResourceKey("zibo", "l1"), [Relation.PART_OF], 20, None, EVERYBODY)
    assert [(hit.resource.record.native_id, hit.relation) for hit in page.hits] == [("course", Relation.PART_OF)]
    none = await service.related(ResourceKey("zibo", "l1"), [Relation.HAS_PART], 20, None, EVERYBODY)
    assert (none.hits, none.total, none.has_next) == ((), 0, False)
    before = await service.related(ResourceKey("zibo", "l4"), None, 20, None, EVERYBODY)
    assert [hit.relation for hit in before.hits] == [Relation.BEFORE_CLASS]


async def test_a_link_cursor_holds_while_links_come_and_go(service: CatalogService, database: Database) -> None:
    key = await course(database)
    first = await service.related(key, None, 2, None, EVERYBODY)
    await withdraw(database, "zibo", "l1")
    await put(database, "zibo", record("l9"))
    rest = await service.related(key, None, 20, first.hits[-1].cursor, EVERYBODY)
    assert [hit.resource.record.native_id for hit in rest.hits] == ["l2", "l3"]


async def test_cursors_and_page_sizes_that_do_not_fit_are_refused(service: CatalogService, database: Database) -> None:
    key = await course(database)
    cursor = (await service.related(key, None, 1, None, EVERYBODY)).hits[0].cursor
    with pytest.raises(CursorInvalid, match="another resource"):
        await service.related(ResourceKey("zibo", "l1"), None, 1, cursor, EVERYBODY)
    for text in ("x", "WzFd"):
        with pytest.raises(CursorInvalid, match=r"is no cursor.*; pass an endCursor of the same resource's links"):
            await service.related(key, None, 1, text, EVERYBODY)
    with pytest.raises(LimitExceeded, match="101"):
        await service.related(key, None, 101, None, EVERYBODY)
