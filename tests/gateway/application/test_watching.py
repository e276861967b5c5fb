"""What a running gateway tells of itself: every metric of the guide, index, database, circuits and harvests."""

import re
import shutil
from pathlib import Path

import pytest
from prometheus_client.metrics import MetricWrapperBase

from gateway.application import create_app
from gateway.settings import Settings
from gateway.telemetry import Telemetry
from tests.architecture.source import ROOT
from tests.journeys.gateway import harvest, running
from tests.journeys.partner import Partner, partner_settings
from tests.journeys.river import HOME, River, on_loopback, river_manifest

GUIDE = (ROOT / "docs" / "operation.md").read_text("utf-8")


def test_every_metric_is_in_the_guide_with_its_labels() -> None:
    telemetry: Telemetry = create_app(Settings()).state.telemetry
    known = {}
    for collector, names in telemetry.registry._collector_to_names.items():
        if isinstance(collector, MetricWrapperBase):
            assert any(each.startswith("shanhai_") for each in names)
            name = collector._name
            known[f"{name}_total" if collector._type == "counter" else name] = list(collector._labelnames)
    rows = re.findall(r"^\| `(shanhai_\w+)` \| (.*?) \|", GUIDE, re.MULTILINE)
    assert {name: re.findall(r"`(\w+)`", labels) for name, labels in rows} == known
    assert len(known) == 19


async def test_a_gateway_tells_of_its_index_database_and_harvests(tmp_path: Path, sqlite_template: Path) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "shanhai.db")
    async with on_loopback(River().app()) as address, running(partner_settings(tmp_path, {HOME: address})) as client:
        await Partner(client).serve("river", river_manifest(), {})
        await Partner(client).harvest("river")
        await client.services.catalog.catch_up()
        app = client.http._transport.app  # type: ignore[attr-defined]
        app.state.served.circuits = lambda: {"river": True, "zibo": False}
        text = (await client.http.get("/metrics")).text
        run = 'kind="FULL",platform="river"'
        assert f'shanhai_harvest_runs_total{{{run},state="SUCCEEDED"}} 1.0\n' in text
        assert 'shanhai_harvest_records_total{change="created",kind="FULL",platform="river"} 30.0\n' in text
        assert "shanhai_index_sequence 30.0\n" in text
        assert "shanhai_index_lag 0.0\n" in text
        assert re.search(r'^shanhai_database_connections\{state="used"\} \d+\.0$', text, re.MULTILINE)
        assert 'shanhai_circuit_open{platform="river"} 1.0\n' in text
        assert 'shanhai_circuit_open{platform="zibo"} 0.0\n' in text
        assert "process_resident_memory_bytes" in text

        await harvest(client.services, "river")
        again = (await client.http.get("/metrics")).text
        assert f'shanhai_harvest_runs_total{{{run},state="SUCCEEDED"}} 2.0\n' in again
        assert 'shanhai_operations_total{area="registerConnector"' in again


async def test_metrics_are_told_while_the_database_is_away(
    tmp_path: Path, sqlite_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "shanhai.db")
    async with running(partner_settings(tmp_path, {})) as client:
        assert "shanhai_index_lag 0.0\n" in (await client.http.get("/metrics")).text

        async def away() -> tuple[int, int]:
            raise OSError("connection refused")

        monkeypatch.setattr(client.services.catalog, "progress", away)
        assert (await client.http.get("/metrics")).status_code == 200
