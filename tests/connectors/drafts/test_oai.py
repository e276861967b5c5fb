"""Drafts from OAI-PMH servers: what is asked, which format is chosen, and what the server says of itself."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import Response as HttpResponse
from starlette.routing import Route

from connectors.drafts import About, draft_from_oai
from connectors.errors import EgressRefused, Malformed, UpstreamFailure
from connectors.simulators import SIMULATORS
from connectors.transport import Limits, in_process, open_transport
from tests.connectors.drafts.drafting import connected, errors, read

BASE = "https://repository.jiangcheng.example/oai"
HEAD = '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><request>x</request>'
DC = (
    '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    "<dc:title>古诗 {n}</dc:title><dc:type>教案</dc:type><dc:creator>江老师</dc:creator><dc:date>2025-03-0{n}</dc:date>"
    "<dc:identifier>https://www.jiangcheng.example/{n}</dc:identifier></oai_dc:dc>"
)
OWN = (
    '<k:course xmlns:k="urn:jiangcheng"><k:name>古诗 {n}</k:name><k:type>微课</k:type>'
    "<k:subject>语文</k:subject></k:course>"
)


def server(metadata: str, *formats: str, sets: bool = False) -> tuple[Starlette, list[str]]:
    """A server that answers the four verbs, and the queries it was sent."""
    asked: list[str] = []
    records = "".join(
        f"<record><header><identifier>oai:x:{n}</identifier><datestamp>2025-03-0{n}</datestamp></header>"
        f"<metadata>{metadata.format(n=n)}</metadata></record>"
        for n in range(1, 6)
    )
    listed = "".join(
        f"<metadataFormat><metadataPrefix>{one}</metadataPrefix><schema>s</schema>"
        f"<metadataNamespace>urn:{one}</metadataNamespace></metadataFormat>"
        for one in formats
    )
    answers = {
        "Identify": "<Identify><repositoryName>江城云课</repositoryName><deletedRecord>no</deletedRecord>"
        "<granularity>YYYY-MM-DD</granularity></Identify>",
        "ListMetadataFormats": f"<ListMetadataFormats>{listed}</ListMetadataFormats>",
        "ListSets": "<ListSets><set><setSpec>a</setSpec><setName>公开课\n# x</setName></set></ListSets>"
        if sets
        else '<error code="noSetHierarchy">no sets</error>',
        "ListRecords": f"<ListRecords>{records}</ListRecords>",
    }

    async def answer(request: HttpRequest) -> HttpResponse:
        asked.append(str(request.url.query))
        return HttpResponse(f"{HEAD}{answers[request.query_params['verb']]}</OAI-PMH>", media_type="text/xml")

    return Starlette(routes=[Route("/oai", answer)]), asked


async def test_dublin_core_takes_ten_lines() -> None:
    app, asked = server(DC, "oai_dc")
    draft = await draft_from_oai(BASE, in_process(app), About(region="420100"))
    assert errors(draft) == []
    assert asked == [
        "verb=Identify", "verb=ListMetadataFormats", "verb=ListSets", "verb=ListRecords&metadataPrefix=oai_dc",
    ]  # fmt: skip
    platform = connected(draft).document.platform
    assert (platform.code, platform.name) == ("jiangcheng", "江城云课")
    assert "# the server has no sets" in draft.text
    assert "# deletedRecord: no; deletions are not told" in draft.text
    assert "# granularity: YYYY-MM-DD" in draft.text
    body = (f"{HEAD}<ListRecords><record><header><identifier>i</identifier><datestamp>2025-03-01</datestamp></header>"
            f"<metadata>{DC.format(n=1)}</metadata></record></ListRecords></OAI-PMH>").encode()  # fmt: skip
    assert (await read(draft, body)).values() == [
        {
            "nativeId": "i",
            "title": "古诗 1",
            "kind": "LESSON_PLAN",
            "url": "https://www.jiangcheng.example/1",
            "contributors": [{"name": "江老师", "role": "AUTHOR"}],
            "publishedAt": "2025-03-01T00:00:00+08:00",
            "updatedAt": "2025-03-01T00:00:00+08:00",
        }
    ]


async def test_an_unknown_format_is_guessed_by_its_elements() -> None:
    app, _ = server(OWN, "jc", sets=True)
    draft = await draft_from_oai(BASE, in_process(app), About(region="420100"))
    assert errors(draft) == []
    fields = connected(draft).document.harvest.fields
    assert {name: fields[name].path for name in ("title", "kind", "subjects")} == {
        "title": "oai:metadata/n1:course/n1:name",
        "kind": "oai:metadata/n1:course/n1:type",
        "subjects": "oai:metadata/n1:course/n1:subject",
    }
    assert "  # - a: 公开课 # x\n" in draft.text


async def test_the_richest_format_is_chosen() -> None:
    app, asked = server(DC, "oai_dc", "mods", "oai_lom")
    draft = await draft_from_oai(BASE, in_process(app), About(region="420100"))
    assert asked[-1] == "verb=ListRecords&metadataPrefix=oai_lom"
    assert "# other formats of the server: mods, oai_dc" in draft.text


async def test_lom_of_a_whole_server_is_mapped() -> None:
    simulator = SIMULATORS["neijiang"]
    draft = await draft_from_oai(
        f"{simulator.origins[0]}/oai", in_process(simulator.build(size=60)), About(region="511000")
    )
    assert errors(draft) == []
    fields = set(connected(draft).document.harvest.fields)
    assert {"nativeId", "title", "kind", "url", "stages", "grades", "subjects", "edition", "volume", "files"} <= fields
    assert "# - vocational: 职业技能课程" in draft.text
    assert "# deletedRecord: persistent" in draft.text


async def test_what_is_no_oai_pmh_is_said() -> None:
    async def html(request: HttpRequest) -> HttpResponse:
        del request
        return HttpResponse("<html><body>x</body></html>")

    app = Starlette(routes=[Route("/oai", html)])
    with pytest.raises(Malformed, match="no OAI-PMH answer"):
        await draft_from_oai(BASE, in_process(app))
    with pytest.raises(UpstreamFailure, match="HTTP 404"):
        await draft_from_oai(f"{BASE}/elsewhere", in_process(app))


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/oai", "http://169.254.169.254/oai", "http://[::1]/oai"])
async def test_private_addresses_are_not_asked(url: str) -> None:
    transport = open_transport(Limits())
    try:
        with pytest.raises(EgressRefused):
            await draft_from_oai(url, transport)
    finally:
        await transport.aclose()


async def test_an_address_that_is_none_is_refused_before_anything_is_sent() -> None:
    app, asked = server(DC, "oai_dc")
    with pytest.raises(ValueError, match="absolute http or https address"):
        await draft_from_oai("repository", in_process(app))
    assert asked == []
