"""内江: the six verbs of OAI-PMH with every error, tokens, deletions, LOM and Dublin Core, and the drop of files."""

import csv
import gzip
import hashlib
import io
import json
import zipfile
from collections import Counter
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from connectors.simulators import SIMULATORS, Fault
from connectors.simulators.neijiang.app import SIMULATOR, build
from connectors.simulators.neijiang.drop import HEADER, drop_files, index, write_drop
from connectors.simulators.neijiang.repository import FORMATS, SETS, Habits
from connectors.simulators.sichuan.app import SIMULATOR as SICHUAN
from tests.connectors.simulators.clients import Clock, simulation

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "platforms-neijiang.md").read_text("utf-8")
NAMES = {
    "o": "http://www.openarchives.org/OAI/2.0/",
    "lom": "http://ltsc.ieee.org/xsd/LOM",
    "oai_dc": "http://www.openarchives.org/OAI/2.0/oai_dc/",
    "dc": "http://purl.org/dc/elements/1.1/",
}
PACKAGE = "oai:njeducloud.example:NJ-000075"
DELETED = "oai:njeducloud.example:NJ-000017"
KEY = {"X-Drop-Key": "demo-drop-4e7a90c1"}


class Neijiang:
    """Asks for verbs and reads XML."""

    def __init__(self, clock: Clock | None = None, habits: Habits | None = None, size: int | None = None) -> None:
        self.app = build(size=size, now=clock or Clock(), habits=habits)
        self.simulation = simulation(self.app)
        transport = httpx.ASGITransport(app=self.app)
        self.http = httpx.AsyncClient(transport=transport, base_url=SIMULATOR.origins[0])

    async def ask(self, query: str) -> etree._Element:
        answer = await self.http.get(f"/oai?{query}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/xml; charset=utf-8")
        return etree.fromstring(answer.content)

    async def error(self, query: str) -> str | None:
        found = (await self.ask(query)).xpath("string(o:error/@code)", namespaces=NAMES)
        return str(found) or None

    async def pages(self, verb: str, query: str = "metadataPrefix=oai_lom") -> list[etree._Element]:
        found = []
        while query:
            found.append(await self.ask(f"verb={verb}&{query}"))
            token = texts(found[-1], "//o:resumptionToken")
            query = f"resumptionToken={token[0]}" if token and token[0] else ""
        return found

    async def ids(self, verb: str, query: str = "metadataPrefix=oai_lom") -> list[str]:
        pages = await self.pages(verb, query)
        return [text for page in pages for text in texts(page, "//o:header/o:identifier")]


def texts(tree: etree._Element, path: str) -> list[str]:
    """The text of every element on the path."""
    found: Any = tree.xpath(path, namespaces=NAMES)
    return [entry if isinstance(entry, str) else (entry.text or "") for entry in found]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def platform(clock: Clock) -> Neijiang:
    return Neijiang(clock)


async def test_identify_says_how_the_server_behaves(platform: Neijiang) -> None:
    tree = await platform.ask("verb=Identify")
    assert tree.tag == "{http://www.openarchives.org/OAI/2.0/}OAI-PMH"
    assert texts(tree, "o:responseDate") == ["2025-11-03T04:00:00Z"]
    (request,) = tree.findall("o:request", NAMES)
    assert (request.text, dict(request.attrib)) == ("https://oai.njeducloud.example/oai", {"verb": "Identify"})
    said = {etree.QName(entry).localname: entry.text for entry in tree.findall("o:Identify/*", NAMES)}
    assert said.pop("description") is None
    assert said == {
        "repositoryName": "内江市教育云平台",
        "baseURL": "https://oai.njeducloud.example/oai",
        "protocolVersion": "2.0",
        "adminEmail": "oai@njeducloud.example",
        "earliestDatestamp": "2020-02-10T00:00:00Z",
        "deletedRecord": "persistent",
        "granularity": "YYYY-MM-DDThh:mm:ssZ",
    }


async def test_formats_and_sets_are_listed(platform: Neijiang) -> None:
    tree = await platform.ask("verb=ListMetadataFormats")
    assert texts(tree, "//o:metadataPrefix") == ["oai_dc", "oai_lom"]
    assert texts(tree, "//o:metadataNamespace") == [NAMES["oai_dc"], NAMES["lom"]]
    assert len(texts(await platform.ask(f"verb=ListMetadataFormats&identifier={PACKAGE}"), "//o:metadataPrefix")) == 2
    tree = await platform.ask("verb=ListSets")
    assert dict(zip(texts(tree, "//o:setSpec"), texts(tree, "//o:setName"), strict=True)) == SETS
    assert len(SETS) == 11


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "badVerb"),
        ("verb=identify", "badVerb"),
        ("verb=Identify&verb=Identify", "badVerb"),
        ("verb=Identify&set=course", "badArgument"),
        ("verb=GetRecord&metadataPrefix=oai_lom", "badArgument"),
        ("verb=ListRecords", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_lom&metadataPrefix=oai_dc", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_lom&resumptionToken=x", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_lom&from=2025-02-30", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_lom&from=2025-1-1", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_lom&from=2025-01-01T08:00:00%2B08:00", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_lom&from=2025-01-01&until=2025-01-02T00:00:00Z", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_lom&from=2025-01-02&until=2025-01-01", "badArgument"),
        ("verb=ListIdentifiers&metadataPrefix=%01", "badArgument"),
        ("verb=ListRecords&resumptionToken=x", "badResumptionToken"),
        ("verb=ListSets&resumptionToken=x", "badResumptionToken"),
        ("verb=ListRecords&metadataPrefix=marc21", "cannotDisseminateFormat"),
        (f"verb=GetRecord&metadataPrefix=marc21&identifier={PACKAGE}", "cannotDisseminateFormat"),
        ("verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:njeducloud.example:NJ-000700", "idDoesNotExist"),
        ("verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:njeducloud.example:NJ-75", "idDoesNotExist"),
        ("verb=GetRecord&metadataPrefix=oai_dc&identifier=hdl:1/2", "idDoesNotExist"),
        ("verb=ListMetadataFormats&identifier=hdl:1/2", "idDoesNotExist"),
        (f"verb=ListMetadataFormats&identifier={DELETED}", "noMetadataFormats"),
        ("verb=ListRecords&metadataPrefix=oai_lom&set=poetry", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=oai_lom&until=2019-12-31", "noRecordsMatch"),
        ("verb=ListRecords&metadataPrefix=oai_lom&from=2025-11-01", "noRecordsMatch"),
    ],
)
async def test_every_wrong_request_gets_its_code(platform: Neijiang, query: str, code: str) -> None:
    tree = await platform.ask(query)
    (error,) = tree.findall("o:error", NAMES)
    assert error.get("code") == code
    assert error.text
    attributes = tree.findall("o:request", NAMES)[0].attrib
    assert bool(attributes) is (code not in ("badVerb", "badArgument"))


async def test_a_server_without_sets_says_so_and_writes_none() -> None:
    platform = Neijiang(habits=Habits(sets=False))
    assert await platform.error("verb=ListSets") == "noSetHierarchy"
    assert await platform.error("verb=ListRecords&metadataPrefix=oai_lom&set=course") == "noSetHierarchy"
    assert texts(await platform.ask("verb=ListIdentifiers&metadataPrefix=oai_lom"), "//o:setSpec") == []


async def test_post_answers_as_get_does(platform: Neijiang) -> None:
    form = {"verb": "GetRecord", "metadataPrefix": "oai_lom", "identifier": PACKAGE}
    posted = await platform.http.post("/oai", data=form)
    assert posted.content == (await platform.http.get("/oai", params=form)).content
    assert (await platform.http.put("/oai", data=form)).status_code == 405


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["verb", "metadataPrefix", "from", "set", "identifier", "resumptionToken", "x"]),
            st.one_of(st.sampled_from(["ListRecords", "GetRecord", "oai_lom", "course", "2024-01-01"]), st.text()),
        ),
        max_size=4,
    )
)
async def test_any_request_gets_well_formed_xml(pairs: list[tuple[str, str]]) -> None:
    answer = await PLAIN.http.get("/oai", params=httpx.QueryParams([(n, v) for n, v in pairs if v.isascii()]))
    assert answer.status_code == 200
    assert etree.fromstring(answer.content).findall("o:responseDate", NAMES)


PLAIN = Neijiang()


@pytest.mark.parametrize("prefix", sorted(FORMATS))
async def test_tokens_lead_through_every_record_once(platform: Neijiang, prefix: str) -> None:
    pages = await platform.pages("ListRecords", f"metadataPrefix={prefix}")
    assert [len(page.findall(".//o:record", NAMES)) for page in pages] == [100] * 7
    tokens = [page.find(".//o:resumptionToken", NAMES) for page in pages]
    marks = [(t.get("completeListSize"), t.get("cursor"), t.get("expirationDate")) for t in tokens if t is not None]
    assert marks[:2] == [("700", "0", "2025-11-03T04:10:00Z"), ("700", "100", "2025-11-03T04:10:00Z")]
    assert marks[6:] == [("700", "600", None)]
    ids = [text for page in pages for text in texts(page, "//o:identifier[starts-with(., 'oai:')]/../o:identifier")]
    assert len(ids) == len(set(ids)) == 700


async def test_an_empty_catalog_matches_nothing(clock: Clock) -> None:
    platform = Neijiang(clock, size=0)
    for verb in ("ListRecords", "ListIdentifiers"):
        assert await platform.error(f"verb={verb}&metadataPrefix=oai_lom") == "noRecordsMatch"


async def test_a_short_list_has_no_token(platform: Neijiang) -> None:
    tree = await platform.ask("verb=ListRecords&metadataPrefix=oai_dc&set=package")
    assert len(tree.findall(".//o:record", NAMES)) == 30
    assert texts(tree, "//o:resumptionToken") == []


async def test_a_token_can_be_used_again_until_it_expires(platform: Neijiang, clock: Clock) -> None:
    first = await platform.ask("verb=ListRecords&metadataPrefix=oai_lom")
    (token,) = texts(first, "//o:resumptionToken")
    clock.move(seconds=600)
    again = [texts(await platform.ask(f"verb=ListRecords&resumptionToken={token}"), "//o:header/o:identifier")]
    again += [texts(await platform.ask(f"verb=ListRecords&resumptionToken={token}"), "//o:header/o:identifier")]
    assert again[0] == again[1]
    assert again[0][0] == "oai:njeducloud.example:NJ-000100"
    assert await platform.error(f"verb=ListIdentifiers&resumptionToken={token}") == "badResumptionToken"
    clock.move(seconds=1)
    assert await platform.error(f"verb=ListRecords&resumptionToken={token}") == "badResumptionToken"


async def test_a_restarted_server_knows_no_token(platform: Neijiang) -> None:
    (token,) = texts(await platform.ask("verb=ListRecords&metadataPrefix=oai_lom"), "//o:resumptionToken")
    platform.app.state.repository.forget_tokens()
    assert await platform.error(f"verb=ListRecords&resumptionToken={token}") == "badResumptionToken"


async def test_edits_while_walking_neither_repeat_nor_skip(platform: Neijiang) -> None:
    first = await platform.ask("verb=ListRecords&metadataPrefix=oai_lom")
    platform.simulation.catalog.update(PACKAGE, title="改过")
    platform.simulation.catalog.delete("oai:njeducloud.example:NJ-000500")
    (token,) = texts(first, "//o:resumptionToken")
    rest = await platform.ids("ListRecords", f"resumptionToken={token}")
    assert len(set(texts(first, "//o:header/o:identifier") + rest)) == 700


async def test_sets_split_the_catalog(platform: Neijiang) -> None:
    counts = {spec: len(await platform.ids("ListIdentifiers", f"metadataPrefix=oai_dc&set={spec}")) for spec in SETS}
    assert counts == {
        "course": 204,
        "plan": 88,
        "lab": 93,
        "assess": 111,
        "research": 87,
        "vocational": 87,
        "package": 30,
        "package:chinese": 8,
        "package:mathematics": 9,
        "package:science": 7,
        "package:it": 6,
    }


async def test_days_and_seconds_bound_the_datestamp_on_both_sides(platform: Neijiang) -> None:
    headers = [h for page in await platform.pages("ListIdentifiers") for h in page.findall(".//o:header", NAMES)]
    stamps = {texts(h, "o:identifier")[0]: texts(h, "o:datestamp")[0] for h in headers}
    month = {native for native, stamp in stamps.items() if stamp.startswith("2023-03")}
    asked = "metadataPrefix=oai_lom&from=2023-03-01&until=2023-03-31"
    assert set(await platform.ids("ListIdentifiers", asked)) == month
    assert len(month) == 8
    stamp = stamps[PACKAGE]
    assert await platform.ids("ListIdentifiers", f"metadataPrefix=oai_lom&from={stamp}&until={stamp}") == [PACKAGE]


async def test_a_day_in_until_runs_to_its_last_second(platform: Neijiang, clock: Clock) -> None:
    clock.move(hours=19, minutes=59, seconds=59.9)
    platform.simulation.catalog.update(PACKAGE, title="改过")
    clock.move(seconds=0.1)
    platform.simulation.catalog.update(DELETED, title="改过")
    assert await platform.ids("ListIdentifiers", "metadataPrefix=oai_lom&from=2025-11-03&until=2025-11-03") == [PACKAGE]
    assert await platform.ids("ListIdentifiers", "metadataPrefix=oai_lom&from=2025-11-04") == [DELETED]


async def test_what_changed_is_found_by_from(platform: Neijiang, clock: Clock) -> None:
    clock.move(minutes=10)
    catalog = platform.simulation.catalog
    catalog.update(PACKAGE, title="改过")
    catalog.delete("oai:njeducloud.example:NJ-000003")
    (tree,) = await platform.pages("ListRecords", "metadataPrefix=oai_lom&from=2025-11-03T04:10:00Z")
    assert texts(tree, "//o:header/@status") == ["deleted"]
    assert texts(tree, "//o:header/o:datestamp") == ["2025-11-03T04:10:00Z"] * 2
    assert texts(tree, "//lom:general/lom:title/lom:string") == ["改过"]


async def deletions(platform: Neijiang) -> tuple[int, int, str | None]:
    """How many deletions ListRecords and ListIdentifiers show, and what GetRecord says of an old one."""
    shown = [
        sum(len(texts(page, "//o:header[@status='deleted']")) for page in await platform.pages(verb))
        for verb in ("ListRecords", "ListIdentifiers")
    ]
    return shown[0], shown[1], await platform.error(f"verb=GetRecord&metadataPrefix=oai_dc&identifier={DELETED}")


@pytest.mark.parametrize(
    ("habits", "seen"),
    [
        (Habits(), (17, 17, None)),
        (Habits("transient"), (3, 3, "idDoesNotExist")),
        (Habits("no"), (0, 0, "idDoesNotExist")),
        (Habits(list_records_omits_deletions=True), (0, 17, None)),
        (Habits("transient", list_records_omits_deletions=True), (0, 3, "idDoesNotExist")),
    ],
)
async def test_deletions_are_shown_by_policy(habits: Habits, seen: tuple[int, int, str | None]) -> None:
    platform = Neijiang(habits=habits)
    assert texts(await platform.ask("verb=Identify"), "//o:deletedRecord") == [habits.deleted_record]
    assert await deletions(platform) == seen
    total = texts((await platform.pages("ListRecords"))[0], "//o:resumptionToken/@completeListSize")
    assert total == [str(683 + seen[0])]


async def test_a_transient_deletion_vanishes_in_time(clock: Clock) -> None:
    platform = Neijiang(clock, Habits("transient", transient_days=30))
    before = (await deletions(platform))[0]
    platform.simulation.catalog.delete(PACKAGE)
    assert (await deletions(platform))[0] == before + 1
    clock.move(days=30, seconds=1)
    assert (await deletions(platform))[0] == 0


async def test_a_deleted_record_has_a_header_only(platform: Neijiang) -> None:
    tree = await platform.ask(f"verb=GetRecord&metadataPrefix=oai_lom&identifier={DELETED}")
    assert [etree.QName(entry).localname for entry in tree.findall(".//o:record/*", NAMES)] == ["header"]


async def test_flow_control_and_a_broken_page_can_be_asked_for(platform: Neijiang) -> None:
    platform.simulation.faults.error(503, path="/oai", retry_after="5")
    answer = await platform.http.get("/oai?verb=Identify")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    platform.simulation.faults.add(Fault("/oai", keep=0.5))
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring((await platform.http.get("/oai?verb=Identify")).content)
    for name, (status, body) in platform.simulation.faults.failures.items():
        platform.simulation.faults.fail(name)
        answer = await platform.http.get("/anything")
        assert (answer.status_code, answer.json()) == (status, body)


async def test_a_package_is_made_and_recognized_by_three_schools(platform: Neijiang) -> None:
    tree = await platform.ask(f"verb=GetRecord&metadataPrefix=oai_lom&identifier={PACKAGE}")
    parts = texts(tree, "//lom:relation[lom:kind/lom:value='haspart']//lom:entry")
    assert parts == [f"oai:njeducloud.example:NJ-0000{number}" for number in (72, 80, 88)]
    schools = [platform.simulation.catalog.get(native)["school"] for native in parts]
    assert len(set(schools)) == 3
    asked = "//lom:annotation[contains(lom:description/lom:string, '校际互认')]/lom:entity"
    assert [card.split("ORG:")[1].split("\n")[0] for card in texts(tree, asked)] == schools[1:]
    assert {platform.simulation.catalog.get(native)["subject"] for native in parts} == {"数学"}
    for native in parts:
        part = await platform.ask(f"verb=GetRecord&metadataPrefix=oai_lom&identifier={native}")
        assert texts(part, "//lom:relation[lom:kind/lom:value='ispartof']//lom:entry") == [PACKAGE]


async def test_every_relation_leads_to_a_record(platform: Neijiang) -> None:
    pages = await platform.pages("ListRecords")
    known = {text for page in pages for text in texts(page, "//o:header/o:identifier")}
    path = "//lom:relation/lom:resource/lom:identifier[lom:catalog='oai']/lom:entry"
    targets = [text for page in pages for text in texts(page, path)]
    assert len(targets) == 684
    assert set(targets) <= known


async def test_the_catalog_holds_what_the_others_hold(platform: Neijiang) -> None:
    catalog = platform.simulation.catalog
    records = [catalog.record(ordinal) for ordinal in catalog.ordinals()]
    assert sum("勾股定理" in (record["title"] or "") for record in records) == 24
    assert catalog.invalid_ids() == tuple(f"oai:njeducloud.example:NJ-000{number}" for number in (100, 311, 522))
    assert [records[number]["title"] is None for number in (100, 311, 522)] == [True, False, False]
    assert (records[311]["type"], records[522]["published"]) == ("未归类", "2023-02-30T08:00:00+08:00")
    unknown = [(records[number]["subject"], records[number]["stage"]) for number in (51, 224, 397, 570)]
    assert [entry for entry in unknown if "甜城文化" in entry or "研学基地" in entry] == [
        unknown[0],
        unknown[2],
        unknown[3],
    ]
    assert len(catalog.deleted_ids()) == 17


async def test_one_single_in_four_is_one_of_chongqing_and_ten_of_these_are_in_sichuan(platform: Neijiang) -> None:
    theirs = simulation(SIMULATORS["chongqing"].build()).catalog
    lessons = {file["md5"]: record for record in map(theirs.record, theirs.ordinals()) for file in record["files"]}
    ours = [platform.simulation.catalog.record(ordinal) for ordinal in range(700)]
    shared = [(record, lessons[record["md5"]]) for record in ours if record["md5"] in lessons]
    assert len(shared) == 22
    assert all(
        (record["title"], record["people"][0]["name"], record["relations"][-1]["entry"])
        == (lesson["title"], lesson["team"][0]["name"], lesson["resId"])
        for record, lesson in shared
    )
    sichuan = simulation(SICHUAN.build()).catalog
    told = {(lesson["title"], lesson["teachers"][0]["name"]) for lesson in map(sichuan.record, sichuan.ordinals())}
    thrice = [record for record, _ in shared if (record["title"], record["people"][0]["name"]) in told]
    assert len(thrice) == 10


async def test_the_example_records_are_the_real_ones(platform: Neijiang) -> None:
    blocks = TEXT.split("```xml\n")[1:]
    shown = [etree.fromstring(block.split("```")[0], etree.XMLParser(remove_blank_text=True)) for block in blocks]
    assert [etree.QName(tree).localname for tree in shown] == ["record", "dc"]
    tree = await platform.ask(f"verb=GetRecord&metadataPrefix=oai_lom&identifier={PACKAGE}")
    (real,) = tree.findall(".//o:record", NAMES)
    assert etree.tostring(shown[0], method="c14n2") == etree.tostring(etree.fromstring(stripped(real)), method="c14n2")
    tree = await platform.ask(f"verb=GetRecord&metadataPrefix=oai_dc&identifier={PACKAGE}")
    (real,) = tree.findall(".//oai_dc:dc", NAMES)
    assert etree.tostring(shown[1], method="c14n2") == etree.tostring(etree.fromstring(stripped(real)), method="c14n2")


def stripped(element: etree._Element) -> bytes:
    """The element on its own."""
    return etree.tostring(element, with_tail=False)


async def test_name_size_origin_paths_sets_and_secret_are_documented() -> None:
    assert f"| `neijiang` | {SIMULATOR.name} |" in TEXT
    assert f"| {SIMULATOR.size:,} |" in TEXT
    wanted = [*SIMULATOR.origins, *SIMULATOR.secrets, "/oai", "/drop/training/index.json", "/drop/training/{name}"]
    wanted += [*SETS, *FORMATS, *HEADER, *drop_files()]
    assert [word for word in wanted if word not in TEXT] == []


def test_the_example_lines_and_index_entry_are_the_real_ones() -> None:
    shown = list(csv.reader(io.StringIO(TEXT.split("```csv\n")[1].split("```")[0], newline="")))
    known = {row[0]: row for name, file in drop_files().items() for row in lines(name, file.content)}
    assert [known[row[0]] for row in shown] == shown
    assert [row[0] for row in shown] == ["NJ-0060", "NJ-0072"]
    assert f"`{json.dumps(index(drop_files())['files'][4])}`" in TEXT


# the drop


@pytest.mark.parametrize("headers", [{}, {b"X-Drop-Key": b"wrong"}, {b"X-Drop-Key": "错".encode()}])
async def test_the_drop_needs_its_key(platform: Neijiang, headers: dict[bytes, bytes]) -> None:
    for name in ("index.json", "2024-1.csv", "nothing.csv"):
        answer = await platform.http.get(f"/drop/training/{name}", headers=headers)
        assert (answer.status_code, answer.json()) == (401, {"error": "X-Drop-Key is missing or wrong"})


async def test_the_index_tells_every_file_as_it_is(platform: Neijiang) -> None:
    files = (await platform.http.get("/drop/training/index.json", headers=KEY)).json()["files"]
    assert [entry["name"] for entry in files] == [
        "2022-1.csv",
        "2022-2.csv",
        "2023-1.csv.gz",
        "2023-2.zip",
        "2024-1.csv",
        "2024-2.csv",
        "2025-1.csv",
        "2025-2.csv",
    ]
    assert files[4] == {
        "name": "2024-1.csv",
        "size": 19955,
        "sha256": "ff674082f0c42ff570e57b5547b1f57bf8ae107ce5225bd51278828c6c39fbde",
        "modified": "2024-06-29T09:00:00+08:00",
    }
    for entry in files:
        content = (await platform.http.get(f"/drop/training/{entry['name']}", headers=KEY)).content
        assert (len(content), hashlib.sha256(content).hexdigest()) == (entry["size"], entry["sha256"])
    assert (await platform.http.get("/drop/training/2021-1.csv", headers=KEY)).status_code == 404


async def test_a_file_can_be_replaced_while_the_platform_runs(platform: Neijiang) -> None:
    before = drop_files()["2025-2.csv"]
    platform.app.state.drop["2025-2.csv"] = replace(before, content=before.content + b"\r\n")
    files = (await platform.http.get("/drop/training/index.json", headers=KEY)).json()["files"]
    assert files[7]["size"] == len(before.content) + 2
    assert (await platform.http.get("/drop/training/2025-2.csv", headers=KEY)).content == before.content + b"\r\n"
    assert drop_files()["2025-2.csv"] == before


def lines(name: str, content: bytes) -> list[list[str]]:
    """The lines of a file, read as a recipient must."""
    if name.endswith(".gz"):
        text = gzip.decompress(content).decode("gb18030")
    elif name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            assert archive.namelist() == ["2023-2.csv"]
            raw = archive.read("2023-2.csv")
        assert raw.startswith(b"\xef\xbb\xbf")
        text = raw.decode("utf-8-sig")
    else:
        text = content.decode("gb18030")
    assert text.count("\r\n") > 50
    return list(csv.reader(io.StringIO(text, newline="")))


def test_the_files_hold_900_sound_lines_and_three_broken_ones() -> None:
    read = {name: lines(name, file.content) for name, file in drop_files().items()}
    assert all(tuple(rows[0]) == HEADER for rows in read.values())
    sound = [row for rows in read.values() for row in rows[1:] if len(row) == 16]
    assert len({row[0] for row in sound}) == len(sound) == 900
    broken = {name: [len(row) for row in rows if len(row) != 16] for name, rows in read.items()}
    assert {name: widths for name, widths in broken.items() if widths} == {
        "2022-2.csv": [9],
        "2024-1.csv": [17],
        "2025-1.csv": [3],
    }
    assert drop_files()["2025-1.csv"].content.decode("gb18030").endswith('NJ-0900,NJ-T2021-7,"写到一半的活动')
    assert drop_files()["2025-1.csv"].content.count(b'"') % 2 == 1


def test_the_lines_tell_blended_training_joint_work_and_rotation() -> None:
    rows = [row for name, file in drop_files().items() for row in lines(name, file.content)[1:] if len(row) == 16]
    assert Counter(row[3] for row in rows) == {
        "跨学科协作": 216,
        "混合式培训": 186,
        "研修": 126,
        "资源研发": 120,
        "听课": 114,
        "评审": 60,
        "支教": 48,
        "岗位轮岗": 30,
    }
    assert {row[5] for row in rows if row[3] == "混合式培训"} == {"线上线下混合"}
    assert {(row[10], row[11]) for row in rows if row[3] == "岗位轮岗"} == {("1", "项")}
    assert {row[4] for row in rows} == {"国家", "市级", "区级", "集团", "校本"}
    assert sum("\n" in row[2] for row in rows) == 36
    assert all(datetime.strptime(row[8], "%Y年%m月%d日") <= datetime.strptime(row[9], "%Y年%m月%d日") for row in rows)  # noqa: DTZ007


def test_the_drop_can_be_written_into_a_folder(tmp_path: Path) -> None:
    write_drop(tmp_path / "new" / "drop")
    written = {path.name: path.read_bytes() for path in (tmp_path / "new" / "drop").iterdir()}
    assert b'"name":"2024-1.csv"' in written.pop("index.json")
    assert written == {name: file.content for name, file in drop_files().items()}
