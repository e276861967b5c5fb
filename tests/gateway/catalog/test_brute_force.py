"""Search, totals and facets against a plain reading of the same random records."""

import asyncio
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.catalog import CatalogService, FacetDimension, ResourceFilter, ResourceSort, SearchRequest
from gateway.clock import CHINA
from gateway.storage import open_database
from schema.access import Access
from schema.kinds import ResourceKind
from schema.modes import ClassroomKind, DeliveryChannel, TeachingMode
from schema.regions import region_tree
from schema.resources import CodedTerm, Contributor, Organization, ResourceRecord
from schema.stages import Stage
from schema.vocabularies import VocabularyScheme, vocabulary
from tests.gateway.catalog.store import ADMINISTRATOR, EVERYBODY, PLATFORMS, opened, put, seeded

SUBJECTS = ("mathematics", "english", "foreign-languages", "japanese")
GRADES = tuple(vocabulary(VocabularyScheme.GRADE).terms)[5:8]
EDITIONS = ("rjb", "rjb-a", "tbb")
LICENSES = tuple(vocabulary(VocabularyScheme.LICENSE).terms)[:3]
REGIONS = ("100000", "500000", "500103", "500106", "370000", "370303", "110000")
WORDS = ("勾股", "定理", "函数", "唐诗", "图像", "python", "课")
DAYS = ("2024-12-31T15:59:59Z", "2024-12-31T16:00:00Z", "2025-06-01T00:00:00Z", "2026-01-01T10:00:00+08:00")
NAMES = ("张三", "李四", None)
SCHOOLS = ("巴蜀中学", "淄博一中")


def random_record(chance: random.Random, number: int) -> ResourceRecord:
    def some(values: Any, most: int = 2) -> tuple[Any, ...]:
        return tuple(chance.sample(list(values), chance.randrange(most + 1)))

    def maybe(values: Any) -> Any:
        return chance.choice([None, *values])

    school, edition = maybe(SCHOOLS), maybe(EDITIONS)
    return ResourceRecord(
        native_id=f"n{number}",
        title=" ".join(chance.choices(WORDS, k=chance.randrange(1, 4))),
        summary=maybe(["，".join(chance.choices(WORDS, k=3))]),
        kind=chance.choice(list(ResourceKind)[:4]),
        stages=some(Stage),
        grades=tuple(CodedTerm(code=code) for code in some(GRADES)),
        subjects=tuple(CodedTerm(code=code) for code in some(SUBJECTS)),
        edition=CodedTerm(code=edition) if edition else None,
        teaching_modes=some(TeachingMode),
        classroom_kind=maybe(ClassroomKind),
        delivery=some(DeliveryChannel),
        region=maybe(REGIONS),
        provider=Organization(name=school) if school else None,
        contributors=tuple(Contributor(name=name) for name in some(NAMES)),
        program=maybe(["alliance"]),
        language=maybe(["zh", "en"]),
        license=maybe(LICENSES),
        published_at=maybe(DAYS),
        starts_at=maybe(DAYS),
        review=maybe([{"status": "APPROVED"}, {"status": "IN_REVIEW"}]),
        use_count=maybe([0, 3, 3, 900]),
    )


ROWS = [
    (chance.choice(list(PLATFORMS)), chance.choice(list(Access)), random_record(chance, number))
    for chance in [seeded(5)]
    for number in range(200)
]


@pytest.fixture(scope="module")
def service(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CatalogService]:
    folder = tmp_path_factory.mktemp("brute-force")
    shutil.copyfile(sqlite_template, folder / "catalog.db")
    database = open_database(f"sqlite+aiosqlite:///{folder / 'catalog.db'}")

    async def fill() -> CatalogService:
        for platform, access, one in ROWS:
            await put(database, platform, one, access=access)
        catalog = await opened(database, folder / "index")
        await database.aclose()
        return catalog

    catalog = asyncio.run(fill())
    yield catalog
    asyncio.run(catalog.aclose())


def broader(scheme: VocabularyScheme, code: str) -> set[str]:
    found: set[str] = set()
    step: str | None = code
    while step:
        found.add(step)
        step = vocabulary(scheme).terms[step].broader
    return found


def values(row: tuple[str, Access, ResourceRecord]) -> dict[str, set[Any]]:
    """Every value that a filter or facet can ask a record for."""
    platform, access, one = row
    published = one.published_at
    return {
        "platforms": {platform},
        "regions": set(region_tree().path(one.region or PLATFORMS[platform][1])),
        "stages": set(one.stages),
        "grades": {term.code for term in one.grades},
        "subjects": {code for term in one.subjects for code in broader(VocabularyScheme.SUBJECT, term.code)},
        "kinds": {one.kind},
        "teaching_modes": set(one.teaching_modes),
        "classroom_kinds": {one.classroom_kind} - {None},
        "access": {access},
        "languages": {one.language} - {None},
        "licenses": {one.license} - {None},
        "programs": {one.program} - {None},
        "editions": broader(VocabularyScheme.EDITION, one.edition.code) if one.edition else set(),
        "delivery": set(one.delivery),
        "providers": {one.provider.name} if one.provider else set(),
        "contributors": {person.name for person in one.contributors} - {None},
        "years": {str(published.astimezone(CHINA).year)} if published else set(),
    }


FACETS = {
    FacetDimension.PLATFORM: "platforms",
    FacetDimension.REGION: "regions",
    FacetDimension.STAGE: "stages",
    FacetDimension.GRADE: "grades",
    FacetDimension.SUBJECT: "subjects",
    FacetDimension.KIND: "kinds",
    FacetDimension.TEACHING_MODE: "teaching_modes",
    FacetDimension.CLASSROOM_KIND: "classroom_kinds",
    FacetDimension.LANGUAGE: "languages",
    FacetDimension.LICENSE: "licenses",
    FacetDimension.ACCESS: "access",
    FacetDimension.YEAR: "years",
    FacetDimension.PROGRAM: "programs",
}


def matches(row: tuple[str, Access, ResourceRecord], request: SearchRequest) -> bool:
    _, access, one = row
    wanted, held = request.filter, values(row)
    text = f"{one.title} {one.summary or ''}"
    listed = [
        (name, value)
        for name in held
        if (value := getattr(wanted, name, None)) is not None and isinstance(value, tuple)
    ]
    day = one.published_at.astimezone(CHINA).date() if one.published_at else None
    conditions = [
        access in request.visible,
        all(word in (text if len(word) > 1 else one.title) for word in request.query.split()),
        all(held[name] & set(value) for name, value in listed),
        wanted.reviewed is None or wanted.reviewed is (one.review is not None and one.review.status == "APPROVED"),
        wanted.published_from is None or (day is not None and day >= wanted.published_from),
        wanted.published_to is None or (day is not None and day <= wanted.published_to),
        wanted.starts_from is None or (one.starts_at is not None and one.starts_at >= wanted.starts_from),
        wanted.starts_to is None or (one.starts_at is not None and one.starts_at <= wanted.starts_to),
    ]
    return all(conditions)


def subsets(options: Any) -> st.SearchStrategy[Any]:
    return st.none() | st.lists(st.sampled_from(list(options)), unique=True, max_size=3).map(tuple)


DATES = st.none() | st.sampled_from([date(2024, 12, 31), date(2025, 1, 1), date(2025, 6, 1), date(2026, 1, 1)])
MOMENTS = st.none() | st.sampled_from([datetime(2024, 12, 31, 16, tzinfo=UTC), datetime(2026, 1, 1, 2, tzinfo=UTC)])
OPTIONS: dict[str, st.SearchStrategy[Any]] = {
    "platforms": subsets(PLATFORMS),
    "regions": subsets(REGIONS),
    "stages": subsets(Stage),
    "grades": subsets(GRADES),
    "subjects": subsets(SUBJECTS),
    "kinds": subsets(ResourceKind),
    "teaching_modes": subsets(TeachingMode),
    "classroom_kinds": subsets(ClassroomKind),
    "access": subsets(Access),
    "languages": subsets(["zh", "en", "fr"]),
    "licenses": subsets(LICENSES),
    "programs": subsets(["alliance", "other"]),
    "editions": subsets(EDITIONS),
    "delivery": subsets(DeliveryChannel),
    "providers": subsets(SCHOOLS),
    "contributors": subsets(["张三", "李四"]),
    "reviewed": st.sampled_from([None, True, False]),
    "published_from": DATES,
    "published_to": DATES,
    "starts_from": MOMENTS,
    "starts_to": MOMENTS,
}


@st.composite
def searches(draw: st.DrawFn) -> SearchRequest:
    names = draw(st.lists(st.sampled_from(sorted(OPTIONS)), max_size=3, unique=True))
    wanted = {name: draw(OPTIONS[name]) for name in names}
    for lower, upper in (("published_from", "published_to"), ("starts_from", "starts_to")):
        if wanted.get(lower) and wanted.get(upper) and wanted[lower] > wanted[upper]:
            wanted[lower], wanted[upper] = wanted[upper], wanted[lower]
    tiers = st.sampled_from(
        [EVERYBODY, ADMINISTRATOR, frozenset({Access.PUBLIC}), frozenset({Access.CITY}), frozenset()]
    )
    return SearchRequest(
        query=" ".join(draw(st.lists(st.sampled_from(WORDS), max_size=2))),
        filter=ResourceFilter(**wanted),
        sort=draw(st.sampled_from(list(ResourceSort))),
        first=100,
        visible=draw(tiers),
    )


def test_every_filter_is_tried() -> None:
    assert set(OPTIONS) == {field.name for field in fields(ResourceFilter)}


@settings(max_examples=150, deadline=None)
@given(searches())
def test_pages_and_totals_are_those_of_a_plain_reading(service: CatalogService, request: SearchRequest) -> None:
    expected = [(platform, one.native_id) for platform, _, one in (row for row in ROWS if matches(row, request))]
    page = asyncio.run(service.search(request))
    if page.did_you_mean is not None or not expected:
        assert expected == []
        assert page.total == 0 or page.did_you_mean is not None
        return
    found = [(hit.resource.platform, hit.resource.record.native_id) for hit in page.hits]
    if page.has_next:
        rest = asyncio.run(service.search(replace(request, after=page.hits[-1].cursor)))
        found += [(hit.resource.platform, hit.resource.record.native_id) for hit in rest.hits]
    assert sorted(found) == sorted(expected)
    assert page.total == len(expected)
    assert page.totals_by_platform == Counter(platform for platform, _ in expected)


@settings(max_examples=100, deadline=None)
@given(searches(), st.lists(st.sampled_from(list(FACETS)), min_size=1, unique=True))
def test_facets_ignore_their_own_filter_and_are_exact(
    service: CatalogService, request: SearchRequest, dimensions: list[FacetDimension]
) -> None:
    if request.query and not any(matches(row, request) for row in ROWS):
        request = replace(request, query="")  # nothing found is relaxed, which the plain reading does not do
    for facet in asyncio.run(service.facets(request, dimensions, 1_000)):
        name = FACETS[facet.dimension]
        without = request
        if name != "years":
            without = replace(request, filter=replace(request.filter, **{name: None}))
        expected = Counter(str(value) for row in ROWS if matches(row, without) for value in values(row)[name])
        assert {bucket.value: bucket.count for bucket in facet.buckets} == expected
        counts = [bucket.count for bucket in facet.buckets]
        assert counts == sorted(counts, reverse=True)


def test_a_bucket_counts_what_its_value_finds_as_filter(service: CatalogService) -> None:
    (facet,) = asyncio.run(service.facets(SearchRequest(), [FacetDimension.REGION], 1_000))
    assert facet.buckets[0].label == "中华人民共和国"
    for bucket in facet.buckets:
        request = SearchRequest(filter=ResourceFilter(regions=(bucket.value,)))
        assert asyncio.run(service.search(request)).total == bucket.count


def test_facets_list_no_more_buckets_than_asked_for(service: CatalogService) -> None:
    (facet,) = asyncio.run(service.facets(SearchRequest(), [FacetDimension.STAGE], 2))
    assert len(facet.buckets) == 2
