"""Tags of the national platform: dimensions, names that are regular and names that are not, and the two hierarchies."""

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from connectors.simulators.catalog import Native
from connectors.simulators.curriculum import EDITIONS, Unit, units
from connectors.simulators.draw import Draw, digest

STAGE, GRADE, SUBJECT, EDITION, VOLUME, RENEWAL, VIEW = (
    "zxxxd",
    "zxxnj",
    "zxxxk",
    "zxxbb",
    "zxxcc",
    "zxxxjjc",
    "tagView",
)
HIERARCHY_NAMES = {
    STAGE: "学段",
    GRADE: "年级",
    SUBJECT: "学科",
    EDITION: "版本",
    VOLUME: "册次",
}
STAGE_NAMES = {"小学": "小学", "初中": "初中", "普通高中": "高中"}
SUBJECT_NAMES = {"书法": "语文·书法练习指导", "音乐": "艺术·音乐", "美术": "艺术·美术"}
LOCAL_EDITIONS = ("鲁教版", "重庆大学版", "西南大学版", "青岛版", "沪教版", "川教版", "浙教版", "冀教版", "苏教版")
FIVE_FOUR = "（五•四学制）"
SENIOR_VOLUMES = ("必修 第一册", "必修 第二册", "选择性必修 第一册", "选择性必修 第二册", "高二下册")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands, in tag names; None where the platform gives no tag."""

    stage: str
    grade: str | None
    subject: str
    edition: str
    volume: str


def place(unit: Unit, draw: Draw) -> Place:
    """Tag names of a unit: one in seven follows the 五•四学制, and 高中 hardly ever names a grade."""
    stage, grade = STAGE_NAMES[unit.stage], unit.grade or None
    if stage != "高中" and draw.chance(1, 7):
        stage = ("初中" if grade == "六年级" else stage) + FIVE_FOUR
    known = EDITIONS.get(unit.subject, ())
    edition = "统编版" if known == ("统编版",) else draw.pick((*known, *LOCAL_EDITIONS))
    senior = stage == "高中"
    return Place(
        stage=stage,
        grade=None if senior and not draw.chance(1, 15) else grade,
        subject=SUBJECT_NAMES.get(unit.subject, unit.subject),
        edition=edition,
        volume=unit.volume or (draw.pick(SENIOR_VOLUMES) if senior else "全一册"),
    )


@functools.cache
def tag_id(dimension: str, name: str) -> str:
    """The id of a tag, fixed by its dimension and name."""
    text = digest("tag", dimension, name)
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def tag_list(where: Place, draw: Draw) -> list[Native]:
    """The `tag_list` of a row, in no order that means anything, as recorded."""
    named = [
        (VIEW, "同步课资源视图" if draw.chance(3, 7) else None),
        (EDITION, where.edition),
        (VOLUME, where.volume),
        (GRADE, where.grade),
        (STAGE, where.stage),
        (SUBJECT, where.subject),
        (RENEWAL, draw.pick(("新教材", "旧教材")) if draw.chance(1, 9) else None),
    ]
    return [_entry(dimension, name, draw.below(400)) for dimension, name in named if name is not None]


def strange_tag(dimension: str, name: str) -> Native:
    """A tag that stands in no hierarchy."""
    return _entry(dimension, name, 999)


def _entry(dimension: str, name: str, order: int) -> Native:
    return {"tag_dimension_id": dimension, "tag_id": tag_id(dimension, name), "tag_name": name, "order_num": order}


def lesson_tags() -> Native:
    """Hierarchy of the lessons: 学段 → 年级 → 学科 → 版本 → 册次 (高中 without 年级)."""
    return {"tag_path": tag_id(VIEW, "同步课资源视图"), "hierarchies": [_level(STAGE, _stages())]}


def textbook_tags() -> Native:
    """Hierarchy of the textbooks: 专题 above 学段."""
    topic = {
        "tag_id": tag_id("zxxzt", "电子教材"),
        "tag_dimension_id": "zxxzt",
        "hierarchies": [_level(STAGE, _stages())],
        "ext": None,
        "tag_description": None,
        "tag_name": "电子教材",
    }
    return {"tag_path": tag_id("zxxzt", "root"), "hierarchies": [_level("zxxzt", [topic])]}


def _stages() -> list[Native]:
    found = []
    for stage, name in STAGE_NAMES.items():
        members = units()[stage]
        if name == "高中":
            found.append(_tag(STAGE, name, _level(SUBJECT, list(_subjects(members)))))
            continue
        for label in (name, name + FIVE_FOUR):
            grades = dict.fromkeys(unit.grade for unit in members if unit.grade)
            below = [
                _tag(GRADE, grade, _level(SUBJECT, list(_subjects([u for u in members if u.grade == grade]))))
                for grade in grades
            ]
            found.append(_tag(STAGE, label, _level(GRADE, below)))
    return found


def _subjects(members: Sequence[Unit]) -> Iterator[Native]:
    for subject in dict.fromkeys(unit.subject for unit in members):
        volumes = dict.fromkeys(unit.volume or "全一册" for unit in members if unit.subject == subject)
        below = _level(VOLUME, [_tag(VOLUME, volume, None) for volume in volumes])
        editions = dict.fromkeys((*EDITIONS.get(subject, ()), *LOCAL_EDITIONS))
        tags = [_tag(EDITION, edition, below) for edition in editions]
        yield _tag(SUBJECT, SUBJECT_NAMES.get(subject, subject), _level(EDITION, tags))


def _level(dimension: str, children: list[Native]) -> Native:
    ext = {"has_next_tag_path": [], "tag_dimension_id": dimension, "hidden_tags": []}
    return {"children": children, "ext": ext, "hierarchy_name": HIERARCHY_NAMES.get(dimension, "专题")}


def _tag(dimension: str, name: str, below: Native | None) -> Native:
    return {
        "tag_id": tag_id(dimension, name),
        "tag_dimension_id": dimension,
        "hierarchies": [below] if below else None,
        "ext": None,
        "tag_description": None,
        "tag_name": name,
    }
