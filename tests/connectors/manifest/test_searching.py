"""The search section: what is pushed down to the platform, what is left to us, and what comes back."""

import asyncio
import contextlib
import gc
import sys
from collections.abc import Mapping

import orjson
import pytest
from starlette.requests import Request
from starlette.responses import Response

from connectors.conformance import check_manifest, preview
from connectors.context import ConnectorContext
from connectors.contract import Searches
from connectors.errors import Malformed, UpstreamFailure
from connectors.manifest.compiled import Sighted
from connectors.manifest.searching import BULKY, MOST_PAGES
from connectors.records import LiveAnswer, LiveQuery
from connectors.transport import Request as Outgoing
from connectors.transport import Response as Incoming
from connectors.transport import in_process
from schema.platforms import Capability
from tests.connectors.manifest.manifests import FIELDS, manifest
from tests.connectors.protocols.platform import Scripted, connector, json, rows

TABLES = """\
vocabularies:
  stages:
    values: {小学: PRIMARY, 初中: JUNIOR_SECONDARY, 初级中学: JUNIOR_SECONDARY}
"""
SEARCH = """\
search:
  protocol: rest
  request: {path: /search, query: {site: main}}
  paging: {kind: page, size: 2, sizeParameter: size, total: total}
  records: hits
  text: keyword
  filters:
    subjects: subject
    stages: {parameter: stage, vocabulary: stages}
    kinds: {parameter: type, values: {LESSON: 课例, COURSEWARE: 课件}, joiner: ","}
  sorts:
    NEWEST: {parameter: order, value: time}
"""
TEXT = manifest(
    top=TABLES + SEARCH,
    fields=FIELDS + "    stages: {path: stage, vocabulary: stages}\n",
)


def shelf(*pages: list[dict[str, object]]) -> Scripted:
    """A platform whose search gives these pages, then empty ones."""

    def answer(request: Request, body: bytes, number: int) -> Response:
        del request, body
        return json({"total": 5, "hits": pages[number - 1] if number <= len(pages) else []})

    return Scripted(answer)


async def ask(
    platform: Scripted, query: LiveQuery, secrets: Mapping[str, str] | None = None, text: str = TEXT
) -> LiveAnswer:
    """The answer of the platform's search."""
    found = connector(text)
    assert isinstance(found, Searches)
    return await found.search(ConnectorContext("example", in_process(platform.app), secrets or {}), query)


def asked(platform: Scripted) -> list[str]:
    """The targets of the requests."""
    return [target for _, target, _, _ in platform.asked]


async def test_what_the_platform_can_do_is_pushed_down() -> None:
    platform = shelf(rows(1, 2))
    filters = {"subjects": ("mathematics",), "stages": ("PRIMARY",), "kinds": ("LESSON", "COURSEWARE")}
    answer = await ask(platform, LiveQuery("勾股 定理", filters, "NEWEST", first=2))
    assert answer.filtered_here == ()
    assert answer.total == 5
    assert [one.record.native_id for one in answer.accepted] == ["1", "2"]
    assert asked(platform) == [
        "/search?site=main&keyword=%E5%8B%BE%E8%82%A1%20%E5%AE%9A%E7%90%86&subject=mathematics&stage=%E5%B0%8F%E5%AD%A6"
        "&type=%E8%AF%BE%E4%BE%8B%2C%E8%AF%BE%E4%BB%B6&order=time&size=2&page=1"
    ]


@pytest.mark.parametrize(
    ("filters", "sort", "here"),
    [
        ({"stages": ("JUNIOR_SECONDARY",)}, None, ("stages",)),  # two words stand for it
        ({"stages": ("PRIMARY", "PRESCHOOL")}, None, ("stages",)),  # one at a time
        ({"kinds": ("LECTURE",)}, None, ("kinds",)),  # no word for it
        ({"grades": ("G8",)}, "TITLE", ("grades", "sort")),  # no parameter for it
    ],
)
async def test_what_it_cannot_do_is_named_and_not_asked(
    filters: dict[str, tuple[str, ...]], sort: str | None, here: tuple[str, ...]
) -> None:
    platform = shelf(rows(1))
    answer = await ask(platform, LiveQuery(filters=filters, sort=sort, first=1))
    assert answer.filtered_here == here
    assert asked(platform) == ["/search?site=main&size=1&page=1"]


async def test_pages_are_read_until_there_are_enough() -> None:
    platform = shelf(rows(1, 2), rows(3, 4), rows(5))
    answer = await ask(platform, LiveQuery(first=3))
    assert [one.record.native_id for one in answer.accepted] == ["1", "2", "3"]
    assert len(platform.asked) == 2


async def test_the_end_of_the_listing_ends_the_answer() -> None:
    platform = shelf(rows(1, 2), rows(3))
    answer = await ask(platform, LiveQuery(first=50))
    assert len(answer.accepted) == 3
    assert answer.complete


@pytest.mark.parametrize(
    ("paging", "first", "targets"),
    [
        ("kind: page, size: 3, sizeParameter: size", 2, ["size=2&page=1", "size=2&page=2"]),
        ("kind: page, size: 3, sizeParameter: size", 3, ["size=3&page=1", "size=3&page=2"]),
        ("kind: page, size: 3, sizeParameter: size", 50, ["size=3&page=1", "size=3&page=2"]),
        ("kind: page, size: 3", 2, ["page=1"]),
        ("kind: offset, size: 3, sizeParameter: size", 2, ["size=2&offset=0", "size=2&offset=2"]),
        ("kind: cursor, next: next, size: 3, sizeParameter: size", 2, ["size=2", "size=2&cursor=2"]),
    ],
)
async def test_no_larger_pages_are_asked_for_than_are_needed(paging: str, first: int, targets: list[str]) -> None:
    def answer(request: Request, body: bytes, number: int) -> Response:
        size = int(request.query_params.get("size", 3))
        known = [{"id": 0, "title": ""}, *rows(1, 2, 3, 4)]  # the first does not validate
        start = int(request.query_params.get("offset", (number - 1) * size))
        return json({"total": 5, "hits": known[start : start + size], "next": number + 1 if number < 3 else None})

    platform = Scripted(answer)
    old = "kind: page, size: 2, sizeParameter: size, total: total"
    found = await ask(platform, LiveQuery(first=first), text=TEXT.replace(old, paging))
    assert [one.record.native_id for one in found.accepted] == [str(number) for number in range(1, min(first, 4) + 1)]
    assert asked(platform) == [f"/search?site=main&{target}" for target in targets]


async def test_where_records_are_passed_over_pages_keep_their_size() -> None:
    platform = shelf([{"id": 1, "title": "别的"}, {"id": 2, "title": "课", "mine": True}])
    found = await ask(
        platform, LiveQuery(first=1), text=TEXT.replace("  text: keyword\n", "  text: keyword\n  when: mine\n")
    )
    assert [one.record.native_id for one in found.accepted] == ["2"]
    assert asked(platform) == ["/search?site=main&size=2&page=1"]


async def test_of_a_connection_no_more_nodes_are_asked_for_than_are_needed() -> None:
    def answer(request: Request, body: bytes, number: int) -> Response:
        info = {"hasNextPage": True, "endCursor": "c"}
        return json({"data": {"found": {"nodes": rows(1, 2), "totalCount": 9, "pageInfo": info}}})

    query = "query Q($first: Int, $after: String) { found(first: $first, after: $after) { nodes { id } } }"
    search = f"search:\n  protocol: graphql\n  query: '{query}'\n  connection: found\n  text: q\n"
    platform = Scripted(answer)
    found = await ask(platform, LiveQuery(first=2), text=manifest(top=search))
    assert (len(found.accepted), found.total, found.complete) == (2, 9, False)
    [(_, _, body, _)] = platform.asked
    assert orjson.loads(body)["variables"] == {"first": 2}


@pytest.mark.parametrize(
    ("size", "pages", "total", "first", "complete"),
    [
        (2, [rows(1, 2)], None, 2, False),  # a full page, and nobody says whether another follows
        (2, [rows(1, 2)], 2, 2, True),
        (2, [rows(1, 2)], 3, 2, False),
        (3, [rows(1, 2, 3)], 3, 2, False),  # the third stands in the answer and was not read
        (3, [rows(1, 2, 3)], 3, 3, True),
        (2, [rows(1, 2), rows(3)], None, 3, True),  # a short page
        (2, [rows(1, 2), rows(3)], None, 50, True),
        (2, [[]], None, 1, True),
    ],
)
async def test_an_answer_tells_whether_the_platform_has_more(
    size: int, pages: list[list[dict[str, object]]], total: int | None, first: int, complete: bool
) -> None:
    def answer(request: Request, body: bytes, number: int) -> Response:
        return json({"total": total, "hits": pages[number - 1] if number <= len(pages) else []})

    text = TEXT.replace("size: 2, sizeParameter: size", f"size: {size}")
    found = await ask(Scripted(answer), LiveQuery(first=first), text=text)
    assert (len(found.accepted), found.complete) == (min(first, sum(map(len, pages))), complete)


async def test_nothing_is_mapped_that_is_not_needed() -> None:
    mapped: list[str] = []
    context = ConnectorContext("example", in_process(shelf(rows(1, 2, 3, 4)).app), {})
    text = TEXT.replace(", sizeParameter: size", "").replace("size: 2", "size: 4")
    answer = await connector(text).search(context, LiveQuery(first=2), lambda raw, outcome: mapped.append(raw))
    assert (len(answer.accepted), len(mapped), answer.complete) == (2, 2, False)


@pytest.mark.parametrize(("characters", "waits"), [(10, True), (BULKY // 2, True), (2 * BULKY, False)])
async def test_bulky_records_do_not_wait_unmapped(characters: int, *, waits: bool) -> None:
    record = {"id": 1, "title": "题", "unused": "x" * characters}
    answer = await ask(shelf([record, {"id": 2, "title": "题"}]), LiveQuery("", first=2))
    assert [isinstance(one, Sighted) for one in answer.found] == [waits, waits]
    assert [one.record.native_id for one in answer.accepted] == ["1", "2"]


async def test_a_listing_without_end_gives_what_was_read() -> None:
    platform = Scripted(lambda request, body, number: json({"hits": [{"id": number, "title": "题"}, {"n": number}]}))
    answer = await ask(platform, LiveQuery(first=50))
    assert (len(answer.accepted), len(answer.rejected), answer.complete) == (MOST_PAGES, MOST_PAGES, False)
    assert len(platform.asked) == MOST_PAGES


async def test_a_listing_without_end_in_which_nothing_can_be_used_is_an_error() -> None:
    platform = Scripted(lambda request, body, number: json({"hits": [{"id": number}, {"n": number}]}))
    with pytest.raises(UpstreamFailure, match="fewer than 50 records in 10 pages"):
        await ask(platform, LiveQuery(first=50))
    assert len(platform.asked) == MOST_PAGES


@pytest.mark.parametrize("first", [1, 3], ids=["enough", "deadline"])
async def test_nothing_goes_on_behind_an_answer_or_a_deadline(first: int) -> None:
    class Hanging:
        async def send(self, request: Outgoing) -> Incoming:
            if "page=2" in request.url:
                await asyncio.Event().wait()
            return Incoming(200, {}, orjson.dumps({"hits": rows(1, 2)}), request.url)

        async def aclose(self) -> None: ...

    unclosed: list[object] = []
    hooks = sys.get_asyncgen_hooks()
    sys.set_asyncgen_hooks(finalizer=unclosed.append)
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.05):
                text = TEXT.replace(", sizeParameter: size", "")
                await connector(text).search(ConnectorContext("example", Hanging(), {}), LiveQuery(first=first))
        gc.collect()
    finally:
        sys.set_asyncgen_hooks(*hooks)
    assert unclosed == []
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_records_that_do_not_validate_are_told_beside_the_others() -> None:
    answer = await ask(shelf([{"id": 1, "title": "题"}, {"id": 2, "title": ""}]), LiveQuery(first=5))
    assert [one.record.native_id for one in answer.accepted] == ["1"]
    assert [(one.native_id, one.findings[0].code) for one in answer.rejected] == [("2", "title.missing")]


async def test_a_platform_that_answers_badly_is_an_error_with_its_name() -> None:
    with pytest.raises(Malformed) as raised:
        await ask(Scripted(lambda request, body, number: Response("<html>", media_type="text/html")), LiveQuery())
    assert raised.value.platform == "example"


async def test_without_the_section_there_is_no_search() -> None:
    found = connector(manifest())
    assert Capability.LIVE_SEARCH not in found.capabilities
    with pytest.raises(UpstreamFailure, match="no search section"):
        await found.search(ConnectorContext("example", in_process(shelf().app), {}), LiveQuery())


async def test_a_preview_shows_what_a_search_gives() -> None:
    context = ConnectorContext("example", in_process(shelf(rows(1, 2)).app), {})
    shown = await preview(connector(TEXT), context, capability=Capability.LIVE_SEARCH, limit=2)
    assert [row.native_id for row in shown.rows] == ["1", "2"]
    assert shown.failure is None


@pytest.mark.parametrize(
    ("old", "new", "code", "pointer"),
    [
        (
            "vocabulary: stages}\n    kinds",
            "vocabulary: stufen}\n    kinds",
            "manifest.unknownTable",
            "/search/filters/stages/vocabulary",
        ),
        ("    subjects: subject\n", "    topics: subject\n", "manifest.invalidValue", "/search/filters"),
        ("  text: keyword\n", "", "manifest.missingKey", "/search/text"),
    ],
)
def test_mistakes_are_found_with_their_place(old: str, new: str, code: str, pointer: str) -> None:
    report = check_manifest(TEXT.replace(old, new))
    assert [(f.code, f.pointer) for f in report.findings if f.severity == "ERROR"] == [(code, pointer)]
