"""四川云教 through its manifest: lessons as cycles, alliances, joint lessons, and errors beside data."""

from collections import Counter
from typing import Any

import pytest

from connectors.errors import ConnectorError, CredentialRefused, Throttled, Transient
from connectors.simulators import Fault
from connectors.simulators.sichuan.alliances import global_id
from tests.connectors.platforms.runs import SIZE, accepted, built, harvest, said

PYTHAGORAS = global_id("Lesson", 41)
JOINT = global_id("Lesson", 24)
UNCOUNTED = global_id("Lesson", 201)


@pytest.fixture(autouse=True)
def _without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.protocols.exchange.PAUSE", 0.001)


async def test_a_lesson_on_pythagoras_is_mapped_field_by_field() -> None:
    lesson = said(accepted(await harvest("sichuan", size=None))[PYTHAGORAS].record)
    office = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    school = {"name": "成都市西川中学", "kind": "SCHOOL"}
    site = "https://www.scyunjiao.example"
    assert lesson == {
        "nativeId": "TGVzc29uOjQx",
        "title": "勾股定理——项目化学习（第3课时）",
        "kind": "LESSON",
        "url": f"{site}/lesson/41",
        "summary": "初中八年级数学“勾股定理”，由成都市西川中学马老师主讲，通过拼图探究直角三角形三边的关系。",
        "language": "zh-CN",
        "stages": ["JUNIOR_SECONDARY"],
        "grades": [{"code": "grade-8", "native": "八年级"}],
        "subjects": [{"code": "mathematics", "native": "数学"}],
        "edition": {"code": "bsdb", "native": "北师大版"},
        "volume": "下册",
        "keywords": ["勾股定理", "同步授课", "同步上课"],
        "teachingModes": ["RECORDED"],
        "delivery": ["WEB", "CLASSROOM_TERMINAL"],
        "region": "510107",
        "audienceRegions": ["513200", "513300", "513400"],
        "provider": {**school, "region": "510107"},
        "contributors": [
            {"name": "马老师", "role": "LECTURER", "organization": school},
            {"name": "刘老师", "role": "GUIDE", "organization": school},
            {"name": "陈老师", "role": "ASSISTANT", "organization": school},
        ],
        "program": "sichuan-cloud-alliances",
        "publishedAt": "2020-03-27T20:37:47+08:00",
        "updatedAt": "2020-03-27T20:37:47+08:00",
        "durationSeconds": 1980,
        "files": [
            {"url": f"{site}/file/db608306e3c49b45c848e479c852283d.docx", "mediaType": office, "sizeBytes": 14267231},
            {
                "url": f"{site}/file/53784b3ee5be5b2c1c6fa218feac49f9.mp4",
                "mediaType": "video/mp4",
                "sizeBytes": 570689255,
                "checksum": "53784b3ee5be5b2c1c6fa218feac49f9",
            },
            {
                "url": f"{site}/file/917ada1ff5ef61217ec1d64757d0a23e.pdf",
                "mediaType": "application/pdf",
                "sizeBytes": 14267231,
            },
            {
                "url": f"{site}/file/2a0bc4f4186a2f7c64e506b176dd72b3.pdf",
                "mediaType": "application/pdf",
                "sizeBytes": 14267231,
            },
        ],
        "access": "PUBLIC",
        "related": [
            {"relation": "BEFORE_CLASS", "nativeId": "TGVzc29uOjQy"},
            {"relation": "DURING_CLASS", "nativeId": "TGVzc29uOjQz"},
            {"relation": "AFTER_CLASS", "nativeId": "TGVzc29uOjQ0"},
        ],
        "useCount": 17983,
    }


async def test_a_joint_lesson_is_the_joint_programs_and_its_teachers_keep_their_school() -> None:
    lesson = said(accepted(await harvest("sichuan"))[JOINT].record, "program", "provider", "region", "contributors")
    school = {"name": "重庆市巴蜀中学校", "kind": "SCHOOL"}
    assert lesson == {
        "program": "chengdu-chongqing-teacher-community",
        "provider": {"name": "成都市第十八中学", "kind": "SCHOOL", "region": "510106"},
        "region": "510106",
        "contributors": [
            {"name": "熊老师", "role": "LECTURER", "organization": school},
            {"name": "常老师", "role": "GUIDE", "organization": school},
            {"name": "韩老师", "role": "ASSISTANT", "organization": school},
        ],
    }


async def test_every_lesson_has_a_program_and_stages_have_their_modes() -> None:
    run = await harvest("sichuan", size=None)
    assert (len(run.items), len(run.rejected), len(run.deleted)) == (1747, 9, 44)
    assert run.reasons == {
        "title.missing": 3,
        "kind.unmapped": 2,
        "endsAt.invalid": 2,
        "url.invalid": 1,
        "publishedAt.invalid": 1,
    }
    assert run.unmapped == {
        ("subjects", "藏羌文化体验"): 4,
        ("edition", "四川云教试验版"): 4,
        ("teachingModes", "IMMERSIVE"): 3,
    }
    programs = Counter(record.program for record in run.records)
    joint = [lesson for lesson in _lessons(run.simulation) if lesson["program"] and lesson["id"] in accepted(run)]
    assert programs == {
        "sichuan-cloud-alliances": 1747 - len(joint),
        "chengdu-chongqing-teacher-community": len(joint),
    }
    assert len(joint) > 15
    modes = {
        (record.stages[0].value, record.teaching_modes[0].value) for record in run.records if record.teaching_modes
    }
    assert modes == {
        ("PRESCHOOL", "OBSERVED"),
        ("PRIMARY", "EMBEDDED"),
        ("JUNIOR_SECONDARY", "RECORDED"),
        ("SENIOR_SECONDARY", "LIVE"),
    }
    relations = Counter(link.relation.value for record in run.records for link in record.related)
    assert set(relations) == {"BEFORE_CLASS", "DURING_CLASS", "AFTER_CLASS", "PART_OF", "LIVE_OF", "REPLAY_OF"}
    own = [[file.checksum for file in record.files if file.checksum] for record in run.records]
    assert {len(checksums) for checksums in own} == {1}
    assert len({checksum for [checksum] in own}) == 1747


def _lessons(simulation: Any) -> list[Any]:
    return [simulation.catalog.record(ordinal) for ordinal in simulation.catalog.ordinals()]


async def test_a_lesson_without_statistics_is_kept_without_its_count() -> None:
    record = accepted(await harvest("sichuan"))[UNCOUNTED].record
    assert record.use_count is None
    assert record.title


async def test_a_lesson_whose_material_failed_is_refused_by_itself() -> None:
    whole = await harvest("sichuan")
    run = await harvest("sichuan", faults=[Fault("field:materials")])
    [lost] = set(accepted(whole)) - set(accepted(run))
    findings = [finding for page in run.pages for item in page.rejected for finding in item.findings]
    [reason] = [finding for finding in findings if finding.code == "graphql.error"]
    assert lost == global_id("Lesson", 1)
    assert reason.message.startswith("the platform says: UPSTREAM_TIMEOUT: 上游服务超时 at lessons.edges.0.node")
    assert len(run.items) + len(run.rejected) + len(run.deleted) == SIZE


async def test_a_failure_that_takes_the_whole_page_along_is_asked_again() -> None:
    run = await harvest("sichuan", faults=[Fault("field:links")], retrying=True)
    assert len(run.items) + len(run.rejected) + len(run.deleted) == SIZE
    assert "graphql.error" not in run.reasons
    assert len(run.simulation.requests) == 6


@pytest.mark.parametrize(
    ("failure", "error", "words"),
    [
        ("unauthenticated", CredentialRefused, "令牌无效或已过期"),
        ("throttled", Throttled, "请求过于频繁，请稍后再试"),
        ("busy", Transient, "系统繁忙"),
        ("server", Transient, "系统内部错误"),
        ("partial", Transient, "上游服务超时"),
    ],
)
async def test_a_failure_that_stays_is_told_by_its_recovery(
    failure: str, error: type[ConnectorError], words: str
) -> None:
    app = built("sichuan")
    app.state.simulation.faults.fail(failure, times=None)
    with pytest.raises(error, match=words) as caught:
        await harvest("sichuan", app=app)
    assert (type(caught.value), caught.value.platform) == (error, "sichuan")
