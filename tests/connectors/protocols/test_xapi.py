"""Statement stores: `more` in every spelling, voiding, what is asked, and resuming."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from connectors.context import ConnectorContext
from connectors.errors import Malformed, PagingError
from connectors.records import HarvestRequest, UsageRequest
from connectors.transport import in_process
from tests.connectors.manifest.manifests import HEAD
from tests.connectors.protocols.platform import Scripted, connector, harvest, ids, json, resumed

FIELDS = "    nativeId: id\n    title: object.definition.name.zh\n    kind: {constant: LESSON}\n"
TEXT = f"{HEAD}harvest:\n  protocol: xapi\n  limit: 2\n  activity: https://x.example/a\n  fields:\n{FIELDS}"
STORE = "https://api.example.org/xapi/statements"


def statement(name: str) -> dict[str, Any]:
    """A statement about a lesson."""
    return {"id": name, "verb": {"id": "http://x.example/viewed"}, "object": {"definition": {"name": {"zh": "课"}}}}


def voiding(target: Any) -> dict[str, Any]:
    """A statement that voids another."""
    return {"id": "v", "verb": {"id": "http://adlnet.gov/expapi/verbs/voided"}, "object": target}


def store(mores: Mapping[str, Any]) -> Scripted:
    """A store whose pages are named in the query; `mores` leads from one to the next."""

    def answer(request: Request, body: bytes, number: int) -> Response:
        name = request.query_params.get("p", "")
        more = {"more": mores[name]} if name in mores else {}
        return json({"statements": [statement(f"s{name}")], **more})

    return Scripted(answer)


@pytest.mark.parametrize(
    "more", ["/xapi/statements?p=2", f"{STORE}?p=2", "?p=2", "statements?p=2"], ids=["path", "whole", "query", "name"]
)
@pytest.mark.parametrize("end", ["", None], ids=["empty", "null"])
async def test_more_is_followed_in_every_spelling(more: str, end: str | None) -> None:
    platform = store({"": more, "2": end})
    pages = await harvest(TEXT, platform)
    assert ids(pages) == ["s", "s2"]
    first = "/xapi/statements?ascending=true&limit=2&activity=https%3A%2F%2Fx.example%2Fa"
    assert [target for _, target, _, _ in platform.asked] == [first, "/xapi/statements?p=2"]
    assert {headers["x-experience-api-version"] for _, _, _, headers in platform.asked} == {"1.0.3"}


async def test_no_more_at_all_ends_the_listing_and_every_checkpoint_goes_on() -> None:
    mores = {"": "?p=2", "2": "?p=3"}
    pages = await harvest(TEXT, store(mores))
    assert ids(pages) == ["s", "s2", "s3"]
    for number, page in enumerate(pages):
        again = await harvest(TEXT, store(mores), request=resumed(page.checkpoint))
        assert ids(again) == ids(pages[number + 1 :])


@pytest.mark.parametrize("more", ["https://evil.example/more", "//evil.example/more", "http://api.example.org/more"])
async def test_more_at_a_stranger_is_never_asked(more: str) -> None:
    platform = store({"": more})
    with pytest.raises(PagingError, match="handed out an address at"):
        await harvest(TEXT, platform)
    assert len(platform.asked) == 1


async def test_more_that_runs_in_a_circle_ends_the_run() -> None:
    def answer(request: Request, body: bytes, number: int) -> Response:
        return json({"statements": [statement(f"s{number}")], "more": ["?p=1", "?p=2", "?p=1"][(number - 1) % 3]})

    platform = Scripted(answer)
    with pytest.raises(PagingError, match="circle"):
        await harvest(TEXT, platform)
    assert len(platform.asked) == 3


async def test_voiding_deletes_and_is_no_record() -> None:
    told = [statement("a"), voiding({"objectType": "StatementRef", "id": "b"}), voiding({"id": 5}), voiding(None), 7]
    [page] = await harvest(TEXT, Scripted(lambda request, body, number: json({"statements": told})))
    assert (ids([page]), page.deleted) == (["a"], ("b",))
    assert [one.findings[0].code for one in page.rejected] == ["record.notAnObject"]


async def test_changes_are_asked_for_since_an_instant() -> None:
    platform = store({})
    await harvest(TEXT, platform, request=HarvestRequest(since=datetime(2024, 3, 5, 2, 30, 0, 125, UTC)))
    assert platform.asked[0][1].endswith("&since=2024-03-05T02%3A30%3A00.000125Z")


@pytest.mark.parametrize("body", [{}, [], {"statements": None}, {"statements": {}}, {"more": "?p=2"}])
async def test_what_is_no_answer_of_a_store_is_malformed(body: Any) -> None:
    with pytest.raises(Malformed, match="statement store"):
        await harvest(TEXT, Scripted(lambda request, _, number: json(body)))


USAGE = (
    f"{TEXT}usage:\n  protocol: xapi\n  fields:\n    day: {{path: timestamp, transform: [isoDateTime, date]}}\n"
    "  counts: {views: \"verb.id == 'http://x.example/viewed'\", active_students: {distinct: actor.account.name}}\n"
)


def viewed(actor: str, happened: str) -> dict[str, Any]:
    """Somebody saw something."""
    return {**statement(f"{actor}{happened}"), "actor": {"account": {"name": actor}}, "timestamp": happened}


async def test_what_is_stored_late_counts_for_the_day_it_happened() -> None:
    told = [
        viewed("甲", "2024-03-01T23:30:00+08:00"),
        viewed("乙", "2024-03-01T15:59:00Z"),
        viewed("甲", "2024-03-01T16:00:00Z"),
        viewed("丙", "2024-03-03T08:00:00+08:00"),
        viewed("甲", "2024-02-29T08:00:00+08:00"),
    ]
    platform = Scripted(lambda request, body, number: json({"statements": told}))
    context = ConnectorContext("example", in_process(platform.app), {})
    asked = UsageRequest(date(2024, 3, 1), date(2024, 3, 2))
    pages = [page async for page in connector(USAGE).usage(context, asked)]
    facts = {
        (one.record.measure, str(one.record.day)): int(one.record.value) for page in pages for one in page.accepted
    }
    assert facts == {
        ("active_students", "2024-03-01"): 2,
        ("active_students", "2024-03-02"): 1,
        ("views", "2024-03-01"): 2,
        ("views", "2024-03-02"): 1,
    }
    assert platform.asked[0][1] == "/xapi/statements?ascending=true&since=2024-02-29T16%3A00%3A00.000000Z"
