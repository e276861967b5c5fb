"""Stages of education and the school systems that divide them differently."""

from enum import StrEnum


class Stage(StrEnum):
    """Whom a resource is for; a grade never implies one (六年级 is primary or junior secondary by school system)."""

    PRESCHOOL = "PRESCHOOL"
    PRIMARY = "PRIMARY"
    JUNIOR_SECONDARY = "JUNIOR_SECONDARY"
    SENIOR_SECONDARY = "SENIOR_SECONDARY"
    SECONDARY_VOCATIONAL = "SECONDARY_VOCATIONAL"
    HIGHER_VOCATIONAL = "HIGHER_VOCATIONAL"
    HIGHER = "HIGHER"
    SPECIAL_NEEDS = "SPECIAL_NEEDS"
    TEACHER_EDUCATION = "TEACHER_EDUCATION"
    LIFELONG = "LIFELONG"


class SchoolSystem(StrEnum):
    """How nine years of compulsory schooling are split: six and three, or five and four (五·四学制)."""

    SIX_THREE = "SIX_THREE"
    FIVE_FOUR = "FIVE_FOUR"


class SchoolTerm(StrEnum):
    """上学期 FIRST, 下学期 SECOND; a resource for the whole school year names none."""

    FIRST = "FIRST"
    SECOND = "SECOND"
