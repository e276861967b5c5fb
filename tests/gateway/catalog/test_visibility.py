"""What may not be seen shows nowhere: not in hits, totals, facets, suggestions, copies or links."""

import pytest

from gateway.catalog import FacetDimension, ResourceKey, SearchRequest
from schema.access import Access
from schema.relations import Relation
from schema.resources import Contributor, Organization
from tests.gateway.catalog.conftest import Catalog
from tests.gateway.catalog.store import ADMINISTRATOR, EVERYBODY, link, record, share_copy_key

HIDDEN = (Access.CITY, Access.DISTRICT, Access.SCHOOL)


@pytest.fixture(params=HIDDEN)
async def hiding(request: pytest.FixtureRequest, catalog: Catalog) -> Catalog:
    """One open record and one of a tier that is not for everybody, which are copies and linked."""
    shown = record("open", "勾股定理公开课", provider=Organization(name="公开学校"), subjects=({"code": "chinese"},))
    hidden = record(
        "hidden",
        "勾股定理内部课",
        provider=Organization(name="内部学校"),
        contributors=(Contributor(name="内部老师"),),
        subjects=({"code": "mathematics"},),
        region="370303",
        program="inside",
    )
    await catalog.put("zibo", shown)
    await catalog.put("zibo", hidden, access=request.param)
    await share_copy_key(catalog.database, "k", ("zibo", "open"), ("zibo", "hidden"))
    await link(catalog.database, "zibo", "open", Relation.HAS_PART, "hidden")
    return catalog


async def test_searches_and_facets_do_not_count_it(hiding: Catalog) -> None:
    page = await hiding.service.search(SearchRequest(query="勾股定理"))
    assert (page.total, page.totals_by_platform, len(page.hits)) == (1, {"zibo": 1}, 1)
    facets = await hiding.service.facets(SearchRequest(query="勾股定理"), list(FacetDimension), 100)
    assert all(bucket.count == 1 for facet in facets for bucket in facet.buckets)
    by_dimension = {facet.dimension: [bucket.value for bucket in facet.buckets] for facet in facets}
    assert by_dimension[FacetDimension.SUBJECT] == ["chinese"]
    assert by_dimension[FacetDimension.PROGRAM] == []
    assert by_dimension[FacetDimension.ACCESS] == ["PUBLIC"]


async def test_relaxation_does_not_tell_of_it(hiding: Catalog) -> None:
    page = await hiding.service.search(SearchRequest(query="内部老师"))
    assert (page.total, page.did_you_mean) == (0, None)


@pytest.mark.parametrize("prefix", ["内部", "nbls", "neibu", "勾股", "sx", "shuxue", "学校"])
async def test_suggestions_do_not_name_it(hiding: Catalog, prefix: str) -> None:
    found = await hiding.service.suggest(prefix, 20, EVERYBODY)
    assert [suggestion.text for suggestion in found if "内部" in suggestion.text or suggestion.text == "数学"] == []
    assert all(suggestion.count == 1 for suggestion in found)
    assert len(await hiding.service.suggest(prefix, 20, ADMINISTRATOR)) > len(found)


async def test_copies_links_and_keys_do_not_lead_to_it(hiding: Catalog) -> None:
    shown, hidden = ResourceKey("zibo", "open"), ResourceKey("zibo", "hidden")
    assert await hiding.service.resources([hidden], EVERYBODY) == [None]
    assert await hiding.service.copies([shown, hidden], EVERYBODY) == [(), ()]
    for key in (shown, hidden):
        page = await hiding.service.related(key, None, 20, None, EVERYBODY)
        assert (page.hits, page.total) == ((), 0)


async def test_an_administrator_sees_all_of_it(hiding: Catalog) -> None:
    request = SearchRequest(query="勾股定理", visible=ADMINISTRATOR)
    assert (await hiding.service.search(request)).total == 2
    assert await hiding.service.counts_by_platform() == {"zibo": 2}
    (copies,) = await hiding.service.copies([ResourceKey("zibo", "open")], ADMINISTRATOR)
    assert [copy.record.native_id for copy in copies] == ["hidden"]


async def test_a_record_that_is_narrowed_disappears_at_once_after_catching_up(catalog: Catalog) -> None:
    await catalog.put("zibo", record("1", "勾股定理"))
    assert [s.text for s in await catalog.service.suggest("勾", 5, EVERYBODY)] == ["勾股定理"]
    await catalog.put("zibo", record("1", "勾股定理"), access=Access.SCHOOL)
    assert await catalog.service.suggest("勾", 5, EVERYBODY) == ()
    assert (await catalog.service.search(SearchRequest())).total == 0


async def test_the_effective_tier_is_what_a_hit_says(catalog: Catalog) -> None:
    await catalog.put("zibo", record("1", access=Access.REGISTERED), access=Access.SCHOOL)
    page = await catalog.service.search(SearchRequest(visible=ADMINISTRATOR))
    assert page.hits[0].resource.record.access is Access.SCHOOL
