"""The worked examples in docs/examples map the recorded answers of their platforms."""

import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.conformance import check_manifest, check_sample
from connectors.context import ConnectorContext
from connectors.manifest import read_manifest_file
from connectors.records import HarvestPage, HarvestRequest
from connectors.samples import sample_manifests
from connectors.transport import in_process
from schema.findings import Severity

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT.parent / "shared" / "samples"
EXAMPLES = ("mitxonline", "oai-pmh-dc")
DELETED = re.compile(rb"<record>.*</record>", re.DOTALL)


@pytest.fixture
def samples() -> Path:
    """The recorded answers."""
    if not SAMPLES.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{SAMPLES.name} is missing although CI=true")
        pytest.skip("the recorded answers (../shared/samples) are not on this machine")
    return SAMPLES


class Repository:
    """Answers every verb, or path, with a recorded body, and keeps what was asked."""

    def __init__(self, bodies: Mapping[str, bytes], media_type: str) -> None:
        self.asked: list[dict[str, str]] = []
        self._bodies, self._media_type = bodies, media_type
        self.app = Starlette(routes=[Route("/{path:path}", self._answer)])

    async def _answer(self, request: Request) -> Response:
        self.asked.append(dict(request.query_params))
        body = self._bodies.get(request.query_params.get("verb", request.url.path))
        return Response(body or b"", 200 if body else 404, media_type=self._media_type)


async def harvest(name: str, platform: Repository, request: HarvestRequest | None = None) -> list[HarvestPage]:
    """Every page of a run through a sample manifest."""
    [path] = [path for path in sample_manifests() if path.name == f"{name}.yaml"]
    reading = read_manifest_file(path)
    assert reading.connector is not None, reading.findings
    context = ConnectorContext(name, in_process(platform.app), {})
    return [page async for page in reading.connector.harvest(context, request or HarvestRequest())]


def oai(samples: Path, *, deleted: bool = False) -> Repository:
    """The recorded verbs; with the recorded deleted record at the end of the listing, where servers put it."""
    folder = samples / "oai-pmh-dc"
    verbs = ("Identify", "ListMetadataFormats", "ListSets", "ListIdentifiers", "ListRecords", "GetRecord")
    bodies = {verb: (folder / f"{verb}.xml").read_bytes() for verb in verbs}
    if deleted:
        found = DELETED.search((folder / "GetRecord.deleted.xml").read_bytes())
        assert found is not None
        bodies["ListRecords"] = bodies["ListRecords"].replace(b"</ListRecords>", found[0] + b"</ListRecords>")
    return Repository(bodies, "text/xml")


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_page_shows_the_whole_manifest_as_it_is(name: str) -> None:
    page = (ROOT / "docs" / "examples" / f"{name}.md").read_text("utf-8")
    blocks = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert blocks[-1] == (ROOT / "connectors" / "samples" / f"{name}.yaml").read_text("utf-8")
    assert [check_manifest(block).ok for block in blocks] == [True] * len(blocks)


async def test_courses_come_before_programs_and_both_listings_end(samples: Path) -> None:
    files = {"/api/v2/courses/": "courses.json", "/api/v2/programs/": "programs.json"}
    bodies = {path: (samples / "mitxonline" / name).read_bytes() for path, name in files.items()}
    platform = Repository(bodies, "application/json")
    pages = await harvest("mitxonline", platform)
    assert [(len(page.accepted), len(page.rejected), len(page.deleted)) for page in pages] == [(3, 0, 0), (2, 0, 0)]
    assert len(platform.asked) == 2
    course, program = pages[0].accepted[0].record, pages[1].accepted[0].record
    assert (course.native_id, course.kind.value, course.access.value) == ("course:62", "COURSE", "PUBLIC")
    assert course.url == "https://mitxonline.mit.edu/courses/course-v1:MITxT+18.03.1x/"
    assert [subject.code for subject in course.subjects] == ["mathematics"]
    assert course.duration_seconds is None
    assert [relation.native_id for relation in program.related] == ["course:62", "course:74", "course:79"]


async def test_sixteen_papers_are_mapped_and_none_is_rejected(samples: Path) -> None:
    platform = oai(samples)
    pages = await harvest("oai-pmh-dc", platform)
    assert [(len(page.accepted), len(page.rejected), page.deleted) for page in pages] == [(16, 0, ())]
    assert platform.asked == [{"verb": "ListRecords", "metadataPrefix": "oai_dc"}]
    records = {item.record.native_id: item.record for page in pages for item in page.accepted}
    assert [note for page in pages for item in page.accepted for note in item.unmapped] == []
    paper = records["hdl:1765/316"]
    assert (paper.title, paper.kind.value, paper.language) == (
        "Managing Product Returns: The Role of Forecasting",
        "OTHER",
        "en",
    )
    assert paper.url == "http://hdl.handle.net/1765/316"
    assert (paper.published_at, paper.updated_at) == (datetime(2003, 4, 22, 14, 5, 54, tzinfo=UTC),) * 2
    assert ([one.role.value for one in paper.contributors], len(paper.keywords)) == (["AUTHOR"] * 3, 8)
    assert not any(";" in keyword for record in records.values() for keyword in record.keywords)
    assert sorted({record.language for record in records.values()}, key=str) == [None, "en", "nl"]
    assert records["hdl:1765/308"].summary is not None
    assert records["hdl:1765/308"].summary.startswith("Met moderne beeldvormende technieken")


async def test_a_deleted_record_counts_although_the_repository_says_it_has_none(samples: Path) -> None:
    pages = await harvest("oai-pmh-dc", oai(samples, deleted=True))
    assert [(len(page.accepted), len(page.rejected), page.deleted) for page in pages] == [(16, 0, ("hdl:1765/1160",))]


async def test_changes_are_asked_for_as_exactly_as_the_repository_states_times(samples: Path) -> None:
    platform = oai(samples)
    await harvest("oai-pmh-dc", platform, HarvestRequest(since=datetime(2003, 4, 10, 1, tzinfo=UTC)))
    assert platform.asked == [
        {"verb": "Identify"},
        {"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2003-04-10T00:00:00Z"},
    ]


async def test_the_samples_are_checked_as_the_pages_say(samples: Path) -> None:
    texts = {name: (ROOT / "connectors" / "samples" / f"{name}.yaml").read_text("utf-8") for name in EXAMPLES}
    courses = await check_sample(texts["mitxonline"], (samples / "mitxonline" / "courses.json").read_bytes())
    papers = await check_sample(texts["oai-pmh-dc"], (samples / "oai-pmh-dc" / "ListRecords.xml").read_bytes())
    assert [(one.code, one.line, one.found) for one in courses.findings if one.code == "sample.unmapped"] == [
        ("sample.unmapped", 62, "7 hrs/wk (1), 5-8 hrs/wk (1), 5-8 hours per week (1)")
    ]
    assert [one for one in papers.findings if one.severity is not Severity.INFO] == []
