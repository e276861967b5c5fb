"""The evaluator against the index: the same filters over the same records select the same ones."""

import asyncio
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.catalog import CatalogService, FacetDimension, ResourceFilter, SearchRequest
from gateway.catalog.live.conditions import Conditions, matches
from gateway.catalog.live.counting import count_read
from gateway.storage import open_database
from schema.access import Access
from schema.resources import CatalogResource
from tests.gateway.catalog.live.world import resource
from tests.gateway.catalog.store import ADMINISTRATOR, PLATFORMS, Platforms, opened, put, record, seeded
from tests.gateway.catalog.test_brute_force import OPTIONS, random_record

_chance = seeded(11)
EDGES = [
    record("before-1970", published_at="1969-12-31T23:59:59.500Z", starts_at="1969-12-31T23:59:59.500Z"),
    record("1833", published_at="1833-01-01T00:00:00Z"),
    record("day-begins", published_at="2025-01-01T00:00:00+08:00"),
    record("day-ends", published_at="2024-12-31T23:59:59.999+08:00"),
    record("nowhere", region="999999"),
]
ROWS = [
    *((_chance.choice(list(PLATFORMS)), _chance.choice(list(Access)), random_record(_chance, n)) for n in range(300)),
    *(("zibo", Access.PUBLIC, one) for one in EDGES),
]
RESOURCES = [resource(code, one.model_copy(update={"access": tier.narrower(one.access)})) for code, tier, one in ROWS]


@pytest.fixture(scope="module")
def indexed(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CatalogService]:
    folder = tmp_path_factory.mktemp("conditions")
    shutil.copyfile(sqlite_template, folder / "catalog.db")
    database = open_database(f"sqlite+aiosqlite:///{folder / 'catalog.db'}")

    async def fill() -> CatalogService:
        for platform, access in dict.fromkeys((platform, access) for platform, access, _ in ROWS):
            ones = [one for *of, one in ROWS if of == [platform, access]]
            await put(database, platform, *ones, access=access)
        catalog = await opened(database, folder / "index")
        await database.aclose()
        return catalog

    catalog = asyncio.run(fill())
    yield catalog
    asyncio.run(catalog.aclose())


@st.composite
def filters(draw: st.DrawFn) -> ResourceFilter:
    names = draw(st.lists(st.sampled_from(sorted(OPTIONS)), max_size=4, unique=True))
    wanted: dict[str, Any] = {name: draw(OPTIONS[name]) for name in names}
    for day in ("published_from", "published_to"):
        if day in wanted and draw(st.booleans()):
            wanted[day] = draw(st.sampled_from([date(1969, 12, 31), date(1970, 1, 1), date(1800, 1, 1)]))
    for lower, upper in (("published_from", "published_to"), ("starts_from", "starts_to")):
        if wanted.get(lower) and wanted.get(upper) and wanted[lower] > wanted[upper]:
            wanted[lower], wanted[upper] = wanted[upper], wanted[lower]
    return ResourceFilter(**wanted)


def found_by_the_index(indexed: CatalogService, wanted: ResourceFilter) -> set[tuple[str, str]]:
    request = SearchRequest(filter=wanted, first=100, visible=ADMINISTRATOR)
    found: set[tuple[str, str]] = set()
    while True:
        page = asyncio.run(indexed.search(request))
        found |= {(hit.resource.platform, hit.resource.record.native_id) for hit in page.hits}
        if not page.has_next:
            return found
        request = replace(request, after=page.hits[-1].cursor)


def key(one: CatalogResource) -> tuple[str, str]:
    return one.platform, one.record.native_id


@settings(max_examples=60, deadline=None)
@given(filters())
def test_the_evaluator_selects_what_the_index_selects(indexed: CatalogService, wanted: ResourceFilter) -> None:
    conditions = Conditions(wanted, Platforms())
    selected = {key(one) for one in RESOURCES if conditions.match(one)}
    assert selected == found_by_the_index(indexed, wanted)
    assert conditions.anything is (wanted == ResourceFilter())
    assert all(matches(wanted, one, Platforms()) is (key(one) in selected) for one in RESOURCES[:20])


@pytest.mark.parametrize("name", sorted(OPTIONS))
def test_each_condition_alone_agrees_with_the_index(indexed: CatalogService, name: str) -> None:
    seen: Counter[bool] = Counter()
    chance = seeded(len(name))
    for _ in range(6):
        values = [getattr(one, name, None) for one in _values(name)]
        value = chance.choice(values)
        wanted = ResourceFilter(**{name: value})
        conditions = Conditions(wanted, Platforms())
        selected = {key(one) for one in RESOURCES if conditions.match(one)}
        assert selected == found_by_the_index(indexed, wanted)
        seen[0 < len(selected) < len(RESOURCES)] += 1
    assert seen[True] > 0


def _values(name: str) -> list[ResourceFilter]:
    """Filters that ask one condition for something that some records have."""
    some: dict[str, list[Any]] = {
        "platforms": [("zibo",), ("zibo", "national")],
        "regions": [("500000",), ("500103",), ("100000", "370303"), ("110000",)],
        "reviewed": [True, False],
        "published_from": [date(2025, 1, 1), date(2025, 6, 1)],
        "published_to": [date(2024, 12, 31), date(1969, 12, 31)],
        "subjects": [("foreign-languages",), ("english",), ("mathematics",)],
        "editions": [("rjb",), ("rjb-a",)],
        "programs": [("alliance",)],
        "providers": [("巴蜀中学",), ("巴蜀中学", "淄博一中")],
        "contributors": [("张三",), ("李四",)],
        "languages": [("zh",), ("en",)],
    }
    values = some.get(name) or [value for one in RESOURCES[:60] if (value := _held(name, one))]
    return [ResourceFilter(**{name: value}) for value in values]


def _held(name: str, one: CatalogResource) -> Any:
    record = one.record
    held: dict[str, Any] = {
        "stages": record.stages[:1],
        "grades": tuple(term.code for term in record.grades[:1]),
        "kinds": (record.kind,),
        "teaching_modes": record.teaching_modes[:1],
        "classroom_kinds": (record.classroom_kind,) if record.classroom_kind else (),
        "access": (record.access,),
        "licenses": (record.license,) if record.license else (),
        "delivery": record.delivery[:1],
        "starts_from": record.starts_at,
        "starts_to": record.starts_at,
    }
    return held[name]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(list(FacetDimension)), min_size=1, unique=True), st.sampled_from([2, 20, 1_000]))
def test_counts_are_those_of_the_index(indexed: CatalogService, dimensions: list[FacetDimension], limit: int) -> None:
    expected = asyncio.run(indexed.facets(SearchRequest(visible=ADMINISTRATOR), dimensions, limit))
    assert count_read(RESOURCES, dimensions, limit, Platforms()) == expected
