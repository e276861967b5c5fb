"""Joined collections: one or many entries by key, read once."""

from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from connectors.errors import Malformed, PagingError
from tests.connectors.manifest.manifests import manifest
from tests.connectors.protocols.platform import Scripted, harvest, ids, json

JOIN = "  joins:\n    school: {request: {path: /schools}, records: data, key: code, on: school_code}\n"
FIELDS = (
    "    nativeId: id\n    title: {path: school.name, alternatives: ['school[0].name', title]}\n"
    "    kind: {constant: LESSON}\n"
)


def platform(records: list[Any], schools: Any) -> Scripted:
    """Lists records, and schools beside them."""

    def answer(request: Request, body: bytes, number: int) -> Response:
        return json(records if request.url.path == "/items" else schools)

    return Scripted(answer)


def lesson(number: int, code: Any) -> dict[str, Any]:
    """A lesson of a school."""
    return {"id": number, "title": f"第{number}课", "school_code": code}


SCHOOLS = {
    "data": [{"code": 1, "name": "一小"}, {"code": "b", "name": "二小"}, {"code": "b", "name": "三小"}, {"name": "无"}]
}


async def titles(section: str, platform: Scripted) -> list[str]:
    """What was mapped."""
    pages = await harvest(manifest(harvest=section, fields=FIELDS), platform)
    return [one.record.title for page in pages for one in page.accepted]


async def test_the_first_entry_with_the_key_is_joined() -> None:
    records = [lesson(1, "1"), lesson(2, "b"), lesson(3, "c"), lesson(4, 1)]
    schools = platform(records, SCHOOLS)
    assert await titles(JOIN, schools) == ["一小", "二小", "第3课", "一小"]
    assert [target for _, target, _, _ in schools.asked] == ["/items", "/schools"]


@pytest.mark.parametrize("code", [None, "None", "", True, {}])
async def test_a_record_without_a_key_is_joined_with_nothing(code: Any) -> None:
    assert await titles(JOIN, platform([lesson(1, code)], SCHOOLS)) == ["第1课"]


async def test_many_entries_stand_in_a_list() -> None:
    many = JOIN.replace("on: school_code", "on: school_code, many: true")
    assert await titles(many, platform([lesson(1, "b"), lesson(2, "c")], SCHOOLS)) == ["二小", "第2课"]
    assert await titles(JOIN, platform([lesson(1, ["b", "1"])], SCHOOLS)) == ["二小"]


async def test_a_joined_collection_is_read_page_by_page_and_once() -> None:
    def answer(request: Request, body: bytes, number: int) -> Response:
        if request.url.path == "/items":
            return json([lesson(number, "1")])
        page = int(request.query_params["page"])
        return json({"data": [{"code": str(page), "name": f"学校{page}"}] if page < 3 else []})

    section = (
        "  paging: {kind: page, size: 1, maxPages: 4}\n"
        "  joins:\n    school: {request: {path: /schools}, paging: {kind: page, size: 1}, records: data, key: code, "
        "on: school_code}\n"
    )
    schools = Scripted(answer)
    with pytest.raises(PagingError, match="maxPages"):
        await titles(section, schools)
    assert sum(target.startswith("/schools") for _, target, _, _ in schools.asked) == 3


async def test_a_collection_too_large_to_be_kept_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.protocols.enrichment.MOST_JOINED", 3)
    with pytest.raises(PagingError, match="'school' holds more than 3 entries"):
        await titles(JOIN, platform([lesson(1, "1")], SCHOOLS))


async def test_a_collection_that_is_no_list_ends_the_run() -> None:
    with pytest.raises(Malformed, match=r"\(records\)"):
        await titles(JOIN, platform([lesson(1, "1")], {"data": None}))


async def test_records_that_are_no_objects_pass_by() -> None:
    pages = await harvest(manifest(harvest=JOIN, fields=FIELDS), platform([5, lesson(1, "1")], SCHOOLS))
    assert (ids(pages), len(pages[0].rejected)) == (["1"], 1)


async def test_a_key_that_stands_twice_in_a_record_joins_its_entries_once() -> None:
    fields = FIELDS.replace("title: {path: school.name,", "title: {path: \"join('+', school[].name)\",")
    pages = await harvest(manifest(harvest=JOIN, fields=fields), platform([lesson(1, ["b", 1, "b", "1"])], SCHOOLS))
    assert [one.record.title for page in pages for one in page.accepted] == ["二小+三小+一小"]


async def test_a_record_is_joined_with_a_thousand_entries_at_most() -> None:
    many = JOIN.replace("on: school_code", "on: school_code, many: true")
    schools = {"data": [{"code": f"{number % 2}", "name": f"学校{number}"} for number in range(2_000)]}
    assert await titles(many, platform([lesson(1, "1")], schools)) == ["学校1"]
    with pytest.raises(PagingError, match="the join 'school' finds over 1,000 entries for one record"):
        await titles(many, platform([lesson(1, ["1", "0"])], schools))
    schools["data"].append({"code": "1", "name": "学校"})
    with pytest.raises(PagingError, match="'school'"):
        await titles(many, platform([lesson(1, "1")], schools))
    assert await titles(JOIN, platform([lesson(1, "1")], schools)) == ["学校1"]
