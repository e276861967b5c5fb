"""What a platform reports becomes accounts, records with every version, and hours, each page at once."""

from datetime import date
from decimal import Decimal

import orjson
import pytest

from connectors.errors import Malformed, Unreachable
from gateway.harvesting import HarvestKind, RunState
from schema.parts import Organization
from schema.training import RecordState
from tests.gateway.harvesting.training.reporting import Office, Reporting, counts, page, report
from tests.gateway.training.stored import KEYS

SCHOOL = Organization(name="人民路小学", region="500103")


async def test_a_first_run_makes_accounts_records_and_hours(office: Office) -> None:
    run = await office.harvest(
        page(
            report("r1", school=SCHOOL, teacher_name="教师甲", tier="种子教师"), report("r2", quantity=Decimal("1.5"))
        ),
        page(report("r3", "T-2", state=RecordState.REPORTED)),
    )
    assert (run.state, run.kind, run.pages, run.since) == (RunState.SUCCEEDED, HarvestKind.TRAINING, 2, None)
    assert counts(run) == (3, 3, 0, 0, 0, 0, 0)
    one, two = sorted(await office.rows("teacher_accounts"), key=lambda row: row.native_id)
    assert (one.platform, one.native_id, one.name, one.tier, one.region) == (
        "chongqing", "T-1", "教师甲", "种子教师", "500103",
    )  # fmt: skip
    assert one.native_key == KEYS.hex("teacher", "chongqing", "T-1")
    assert orjson.loads(one.school) == {"name": "人民路小学", "region": "500103"}
    assert (two.region, two.name, two.school, two.pseudonym) == ("500000", None, None, None)
    assert {one.teacher_id, two.teacher_id} == {row.id for row in await office.rows("teachers")}
    assert (one.teacher_id, two.teacher_id) == (one.origin_id, two.origin_id)
    records = await office.records()
    assert {name: row.region for name, row in records.items()} == {"r1": "500103", "r2": "500000", "r3": "500000"}
    assert (records["r1"].issuer, records["r1"].run_id, records["r1"].manifest_version) == (None, run.id, 1)
    assert await office.hours() == {"r1": ["2"], "r2": ["1.5"]}
    assert await office.history("r1") == [(1, "RECOGNIZED", "平台报送")]
    assert await office.rows("harvest_seen") == []


async def test_a_second_run_of_the_same_changes_nothing(office: Office) -> None:
    pages = [page(report("r1")), page(report("r2"))]
    await office.harvest(*pages, capabilities=frozenset(Reporting().capabilities) - {"INCREMENTAL"})
    before = {name: (row.version, row.updated_at) for name, row in (await office.records()).items()}
    run = await office.harvest(*pages)
    assert counts(run) == (2, 0, 0, 2, 0, 0, 0)
    records = await office.records()
    assert {name: (row.version, row.updated_at) for name, row in records.items()} == before
    assert {row.run_id for row in records.values()} == {run.id}
    assert await office.hours() == {"r1": ["2"], "r2": ["2"]}


async def test_corrected_content_is_a_new_version_and_puts_the_ledger_right(office: Office) -> None:
    await office.harvest(page(report("r1"), report("r2")))
    run = await office.harvest(page(report("r1", quantity=Decimal(5), version=2), report("r2")))
    assert counts(run) == (2, 0, 1, 1, 0, 0, 0)
    assert await office.history("r1") == [(1, "RECOGNIZED", "平台报送"), (2, "RECOGNIZED", "平台更正")]
    assert await office.hours() == {"r1": ["2", "-2", "5"], "r2": ["2"]}
    contents = [orjson.loads(row.content) for row in await office.rows("training_versions", "version")]
    assert [content["quantity"] for content in contents if content["title"] == "研修 r1"] == ["2", "5"]


async def test_a_lower_version_of_the_platform_changes_nothing(office: Office) -> None:
    await office.harvest(page(report("r1", version=3)))
    run = await office.harvest(page(report("r1", version=2, quantity=Decimal(9), state=RecordState.REVOKED)))
    assert counts(run) == (1, 0, 0, 1, 0, 0, 0)
    assert (await office.records())["r1"].reported_version == 3
    assert await office.hours() == {"r1": ["2"]}


async def test_of_duplicates_in_a_page_the_highest_version_counts(office: Office) -> None:
    low, high = report("r1", version=1), report("r1", version=2, quantity=Decimal(4))
    run = await office.harvest(page(high, low), page(low))
    assert counts(run) == (1, 1, 0, 0, 0, 0, 2)
    assert (await office.records())["r1"].quantity == 4


async def test_a_change_of_times_alone_is_no_correction(office: Office) -> None:
    await office.harvest(page(report("r1")))
    run = await office.harvest(page(report("r1", updated_at="2026-02-01T00:00:00Z", version=2)))
    assert counts(run) == (1, 0, 0, 1, 0, 0, 0)
    row = (await office.records())["r1"]
    assert (row.version, row.reported_version) == (1, 2)


async def test_a_record_that_moves_to_another_teacher_takes_its_hours_along(office: Office) -> None:
    await office.harvest(page(report("r1"), report("r2")))
    run = await office.harvest(page(report("r1", "T-2", version=2), report("r2")))
    assert counts(run) == (2, 0, 1, 1, 0, 0, 0)
    accounts = {row.native_id: row.id for row in await office.rows("teacher_accounts")}
    assert (await office.records())["r1"].account_id == accounts["T-2"]
    lines = await office.rows("ledger_entries", "sequence")
    by_account = {name: sum(line.hours for line in lines if line.account_id == key) for name, key in accounts.items()}
    assert by_account == {"T-1": 2, "T-2": 2}


async def test_the_newest_activity_says_where_a_teacher_works_and_older_ones_do_not(office: Office) -> None:
    old = report("old", school=Organization(name="旧校", region="500106"), starts_on=date(2024, 3, 1), ends_on=None)
    new = report("new", school=SCHOOL)
    await office.harvest(page(new))
    await office.harvest(page(new, old))
    [account] = await office.rows("teacher_accounts")
    assert (account.region, orjson.loads(account.school)["name"]) == ("500103", "人民路小学")
    assert (await office.records())["old"].region == "500106"


async def test_a_region_that_does_not_exist_is_that_of_the_platform(office: Office) -> None:
    await office.harvest(page(report("r1", school=Organization(name="某校", region="999999"))))
    assert (await office.records())["r1"].region == "500000"


async def test_what_the_platform_deletes_is_revoked_and_its_hours_are_taken_back(office: Office) -> None:
    await office.harvest(page(report("r1"), report("r2")))
    run = await office.harvest(page(report("r2"), deleted=("r1", "never")))
    assert (run.withdrawn, counts(run)[:4]) == (1, (1, 0, 0, 1))
    row = (await office.records())["r1"]
    assert (row.state, row.withdrawn_at is not None, row.version) == ("REVOKED", True, 2)
    assert await office.hours() == {"r1": ["2", "-2"], "r2": ["2"]}


@pytest.mark.parametrize("failure", [Malformed("not JSON"), Unreachable("gone")])
async def test_pages_before_a_failure_stay_with_their_hours_and_nothing_is_withdrawn(
    office: Office, failure: Exception
) -> None:
    await office.harvest(page(report("r0")))
    pages = [page(report("r1")), page(report("r2"))]
    run = await office.harvest(*pages, fails_at=1, failure=failure)
    assert (run.state, counts(run)) == (RunState.PARTIAL, (1, 1, 0, 0, 0, 0, 0))
    assert set(await office.records()) == {"r0", "r1"}
    assert await office.hours() == {"r0": ["2"], "r1": ["2"]}


async def test_an_interrupted_run_goes_on_behind_its_last_page(office: Office) -> None:
    pages = [page(report("r1")), page(report("r2")), page(report("r1"))]
    broken = await office.harvest(*pages, fails_at=1, failure=Unreachable("gone"))
    upstream = Reporting(reported=pages)
    run = await office.service.run(upstream, upstream.context(), kind=HarvestKind.TRAINING)
    assert (run.id, run.state, counts(run)) == (broken.id, RunState.SUCCEEDED, (2, 2, 0, 0, 0, 0, 1))
    assert upstream.requests[0].checkpoint == {"page": 1}
