"""淄博: sessions that end, POST paging, tiers, 五·四 stages, search."""

import pytest

from connectors.simulators import SIMULATORS
from connectors.simulators.zibo.sessions import REQUESTS
from tests.connectors.simulators.clients import Clock, Zibo

BUILD = SIMULATORS["zibo"].build


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def platform(clock: Clock) -> Zibo:
    zibo = Zibo(BUILD(now=clock))
    await zibo.login()
    return zibo


async def everything(platform: Zibo, path: str = "resource/list", **wanted: object) -> list[dict[str, object]]:
    first = (await platform.post(path, 1, 100, **wanted))["data"]
    rows = list(first["rows"])
    for index in range(2, first["page"]["pages"] + 1):
        rows += (await platform.post(path, index, 100, **wanted))["data"]["rows"]
    assert len(rows) == first["page"]["total"]
    return rows


async def test_without_a_token_the_status_is_401() -> None:
    stranger = Zibo(BUILD())
    answer = await stranger.http.post("/api/resource/list", json={})
    assert (answer.status_code, answer.json()["errCode"]) == (401, "SESSION_REQUIRED")


async def test_a_wrong_password_gives_no_token() -> None:
    stranger = Zibo(BUILD())
    answer = await stranger.http.post("/api/auth/login", json={"account": "shanhai", "password": "x"})
    assert answer.json() == {"success": False, "errCode": "LOGIN_FAILED", "errMsg": "账号或密码错误", "data": None}


async def test_a_session_dies_after_fifteen_minutes_and_a_new_login_helps(platform: Zibo, clock: Clock) -> None:
    clock.move(minutes=14.9)
    assert (await platform.post("resource/list"))["success"]
    clock.move(minutes=0.2)
    assert (await platform.post("resource/list"))["errCode"] == "SESSION_EXPIRED"
    await platform.login()
    assert (await platform.post("resource/list"))["success"]


async def test_a_session_dies_after_its_number_of_requests(platform: Zibo) -> None:
    answers = [(await platform.post("resource/list", size=1))["errCode"] for _ in range(REQUESTS + 1)]
    assert answers == [None] * REQUESTS + ["SESSION_EXPIRED"]


async def test_pages_hold_every_record_once_and_totals_agree(platform: Zibo) -> None:
    rows = await everything(platform)
    assert len({row["id"] for row in rows}) == len(rows) == 2_000
    assert (await platform.post("resource/list", 3, 30))["data"]["page"] == {
        "index": 3,
        "size": 30,
        "total": 2_000,
        "pages": 67,
    }


@pytest.mark.parametrize("page", [{"index": 0}, {"size": 101}, {"index": "1"}, []])
async def test_a_bad_page_is_refused(platform: Zibo, page: object) -> None:
    answer = await platform.http.post("/api/resource/list", json={"page": page or [1]})
    assert (answer.status_code, answer.json()["errCode"]) == (200, "BAD_REQUEST")


async def test_tiers_keep_the_published_proportion(platform: Zibo) -> None:
    rows = await everything(platform)
    share = sum(row["tier"] == "全市公开" for row in rows) / len(rows)
    assert abs(share - 2850 / (2850 + 10189)) < 0.03
    assert {row["tier"] for row in rows} == {"全市公开", "区县内部", "学校内部", "高新区内部"}


async def test_the_sixth_grade_is_junior_secondary(platform: Zibo) -> None:
    stages = {row["xueduan"] for row in await everything(platform, "resource/search", nianji="六年级")}
    assert stages == {"初中（五四学制）"}


async def test_delivered_lessons_name_receiving_rural_schools_and_their_assistants(platform: Zibo) -> None:
    rows = await everything(platform, "resource/search", classroomType="专递课堂")
    assert rows
    assert all(row["receivers"] and row["assistants"] for row in rows)


async def test_search_equals_the_listing_filtered(platform: Zibo) -> None:
    found = await everything(platform, "resource/search", keyword="勾股定理", xueke="数学", tier="全市公开")
    expected = [
        row["id"]
        for row in await everything(platform)
        if "勾股定理" in f"{row['name']} {row['remark']}" and (row["xueke"], row["tier"]) == ("数学", "全市公开")
    ]
    assert [row["id"] for row in found] == expected
    assert expected


async def test_deleted_records_vanish_and_changed_ones_are_found(platform: Zibo, clock: Clock) -> None:
    clock.move(minutes=5)
    catalog = platform.simulation.catalog
    catalog.delete("100011")
    catalog.update("100012", name="改过的名称")
    rows = await everything(platform)
    assert len(rows) == 1_999
    assert 100_011 not in {row["id"] for row in rows}
    changed = await everything(platform, modifiedSince="2025-11-03 12:01:00")
    assert [(row["id"], row["name"]) for row in changed] == [(100_012, "改过的名称")]


async def test_usage_and_training_answer(platform: Zibo) -> None:
    days = (await platform.post("stat/daily", beginDate="2025-03-01", endDate="2025-03-03"))["data"]["rows"]
    whole = [day for day in days if day["classroomType"] is None]
    assert [day["day"] for day in whole] == ["2025-03-01", "2025-03-02", "2025-03-03"]
    assert len(await everything(platform, "training/list")) == 900


async def test_each_of_the_three_classrooms_has_a_row_that_shares_no_number_with_the_whole(platform: Zibo) -> None:
    days = (await platform.post("stat/daily", beginDate="2025-03-01", endDate="2025-03-31"))["data"]["rows"]
    kinds = [day for day in days if day["classroomType"] is not None]
    assert {day["classroomType"] for day in kinds} == {"专递课堂", "名师课堂", "名校网络课堂"}
    assert {tuple(day) for day in kinds} == {("day", "classroomType", "lessonCount", "avgWatchTimes", "version")}
    assert (len(days), len(kinds)) == (124, 93)
    viewers = {day["day"]: day["liveWatchTimes"] for day in days if day["classroomType"] is None}
    for day, watched in viewers.items():
        parts = [row for row in kinds if row["day"] == day]
        lessons = sum(row["lessonCount"] for row in parts)
        assert abs(sum(row["lessonCount"] * row["avgWatchTimes"] for row in parts) - watched) <= 0.05 * lessons
