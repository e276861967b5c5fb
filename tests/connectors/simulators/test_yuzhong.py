"""渝中: tokens, cursors by Link, ids per app, packages, works shared with 重庆."""

from collections import Counter
from datetime import datetime

import pytest

from connectors.simulators import SIMULATORS
from tests.connectors.simulators.clients import Chongqing, Clock, Yuzhong, simulation

BUILD = SIMULATORS["yuzhong"].build


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def platform(clock: Clock) -> Yuzhong:
    yuzhong = Yuzhong(BUILD(now=clock))
    await yuzhong.authorize()
    return yuzhong


async def test_credentials_in_the_form_work_too() -> None:
    stranger = Yuzhong(BUILD())
    form = {"grant_type": "client_credentials", "client_id": "shanhai-gateway", "client_secret": "demo-71c0e2b94f"}
    answer = (await stranger.http.post("/oauth/token", data=form)).json()
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 1800)


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"grant_type": "client_credentials", "client_id": "x", "client_secret": "y"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
async def test_wrong_token_requests_are_refused(form: dict[str, str], status: int, error: str) -> None:
    answer = await Yuzhong(BUILD()).http.post("/oauth/token", data=form)
    assert (answer.status_code, answer.json()) == (status, {"error": error})


async def test_a_token_ends_after_half_an_hour(platform: Yuzhong, clock: Clock) -> None:
    clock.move(minutes=29.9)
    assert (await platform.http.get("/api/v2/resources")).status_code == 200
    clock.move(minutes=0.2)
    answer = await platform.http.get("/api/v2/resources")
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_token"})
    assert "invalid_token" in answer.headers["www-authenticate"]


async def test_the_cursor_walk_covers_everything_once(platform: Yuzhong) -> None:
    pages = await platform.pages("/api/v2/resources?limit=70")
    ids = [(item["id"]["app"], item["id"]["id"]) for page in pages for item in page]
    assert [len(page) for page in pages] == [70] * 12 + [60]
    assert len(set(ids)) == len(ids) == 900
    assert len({number for _, number in ids}) < 300


async def test_edits_while_walking_neither_repeat_nor_skip(platform: Yuzhong) -> None:
    catalog = platform.simulation.catalog
    first = await platform.http.get("/api/v2/resources?limit=100")
    catalog.delete(catalog.native_id(3))
    catalog.update(catalog.native_id(500), title="改过")
    rest = await platform.pages(first.links["next"]["url"])
    ids = [str(item["id"]) for page in [first.json()["items"], *rest] for item in page]
    assert len(set(ids)) == len(ids) == 900


async def test_a_foreign_cursor_is_refused(platform: Yuzhong) -> None:
    for cursor in ("abc", "eXoyOjk5", "%21%21"):
        answer = await platform.http.get(f"/api/v2/resources?cursor={cursor}")
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_cursor")


async def test_walking_lessons_and_cases_have_the_published_numbers(platform: Yuzhong) -> None:
    items = [item for page in await platform.pages("/api/v2/resources?limit=100") for item in page]
    walking = Counter(item["type"] for item in items if item["id"]["app"] == "szk")
    assert walking == {"lesson": 60, "case": 22}
    known = {str(item["id"]) for item in items}
    packages = [item for item in items if item["type"] == "package"]
    assert packages
    assert all(part and str(part) in known for item in packages for part in item["parts"])


async def test_some_works_are_those_of_chongqing(platform: Yuzhong) -> None:
    chongqing = simulation(SIMULATORS["chongqing"].build()).catalog
    theirs = {
        file["md5"]: (record["title"], record["team"][0]["name"])
        for record in map(chongqing.record, chongqing.ordinals())
        for file in record["files"]
    }
    ours = [item for page in await platform.pages("/api/v2/resources?limit=100") for item in page]
    shared = [(item["assets"][0]["md5"], item) for item in ours if item["assets"][0]["md5"] in theirs]
    same = [md5 for md5, item in shared if theirs[md5] == (item["title"], item["lecturer"]["name"])]
    assert len(shared) == 25
    assert len(same) >= 24


async def test_what_was_updated_is_found_and_deletions_say_when(platform: Yuzhong, clock: Clock) -> None:
    clock.move(minutes=10)
    catalog = platform.simulation.catalog
    catalog.delete("szk:2023-1")
    (page,) = await platform.pages("/api/v2/resources?updated_after=2025-11-03T12:05:00%2B0800")
    assert [(item["id"], item["deleted_at"]) for item in page] == [
        ({"app": "szk", "id": "2023-1"}, "2025-11-03T12:10:00+0800")
    ]


async def test_search_filters(platform: Yuzhong) -> None:
    answer = (await platform.http.get("/api/v2/search", params={"q": "勾股定理", "stage": "junior", "limit": 5})).json()
    assert answer["total"] > 10
    assert len(answer["items"]) == 5
    assert all("勾股定理" in item["title"] and item["stage"] == "junior" for item in answer["items"])
    assert (await platform.http.get("/api/v2/search", params={"q": "无此词"})).json() == {"items": [], "total": 0}


async def test_usage_and_training_answer(platform: Yuzhong) -> None:
    days = (await platform.http.get("/api/v2/stats/daily?from=2025-03-01&to=2025-03-03")).json()["items"]
    assert [day["date"] for day in days] == ["2025-03-01", "2025-03-02", "2025-03-03"]
    records = [item for page in await platform.pages("/api/v2/training?limit=100") for item in page]
    assert len({record["record_id"] for record in records}) == 1_500


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "updated_after=2024-03-05T09:30:00", "updated_after=x"])
async def test_bad_parameters_are_400(platform: Yuzhong, query: str) -> None:
    answer = await platform.http.get(f"/api/v2/resources?{query}")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_some_training_was_also_reported_by_chongqing(platform: Yuzhong) -> None:
    chongqing = Chongqing(SIMULATORS["chongqing"].build())
    theirs = {
        (record["activityName"], record["startTime"]) for record in await chongqing.everything("training/records")
    }
    ours = [item for page in await platform.pages("/api/v2/training?limit=100") for item in page]
    joint = {
        item["activity"]["name"]
        for item in ours
        if (item["activity"]["name"], int(datetime.fromisoformat(item["starts_at"]).timestamp() * 1000)) in theirs
    }
    assert len(joint) >= 18
