"""The four platforms harvested through their manifests from their simulators."""

import importlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from connectors.context import ConnectorContext
from connectors.manifest import ManifestConnector, read_manifest_file
from connectors.platforms import builtin_manifests
from connectors.records import Accepted, HarvestPage, HarvestRequest
from connectors.simulators import SIMULATORS, Fault, Simulation
from connectors.transport import in_process
from schema.access import Access
from schema.modes import ClassroomKind
from schema.relations import Relation
from schema.stages import SchoolSystem

SIZE = 450
NOW = datetime(2025, 11, 3, 4, 0, tzinfo=UTC)


@dataclass
class Harvested:
    """A harvest and the simulation it came from."""

    simulation: Simulation
    pages: list[HarvestPage] = field(default_factory=list)

    @property
    def accepted(self) -> dict[str, Accepted]:
        """Accepted records by native id."""
        return {item.record.native_id: item for page in self.pages for item in page.accepted}

    @property
    def rejected(self) -> list[str | None]:
        """Native ids of what was rejected."""
        return [item.native_id for page in self.pages for item in page.rejected]

    @property
    def deleted(self) -> set[str]:
        """Native ids of what is gone."""
        return {native_id for page in self.pages for native_id in page.deleted}

    @property
    def unmapped(self) -> Counter[tuple[str, str]]:
        """Values that no table knows."""
        return Counter((note.field, note.value) for item in self.accepted.values() for note in item.unmapped)


def connector(code: str) -> ManifestConnector:
    """The connector of a platform."""
    [found] = [path for path in builtin_manifests() if path.name == f"{code}.yaml"]
    reading = read_manifest_file(found)
    assert reading.connector is not None, reading.findings
    return reading.connector


async def harvest(code: str, *, since: datetime | None = None, faults: tuple[Fault, ...] = ()) -> Harvested:
    """Harvest a platform's simulator."""
    app = SIMULATORS[code].build(size=SIZE, now=lambda: NOW)
    simulation: Simulation = app.state.simulation
    simulation.faults.active.extend(faults)
    context = ConnectorContext(code, in_process(app), SIMULATORS[code].secrets, now=lambda: NOW)
    pages = [page async for page in connector(code).harvest(context, HarvestRequest(since=since))]
    return Harvested(simulation, pages)


@pytest.mark.parametrize("code", SIMULATORS)
def test_manifest_and_simulator_speak_of_the_same_platform(code: str) -> None:
    [found] = [path for path in builtin_manifests() if path.name == f"{code}.yaml"]
    reading = read_manifest_file(found)
    assert set(reading.origins) == set(SIMULATORS[code].origins)
    assert set(reading.secret_names) == set(SIMULATORS[code].secrets)


@pytest.mark.parametrize("code", SIMULATORS)
async def test_every_record_is_accounted_for(code: str) -> None:
    run = await harvest(code)
    catalog = run.simulation.catalog
    listed_deleted = set(catalog.deleted_ids()) if code in ("chongqing", "yuzhong") else set()
    assert run.deleted == listed_deleted
    assert sorted(filter(None, run.rejected)) == sorted(set(catalog.invalid_ids()) - listed_deleted)
    assert len(run.accepted) + len(run.rejected) + len(run.deleted) == SIZE


@pytest.mark.parametrize("code", SIMULATORS)
async def test_only_the_words_meant_to_be_strange_are_unmapped(code: str) -> None:
    strange = str(importlib.import_module(f"connectors.simulators.{code}.records").UNKNOWNS)
    unmapped = {value for _, value in (await harvest(code)).unmapped}
    assert {value for value in unmapped if repr(value) not in strange} == set()
    assert unmapped


@pytest.mark.parametrize("code", ["chongqing", "zibo", "yuzhong"])
async def test_an_incremental_run_reads_less_and_misses_nothing(code: str) -> None:
    whole = await harvest(code)
    since = datetime(2025, 6, 1, tzinfo=UTC)
    part = await harvest(code, since=since)
    recent = {
        native_id
        for native_id, item in whole.accepted.items()
        if item.modified_upstream_at and item.modified_upstream_at >= since
    }
    assert recent <= set(part.accepted)
    assert len(part.accepted) < len(whole.accepted)


async def test_tiers_classrooms_and_school_systems_of_zibo_are_kept() -> None:
    records = [item.record for item in (await harvest("zibo")).accepted.values()]
    assert {record.access for record in records} == {Access.CITY, Access.DISTRICT, Access.SCHOOL}
    assert {record.classroom_kind for record in records} == {None, *ClassroomKind}
    by_stage = {record.school_system for record in records if "JUNIOR_SECONDARY" in record.stages}
    assert by_stage == {SchoolSystem.FIVE_FOUR}


async def test_ids_of_yuzhong_name_their_app_and_links_meet() -> None:
    run = await harvest("yuzhong")
    links = [link for item in run.accepted.values() for link in item.record.related]
    assert {link.relation for link in links} == {
        Relation.BEFORE_CLASS,
        Relation.DURING_CLASS,
        Relation.PART_OF,
        Relation.HAS_PART,
        Relation.LIVE_OF,
        Relation.REPLAY_OF,
    }
    known = {*run.accepted, *run.deleted, *run.rejected}
    assert {link.native_id for link in links} <= known
    assert {native_id.partition(":")[0] for native_id in run.accepted} == {"jpk", "kcy", "zyk", "jyt", "szk"}


async def test_roles_programs_and_channels_of_chongqing_are_kept() -> None:
    records = [item.record for item in (await harvest("chongqing")).accepted.values()]
    roles = Counter(person.role.value for record in records for person in record.contributors)
    assert set(roles) == {"LECTURER", "LEAD_DEVELOPER", "GUIDE", "TECHNICAL"}
    assert {record.program for record in records} == {None, "chengdu-chongqing-teacher-community"}
    assert {channel.value for record in records for channel in record.delivery} == {"WEB", "CABLE_TV", "IPTV"}
    assert all(record.region and record.region.startswith("50") for record in records)
