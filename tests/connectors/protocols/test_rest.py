"""REST listings over a real ASGI platform: requests, paging, resuming, guards."""

from datetime import UTC, datetime

import orjson
import pytest
from starlette.requests import Request
from starlette.responses import Response

from connectors.errors import Malformed, PagingError
from connectors.records import HarvestRequest
from tests.connectors.manifest.manifests import FIELDS, HEAD, manifest
from tests.connectors.protocols.platform import Scripted, harvest, ids, json, resumed, rows

PAGED = manifest(harvest="  paging: {kind: page, size: 2, sizeParameter: size, total: total}\n  records: items\n")


def pages_of_two(request: Request, body: bytes, number: int) -> Response:
    """Five records in pages of two."""
    first = 2 * (int(request.query_params["page"]) - 1)
    return json({"items": rows(*range(first, min(first + 2, 5))), "total": 5})


async def test_a_listing_is_read_to_its_end() -> None:
    platform = Scripted(pages_of_two)
    pages = await harvest(PAGED, platform)
    assert ids(pages) == ["0", "1", "2", "3", "4"]
    assert [target for _, target, _, _ in platform.asked] == [f"/items?size=2&page={n}" for n in (1, 2, 3)]
    assert [page.expected for page in pages] == [5, 5, 5]


async def test_a_checkpoint_goes_on_after_its_page() -> None:
    pages = await harvest(PAGED, Scripted(pages_of_two))
    for number, page in enumerate(pages):
        again = await harvest(PAGED, Scripted(pages_of_two), request=resumed(page.checkpoint))
        assert ids(again) == ids(pages[number + 1 :])


async def test_several_listings_follow_one_another_and_resume() -> None:
    def answer(request: Request, body: bytes, number: int) -> Response:
        start = {"/a": 0, "/b": 10}[request.url.path]
        first = start + 2 * int(request.query_params["offset"]) // 2
        return json(rows(*range(first, min(first + 2, start + 3))))

    text = (
        f"{HEAD}harvest:\n  protocol: rest\n  request: [{{path: /a}}, {{path: /b}}]\n"
        f"  paging: {{kind: offset, size: 2}}\n  fields:\n{FIELDS}"
    )
    pages = await harvest(text, Scripted(answer))
    assert ids(pages) == ["0", "1", "2", "10", "11", "12"]
    for number, page in enumerate(pages):
        again = await harvest(text, Scripted(answer), request=resumed(page.checkpoint))
        assert ids(again) == ids(pages[number + 1 :])


async def test_a_posted_listing_holds_its_paging_in_the_body() -> None:
    text = (
        f"{HEAD}harvest:\n  protocol: rest\n  request:\n    method: POST\n    path: /q\n"
        "    json: {page: {sort: asc}, filter: {tier: all}}\n"
        "  paging: {kind: page, parameter: page.index, sizeParameter: page.size, size: 9}\n"
        "  incremental: {parameter: filter.since, format: localDateTime, lookback: PT1H}\n"
        f"  fields:\n{FIELDS}"
    )
    platform = Scripted(lambda request, body, number: json(rows(1)))
    await harvest(text, platform, request=HarvestRequest(since=datetime(2024, 3, 5, 2, 30, tzinfo=UTC)))
    [(method, target, body, headers)] = platform.asked
    assert (method, target, headers["content-type"]) == ("POST", "/q", "application/json")
    assert orjson.loads(body) == {
        "page": {"sort": "asc", "index": 1, "size": 9},
        "filter": {"tier": "all", "since": "2024-03-05 09:30:00"},
    }


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("iso", "2024-03-05T09%3A30%3A00%2B08%3A00"),
        ("epochSeconds", "1709602200"),
        ("epochMilliseconds", "1709602200000"),
        ("date", "2024-03-05"),
    ],
)
async def test_an_incremental_run_asks_since_an_instant_less_the_lookback(written: str, sent: str) -> None:
    text = manifest(harvest=f"  incremental: {{parameter: since, format: {written}, lookback: 3600}}\n")
    platform = Scripted(lambda request, body, number: json(rows(1)))
    await harvest(text, platform, request=HarvestRequest(since=datetime(2024, 3, 5, 2, 30, tzinfo=UTC)))
    await harvest(text, platform)
    assert [target for _, target, _, _ in platform.asked] == [f"/items?since={sent}", "/items"]


async def test_links_are_followed_with_the_listing_s_headers() -> None:
    def answer(request: Request, body: bytes, number: int) -> Response:
        links = {"link": '</items?cursor=opaque%2F2>; rel="next"'} if number == 1 else {}
        return json(rows(number), headers=links)

    text = manifest(harvest="  paging: {kind: link}\n").replace(
        "    path: /items\n", "    path: /items\n    headers: {X-Version: '2'}\n"
    )
    platform = Scripted(answer)
    pages = await harvest(text, platform)
    assert ids(pages) == ["1", "2"]
    assert [(target, headers["x-version"]) for _, target, _, headers in platform.asked] == [
        ("/items", "2"),
        ("/items?cursor=opaque%2F2", "2"),
    ]
    assert pages[0].checkpoint == {"listing": 0, "url": "https://api.example.org/items?cursor=opaque%2F2"}


async def test_an_address_at_a_stranger_is_never_asked() -> None:
    platform = Scripted(lambda request, body, number: json({"items": rows(1), "next": "https://evil.example/x"}))
    text = manifest(harvest="  paging: {kind: nextUrl}\n  records: items\n")
    with pytest.raises(PagingError, match=r"evil\.example"):
        await harvest(text, platform)
    assert len(platform.asked) == 1


async def test_a_page_that_repeats_ends_the_run() -> None:
    platform = Scripted(lambda request, body, number: json(rows(1, 2)))
    with pytest.raises(PagingError, match="second time"):
        await harvest(manifest(harvest="  paging: {kind: page, size: 2}\n"), platform)
    assert len(platform.asked) == 2


async def test_tokens_that_run_in_a_circle_end_the_run() -> None:
    def answer(request: Request, body: bytes, number: int) -> Response:
        return json({"items": rows(number), "next": ["a", "b", "c"][number % 3]})

    platform = Scripted(answer)
    with pytest.raises(PagingError, match="circle"):
        await harvest(manifest(harvest="  paging: {kind: cursor, next: next}\n  records: items\n"), platform)
    assert len(platform.asked) == 4


@pytest.mark.parametrize(
    ("cap", "named"),
    [("maxPages: 3", "maxPages"), ("maxBytes: 100", "maxBytes"), ("maxSeconds: 0.000001", "maxSeconds")],
)
async def test_a_listing_without_end_meets_its_caps(cap: str, named: str) -> None:
    platform = Scripted(lambda request, body, number: json(rows(2 * number, 2 * number + 1)))
    with pytest.raises(PagingError, match=named):
        await harvest(manifest(harvest=f"  paging: {{kind: page, size: 2, {cap}}}\n"), platform)
    assert len(platform.asked) <= 4


@pytest.mark.parametrize("body", [{}, {"items": None}, {"items": "none"}, {"items": {"a": 1}}, []])
async def test_records_that_are_no_list_are_malformed(body: object) -> None:
    with pytest.raises(Malformed, match=r"\(records\)"):
        await harvest(manifest(harvest="  records: items\n"), Scripted(lambda request, _, number: json(body)))


async def test_odd_records_are_rejected_one_by_one() -> None:
    platform = Scripted(lambda request, body, number: json([*rows(1), None, "x", 5, [], {"id": 2}]))
    [page] = await harvest(manifest(), platform)
    assert ids([page]) == ["1"]
    assert [[finding.code for finding in rejected.findings] for rejected in page.rejected] == [
        ["record.notAnObject"],
        ["record.notAnObject"],
        ["record.notAnObject"],
        ["record.notAnObject"],
        ["title.missing"],
    ]


async def test_a_record_nested_without_measure_is_rejected_alone() -> None:
    def answer(request: Request, body: bytes, number: int) -> Response:
        nested = b"[" * 600 + b"]" * 600
        return Response(b'[{"id":1,"title":"t"},{"id":2,"a":%b},%b]' % (nested, nested), media_type="application/json")

    [page] = await harvest(manifest(), Scripted(answer))
    assert ids([page]) == ["1"]
    assert [(item.native_id, item.findings[0].code) for item in page.rejected] == [
        ("2", "record.tooDeep"),
        (None, "record.notAnObject"),
    ]


async def test_ids_of_deleted_records_may_stand_beside_the_records() -> None:
    platform = Scripted(lambda request, body, number: json({"items": rows(1), "gone": [7, "8", None, ""]}))
    [page] = await harvest(manifest(harvest="  records: items\n  deletedIds: gone\n"), platform)
    assert page.deleted == ("7", "8")
