"""内江: the six verbs of OAI-PMH with every error, granularity, tokens that expire, and each policy of deletions."""

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from connectors.simulators import Fault
from connectors.simulators.neijiang.repository import FORMATS, SETS, Habits
from tests.connectors.simulators.clients import Clock
from tests.connectors.simulators.neijiang_client import DELETED, NAMES, PACKAGE, Neijiang, texts

PLAIN = Neijiang()


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
