"""Records that a complete and plausible listing of all no longer holds are revoked; nothing else is."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from gateway.harvesting import RunState
from gateway.training.records import intake, listings
from schema.platforms import Capability
from tests.gateway.harvesting.training.reporting import CAN_TRAINING, Office, broken, counts, page, report
from tests.gateway.harvesting.upstream import column

WHOLE = CAN_TRAINING - {Capability.INCREMENTAL}


async def test_what_a_listing_of_all_leaves_out_is_revoked(office: Office) -> None:
    await office.harvest(page(report("r1"), report("r2"), report("r3", "T-2")), capabilities=WHOLE)
    run = await office.harvest(page(report("r1")), capabilities=WHOLE)
    assert (run.since, counts(run)) == (None, (1, 0, 0, 1, 2, 0, 0))
    states = {name: (row.state, row.withdrawn_at is None) for name, row in (await office.records()).items()}
    assert states == {"r1": ("RECOGNIZED", True), "r2": ("REVOKED", False), "r3": ("REVOKED", False)}
    assert await office.hours() == {"r1": ["2"], "r2": ["2", "-2"], "r3": ["2", "-2"]}
    again = await office.harvest(page(report("r1")), capabilities=WHOLE)
    assert counts(again) == (1, 0, 0, 1, 0, 0, 0)


async def test_an_empty_listing_withdraws_nothing(office: Office) -> None:
    await office.harvest(page(report("r1")), capabilities=WHOLE)
    run = await office.harvest(page(), capabilities=WHOLE)
    assert (run.state, run.error_code, run.withdrawn) == (RunState.PARTIAL, "EMPTY_LISTING", 0)
    assert (await office.records())["r1"].withdrawn_at is None


async def test_an_implausible_share_is_kept(office: Office) -> None:
    many = [report(f"r{number}") for number in range(60)]
    await office.harvest(page(*many), capabilities=WHOLE)
    run = await office.harvest(page(*many[:9]), capabilities=WHOLE)
    assert (run.state, run.error_code, run.withdrawn) == (RunState.PARTIAL, "WITHDRAWAL_IMPLAUSIBLE", 0)
    assert "51 of 60 training records" in (run.error or "")
    assert all(row.withdrawn_at is None for row in (await office.records()).values())


async def test_a_record_that_comes_broken_is_not_gone(office: Office) -> None:
    await office.harvest(page(report("r1"), report("r2"), report("r3"), report("r4")), capabilities=WHOLE)
    rejects = (broken("r2", '{"id": "r2"}'), broken(None, '["r3", "T-1", "broken'))
    run = await office.harvest(page(report("r1"), rejected=rejects), capabilities=WHOLE)
    assert counts(run) == (3, 0, 0, 1, 1, 2, 0)
    gone = {name for name, row in (await office.records()).items() if row.withdrawn_at is not None}
    assert gone == {"r4"}


async def test_a_later_run_asks_for_changes_and_once_a_week_for_all(office: Office) -> None:
    first = await office.harvest(page(report("r1"), report("r2")))
    second = await office.harvest(page(report("r2", version=2)))
    assert (first.since, second.since, second.withdrawn) == (None, first.started_at - timedelta(days=1), 0)
    office.clock.now += timedelta(days=6)
    third = await office.harvest(page(report("r2")))
    assert third.since == second.started_at - timedelta(days=1)
    office.clock.now += timedelta(days=1)
    fourth = await office.harvest(page(report("r2")))
    assert (fourth.since, fourth.withdrawn) == (None, 1)


async def test_another_version_of_the_mapping_reads_all(office: Office) -> None:
    await office.harvest(page(report("r1")))
    run = await office.harvest(page(report("r1")), version=2)
    assert (run.since, run.unchanged) == (None, 1)
    assert (await office.records())["r1"].fetched_at == max(
        value for (value,) in await column(office.database, "training_records", "fetched_at")
    )


async def test_other_platforms_keep_their_records(office: Office) -> None:
    await office.harvest(page(report("r1")), capabilities=WHOLE, code="sichuan")
    await office.harvest(page(report("r1"), report("r2")), capabilities=WHOLE)
    await office.harvest(page(report("r2")), capabilities=WHOLE)
    rows = await office.rows("training_records")
    assert {(row.platform, row.native_id): row.withdrawn_at is None for row in rows} == {
        ("sichuan", "r1"): True,
        ("chongqing", "r1"): False,
        ("chongqing", "r2"): True,
    }


async def test_many_are_withdrawn_in_portions_and_credited_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    some, portions = listings.some_unmet, list[int]()

    def two(connection: Connection, platform: str, run_id: str) -> Sequence[Any]:
        found = some(connection, platform, run_id, 2)
        portions.append(len(found))
        return found

    same = {"title": "同一研修"}
    five = [report(f"r{number}", "T-1" if number < 4 else "T-2", **same) for number in range(5)]
    await office.harvest(page(*five, report("r9", "T-3")), capabilities=WHOLE)
    before = await office.hours()
    monkeypatch.setattr(intake, "some_unmet", two)
    run = await office.harvest(page(report("r9", "T-3")), capabilities=WHOLE)
    assert (run.withdrawn, portions) == (5, [2, 2, 1, 0])
    left = {name for name, row in (await office.records()).items() if row.withdrawn_at is None}
    assert left == {"r9"}
    gone = {name: [*lines, f"-{lines[0]}"] for name, lines in before.items() if name != "r9"}
    assert await office.hours() == gone | {"r9": before["r9"]}


async def test_an_implausible_share_is_counted_and_not_read(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(*_: object) -> None:
        raise AssertionError("the records themselves were read")

    many = [report(f"r{number}") for number in range(60)]
    await office.harvest(page(*many), capabilities=WHOLE)
    monkeypatch.setattr(intake, "some_unmet", read)
    run = await office.harvest(page(*many[:9]), capabilities=WHOLE)
    assert run.error_code == "WITHDRAWAL_IMPLAUSIBLE"
