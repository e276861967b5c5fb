"""内江: packages of three schools, recognition, works that others hold too, and the documented records."""

import pytest
from lxml import etree

from connectors.simulators import SIMULATORS
from connectors.simulators.neijiang.app import SIMULATOR
from connectors.simulators.neijiang.drop import HEADER, drop_files
from connectors.simulators.neijiang.repository import FORMATS, SETS
from connectors.simulators.sichuan.app import SIMULATOR as SICHUAN
from tests.connectors.simulators.clients import simulation
from tests.connectors.simulators.documentation import blocks, section
from tests.connectors.simulators.neijiang_client import NAMES, PACKAGE, Neijiang, texts

TEXT = section("## 内江市教育云平台")


@pytest.fixture
def platform() -> Neijiang:
    return Neijiang()


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
    shown = [etree.fromstring(block, etree.XMLParser(remove_blank_text=True)) for block in blocks(TEXT, "xml")]
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


async def test_origin_paths_sets_and_secret_are_documented() -> None:
    wanted = [*SIMULATOR.origins, *SIMULATOR.secrets, "/oai", "/drop/training/index.json", "/drop/training/{name}"]
    wanted += [*SETS, *FORMATS, *HEADER, *drop_files()]
    assert [word for word in wanted if word not in TEXT] == []
