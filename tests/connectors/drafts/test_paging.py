"""What a sample and the address it came from say of pages."""

from typing import Any

import orjson
import pytest

from connectors.drafts import About, draft_from_sample
from tests.connectors.drafts.drafting import errors, rows

RECORDS = [{"id": n, "title": f"t{n}", "type": "lesson"} for n in range(20)]
ORIGIN = "https://api.jiangcheng.example"
CASES: list[tuple[dict[str, Any], str, dict[str, Any] | None]] = [
    ({"results": RECORDS, "next": None, "count": 45}, "/c", {"kind": "nextUrl", "next": "next", "total": "count"}),
    (
        {"items": RECORDS, "paging": {"next": "/c?page=2"}},
        "/c?limit=20",
        {"kind": "nextUrl", "next": "paging.next", "sizeParameter": "limit", "size": 20},
    ),
    (
        {"items": RECORDS, "nextCursor": "abc", "hasMore": True},
        "/c?cursor=x",
        {"kind": "cursor", "parameter": "cursor", "next": "nextCursor", "more": "hasMore"},
    ),
    (
        {"rows": RECORDS, "total": 99},
        "/c?offset=0&limit=20",
        {"kind": "offset", "parameter": "offset", "size": 20, "sizeParameter": "limit", "total": "total"},
    ),
    (
        {"content": RECORDS, "number": 0, "size": 20, "totalElements": 99},
        "/c?page=0",
        {
            "kind": "page",
            "parameter": "page",
            "size": 20,
            "first": 0,
            "sizeParameter": "size",
            "total": "totalElements",
        },
    ),
    (
        {"data": {"list": RECORDS}, "total": 99},
        "/c",
        {"kind": "page", "parameter": "page", "size": 20, "total": "total"},
    ),
    ({"data": {"list": RECORDS}}, "/c", None),
]


@pytest.mark.parametrize(("document", "address", "expected"), CASES)
def test_the_next_page_is_found(document: dict[str, Any], address: str, expected: dict[str, Any] | None) -> None:
    about = About(code="jiangcheng", name="江城云课", region="420100", address=ORIGIN + address)
    draft = draft_from_sample(orjson.dumps(document), "a.json", about)
    assert errors(draft) == []
    assert rows(draft, "harvest").get("paging") == expected


def test_without_an_address_the_draft_names_what_it_needs() -> None:
    draft = draft_from_sample(orjson.dumps(RECORDS), "a.json")
    needed = ("platform.code", "platform.name", "platform.region", "origin", "harvest.request.path")
    assert draft.needed == needed
    assert [message.partition(":")[0] for _, message in errors(draft)] == ["origin is missing", "platform"]


def test_a_key_in_the_address_becomes_the_name_of_a_secret() -> None:
    about = About(code="j", name="j", region="420100", address=f"{ORIGIN}/c?api_key=hunter2hunter2&city=420100&page=1")
    draft = draft_from_sample(orjson.dumps(RECORDS), "a.json", about)
    assert errors(draft) == []
    assert "hunter2" not in draft.text
    assert rows(draft, "credentials") == {"kind": "apiKey", "in": "query", "name": "api_key", "secret": "platformKey"}
    assert rows(draft, "harvest")["request"] == [{"path": "/c", "query": {"city": "420100"}}]
