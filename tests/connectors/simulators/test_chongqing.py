"""重庆云课堂: signatures, paging, what changed, search, usage and training."""

import itertools
from datetime import datetime, timedelta

import pytest

from connectors.simulators import SIMULATORS
from connectors.simulators.chongqing.signing import sign
from connectors.simulators.curriculum import subjects
from tests.connectors.simulators.clients import NOON, Chongqing, Clock

BUILD = SIMULATORS["chongqing"].build


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def platform(clock: Clock) -> Chongqing:
    return Chongqing(BUILD(now=clock))


def test_the_golden_vector_of_the_signature_holds() -> None:
    query = {"pageNo": "1", "timestamp": "1762000000000", "appKey": "demo-shanhai", "nonce": "n-1", "pageSize": "200"}
    assert sign(query, "demo-9f2c4b7a51e84d0c") == sign(query | {"sign": "ignored"}, "demo-9f2c4b7a51e84d0c")
    assert sign(query, "demo-9f2c4b7a51e84d0c") == "2094c8f5a328d54b8908073e2bdb62592b1fc7b34b4d9fa3aeb7251fa27f8774"


async def test_a_good_signature_is_accepted(platform: Chongqing) -> None:
    assert (await platform.get("resources"))["total"] == 2_400


async def test_a_signed_parameter_cannot_be_changed(platform: Chongqing) -> None:
    answer = await platform.ask("resources", platform.signed(pageNo=1) | {"pageNo": "2"})
    assert answer == {"code": 40101, "msg": "签名错误", "data": None}


async def test_a_replayed_nonce_is_refused(platform: Chongqing) -> None:
    query = platform.signed()
    assert [(await platform.ask("resources", query))["code"] for _ in range(2)] == [0, 40103]


async def test_a_refused_signature_does_not_use_up_its_nonce(platform: Chongqing) -> None:
    query = platform.signed()
    assert (await platform.ask("resources", query | {"sign": "0" * 64}))["code"] == 40101
    assert (await platform.ask("resources", query))["code"] == 0


@pytest.mark.parametrize(("minutes", "code"), [(4.9, 0), (5.1, 40102), (-5.1, 40102)])
async def test_a_timestamp_is_good_for_five_minutes(
    platform: Chongqing, clock: Clock, minutes: float, code: int
) -> None:
    query = platform.signed()
    clock.move(minutes=minutes)
    assert (await platform.ask("resources", query))["code"] == code


@pytest.mark.parametrize("name", ["appKey", "timestamp", "nonce", "sign"])
async def test_a_missing_credential_is_named(platform: Chongqing, name: str) -> None:
    query = platform.signed()
    del query[name]
    assert await platform.ask("resources", query) == {"code": 40100, "msg": f"缺少参数: {name}", "data": None}


async def test_an_unknown_key_is_refused(platform: Chongqing) -> None:
    assert (await platform.ask("resources", platform.signed() | {"appKey": "nobody"}))["code"] == 40104


@pytest.mark.parametrize("wrong", [{"pageSize": 201}, {"pageNo": 0}, {"pageNo": "x"}, {"updatedSince": "昨天"}])
async def test_a_bad_parameter_is_an_error_under_200(platform: Chongqing, wrong: dict[str, object]) -> None:
    assert (await platform.ask("resources", platform.signed(**wrong)))["code"] == 40001


async def test_pages_hold_every_record_once(platform: Chongqing) -> None:
    records = await platform.everything()
    assert len(records) == 2_400
    assert len({record["resId"] for record in records}) == 2_400
    assert (await platform.get("resources", pageNo=13, pageSize=200))["list"] == []


async def test_the_catalog_spans_the_49_subject_categories_and_nothing_else_but_the_planted_one(
    platform: Chongqing,
) -> None:
    assert len(subjects()) == 49
    assert {record["subject"] for record in await platform.everything()} == {*subjects(), "儿童哲学"}


async def test_what_changed_is_found_by_update_time_and_deleted_records_are_offline(
    platform: Chongqing, clock: Clock
) -> None:
    since = int((NOON + timedelta(hours=1)).timestamp() * 1000)
    assert (await platform.get("resources", updatedSince=since))["total"] == 0
    clock.move(hours=2)
    catalog = platform.simulation.catalog
    catalog.update("YKT-0000008", title="改过的标题")
    catalog.delete("YKT-0000009")
    added = catalog.add(title="新课")
    changed = (await platform.get("resources", updatedSince=since))["list"]
    assert [(r["resId"], r["title"] if r["status"] == "ONLINE" else r["status"]) for r in changed] == [
        ("YKT-0000008", "改过的标题"),
        ("YKT-0000009", "OFFLINE"),
        (added, "新课"),
    ]
    assert (await platform.get("resources"))["total"] == 2_401


async def test_an_incremental_listing_equals_the_whole_one_filtered(platform: Chongqing) -> None:
    since = 1_700_000_000_000
    expected = [r["resId"] for r in await platform.everything() if r["updateTime"] >= since]
    assert [r["resId"] for r in await platform.everything(updatedSince=since)] == expected
    assert 0 < len(expected) < 2_400


async def test_search_filters_by_keyword_and_label(platform: Chongqing) -> None:
    labels = {"stage": "初中", "grade": "八年级", "resType": "数字教案"}
    found = await platform.everything("resources/search", keyword="勾股定理", **labels)
    expected = [
        record["resId"]
        for record in await platform.everything()
        if "勾股定理" in f"{record['title']} {record['keywords']} {record['intro']}"
        and record["status"] == "ONLINE"
        and (record["stages"], record["grade"], record["resType"]) == (["初中"], "八年级", "数字教案")
    ]
    assert [record["resId"] for record in found] == expected
    assert len(expected) > 10
    assert (await platform.get("resources/search", keyword="不存在的词"))["total"] == 0


async def test_search_takes_every_word_and_never_shows_what_is_offline(platform: Chongqing) -> None:
    everything = await platform.get("resources/search")
    assert everything["total"] == 2_400 - len(platform.simulation.catalog.deleted_ids())
    both = (await platform.get("resources/search", keyword="勾股定理 谢家湾"))["total"]
    assert 0 < both < (await platform.get("resources/search", keyword="勾股定理"))["total"]


async def test_usage_counts_up_day_by_day(platform: Chongqing) -> None:
    days = await platform.get("usage/daily", startDate="2025-03-01", endDate="2025-03-31")
    own = [day for day in days if day["owner"] is None]
    assert [day["statDate"] for day in own] == [f"2025-03-{n:02d}" for n in range(1, 32)]
    assert all(b["totalPv"] - a["totalPv"] == b["pv"] for a, b in itertools.pairwise(own))


async def test_joint_sessions_have_rows_of_their_owner_that_state_nothing_else(platform: Chongqing) -> None:
    days = await platform.get("usage/daily", startDate="2025-03-01", endDate="2025-03-31")
    joint = [day for day in days if day["owner"] is not None]
    assert (len(joint), sum(day["researchSessions"] for day in joint)) == (15, 16)
    assert {day["owner"] for day in joint} == {"成渝教师研修共同体"}
    assert {tuple(day) for day in joint} == {("statDate", "owner", "researchSessions", "revision")}
    assert {day["statDate"] for day in joint} <= {day["statDate"] for day in days if day["owner"] is None}
    before = await platform.get("usage/daily", startDate="2020-02-10", endDate="2021-02-09")
    assert len(before) == 366 == len([day for day in before if day["owner"] is None])


async def test_late_days_are_corrected_after_three_days(platform: Chongqing, clock: Clock) -> None:
    span = {"startDate": "2025-10-01", "endDate": "2025-12-31"}
    final = {day["statDate"]: day for day in await platform.get("usage/daily", **span) if day["owner"] is None}
    assert max(final) == "2025-11-02"
    late = [day for day in final.values() if day["revision"] == 2]
    assert late
    clock.instant = datetime.fromisoformat(f"{late[0]['statDate']}T12:00:00+08:00") + timedelta(days=1)
    early, *joint = await platform.get("usage/daily", startDate=late[0]["statDate"], endDate=late[0]["statDate"])
    assert [row["owner"] for row in joint] in ([], ["成渝教师研修共同体"])
    assert (early["revision"], early["pv"]) == (1, late[0]["pv"] * 9 // 10)


async def test_training_records_page_and_change(platform: Chongqing) -> None:
    records = await platform.everything("training/records")
    assert len({record["recordId"] for record in records}) == len(records) == 1_200
    assert {record["level"] for record in records} == {"国家", "市级", "区级", "集团", "校本"}
    since = records[900]["updateTime"]
    changed = await platform.everything("training/records", updatedSince=since)
    assert [r["recordId"] for r in changed] == [r["recordId"] for r in records if r["updateTime"] >= since]
