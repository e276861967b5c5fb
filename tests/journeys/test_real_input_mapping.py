"""Recorded answers of real platforms, served unchanged over loopback and harvested through their manifests."""

import asyncio
import os
import socket
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.context import ConnectorContext
from connectors.manifest import ManifestReading, read_manifest_file
from connectors.platforms import builtin_manifests
from connectors.records import Accepted, HarvestPage, HarvestRequest
from connectors.samples import sample_manifests
from connectors.transport import open_transport
from schema.resources import ResourceRecord

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT.parent / "shared" / "samples"
NATIONAL = {
    "/zxx/ndrs/national_lesson/teachingmaterials/version/data_version.json": "national_lesson.data_version.json",
    "/zxx/ndrs/national_lesson/teachingmaterials/part_100.json": "national_lesson.part_100.subset.json",
    "/zxx/ndrs/resources/tch_material/version/data_version.json": "tch_material.data_version.json",
}
"""Of the recorded platform one part file exists; the others are served as empty lists."""
MITX = {"/api/v2/courses/": "courses.json", "/api/v2/programs/": "programs.json"}

TEN_ROWS = [
    # id, stage, school system, grade, subject, edition, volume: read from the recorded file by eye
    ("000f847f-3c4e-bbe3-29d1-82890ab8ba10", "PRIMARY", None, "六年级", "语文·书法练习指导", "苏少版", "下册"),
    ("00500324-9635-443b-8021-1d92f27075ab", "SENIOR_SECONDARY", None, "高一", "地理", "人教版", "必修 第二册"),
    ("007322fe-989b-4bad-b44a-79aee3d0fded", "JUNIOR_SECONDARY", None, "七年级", "艺术·音乐", "苏少版", "下册"),
    ("013fdea2-693c-371a-b3e5-1e0f9a5ef61a", "SENIOR_SECONDARY", None, None, "英语", "冀教版", "必修 第二册"),
    (
        "020c9b9c-e695-4afb-b615-99d02f1f3cf4",
        "SENIOR_SECONDARY",
        None,
        None,
        "生物学",
        "人教版",
        "选择性必修3 生物技术与工程",
    ),
    ("0670472a-8dc5-4cad-aeaa-d7b0afecd222", "SENIOR_SECONDARY", None, None, "数学", "人教A版", "选择性必修 第三册"),
    ("047e796a-ec98-4a34-8399-dd25f74b4893", "PRIMARY", "FIVE_FOUR", "四年级", "英语", "牛津上海版", "上册"),
    ("0519d647-9b83-915e-41f8-01859aa91edb", "JUNIOR_SECONDARY", "FIVE_FOUR", "六年级", "艺术·音乐", "沪教版", "上册"),
    ("4d7873cf-f690-43d2-ac87-e3d21369fd46", "PRIMARY", None, "五至六年级", "体育与健康", "人教版", "水平三"),
    ("8ae7e58c-6e16-b92e-016e-ba77ead3010a", "JUNIOR_SECONDARY", "FIVE_FOUR", None, "历史", "统编版", "第一册"),
]


@pytest.fixture
def samples() -> Path:
    """The recorded answers, which stand beside the repository."""
    if not SAMPLES.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{SAMPLES.name} is missing although CI=true")
        pytest.skip("the recorded answers (../shared/samples) are not on this machine")
    return SAMPLES


@asynccontextmanager
async def served(files: Mapping[str, Path]) -> AsyncIterator[str]:
    """Serve files byte by byte at their paths on loopback; other part files are empty lists."""

    async def serve(request: Request) -> Response:
        path = files.get(request.url.path)
        return Response(path.read_bytes() if path else b"[]", media_type="application/json")

    listener = socket.create_server(("127.0.0.1", 0))
    app = Starlette(routes=[Route("/{path:path}", serve)])
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    running = asyncio.create_task(server.serve([listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
        listener.close()


async def harvest(reading: ManifestReading, files: Mapping[str, Path]) -> list[HarvestPage]:
    """Harvest over loopback, the manifest's own origins rerouted there."""
    assert reading.connector is not None, reading.findings
    async with served(files) as address:
        transport = open_transport(reading.connector.limits, dict.fromkeys(reading.origins, address))
        context = ConnectorContext(reading.connector.platform.code, transport, {})
        try:
            return [page async for page in reading.connector.harvest(context, HarvestRequest())]
        finally:
            await transport.aclose()


async def national(samples: Path) -> list[HarvestPage]:
    """The recorded files of the national platform through its manifest."""
    [path] = [path for path in builtin_manifests() if path.name == "national.yaml"]
    files = {address: samples / "smartedu-national" / name for address, name in NATIONAL.items()}
    return await harvest(read_manifest_file(path), files)


def accepted(pages: list[HarvestPage]) -> list[Accepted]:
    """Every accepted record."""
    return [item for page in pages for item in page.accepted]


def told(record: ResourceRecord) -> tuple[str, str, str | None, str | None, str | None, str | None, str | None]:
    """A record as the ten rows are written down."""
    [stage], [subject] = record.stages, record.subjects
    return (
        record.native_id,
        stage.value,
        record.school_system.value if record.school_system else None,
        record.grades[0].native if record.grades else None,
        subject.native,
        record.edition.native if record.edition else None,
        record.volume,
    )


async def test_every_recorded_row_of_the_national_platform_is_accounted_for(samples: Path) -> None:
    pages = await national(samples)
    assert len(accepted(pages)) == 168
    assert [record for page in pages for record in page.rejected] == []
    assert [native_id for page in pages for native_id in page.deleted] == []
    assert len(pages) == 6  # three part files in each of the two modules
    assert len({item.record.native_id for item in accepted(pages)}) == 168


async def test_ten_rows_say_what_a_reader_of_the_file_says(samples: Path) -> None:
    by_id = {item.record.native_id: item.record for item in accepted(await national(samples))}
    assert [told(by_id[native_id]) for native_id, *_ in TEN_ROWS] == TEN_ROWS


async def test_stages_grades_and_school_systems_are_those_of_the_file(samples: Path) -> None:
    records = [item.record for item in accepted(await national(samples))]
    stages = Counter((stage.value, record.school_system) for record in records for stage in record.stages)
    assert {(stage, system.value if system else None): count for (stage, system), count in stages.items()} == {
        ("PRIMARY", None): 61,
        ("PRIMARY", "FIVE_FOUR"): 22,
        ("JUNIOR_SECONDARY", None): 28,
        ("JUNIOR_SECONDARY", "FIVE_FOUR"): 23,
        ("SENIOR_SECONDARY", None): 34,
    }
    assert sum(1 for r in records if "SENIOR_SECONDARY" in r.stages and not r.grades) == 32
    assert sum(1 for r in records if any(grade.code == "grade-6" for grade in r.grades)) == 19


async def test_unmapped_values_of_the_national_platform_are_listed(samples: Path) -> None:
    unmapped = Counter((note.field, note.value) for item in accepted(await national(samples)) for note in item.unmapped)
    assert unmapped == {("grades", "世界历史"): 2, ("grades", "学生读本"): 2}


async def test_courses_and_programs_of_mitx_online_are_mapped(samples: Path) -> None:
    [path] = [path for path in sample_manifests() if path.name == "mitxonline.yaml"]
    files = {address: samples / "mitxonline" / name for address, name in MITX.items()}
    pages = await harvest(read_manifest_file(path), files)
    assert [(r.record.native_id, r.record.kind.value, r.record.title) for r in accepted(pages)] == [
        ("course:62", "COURSE", "Introduction to Differential Equations"),
        ("course:74", "COURSE", "Differential Equations: 2x2 Systems"),
        ("course:79", "COURSE", "Linear Algebra and NxN Systems"),
        ("program:5", "PACKAGE", "18.03x Differential Equations"),
        ("program:6", "PACKAGE", "8.02x Electricity and Magnetism"),
    ]
    assert [page.rejected for page in pages] == [(), ()]
    program = accepted(pages)[3].record
    assert program.url == "https://mitxonline.mit.edu/programs/program-v1:MITxT+18.03x/"
    assert [link.native_id for link in program.related] == ["course:62", "course:74", "course:79"]
    assert (
        program.summary == "Scientists and engineers understand the world through differential equations. You can too."
    )
    efforts = [note.value for item in accepted(pages) for note in item.unmapped if note.field == "durationSeconds"]
    assert efforts == ["7 hrs/wk", "5-8 hrs/wk", "5-8 hours per week", "7 hrs/wk", "6 hrs/wk"]
