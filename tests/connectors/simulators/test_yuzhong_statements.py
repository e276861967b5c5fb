"""What the statements of 渝中 tell: plays per day, what came late, training and hours as at the other endpoints."""

import json
from collections import Counter
from datetime import datetime

import pytest

from connectors.simulators.yuzhong.app import build
from connectors.simulators.yuzhong.statements import ORIGIN, PLAYS_FROM, VERBS
from tests.connectors.simulators.clients import Yuzhong
from tests.connectors.simulators.documentation import blocks, section
from tests.connectors.simulators.xapi_client import PATH, ask, everything, opened, settled, verbs

TEXT = section("### The statement store of 渝中")
EXTENSION = f"{ORIGIN}/xapi/ext"
PLAYED = VERBS["played"]


@pytest.fixture
async def platform() -> Yuzhong:
    return await opened(build(now=settled()))


async def test_plays_per_day_are_the_published_ones(platform: Yuzhong) -> None:
    """The derivation that the documentation states."""
    told = await everything(platform, verb=PLAYED)
    plays = Counter(statement["timestamp"][:10] for statement in told)
    assert {statement["timestamp"][-6:] for statement in told} == {"+08:00"}
    query = {"from": PLAYS_FROM.isoformat(), "to": "2025-10-31"}
    days = (await platform.http.get("/api/v2/stats/daily", params=query)).json()["items"]
    assert len(days) == 14
    assert dict(plays) == {day["date"]: day["metrics"]["plays"] for day in days}


async def test_some_plays_were_stored_days_after_they_happened(platform: Yuzhong) -> None:
    told = await everything(platform, verb=PLAYED)
    delays = [
        datetime.fromisoformat(statement["stored"]) - datetime.fromisoformat(statement["timestamp"])
        for statement in told
    ]
    assert sum(delay.days >= 1 for delay in delays) == 177
    assert {delay.days for delay in delays} == {0, 1, 2, 3, 4, 5}
    assert all(delay.total_seconds() > 0 for delay in delays)


async def test_training_is_that_of_the_other_endpoint(platform: Yuzhong) -> None:
    records = [item for page in await platform.pages("/api/v2/training?limit=100") for item in page]
    known = {record["record_id"]: record for record in records}
    told = [
        s for s in await everything(platform) if f"{EXTENSION}/record" in s.get("context", {}).get("extensions", {})
    ]
    assert len(told) == 276 + 30 + 6 + 146
    for statement in told:
        extensions = {name.removeprefix(f"{EXTENSION}/"): v for name, v in statement["context"]["extensions"].items()}
        record = known[extensions["record"]]
        assert statement["actor"]["account"]["name"] == record["teacher_ref"]
        assert statement["object"]["definition"]["name"]["zh-CN"] == record["activity"]["name"]
        assert (extensions["level"], extensions["state"]) == (record["level"], record["state"])
        (level,) = statement["context"]["contextActivities"]["category"]
        assert level["definition"]["name"]["zh-CN"] == record["level"]
        if statement["verb"]["id"] == VERBS["earned"]:
            assert statement["result"]["extensions"] == {f"{EXTENSION}/hours": record["amount"]}
            assert (record["state"], record["unit"]) == ("认定", "hour")
        else:
            assert int(statement["result"]["duration"].removeprefix("PT").removesuffix("H")) in range(1, 9)


async def test_levels_ladder_programs_and_kinds_are_those_of_the_district(platform: Yuzhong) -> None:
    told = await everything(platform, verb=VERBS["attended"])
    counted = {
        name: Counter(statement["context"]["extensions"][f"{EXTENSION}/{name}"] for statement in told)
        for name in ("level", "tier", "program", "kind")
    }
    assert set(counted["level"]) == {"国家", "市级", "区级", "集团", "校本"}
    assert set(counted["tier"]) == {"首席信息官", "种子教师", "骨干教师", "教师全员"}
    assert counted["program"]["寒暑期全员"] == 72
    assert (counted["kind"]["网络观课"], counted["kind"]["精准视导"]) == (36, 12)
    for statement in told:
        extensions = statement["context"]["extensions"]
        if extensions[f"{EXTENSION}/program"] == "寒暑期全员":
            assert statement["timestamp"][5:7] in ("01", "02", "07", "08")


async def test_plays_tell_stage_and_subject_of_their_resource_where_it_has_one(platform: Yuzhong) -> None:
    records = {
        f"{record['id']['app']}:{record['id']['id']}": record
        for page in await platform.pages("/api/v2/resources?limit=100")
        for record in page
    }
    told = await everything(platform, verb=PLAYED)
    stages = 0
    for statement in told:
        extensions = {n.removeprefix(f"{EXTENSION}/"): v for n, v in statement["context"]["extensions"].items()}
        record = records[f"{extensions['app']}:{extensions['id']}"]
        one = record["stage"] if isinstance(record["stage"], str) else None
        assert (extensions.get("stage"), extensions["subject"]) == (one, record["subject"])
        stages += one is not None
    assert 0 < stages < len(told) == 8_556


async def test_an_empty_catalog_has_no_plays() -> None:
    platform = await opened(build(size=0, now=settled()))
    assert verbs(await everything(platform)) == {
        "attended": 276,
        "earned": 146,
        "authored": 30,
        "reviewed": 6,
        "voided": 9,
    }


async def test_the_example_statements_are_the_real_ones(platform: Yuzhong) -> None:
    shown = [json.loads(block) for block in blocks(TEXT, "json")]
    assert verbs(shown) == {"played": 1, "earned": 1, "voided": 1}
    for statement in shown:
        assert await ask(platform, statementId=statement["id"]) == statement


def test_path_verbs_and_extensions_are_documented() -> None:
    extensions = (
        "app",
        "id",
        "stage",
        "subject",
        "record",
        "kind",
        "level",
        "program",
        "tier",
        "form",
        "role",
        "school",
        "state",
        "hours",
    )
    wanted = [PATH, *VERBS, *VERBS.values(), *(f"`{name}`" for name in extensions)]
    assert [word for word in wanted if word not in TEXT] == []
