"""A platform that is registered through the mutations gives the very catalog that its built-in manifest gives."""

import asyncio
import shutil
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from connectors.platforms import builtin_manifests
from connectors.simulators import SIMULATORS
from gateway.application import Services, open_services
from gateway.cli.simulation import demo_secrets, simulators
from tests.journeys.gateway import harvest_once, running, settings_for
from tests.journeys.partner import Partner, partner_settings

SIZE = 30
MANIFESTS = {path.name.removesuffix(".yaml"): path.read_text("utf-8") for path in builtin_manifests()}


async def catalog(services: Services) -> dict[tuple[str, str], dict[str, Any]]:
    """Everything that is stored of every record, by platform and native id, but the moment it was fetched."""
    columns = "platform, native_id, access, body, unmapped, digest, manifest_version, withdrawn_at"
    async with services.database.reading() as connection:
        rows = await connection.execute(text(f"SELECT {columns} FROM resources"))  # noqa: S608
        return {(row.platform, row.native_id): {**row._mapping, "body": orjson.loads(row.body)} for row in rows}


async def links(services: Services) -> set[tuple[str, ...]]:
    """Every relation between records."""
    async with services.database.reading() as connection:
        rows = await connection.execute(text("SELECT platform, source, relation, target FROM resource_links"))
        return {tuple(row) for row in rows}


@pytest.mark.slow
async def test_every_platform_removed_and_registered_again_gives_the_same_catalog(
    tmp_path: Path, sqlite_template: Path
) -> None:
    assert set(MANIFESTS) == set(SIMULATORS) == {"chongqing", "zibo", "yuzhong", "sichuan", "neijiang", "national"}
    for name in ("built-in", "registered"):
        (tmp_path / name).mkdir()
        shutil.copyfile(sqlite_template, tmp_path / name / "shanhai.db")
    with simulators(size=SIZE) as reroutes:
        built_in = settings_for(tmp_path / "built-in", reroutes)
        runs = await harvest_once(built_in, demo_secrets(), *MANIFESTS)
        assert {run.state for run in runs} == {"SUCCEEDED"}
        settings = partner_settings(tmp_path / "registered", reroutes, harvest_workers=4)
        async with running(settings) as client:
            partner = Partner(client)
            assert (await client.ask("{ platforms { code } }"))["platforms"] == []
            for code, manifest in MANIFESTS.items():
                await partner.serve(code, manifest, SIMULATORS[code].secrets)
            ended = await asyncio.gather(*(partner.harvest(code) for code in MANIFESTS))
            assert [run["state"] for run in ended] == ["SUCCEEDED"] * len(MANIFESTS)
            registered, registered_links = await catalog(client.services), await links(client.services)
            found = await client.ask("{ platforms { code capabilities resourceCount } }")
        async with open_services(built_in) as services:
            expected, expected_links = await catalog(services), await links(services)
    assert len(expected) > 5 * SIZE
    assert registered == expected
    assert registered_links == expected_links
    counts = {each["code"]: each["resourceCount"] for each in found["platforms"]}
    assert counts == {run.platform: run.created for run in runs}
