"""What a platform holds before it is told in a dialect: works in families, some of them on two platforms."""

from dataclasses import dataclass
from enum import IntEnum

from connectors.simulators.curriculum import PYTHAGORAS, Unit, draw_edition, draw_unit, pythagoras
from connectors.simulators.draw import Draw, digest
from connectors.simulators.people import School, fitting, teacher

BLOCK = 8
ANGLES = (
    "",
    "",
    "",
    "——大单元视角",
    "：情境教学",
    "——项目化学习",
    "同课异构",
    "复习课",
    "：问题驱动",
    "——“双减”背景下的课堂",
)
GENERAL_STAGES = (("小学", 9), ("初中", 10), ("普通高中", 6), ("学前教育", 2), ("中职", 3), ("教师教育", 1))


class Part(IntEnum):
    """The place of a record in its block of eight; families share one work."""

    LESSON = 0
    PLAN = 1
    COURSEWARE = 2
    ACTIVITY = 3
    LIVE = 4
    REPLAY = 5
    MICRO = 6
    SINGLE = 7


_HEAD = {Part.PLAN: 1, Part.COURSEWARE: 2, Part.REPLAY: 1}


@dataclass(frozen=True, slots=True)
class Work:
    """A lesson as its makers know it: title, place in the curriculum, lecturer and team, school, length and main file.

    `seconds` is the length of the lesson, `size` the bytes of its main file; `team` are further invented teachers.
    """

    title: str
    unit: Unit
    edition: str | None
    lecturer: str
    team: tuple[str, str, str]
    school: School
    seconds: int
    size: int
    checksum: str


def part(ordinal: int) -> Part:
    """Which part of its block a record is."""
    return Part(ordinal % BLOCK)


def head(ordinal: int) -> int:
    """The ordinal of the record whose work this one belongs to (itself, a lesson or a live session)."""
    return ordinal - _HEAD.get(part(ordinal), 0)


def compose(
    key: tuple[object, ...],
    schools: tuple[School, ...],
    stages: tuple[tuple[str, int], ...],
    fixed: Unit | None = None,
) -> Work:
    """The work of a key, on a unit of the curriculum that is fixed or drawn."""
    draw = Draw(*key)
    unit = fixed or draw_unit(draw, stages)
    lesson = draw.weighted((("", 5), ("（第1课时）", 3), ("（第2课时）", 2), ("（第3课时）", 1)))
    return Work(
        title=f"{unit.topic}{draw.pick(ANGLES)}{lesson}",
        unit=unit,
        edition=draw_edition(draw, unit.subject),
        lecturer=teacher(draw.below(10_000)),
        team=(teacher(draw.below(10_000)), teacher(draw.below(10_000)), teacher(draw.below(10_000))),
        school=draw.pick(fitting(schools, unit.stage)),
        seconds=draw.between(30, 45) * 60,
        size=draw.between(4, 900) * 1_048_576 + draw.below(1_048_576),
        checksum=digest(*key),
    )


def shared_number(ordinal: int, partner: int) -> int | None:
    """The number of the work shared with a partner (1 渝中, 3 国家) when this record is a copy of one."""
    block = ordinal // BLOCK
    return block // 4 if part(ordinal) is Part.SINGLE and block % 4 == partner else None


def shared_work(seed: int, partner: str, number: int, schools: tuple[School, ...]) -> Work:
    """A work that two platforms hold alike: same title, lecturer, school and file."""
    return compose(
        (seed, "shared", partner, number),
        schools,
        (("小学", 1), ("初中", 1)),
        pythagoras() if number % 9 == 4 else None,
    )


def flagship(ordinal: int) -> Unit | None:
    """勾股定理 for every twentieth family of a lesson."""
    family = part(ordinal) in (Part.LESSON, Part.PLAN, Part.COURSEWARE)
    return pythagoras() if family and ordinal // BLOCK % 20 == 5 else None


def summary(work: Work) -> str:
    """A sentence on the work."""
    place = f"{work.unit.stage}{work.unit.grade}{work.unit.subject}"
    proof = work.unit.topic.startswith(PYTHAGORAS)
    note = "通过拼图探究直角三角形三边的关系" if proof else "围绕核心问题组织探究与练习"
    return f"{place}“{work.unit.topic}”，由{work.school.name}{work.lecturer}主讲，{note}。"
