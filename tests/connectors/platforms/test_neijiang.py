"""内江 through its manifest: LOM by XPath, rights, recognition, and a server with the habits of OAI-PMH."""

from collections import Counter

import pytest

from connectors.context import ConnectorContext
from connectors.errors import CredentialRefused, PagingError, UpstreamFailure
from connectors.records import HarvestPage, HarvestRequest, UsageRequest
from tests.connectors.platforms.runs import NOW, SETTLED, SIZE, accepted, built, connector, context, harvest, said
from tests.connectors.platforms.runs import training as read_training

ID = "oai:njeducloud.example:NJ-000075"
SITE = "https://www.njeducloud.example"


async def test_a_package_on_pythagoras_is_mapped_field_by_field() -> None:
    school = {"name": "威远中学校", "kind": "SCHOOL"}
    evaluation = {"dimension": "资源使用效率", "scale": "0–5", "evaluatedOn": "2020-12-20"}
    assert said(accepted(await harvest("neijiang", size=None))[ID].record) == {
        "nativeId": ID,
        "title": "勾股定理跨校共研课程包",
        "kind": "PACKAGE",
        "url": f"{SITE}/resource/75",
        "summary": "初中八年级数学“勾股定理”，由威远中学校傅老师主讲，通过拼图探究直角三角形三边的关系。",
        "language": "zh-CN",
        "stages": ["JUNIOR_SECONDARY"],
        "grades": [{"code": "grade-8", "native": "八年级"}],
        "subjects": [{"code": "mathematics", "native": "数学"}],
        "edition": {"code": "hdsdb", "native": "华东师大版"},
        "volume": "下册",
        "keywords": ["勾股定理", "数学"],
        "region": "511024",
        "provider": {**school, "region": "511024"},
        "contributors": [
            {"name": "傅老师", "role": "LECTURER", "organization": school},
            {"name": "高老师", "role": "LEAD_DEVELOPER", "organization": school},
            {"name": "韩老师", "role": "GUIDE", "organization": school},
            {"name": "易老师", "role": "TECHNICAL", "organization": school},
        ],
        "publishedAt": "2020-09-21T09:29:50+08:00",
        "updatedAt": "2020-09-21T01:29:50Z",
        "files": [
            {
                "url": f"{SITE}/file/ffdf803356300c87e5c0b538311cb686.zip",
                "mediaType": "application/zip",
                "sizeBytes": 45509912,
                "checksum": "ffdf803356300c87e5c0b538311cb686",
            }
        ],
        "access": "PUBLIC",
        "license": "cc-by-nc-sa-4.0",
        "copyrightHolder": "威远中学校",
        "sharing": {"copy": "CITY", "adapt": "DISTRICT", "validTo": "2023-08-31"},
        "evaluations": [
            {**evaluation, "evaluator": "THIRD_PARTY", "by": "内江市教育评估中心", "score": "3.5"},
            {**evaluation, "evaluator": "SELF", "by": "威远中学校", "score": "3.9"},
        ],
        "recognitions": [
            {
                "organization": {"name": "资中县第二中学", "kind": "SCHOOL"},
                "state": "RECOGNIZED",
                "scope": "选修课程",
                "validFrom": "2020-10-03",
            },
            {
                "organization": {"name": "隆昌市第一中学", "kind": "SCHOOL"},
                "state": "RECOGNIZED",
                "scope": "学分认定",
                "validFrom": "2020-10-03",
            },
        ],
        "related": [
            {"relation": "HAS_PART", "nativeId": f"oai:njeducloud.example:NJ-{number:06d}"} for number in (72, 80, 88)
        ],
    }


async def test_a_lesson_of_another_city_has_its_file_but_no_region_of_ours() -> None:
    record = accepted(await harvest("neijiang"))["oai:njeducloud.example:NJ-000023"].record
    assert said(record, "provider", "region", "access", "license", "related") == {
        "provider": {"name": "重庆市巴蜀中学校", "kind": "SCHOOL"},
        "region": None,
        "access": "DISTRICT",
        "license": None,
        "related": None,
    }
    assert [file.checksum for file in record.files] == ["70e50e198d1aa21b035a432453c024fc"]
    assert [(told.organization.name, told.state.value) for told in record.recognitions] == [
        ("内江市第六中学", "NOT_RECOGNIZED")
    ]


async def test_the_whole_catalog_is_told_as_the_simulator_holds_it() -> None:
    run = await harvest("neijiang", size=None)
    assert (len(run.items), len(run.rejected), len(run.deleted)) == (680, 3, 17)
    assert run.reasons == {"title.missing": 1, "kind.unmapped": 1, "publishedAt.invalid": 1}
    assert run.unmapped == {
        ("subjects", "甜城文化"): 2,
        ("edition", "内江乡土教材"): 1,
        ("stages", "研学基地"): 1,
    }
    catalog = run.simulation.catalog
    held = {catalog.native_id(o): catalog.record(o) for o in catalog.ordinals()}
    words = {"公开": "PUBLIC", "注册用户": "REGISTERED", "全市": "CITY", "区县": "DISTRICT", "本校": "SCHOOL"}
    for record in run.records:
        native = held[record.native_id]
        assert record.access.value == words[native["rights"]["权限"]]
        assert record.copyright_holder == native["rights"]["版权"] == native["school"]
        assert record.volume == native["volume"]
        assert (record.edition.native if record.edition else None) in (native["edition"], None)
        assert [file.checksum for file in record.files] == [native["md5"]]
        assert len(record.recognitions) == len(native["recognitions"])
        assert len(record.evaluations) == len(native["evaluations"])
    assert Counter(record.kind.value for record in run.records).keys() == {
        "LESSON",
        "COURSE",
        "PACKAGE",
        "LESSON_PLAN",
        "LAB_MATERIAL",
        "ASSESSMENT",
    }
    assert {record.region for record in run.records} == {
        "511000",
        "511002",
        "511011",
        "511024",
        "511025",
        "511083",
        None,
    }


async def test_a_platform_that_publishes_no_usage_is_not_asked_for_any() -> None:
    app = built("neijiang")
    with pytest.raises(UpstreamFailure, match="the manifest has no usage section"):
        await anext(connector("neijiang").usage(context("neijiang", app), UsageRequest(NOW.date(), NOW.date())))
    assert list(app.state.simulation.requests) == []


async def test_tokens_that_are_forgotten_once_start_the_listing_again() -> None:
    app = built("neijiang")
    pages: list[HarvestPage] = []
    async for page in connector("neijiang").harvest(context("neijiang", app), HarvestRequest()):
        pages.append(page)
        if len(pages) == 2:
            app.state.repository.forget_tokens()
    ids = [item.record.native_id for page in pages for item in page.accepted]
    whole = await harvest("neijiang")
    assert set(ids) == set(accepted(whole))
    assert len(ids) > len(set(ids))
    assert len(app.state.simulation.requests) == 2 + 1 + 5


async def test_tokens_that_never_live_long_enough_end_the_run() -> None:
    app = built("neijiang")
    app.state.habits.token_seconds = -1
    with pytest.raises(PagingError, match="tokens expire before the listing ends"):
        await harvest("neijiang", app=app)


async def test_training_is_refused_without_the_key_and_the_open_catalog_is_not() -> None:
    app = built("neijiang", now=SETTLED)
    app.state.simulation.faults.fail("key", path="/drop", times=None)
    with pytest.raises(CredentialRefused, match="X-Drop-Key is missing or wrong"):
        await read_training("neijiang", app=app)
    run = await harvest("neijiang", app=app)
    assert len(run.items) + len(run.rejected) + len(run.deleted) == SIZE


async def test_the_key_of_the_drop_never_goes_with_a_question_to_the_catalog() -> None:
    app = built("neijiang")
    shown: list[str] = []

    async def watched(scope: object, receive: object, send: object) -> None:
        headers = dict(scope["headers"]) if isinstance(scope, dict) and scope["type"] == "http" else {}
        shown.extend(name.decode() for name in headers if name == b"x-drop-key")
        await app(scope, receive, send)  # type: ignore[arg-type]

    from_here = context("neijiang", watched)  # type: ignore[arg-type]
    assert isinstance(from_here, ConnectorContext)
    assert [page async for page in connector("neijiang").harvest(from_here, HarvestRequest())]
    assert shown == []
    assert [page async for page in connector("neijiang").training(from_here, HarvestRequest())]
    assert shown == ["x-drop-key"] * 9
