"""Recorded files of the national platform through the whole path: harvest, database, index, GraphQL."""

from pathlib import Path

from sqlalchemy import func, select

from gateway.application import open_services
from gateway.storage.tables import ResourceRow
from tests.journeys.gateway import harvest, running, settings_for
from tests.journeys.test_real_input_mapping import MITX, NATIONAL, ROOT, TEN_ROWS, samples, served

__all__ = ["samples"]  # the fixture

NODE = """query N($native: String!) { platform(code: "national") { resource(nativeId: $native) {
  kind stages schoolSystem grades { code label native } subjects { code label native } edition { label native } volume
  provenance { digest manifestVersion unmapped } } } }"""


async def test_every_recorded_row_is_stored_and_answered(samples: Path, tmp_path: Path) -> None:
    files = {address: samples / "smartedu-national" / name for address, name in NATIONAL.items()}
    async with served(files) as address:
        origins = [f"https://s-file-{number}.ykt.cbern.com.cn" for number in (1, 2, 3)]
        settings = settings_for(tmp_path, dict.fromkeys(origins, address))
        async with open_services(settings) as services:
            run = await harvest(services, "national")
            quarantine = await services.harvesting.quarantined("national")
            unmapped = await services.harvesting.unmapped_values("national")
            async with services.database.reading() as connection:
                stored = await connection.scalar(select(func.count()).select_from(ResourceRow))
    assert (run.state, run.seen, run.created, run.quarantined) == ("SUCCEEDED", 168, 168, 0)
    assert stored == 168
    assert quarantine.total == 0
    assert sorted((each.field, each.value, each.count) for each in unmapped) == [
        ("grades", "世界历史", 2),
        ("grades", "学生读本", 2),
    ]
    async with running(settings) as client:
        assert (await client.ask("{ search { totalCount } }"))["search"]["totalCount"] == 168
        without_grade = await client.ask(
            "{ search(filter: {stages: [SENIOR_SECONDARY]}, first: 100) { totalCount nodes { grades { code } } } }"
        )
        assert sum(not node["grades"] for node in without_grade["search"]["nodes"]) == 32
        for native, stage, system, grade, subject, edition, volume in TEN_ROWS:
            found = (await client.ask(NODE, native=native))["platform"]["resource"]
            assert found["stages"] == [stage]
            assert found["schoolSystem"] == system
            assert [term["native"] for term in found["grades"]] == ([grade] if grade else [])
            assert [term["native"] for term in found["subjects"]] == [subject]
            assert (found["edition"]["native"], found["volume"]) == (edition, volume)


async def test_courses_of_a_platform_somebody_added_are_answered_in_their_order(samples: Path, tmp_path: Path) -> None:
    files = {address: samples / "mitxonline" / name for address, name in MITX.items()}
    async with served(files) as address:
        manifests = (ROOT / "connectors" / "samples",)
        settings = settings_for(tmp_path, {"https://mitxonline.mit.edu": address}, manifests=manifests)
        async with open_services(settings) as services:
            run = await harvest(services, "mitxonline")
    assert (run.state, run.created, run.quarantined) == ("SUCCEEDED", 5, 0)
    async with running(settings) as client:
        found = await client.ask(
            """{ search(query: "differential equations", filter: {platforms: ["mitxonline"]}) { totalCount }
                     platform(code: "mitxonline") { resource(nativeId: "program:5") { kind title
                       related(relations: [HAS_PART]) { totalCount nodes { nativeId subjects { code } } } } } }"""
        )
    assert found["search"]["totalCount"] == 4  # three titles and one summary hold both words
    program = found["platform"]["resource"]
    assert (program["kind"], program["title"]) == ("PACKAGE", "18.03x Differential Equations")
    assert [node["nativeId"] for node in program["related"]["nodes"]] == ["course:62", "course:74", "course:79"]
    assert program["related"]["nodes"][0]["subjects"] == [{"code": "mathematics"}]
