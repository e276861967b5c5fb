"""Joint programs as the source documents name them."""

from datetime import date

import pytest

from schema.programs import Membership, Program, ProgramKind, program_named, programs
from schema.regions import region_tree

PLATFORMS = {"chongqing", "sichuan", "neijiang", "zibo", "yuzhong", "national"}


def test_programs_are_known_by_code() -> None:
    assert {code: program.kind for code, program in programs().items()} == {
        "chengdu-chongqing-teacher-community": ProgramKind.JOINT_PROGRAM,
        "chengdu-chongqing-research-alliance": ProgramKind.ALLIANCE,
        "yuzhong-wuxi-cloud-teaching": ProgramKind.JOINT_PROGRAM,
        "yuzhong-maker-alliance": ProgramKind.ALLIANCE,
        "xiejiawan-education-group": ProgramKind.SCHOOL_GROUP,
        "zibo-mutual-aid-communities": ProgramKind.COMMUNITY,
        "sichuan-cloud-alliances": ProgramKind.ALLIANCE,
    }
    assert all(code == program.code for code, program in programs().items())


def test_programs_name_known_platforms_and_regions_and_their_source() -> None:
    for program in programs().values():
        assert set(program.platforms) <= PLATFORMS
        assert program.platforms
        assert [code for code in program.regions if region_tree().get(code) is None] == []
        assert program.source


def test_the_joint_community_spans_both_sides() -> None:
    community = programs()["chengdu-chongqing-teacher-community"]
    assert community.platforms == ("chongqing", "sichuan")
    assert community.regions == ("500000", "510000")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("成渝教师研修共同体", "chengdu-chongqing-teacher-community"),
        ("“成渝双城”教研联盟", "chengdu-chongqing-research-alliance"),
        ("渝中-巫溪 云端送教", "yuzhong-wuxi-cloud-teaching"),
        ("谢家湾教育集团", "xiejiawan-education-group"),
        ("ZIBO-MUTUAL-AID-COMMUNITIES", "zibo-mutual-aid-communities"),
    ],
)
def test_a_program_is_found_by_any_of_its_names(name: str, code: str) -> None:
    found = program_named(name)
    assert found is not None
    assert found.code == code


def test_an_unknown_program_is_none_and_the_list_cannot_be_changed() -> None:
    assert program_named("没有这个项目") is None
    assert program_named("") is None
    with pytest.raises(TypeError):
        programs()["new"] = programs()["yuzhong-maker-alliance"]  # type: ignore[index]  # that is the point


def test_membership_holds_over_days() -> None:
    member = Membership.model_validate(
        {"organization": {"name": "甘孜州某校"}, "role": "RECEIVING", "validFrom": "2020-09-01"}
    )
    assert member.valid_from == date(2020, 9, 1)
    assert member.valid_to is None
    assert "members" in Program.model_fields
