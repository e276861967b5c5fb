"""Training of every simulated platform, harvested by the gateway itself: exact counts, and nothing changes twice."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from gateway.application import Services, open_services
from gateway.cli.simulation import demo_secrets, simulators
from gateway.harvesting import HarvestKind, RunState
from gateway.storage.tables import LedgerEntryRow, TrainingRecordRow
from tests.gateway.harvesting.upstream import column
from tests.journeys.gateway import harvest
from tests.journeys.partner import partner_settings

RECORDS = {"chongqing": 1200, "neijiang": 900, "sichuan": 1200, "yuzhong": 146, "zibo": 900}
REJECTED = {"neijiang": 3}
"""Broken lines of its drop of files."""


async def hours(services: Services) -> list[tuple[str, ...]]:
    """Sum of hours and lines by platform."""
    records, lines = (
        TrainingRecordRow.metadata.tables["training_records"],
        LedgerEntryRow.metadata.tables["ledger_entries"],
    )
    joined = lines.join(records, records.c.id == lines.c.record_id)
    query = select(records.c.platform, func.count()).select_from(joined).group_by(records.c.platform)
    async with services.database.reading() as connection:
        return sorted(tuple(map(str, row)) for row in await connection.execute(query))


@pytest.mark.slow
async def test_every_record_is_stored_and_a_second_harvest_adds_nothing(tmp_path: Path) -> None:
    with simulators(size=20) as reroutes:
        settings = partner_settings(tmp_path, reroutes, builtin_platforms=True)
        async with open_services(settings, demo_secrets()) as services:
            first = {code: await harvest(services, code, HarvestKind.TRAINING) for code in RECORDS}
            stored = await column(services.database, "training_records", "platform", "native_id", "version", "state")
            versions = await column(services.database, "training_versions", "record_id", "version")
            written = await hours(services)
            again = {code: await harvest(services, code, HarvestKind.TRAINING) for code in RECORDS}
            reposted = await services.training.posting.repost_all(services.database, lambda: first["zibo"].started_at)
            assert await hours(services) == written
            raws = await column(services.database, "quarantined_records", "platform", "code", "native_id")
            names = await column(services.database, "teacher_accounts", "platform", "name")
    assert {code: (run.state, run.created, run.quarantined) for code, run in first.items()} == {
        code: (RunState.SUCCEEDED, count, REJECTED.get(code, 0)) for code, count in RECORDS.items()
    }
    assert {code: sum(row[0] == code for row in stored) for code in RECORDS} == RECORDS
    assert {row[2] for row in stored} == {1}
    assert len(versions) == sum(RECORDS.values())
    assert {(run.state, run.created, run.updated, run.withdrawn) for run in again.values()} == {
        (RunState.SUCCEEDED, 0, 0, 0)
    }
    assert reposted == 0
    assert {platform for platform, _ in written} >= {"chongqing", "sichuan", "yuzhong", "zibo"}
    assert raws == [("neijiang", "file.line", None)] * 3
    assert {platform for platform, name in names if name is not None} == {"chongqing"}
