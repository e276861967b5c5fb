"""The platforms harvested through their manifests from their simulators."""

import importlib
from collections import Counter
from datetime import UTC, datetime

import pytest

from connectors.manifest import read_manifest_file
from connectors.platforms import builtin_manifests
from connectors.simulators import SIMULATORS
from schema.access import Access
from schema.modes import ClassroomKind
from schema.platforms import Capability
from schema.relations import Relation
from schema.stages import SchoolSystem
from tests.connectors.platforms.runs import NOW, SIZE, accepted, built, connector, harvest

SHOWING_DELETIONS = ("chongqing", "yuzhong", "sichuan", "neijiang")
EVERYTHING = {"HARVEST", "INCREMENTAL", "TOMBSTONES", "USAGE", "TRAINING", "LIVE_SEARCH"}


@pytest.mark.parametrize(
    ("code", "capabilities"),
    [
        ("chongqing", EVERYTHING),
        ("zibo", EVERYTHING - {"TOMBSTONES"}),
        ("yuzhong", EVERYTHING),
        ("sichuan", EVERYTHING),
        ("neijiang", EVERYTHING - {"USAGE", "LIVE_SEARCH"}),
        ("national", {"HARVEST", "TOMBSTONES"}),
    ],
)
def test_a_platform_can_do_what_it_offers_and_no_more(code: str, capabilities: set[str]) -> None:
    assert connector(code).capabilities == {Capability(word) for word in capabilities}


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
    listed_deleted = set(catalog.deleted_ids()) if code in SHOWING_DELETIONS else set()
    assert run.deleted == listed_deleted
    assert sorted(filter(None, run.rejected)) == sorted(set(catalog.invalid_ids()) - listed_deleted)
    assert len(run.items) + len(run.rejected) + len(run.deleted) == SIZE


@pytest.mark.parametrize("code", SIMULATORS)
async def test_only_the_words_meant_to_be_strange_are_unmapped(code: str) -> None:
    strange = str(importlib.import_module(f"connectors.simulators.{code}.records").UNKNOWNS)
    unmapped = {value for _, value in (await harvest(code)).unmapped}
    assert {value for value in unmapped if repr(value) not in strange} == set()
    assert unmapped


@pytest.mark.parametrize("code", ["chongqing", "zibo", "yuzhong", "sichuan", "neijiang"])
async def test_an_incremental_run_reads_less_and_misses_nothing(code: str) -> None:
    whole = await harvest(code)
    since = datetime(2025, 6, 1, tzinfo=UTC)
    part = await harvest(code, since=since)
    recent = {
        native_id
        for native_id, item in accepted(whole).items()
        if item.modified_upstream_at and item.modified_upstream_at >= since
    }
    assert recent <= set(accepted(part))
    assert 0 < len(part.items) < len(whole.items)
    assert len(part.simulation.requests) < len(whole.simulation.requests)


@pytest.mark.parametrize("code", SHOWING_DELETIONS)
async def test_a_deletion_comes_with_the_next_changes(code: str) -> None:
    app = built(code)
    gone = app.state.simulation.catalog.native_id(4)
    app.state.simulation.catalog.delete(gone)
    run = await harvest(code, since=NOW, app=app)
    assert (run.deleted, run.items, run.rejected) == ({gone}, [], [])


async def test_works_of_chongqing_are_found_again_by_their_files() -> None:
    runs = {code: await harvest(code, size=None) for code in ("chongqing", "sichuan", "neijiang")}
    files = {
        code: {file.checksum for record in run.records for file in record.files if file.checksum}
        for code, run in runs.items()
    }
    found = {code: len(files["chongqing"] & files[code]) for code in ("sichuan", "neijiang")}
    assert found == {"sichuan": 21, "neijiang": 21}, "of 22 each one is deleted on both sides"
    assert len(files["chongqing"] & files["sichuan"] & files["neijiang"]) == 10


async def test_tiers_classrooms_and_school_systems_of_zibo_are_kept() -> None:
    records = (await harvest("zibo")).records
    assert {record.access for record in records} == {Access.CITY, Access.DISTRICT, Access.SCHOOL}
    assert {record.classroom_kind for record in records} == {None, *ClassroomKind}
    by_stage = {record.school_system for record in records if "JUNIOR_SECONDARY" in record.stages}
    assert by_stage == {SchoolSystem.FIVE_FOUR}


async def test_ids_of_yuzhong_name_their_app_and_links_meet() -> None:
    run = await harvest("yuzhong")
    links = [link for record in run.records for link in record.related]
    assert {link.relation for link in links} == {
        Relation.BEFORE_CLASS,
        Relation.DURING_CLASS,
        Relation.PART_OF,
        Relation.HAS_PART,
        Relation.LIVE_OF,
        Relation.REPLAY_OF,
    }
    known = {*accepted(run), *run.deleted, *run.rejected}
    assert {link.native_id for link in links} <= known
    assert {native_id.partition(":")[0] for native_id in accepted(run)} == {"jpk", "kcy", "zyk", "jyt", "szk"}


async def test_roles_programs_and_channels_of_chongqing_are_kept() -> None:
    records = (await harvest("chongqing")).records
    roles = Counter(person.role.value for record in records for person in record.contributors)
    assert set(roles) == {"LECTURER", "LEAD_DEVELOPER", "GUIDE", "TECHNICAL"}
    assert {record.program for record in records} == {None, "chengdu-chongqing-teacher-community"}
    assert {channel.value for record in records for channel in record.delivery} == {"WEB", "CABLE_TV", "IPTV"}
    assert all(record.region and record.region.startswith("50") for record in records)
