"""What the platforms' own documents ask of the schema, need by need."""

from typing import Any

import pytest

from schema.programs import Program
from schema.resources import CatalogResource, ResourceRecord
from schema.vocabularies import VocabularyScheme, vocabulary

LEAST = {"nativeId": "1", "title": "勾股定理", "kind": "LESSON"}
KINDS = (
    *(
        "课程",
        "课例",
        "微课",
        "教案",
        "课件",
        "学习任务单",
        "习题",
        "评测",
        "实验材料",
        "讲座",
        "直播",
        "录播",
        "教研活动",
    ),
    *("课程包", "资源包", "案例", "电子教材", "音频", "AR", "3D"),
)
SCHOOL_A, SCHOOL_B = {"name": "甲校", "region": "370304"}, {"name": "乙校", "region": "370303"}
NEEDS: dict[str, dict[str, Any]] = {
    "the three classrooms and the live modes": {
        "classroomKind": "DELIVERED",
        "teachingModes": ["DUAL_TEACHER", "OBSERVED", "EMBEDDED", "RECORDED", "LIVE", "ON_DEMAND"],
    },
    "lecturer and assistant with their schools": {
        "contributors": [
            {"name": "王老师", "role": "LECTURER", "organization": SCHOOL_A},
            {"name": "李老师", "role": "ASSISTANT", "organization": SCHOOL_B},
        ]
    },
    "a contributor whose name is hidden": {"contributors": [{"role": "LEAD_DEVELOPER"}]},
    "artefacts before, during and after class, and a replay": {
        "related": [
            {"relation": "BEFORE_CLASS", "nativeId": "2"},
            {"relation": "DURING_CLASS", "nativeId": "3"},
            {"relation": "AFTER_CLASS", "nativeId": "4"},
            {"relation": "REPLAY_OF", "nativeId": "5"},
        ]
    },
    "several stages": {"stages": ["PRESCHOOL", "SECONDARY_VOCATIONAL", "SPECIAL_NEEDS", "TEACHER_EDUCATION"]},
    "no stage": {"grades": [{"code": "grade-6", "native": "六年级"}]},
    "the five-four system": {"stages": ["JUNIOR_SECONDARY"], "schoolSystem": "FIVE_FOUR"},
    "vocational categories and topics as subjects": {
        "subjects": [{"code": "vocational-tourism"}, {"code": "topic-safety", "native": "安全教育"}]
    },
    "edition, volume, school year and term": {
        "edition": {"code": "rjb", "native": "人教版"},
        "volume": "必修 第二册",
        "schoolYear": "2024-2025",
        "schoolTerm": "SECOND",
    },
    "where it was made and for whom": {"region": "500103", "audienceRegions": ["500238"]},
    "visibility tier": {"access": "DISTRICT"},
    "license, copyright and sharing rule": {
        "license": "cc-by-nc-4.0",
        "copyrightHolder": "人民教育出版社",
        "sharing": {"copy": "CITY", "adapt": "SCHOOL", "validTo": "2026-08-31"},
    },
    "review with reviewer, standard and day": {
        "review": {
            "status": "APPROVED",
            "reviewedBy": "学科专家组",
            "reviewerKind": "RESEARCH_INSTITUTE",
            "standard": "国家课程标准",
            "reviewedAt": "2024-03-01",
        }
    },
    "selection label with awarding body and level": {
        "awards": [{"name": "精品课", "level": "NATIONAL", "awardedBy": "教育部", "awardedAt": "2023-12-01"}]
    },
    "recognition between schools": {
        "recognitions": [
            {"organization": SCHOOL_A, "state": "RECOGNIZED", "scope": "选修课程", "validTo": "2026-08-31"}
        ]
    },
    "third-party and own evaluation": {
        "evaluations": [
            {"evaluator": "THIRD_PARTY", "dimension": "学习成果", "score": "4.5"},
            {"evaluator": "SELF", "dimension": "学习成果", "score": "4.9"},
        ]
    },
    "demand order": {
        "demand": {
            "nativeId": "XQ-1",
            "state": "FULFILLED",
            "requester": SCHOOL_A,
            "fulfiller": SCHOOL_B,
            "wanted": "五年级音乐专递课堂",
            "requestedAt": "2024-03-01T09:00:00+08:00",
        }
    },
    "joint program as owner": {"program": "chengdu-chongqing-teacher-community"},
    "delivery over television": {"delivery": ["WEB", "CABLE_TV", "IPTV"]},
    "a file behind a login": {"files": [{"url": "https://platform.example/1.mp4", "requiresLogin": True}]},
    "a live session": {
        "kind": "LIVE_SESSION",
        "startsAt": "2024-03-08T10:00:00+08:00",
        "endsAt": "2024-03-08T10:45:00+08:00",
    },
}


@pytest.mark.parametrize("need", NEEDS)
def test_a_record_can_say(need: str) -> None:
    record = ResourceRecord.model_validate(LEAST | NEEDS[need])
    told = record.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    assert told == LEAST | NEEDS[need]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_the_platforms_name_has_a_place(kind: str) -> None:
    term = vocabulary(VocabularyScheme.KIND).resolve(kind)
    assert term is not None
    assert ResourceRecord.model_validate(LEAST | {"kind": term.code}).kind == term.code


@pytest.mark.parametrize("mode", ["同步", "异步", "双师", "观摩", "植入", "录播", "直播"])
def test_every_mode_the_platforms_name_has_a_place(mode: str) -> None:
    assert vocabulary(VocabularyScheme.TEACHING_MODE).resolve(mode) is not None


def test_members_of_an_alliance_have_days() -> None:
    program = Program.model_validate(
        {
            "code": "alliance-1",
            "name": "某联盟",
            "kind": "ALLIANCE",
            "members": [
                {"organization": SCHOOL_B, "role": "ANCHOR", "validFrom": "2020-09-01", "validTo": "2023-08-31"},
                {"organization": SCHOOL_A, "role": "RECEIVING", "validFrom": "2020-09-01"},
            ],
        }
    )
    assert [member.role for member in program.members] == ["ANCHOR", "RECEIVING"]


def test_a_stored_resource_says_where_it_came_from() -> None:
    stored = CatalogResource.model_validate(
        {
            "platform": "zibo",
            "record": LEAST,
            "provenance": {"fetchedAt": "2024-03-01T00:00:00Z", "digest": "e3b0c442", "manifestVersion": 3},
        }
    )
    assert (stored.platform, stored.record.native_id, stored.provenance.manifest_version) == ("zibo", "1", 3)
