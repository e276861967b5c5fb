"""Catalogs of every platform: determinism, exact share of invalid records, flat memory, overlays."""

import re
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.simulators import SIMULATORS
from connectors.simulators.catalog import Catalog
from tests.connectors.simulators.clients import simulation

EVERY = sorted(SIMULATORS)
WEB = re.compile(r"https?://\S+$")


def catalog(code: str, size: int | None = None, seed: int = 2026) -> Catalog:
    return simulation(SIMULATORS[code].build(seed, size)).catalog


def parses(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


UNSOUND: dict[str, Callable[[dict[str, Any]], bool]] = {
    "chongqing": lambda r: (
        not r["title"]
        or r["resType"] == "神秘资源"
        or (r["startTime"] or 0) > (r["endTime"] or 0)
        or not WEB.match(r["pageUrl"])
        or not isinstance(r["createTime"], int)
    ),
    "zibo": lambda r: (
        not r["name"]
        or r["category"] == "未分类"
        or (r["beginTime"] or "") > (r["endTime"] or "")
        or not WEB.match(r["playUrl"])
        or not parses(r["publishTime"])
    ),
    "yuzhong": lambda r: (
        not r["title"]
        or r["type"] == "unclassified"
        or (r["starts_at"] or "") > (r["ends_at"] or "")
        or not WEB.match(r["web_url"])
        or not parses(r["published_at"])
    ),
    "sichuan": lambda r: (
        not r["title"]
        or r["kind"] == "UNCLASSIFIED"
        or (r["startsAt"] or "") > (r["endsAt"] or "")
        or not WEB.match(r["url"])
        or not parses(r["createdAt"])
    ),
    "neijiang": lambda r: (
        not r["title"] or r["type"] == "未归类" or not WEB.match(r["page"]) or not parses(r["published"])
    ),
    "national": lambda r: (
        not r["title"]
        or r["resource_type_code"] == "mystery_type"
        or not WEB.match(r["custom_properties"]["thumbnails"][0])
        or not parses(r["create_time"])
    ),
}


@pytest.mark.parametrize(
    ("code", "count"),
    [("chongqing", 11), ("zibo", 10), ("yuzhong", 4), ("sichuan", 9), ("neijiang", 3), ("national", 14)],
)
def test_exactly_the_invalid_records_are_unsound(code: str, count: int) -> None:
    held = catalog(code)
    unsound = [held.native_id(o) for o in held.ordinals() if UNSOUND[code](held.record(o))]
    assert unsound == list(held.invalid_ids())
    assert len(unsound) == count


@pytest.mark.parametrize("code", EVERY)
def test_the_same_seed_gives_the_same_bytes_in_any_order(code: str) -> None:
    one, other = catalog(code), catalog(code)
    backwards = [orjson.dumps(other.record(o)) for o in reversed(range(400))]
    assert [orjson.dumps(one.record(o)) for o in range(400)] == backwards[::-1]
    assert orjson.dumps(catalog(code, seed=7).record(0)) != orjson.dumps(one.record(0))


@pytest.mark.parametrize("code", EVERY)
def test_a_million_records_cost_no_memory(code: str) -> None:
    tracemalloc.start()
    try:
        held = catalog(code, size=1_000_000)
        first = [held.record(o) for o in held.ordinals()[:200]]
        last = [held.record(o) for o in held.ordinals()[-200:]]
        assert len(held.ordinals()) == 1_000_000
        assert len(first) == len(last) == 200
        del first, last
        assert tracemalloc.get_traced_memory()[0] < 4_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("code", EVERY)
@given(ordinal=st.integers(min_value=0, max_value=899))
@settings(max_examples=50, deadline=None)
def test_a_native_id_leads_back_to_its_record(code: str, ordinal: int) -> None:
    held = catalog(code, size=900)
    assert held.get(held.native_id(ordinal)) == held.record(ordinal)


@given(gone=st.sets(st.integers(min_value=0, max_value=59)), offset=st.integers(0, 60), limit=st.integers(1, 60))
@settings(max_examples=100, deadline=None)
def test_what_vanished_leaves_no_hole(gone: set[int], offset: int, limit: int) -> None:
    held = catalog("zibo", size=60)
    for ordinal in gone:
        held.delete(held.native_id(ordinal))
    left = [o for o in range(60) if o not in gone]
    assert len(held.ordinals()) == len(left)
    assert list(held.ordinals()[offset : offset + limit]) == left[offset : offset + limit]


@pytest.mark.parametrize("code", EVERY)
def test_what_was_deleted_can_come_back(code: str) -> None:
    held = catalog(code, size=60)
    native_id = held.native_id(4)
    held.delete(native_id)
    held.restore(native_id)
    assert held.get(native_id)
    assert len(held.ordinals()) == 60
    assert native_id not in held.deleted_ids()
    with pytest.raises(KeyError):
        held.restore(native_id)


@pytest.mark.parametrize("code", EVERY)
@pytest.mark.parametrize("year", [2019, 2021, 2025, 2027])
def test_what_changed_since_an_instant_is_found_exactly(code: str, year: int) -> None:
    held = catalog(code)
    since = int(datetime(year, 7, 1, tzinfo=UTC).timestamp() * 1000)
    assert list(held.ordinals(since)) == [o for o in held.ordinals() if held.stamp(o).updated >= since]


@pytest.mark.parametrize(
    ("code", "count"),
    [("chongqing", 59), ("zibo", 0), ("yuzhong", 22), ("sichuan", 44), ("neijiang", 17), ("national", 0)],
)
def test_deletions_are_seeded_where_the_platform_shows_them(code: str, count: int) -> None:
    assert len(catalog(code).deleted_ids()) == count


@pytest.mark.parametrize("code", EVERY)
def test_unknown_ids_are_key_errors(code: str) -> None:
    held = catalog(code)
    for native_id in ("", "nothing", held.native_id(10**7)):
        with pytest.raises(KeyError):
            held.get(native_id)


@pytest.mark.parametrize("code", EVERY)
def test_pythagoras_is_in_every_catalog(code: str) -> None:
    held = catalog(code)
    titles = [held.record(o).get("title", held.record(o).get("name")) or "" for o in held.ordinals()]
    assert sum("勾股定理" in title for title in titles) > 10
