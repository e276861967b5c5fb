"""Training records of every platform: exact counts, every word known, some mapped by hand."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.errors import UpstreamFailure
from connectors.records import HarvestRequest
from connectors.simulators.yuzhong.statements import VERBS
from schema.platforms import Capability
from tests.connectors.platforms.runs import SETTLED, built, connector, context, said, training
from tests.connectors.platforms.trained import MAPPED
from tests.connectors.simulators.xapi_client import everything, opened

COUNTS = {"chongqing": 1200, "zibo": 900, "yuzhong": 146, "sichuan": 1200, "neijiang": 900}
STATES = {"REPORTED", "REVIEWED", "RECOGNIZED", "REJECTED", "REVOKED"}
LEVELS = {"NATIONAL", "CITY", "DISTRICT", "SCHOOL_GROUP", "SCHOOL"}
OTHER_LEVELS = {
    "yuzhong": LEVELS - {"NATIONAL"},  # nobody earned hours of the nation in 2025
    "sichuan": LEVELS - {"CITY"} | {"PROVINCIAL"},
}


@pytest.mark.parametrize("code", COUNTS)
async def test_every_record_is_accepted_and_every_word_known(code: str) -> None:
    run = await training(code)
    assert len({record.native_id for record in run.records}) == len(run.records) == COUNTS[code]
    assert run.unmapped == {}
    assert {record.state.value for record in run.records} == ({"RECOGNIZED"} if code == "yuzhong" else STATES)
    levels = {record.level.value for record in run.records if record.level}
    assert levels == OTHER_LEVELS.get(code, LEVELS)
    assert "OTHER" not in {word for record in run.records for word in (record.kind.value, record.role.value)}
    assert all(record.form and record.school and record.school.name for record in run.records)


@pytest.mark.parametrize("code", ["chongqing", "zibo", "sichuan"])
async def test_nothing_is_rejected_where_every_record_is_sound(code: str) -> None:
    assert (await training(code)).rejected == []


@pytest.mark.parametrize(("code", "record"), MAPPED, ids=[f"{code} {record['nativeId']}" for code, record in MAPPED])
async def test_a_record_is_mapped_field_by_field(code: str, record: Mapping[str, Any]) -> None:
    [found] = [told for told in (await training(code)).records if told.native_id == record["nativeId"]]
    assert said(found) == record


@pytest.mark.parametrize("code", COUNTS)
async def test_an_incremental_run_reads_less_and_misses_nothing(code: str) -> None:
    since = datetime(2025, 9, 1, tzinfo=UTC)
    whole = await training(code)
    part = {record.native_id for record in (await training(code, since=since)).records}
    recent = {
        record.native_id for record in whole.records if record.updated_at is not None and record.updated_at >= since
    }
    assert recent <= part
    assert 0 < len(part) < len(whole.records)


async def test_broken_lines_of_the_drop_are_quarantined_with_file_and_line() -> None:
    run = await training("neijiang")
    findings = [finding for page in run.pages for item in page.rejected for finding in item.findings]
    site = "https://oai.njeducloud.example/drop/training"
    assert [(finding.code, finding.message.split(":")[1].removeprefix("//")) for finding in findings] == [
        ("file.line", f"{site.partition('//')[2]}/2022-2.csv, line 68"),
        ("file.line", f"{site.partition('//')[2]}/2024-1.csv, line 65"),
        ("file.line", f"{site.partition('//')[2]}/2025-1.csv, line 116"),
    ]
    assert Counter(type(item.raw) for page in run.pages for item in page.rejected) == {str: 3}


async def test_an_award_that_is_voided_later_is_told_as_deleted() -> None:
    app = built("yuzhong", size=0, now=SETTLED)
    whole = await training("yuzhong", app=app)
    award = whole.records[0].native_id
    assert award not in whole.deleted
    app.state.statements.void(award)
    after = await training("yuzhong", app=app)
    assert {record.native_id for record in after.records} == {r.native_id for r in whole.records} - {award}
    assert after.deleted - whole.deleted == {award}


async def test_hours_earned_are_those_of_the_statements() -> None:
    platform = await opened(built("yuzhong", size=0, now=SETTLED))
    awards = await everything(platform, verb=VERBS["earned"])
    hours = {
        award["id"]: award["result"]["extensions"]["https://open.yzcloud.example/xapi/ext/hours"] for award in awards
    }
    run = await training("yuzhong")
    assert {record.native_id: float(record.quantity) for record in run.records} == hours


async def test_the_national_platform_has_no_training() -> None:
    assert Capability.TRAINING not in connector("national").capabilities
    app = built("national")
    with pytest.raises(UpstreamFailure, match="the manifest has no training section"):
        await anext(connector("national").training(context("national", app), HarvestRequest()))
