"""The national platform: files in the recorded shape, validators, tags, deletion by disappearance."""

from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from connectors.simulators import SIMULATORS
from tests.connectors.simulators.clients import client, simulation

LESSONS = "/zxx/ndrs/national_lesson/teachingmaterials"
TEXTBOOKS = "/zxx/ndrs/resources/tch_material"
RECORDED_KEYS = {
    *("creator", "status", "create_time", "online_time", "update_time", "custom_properties", "title", "description"),
    *("resource_custom_properties", "id", "resource_type_code", "resource_type_code_name", "language", "tag_list"),
    *("chapter_ids", "teachmeterial_ids", "chapter_paths", "container_id", "create_container_id", "ti_items"),
    *("version_id", "tenant_id"),
}


@pytest.fixture
def app() -> Starlette:
    return SIMULATORS["national"].build()


@pytest.fixture
def http(app: Starlette) -> httpx.AsyncClient:
    return client(app)


async def rows(http: httpx.AsyncClient, module: str) -> list[dict[str, Any]]:
    urls = (await http.get(f"{module}/version/data_version.json")).json()["urls"]
    parts = [(await http.get(url)).json() for url in (urls.split(",") if isinstance(urls, str) else urls)]
    assert all(len(part) <= 1_000 for part in parts)
    return [row for part in parts for row in part]


def tags(row: dict[str, Any]) -> dict[str, str]:
    return {tag["tag_dimension_id"]: tag["tag_name"] for tag in row["tag_list"]}


async def test_one_version_file_holds_an_array_and_the_other_joined_text(http: httpx.AsyncClient) -> None:
    lessons = (await http.get(f"{LESSONS}/version/data_version.json")).json()
    textbooks = (await http.get(f"{TEXTBOOKS}/version/data_version.json")).json()
    assert isinstance(lessons["urls"], list)
    assert isinstance(textbooks["urls"], str)
    hosts = {url.split("/")[2] for url in [*lessons["urls"], *textbooks["urls"].split(",")]}
    assert hosts <= {f"s-file-{n}.ykt.cbern.com.cn" for n in (1, 2, 3)}


async def test_the_parts_hold_every_row_once_in_the_recorded_shape(http: httpx.AsyncClient) -> None:
    lessons, textbooks = await rows(http, LESSONS), await rows(http, TEXTBOOKS)
    assert (len(lessons), len(textbooks)) == (1_800, 1_200)
    assert len({row["id"] for row in lessons + textbooks}) == 3_000
    assert all(set(row) - {"provider_list"} == RECORDED_KEYS for row in lessons + textbooks)


async def test_senior_rows_mostly_lack_a_grade_and_a_sixth_grade_may_be_junior(http: httpx.AsyncClient) -> None:
    found = [tags(row) for row in await rows(http, LESSONS) + await rows(http, TEXTBOOKS)]
    senior = ["zxxnj" in names for names in found if names["zxxxd"] == "高中"]
    assert senior.count(False) > 5 * senior.count(True) > 0
    sixth = {names["zxxxd"] for names in found if names.get("zxxnj") == "六年级"}
    assert sixth == {"小学", "初中（五•四学制）"}


async def test_a_part_past_the_last_does_not_exist(http: httpx.AsyncClient) -> None:
    for number in (99, 102, 1_000_000):
        answer = await http.get(f"{LESSONS}/part_{number}.json")
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/xml")
        assert "NoSuchKey" in answer.text


async def test_an_unchanged_file_is_304_and_a_changed_one_is_sent(app: Starlette, http: httpx.AsyncClient) -> None:
    path = f"{TEXTBOOKS}/part_100.json"
    first = await http.get(path)
    by_tag = {"If-None-Match": first.headers["etag"]}
    by_time = {"If-Modified-Since": first.headers["last-modified"]}
    assert [(await http.get(path, headers=h)).status_code for h in (by_tag, by_time)] == [304, 304]
    simulation(app).catalog.update(first.json()[0]["id"], title="改过的书名")
    again = [await http.get(path, headers=h) for h in (by_tag, by_time)]
    assert [answer.status_code for answer in again] == [200, 200]
    assert again[0].json()[0]["title"] == "改过的书名"


async def test_a_deleted_row_vanishes_from_its_module(app: Starlette, http: httpx.AsyncClient) -> None:
    gone = [(await rows(http, TEXTBOOKS))[5]["id"], (await rows(http, LESSONS))[1_000]["id"]]
    for native_id in gone:
        simulation(app).catalog.delete(native_id)
    left = [await rows(http, TEXTBOOKS), await rows(http, LESSONS)]
    assert [len(module) for module in left] == [1_199, 1_799]
    assert not {row["id"] for module in left for row in module} & set(gone)


async def test_the_tag_files_hold_every_regular_stage_subject_and_edition(http: httpx.AsyncClient) -> None:
    def names(level: Any) -> set[tuple[str, str]]:
        found = set()
        for tag in level["children"]:
            found.add((tag["tag_dimension_id"], tag["tag_name"]))
            for below in tag["hierarchies"] or []:
                found |= names(below)
        return found

    for path in ("national_lesson_tag", "tch_material_tag"):
        known = names((await http.get(f"/zxx/ndrs/tags/{path}.json")).json()["hierarchies"][0])
        used = {pair for row in await rows(http, LESSONS) for pair in tags(row).items()}
        used = {(dimension, name) for dimension, name in used if dimension in ("zxxxd", "zxxxk", "zxxbb")}
        assert used - known == {("zxxxk", "校本综合课"), ("zxxbb", "山海试验版")}


async def test_search_filters_by_keyword_and_tag(http: httpx.AsyncClient) -> None:
    query = {"keyword": "勾股定理", "zxxnj": "八年级", "limit": "100"}
    answer = (await http.get("/zxx/search/v1/resources", params=query)).json()
    eighth = [row for row in await rows(http, LESSONS) if tags(row).get("zxxnj") == "八年级"]
    expected = [row["id"] for row in eighth if "勾股定理" in f"{row['title']}"]
    assert answer["total"] == str(len(expected))
    assert [row["id"] for row in answer["items"]] == expected[:100]
    assert (await http.get("/zxx/search/v1/resources", params={"limit": "101"})).status_code == 400


async def test_some_lessons_are_those_of_chongqing(http: httpx.AsyncClient) -> None:
    chongqing = simulation(SIMULATORS["chongqing"].build()).catalog
    theirs = {f["md5"]: r["title"] for r in map(chongqing.record, chongqing.ordinals()) for f in r["files"]}
    shared = [row for row in await rows(http, LESSONS) if row["ti_items"] and row["ti_items"][0]["ti_md5"] in theirs]
    assert len(shared) == 38
    assert sum(theirs[row["ti_items"][0]["ti_md5"]] == row["title"] for row in shared) >= 37
