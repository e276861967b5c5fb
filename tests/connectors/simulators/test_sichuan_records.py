"""What 四川云教 holds: lessons and their artefacts, alliances by date, use, training, all made from a seed."""

import base64
import itertools
import json
import re
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.simulators import SIMULATORS
from connectors.simulators.sichuan.app import SIMULATOR
from tests.connectors.simulators.clients import Chongqing, Clock, simulation
from tests.connectors.simulators.sichuan import LESSONS, Sichuan

BUILD = SIMULATOR.build


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def platform(clock: Clock) -> Sichuan:
    return Sichuan(clock)


# lessons


async def test_one_lesson_in_forty_one_is_withdrawn_and_not_searched(platform: Sichuan) -> None:
    lessons = platform.records()
    withdrawn = [node["id"] for node in lessons if node["status"] == "WITHDRAWN"]
    assert (len(withdrawn), tuple(withdrawn)) == (44, platform.simulation.catalog.deleted_ids())
    assert (await platform.get("{searchLessons(size: 1) {total}}"))["searchLessons"] == {"total": 1_756}


async def test_exactly_the_invalid_records_are_unsound(platform: Sichuan) -> None:
    def unsound(node: Mapping[str, Any]) -> bool:
        return (
            not node["title"]
            or node["kind"] == "UNCLASSIFIED"
            or (node["startsAt"] or "") > (node["endsAt"] or "")
            or not node["url"].startswith("https://")
            or node["createdAt"].startswith("2023-02-31")
        )

    found = [node["id"] for node in platform.records() if unsound(node)]
    assert (len(found), tuple(found)) == (9, platform.simulation.catalog.invalid_ids())


async def test_some_values_are_in_no_vocabulary(platform: Sichuan) -> None:
    odd = Counter(
        name
        for node in platform.records()
        for name, there in (
            ("subject", node["subject"]["name"] == "藏羌文化体验"),
            ("mode", node["modes"] == ["IMMERSIVE"]),
            ("edition", node["edition"] == "四川云教试验版"),
        )
        if there
    )
    assert odd == {"subject": 4, "mode": 3, "edition": 4}


async def test_each_stage_has_its_own_mode(platform: Sichuan) -> None:
    modes = {
        (node["stage"], node["modes"][0])
        for node in platform.records()
        if node["modes"] and node["modes"] != ["IMMERSIVE"]
    }
    assert modes == {("KINDERGARTEN", "OBSERVED"), ("PRIMARY", "EMBEDDED"), ("JUNIOR", "RECORDED"), ("SENIOR", "LIVE")}
    live = await platform.lessons(filter={"mode": "LIVE", "stage": "PRIMARY"})
    assert live
    assert {(node["kind"], *node["modes"]) for node in live} == {("LIVE_LESSON", "EMBEDDED", "LIVE")}


async def test_artefacts_of_a_lesson_lead_to_records_and_back(platform: Sichuan) -> None:
    first = platform.simulation.catalog.native_id(0)
    data = await platform.get(
        "query ($id: ID!) {lesson(id: $id) {title links {relation lesson {kind links {relation id}}}"
        " materials {before {lessonId} during {lessonId} after {lessonId}}}}",
        id=first,
    )
    links = data["lesson"]["links"]
    assert [(link["relation"], link["lesson"]["kind"]) for link in links] == [
        ("BEFORE", "LESSON_PLAN"),
        ("BEFORE", "COURSEWARE"),
        ("AFTER", "RESEARCH"),
    ]
    assert all(link["lesson"]["links"] == [{"relation": "CYCLE", "id": first}] for link in links)
    held = {phase: [file["lessonId"] for file in files] for phase, files in data["lesson"]["materials"].items()}
    ids = [platform.simulation.catalog.native_id(n) for n in (1, 2, 3)]
    assert held == {"before": ids[:2], "during": [None], "after": ids[2:]}


async def test_files_of_other_records_are_the_files_those_records_show(platform: Sichuan) -> None:
    lessons = {node["id"]: node for node in platform.records()}
    pairs = [
        (file, lessons[file["lessonId"]]["materials"][phase])
        for node in lessons.values()
        for phase, files in node["materials"].items()
        for file in files
        if file["lessonId"]
    ]
    assert len(pairs) == 1_125
    assert all(file | {"lessonId": None} in theirs for file, theirs in pairs)


async def test_some_works_are_those_of_chongqing(platform: Sichuan) -> None:
    chongqing = simulation(SIMULATORS["chongqing"].build()).catalog
    theirs = {
        file["md5"]: (record["title"], record["team"][0]["name"], record["team"][0]["school"])
        for record in map(chongqing.record, chongqing.ordinals())
        for file in record["files"]
    }
    shared = [node for node in platform.records() if node["program"]]
    files = [node["materials"]["during"][0]["md5"] for node in shared]
    same = [
        md5
        for md5, node in zip(files, shared, strict=True)
        if theirs[md5] == (node["title"], node["teachers"][0]["name"], node["teachers"][0]["school"])
    ]
    assert {node["program"] for node in shared} == {"成渝教师研修共同体"}
    assert (len(shared), len(same)) == (22, 22)


# alliances


async def test_forty_four_alliances_have_an_anchor_and_receivers_by_date(platform: Sichuan) -> None:
    query = """query ($p: Int) {alliances(page: $p, size: 20) {total items {id name stage mode establishedOn
        anchorSchool {id name region {code}} receivingSchools {school {id name} modes validFrom validTo}}}}"""
    pages = [(await platform.get(query, p=number))["alliances"] for number in (1, 2, 3, 4)]
    found = [item for page in pages for item in page["items"]]
    assert [(page["total"], len(page["items"])) for page in pages] == [(44, 20), (44, 20), (44, 4), (44, 0)]
    assert len({item["anchorSchool"]["id"] for item in found}) == len({item["name"] for item in found}) == 44
    assert Counter(item["stage"] for item in found) == {"KINDERGARTEN": 6, "PRIMARY": 14, "JUNIOR": 12, "SENIOR": 12}
    held = [member for item in found for member in item["receivingSchools"]]
    schools = Counter(member["school"]["id"] for member in held)
    assert (len(held), len(schools)) == (2_186, 1_632)
    assert max(schools.values()) == 3
    assert all(member["validTo"] is None or member["validFrom"] <= member["validTo"] for member in held)
    lessons = platform.records()
    assert {node["alliance"]["id"] for node in lessons} == {item["id"] for item in found}


async def test_a_lesson_leads_to_its_whole_alliance(platform: Sichuan) -> None:
    first = platform.simulation.catalog.native_id(0)
    data = await platform.get(f'{{lesson(id: "{first}") {{alliance {{stage receivingSchools {{validFrom}}}}}}}}')
    assert data["lesson"]["alliance"]["stage"] == "SENIOR"
    assert len(data["lesson"]["alliance"]["receivingSchools"]) == 13


# use


async def test_days_of_all_stages_add_up_where_they_may(platform: Sichuan) -> None:
    fields = "date liveViewers plays totalPlays livePeak activeTeachers receivingSchools revision"
    range_ = 'from: "2025-03-01", to: "2025-03-31"'
    stages = ("KINDERGARTEN", "PRIMARY", "JUNIOR", "SENIOR")
    parts = " ".join(f"{stage}: usageDaily({range_}, stage: {stage}) {{{fields}}}" for stage in stages)
    data = await platform.get(f"{{total: usageDaily({range_}) {{{fields}}} {parts}}}")
    assert [day["date"] for day in data["total"]] == [f"2025-03-{n:02d}" for n in range(1, 32)]
    for total, *days in zip(data["total"], *(data[stage] for stage in stages), strict=True):
        for name in ("liveViewers", "plays", "totalPlays", "receivingSchools"):
            assert total[name] == sum(day[name] for day in days)
        assert max(day["livePeak"] for day in days) < total["livePeak"] < sum(day["livePeak"] for day in days)
        assert total["activeTeachers"] < sum(day["activeTeachers"] for day in days)
    counters = [day["totalPlays"] for day in data["total"]]
    assert [later - earlier for earlier, later in itertools.pairwise(counters)] == [
        day["plays"] for day in data["total"][1:]
    ]


async def test_late_days_are_corrected_and_today_is_not_told(platform: Sichuan, clock: Clock) -> None:
    query = '{usageDaily(from: "2025-10-25", to: "2026-12-31", stage: JUNIOR) {date plays revision}}'
    before = {day["date"]: day for day in (await platform.get(query.replace("2026-12-31", "2025-11-30")))["usageDaily"]}
    assert max(before) == "2025-11-02"
    clock.move(days=20)
    after = {day["date"]: day for day in (await platform.get(query.replace("2026-12-31", "2025-11-30")))["usageDaily"]}
    assert max(after) == "2025-11-22"
    changed = [day for day in before if before[day] != after[day]]
    assert all((before[day]["revision"], after[day]["revision"]) == (1, 2) for day in changed)
    assert all(before[day]["plays"] < after[day]["plays"] for day in changed)


async def test_programs_have_days_of_their_own_within_the_same_bounds(platform: Sichuan) -> None:
    query = "query ($f: Date!, $t: Date!) {programDaily(from: $f, to: $t) {date program researchSessions revision}}"
    days = (await platform.get(query, f="2025-03-01", t="2025-03-31"))["programDaily"]
    assert (len(days), sum(day["researchSessions"] for day in days)) == (15, 16)
    assert {(day["program"], day["revision"]) for day in days} == {("成渝教师研修共同体", 1)}
    assert (await platform.get(query, f="2020-02-17", t="2021-02-14"))["programDaily"] == []
    assert await platform.code(query, f="2024-01-01", t="2025-01-02") == ("LIMIT_EXCEEDED", ["programDaily"])


async def test_receiving_schools_are_a_stock_by_date(platform: Sichuan) -> None:
    query = "query ($d: Date!) {usageDaily(from: $d, to: $d) {receivingSchools}}"
    days = ("2020-02-17", "2023-02-14", "2025-11-02")
    stocks = [(await platform.get(query, d=day))["usageDaily"][0]["receivingSchools"] for day in days]
    assert stocks == [2, 1_632, 1_603]


# training


async def test_training_is_walked_by_cursor_and_since_an_instant(platform: Sichuan) -> None:
    records = await platform.training()
    assert len({record["id"] for record in records}) == len(records) == 1_200
    since = "2025-01-01T00:00:00+08:00"
    changed = await platform.training(updatedAfter=since)
    assert changed == [record for record in records if record["updatedAt"] >= since]
    assert len(changed) == 258


async def test_remote_teaching_is_recognized_apart_from_hours(platform: Sichuan) -> None:
    records = await platform.training()
    kinds = Counter((record["recognition"], record["unit"]) for record in records)
    assert kinds == {
        ("CREDIT_HOURS", "学时"): 576,
        ("CREDIT_HOURS", "场"): 336,
        ("SUPPORT_TEACHING", "课时"): 150,
        (None, "场"): 138,
    }
    for record in records:
        remote = record["recognition"] == "SUPPORT_TEACHING"
        assert remote == (record["activity"]["kind"] == "支教")
        kind = base64.b64decode(record["school"]["id"]).decode().partition(":")[0]
        assert kind == ("AnchorSchool" if remote else "ReceivingSchool")
        assert re.fullmatch("p-[0-9a-f]{12}", record["teacherId"])


async def test_joint_training_was_also_reported_by_chongqing(platform: Sichuan) -> None:
    chongqing = Chongqing(SIMULATORS["chongqing"].build())
    theirs = {
        (record["activityName"], record["startTime"], record["endTime"], record["activityType"]): record["teacherId"]
        for record in await chongqing.everything("training/records")
    }
    joint = [record for record in await platform.training() if record["activity"]["program"] == "成渝教师研修共同体"]
    names = {
        (
            record["activity"]["name"],
            *(int(datetime.fromisoformat(record[end]).timestamp() * 1000) for end in ("startsAt", "endsAt")),
            record["activity"]["kind"],
        )
        for record in joint
    }
    assert (len(joint), len(names)) == (120, 20)
    assert names <= set(theirs)
    assert not {record["teacherId"] for record in joint} & set(theirs.values())


# made from its seed


async def test_the_same_seed_gives_the_same_answers(platform: Sichuan) -> None:
    one, again, other = [await Sichuan(size=200, seed=seed).lessons() for seed in (2026, 2026, 7)]
    assert json.dumps(one) == json.dumps(again)
    assert json.dumps(one) != json.dumps(other)
    assert await Sichuan(seed=2026).training() == await platform.training()


async def test_a_big_catalog_answers_without_being_made() -> None:
    platform = Sichuan(size=1_000_000)
    cursor = base64.b64encode(b"CREATED_ASC:0:999997").decode()
    page = (await platform.ask(LESSONS, first=10, after=cursor))["data"]["lessons"]
    assert page["totalCount"] == 1_000_000
    assert [base64.b64decode(edge["node"]["id"]) for edge in page["edges"]] == [b"Lesson:999999", b"Lesson:1000000"]
    assert page["pageInfo"]["hasNextPage"] is False


@given(ordinal=st.integers(min_value=0, max_value=1_799))
@settings(max_examples=50, deadline=None)
def test_a_native_id_leads_back_to_its_record(ordinal: int) -> None:
    catalog = simulation(BUILD()).catalog
    assert catalog.get(catalog.native_id(ordinal)) == catalog.record(ordinal)


@given(text=st.text(max_size=24) | st.binary(max_size=12).map(lambda raw: base64.b64encode(raw).decode()))
@settings(max_examples=100, deadline=None)
def test_what_is_no_id_is_a_key_error(text: str) -> None:
    with pytest.raises(KeyError):
        simulation(BUILD()).catalog.get(text)


@pytest.mark.parametrize("text", ["TGVzc29uOjE", "TGVzc29uOjAx", "TGVzc29uOjA=", "TGVzc29uOi0x", "QWxsaWFuY2U6MQ=="])
def test_an_id_written_otherwise_is_unknown(text: str) -> None:
    with pytest.raises(KeyError):
        simulation(BUILD()).catalog.get(text)
