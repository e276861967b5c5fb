"""Records of 四川云教 in its own words: lessons as cycles with material before, during and after class."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime

from connectors.simulators.catalog import DAY, Native, Stamp, defect, is_unknown
from connectors.simulators.chongqing.records import ChongqingRecords
from connectors.simulators.curriculum import subjects
from connectors.simulators.draw import Draw
from connectors.simulators.sichuan.alliances import global_id, reference, school
from connectors.simulators.sichuan.materials import KINDS, cycle_head, links, materials
from connectors.simulators.sichuan.schools import PREFECTURES, STAGE_CODES, STAGE_MODES, anchor_number, anchors_of
from connectors.simulators.simulation import CHINA
from connectors.simulators.works import BLOCK, Part, Work, compose, flagship, part, summary

SITE = "https://www.scyunjiao.example"
STAGES = (("普通高中", 6), ("初中", 8), ("小学", 8), ("学前教育", 2))
SHARED_EVERY, SHARED_AT = 8, 2
UNCOUNTED_EVERY, UNCOUNTED_AT = 353, 200
JOINT_PROGRAM = "成渝教师研修共同体"

TITLES = {
    "LIVE_LESSON": "{}（云教直播）",
    "REPLAY": "{}（云教回放）",
    "LESSON_PLAN": "{}教学设计",
    "COURSEWARE": "{}课件",
    "TASK_SHEET": "{}学习任务单",
    "RESEARCH": "{}课后研讨",
    "EXERCISE": "{}同步练习",
}
SYNCHRONOUS = {
    "LESSON": ("同步授课", "同步上课"),
    "LIVE_LESSON": ("同步授课", "同步上课"),
    "REPLAY": ("同步评价",),
    "LESSON_PLAN": ("同步备课",),
    "COURSEWARE": ("同步备课", "同步预习"),
    "TASK_SHEET": ("同步预习",),
    "RESEARCH": ("同步教研", "同步评价"),
    "EXERCISE": ("同步练习", "同步考核"),
}
FURTHER_MODE = {"LIVE_LESSON": "LIVE", "REPLAY": "RECORDED"}
TIMED = ("LIVE_LESSON", "RESEARCH")
DEFECTS: tuple[Native, ...] = (
    {"title": ""},
    {"kind": "UNCLASSIFIED"},
    {"startsAt": "2024-03-05T10:30:00+08:00", "endsAt": "2024-03-05T09:30:00+08:00"},
    {"title": None},
    {"url": "/lesson/pending"},
    {"createdAt": "2023-02-31T08:00:00+08:00"},
)
UNKNOWNS: tuple[Native, ...] = (
    {"subject": {"code": "S99", "name": "藏羌文化体验"}},
    {"modes": ["IMMERSIVE"]},
    {"edition": "四川云教试验版"},
)


def iso(instant: int) -> str:
    """Epoch milliseconds as `2024-03-05T09:30:00+08:00`."""
    return datetime.fromtimestamp(instant // 1000, UTC).astimezone(CHINA).isoformat()


def is_uncounted(ordinal: int) -> bool:
    """Whether the statistics service fails for a seeded record, so that `playCount` comes with an error beside it."""
    return ordinal % UNCOUNTED_EVERY == UNCOUNTED_AT


class SichuanRecords:
    """The dialect of 四川云教."""

    def __init__(self, seed: int, size: int) -> None:
        self._seed, self._size = seed, size
        self._chongqing = ChongqingRecords(seed, size)

    def native_id(self, ordinal: int) -> str:
        """`TGVzc29uOjEy`, which is `Lesson:12` for ordinal 11."""
        return global_id("Lesson", ordinal + 1)

    def ordinal(self, native_id: str) -> int:
        """The way back; ValueError for whatever is not written exactly so."""
        kind, _, number = base64.b64decode(native_id, validate=True).decode().partition(":")
        if kind != "Lesson" or not number.isdecimal() or self.native_id(int(number) - 1) != native_id:
            raise ValueError(native_id)
        return int(number) - 1

    def render(self, ordinal: int, stamp: Stamp) -> Native:
        """A `Lesson` with every field; `lesson` of a link is resolved when it is asked for."""
        work, joint = self._work(ordinal)
        draw = Draw(self._seed, "sichuan-record", ordinal)
        kind = KINDS[part(ordinal)](ordinal)
        stage = STAGE_CODES[work.unit.stage]
        anchor = draw.pick(anchors_of(stage)) if joint else work.school
        record: Native = {
            "id": self.native_id(ordinal),
            "title": TITLES.get(kind, "{}").format(work.title),
            "kind": kind,
            "stage": stage,
            "modes": _modes(kind, stage),
            "grade": work.unit.grade or None,
            "subject": {"code": f"S{subjects().index(work.unit.subject) + 1:02d}", "name": work.unit.subject},
            "edition": work.edition,
            "volume": work.unit.volume or None,
            "summary": summary(work),
            "tags": [work.unit.topic, *SYNCHRONOUS[kind]],
            "anchorSchool": school(anchor, anchor_number(anchor), "AnchorSchool"),
            "alliance": reference(anchor_number(anchor)),
            "teachers": _teachers(work),
            **_times(work, kind, stamp, draw),
            "materials": materials(ordinal, self._size, work, SITE),
            "links": links(ordinal, self._size),
            "audienceRegions": _audience(draw),
            "program": JOINT_PROGRAM if joint else None,
            "url": f"{SITE}/lesson/{ordinal + 1}",
            "status": "WITHDRAWN" if stamp.deleted else "PUBLISHED",
            "playCount": None if is_uncounted(ordinal) else draw.below(20_000),
            "createdAt": iso(stamp.created),
            "updatedAt": iso(stamp.updated),
        }
        if is_unknown(ordinal):
            record |= UNKNOWNS[ordinal % len(UNKNOWNS)]
        return record | defect(ordinal, DEFECTS)

    def _work(self, ordinal: int) -> tuple[Work, bool]:
        """The work behind a record, and whether it is one of 重庆 that is given in Sichuan too."""
        if part(ordinal) is Part.SINGLE and ordinal // BLOCK % SHARED_EVERY == SHARED_AT:
            theirs = self._chongqing.work(ordinal)
            if theirs.unit.stage in STAGE_CODES:
                return theirs, True
        key = (self._seed, "sichuan", cycle_head(ordinal))
        fixed = flagship(cycle_head(ordinal))
        stage = fixed.stage if fixed else Draw(*key, "stage").weighted(STAGES)
        return compose(key, anchors_of(STAGE_CODES[stage]), ((stage, 1),), fixed), False


def _modes(kind: str, stage: str) -> list[str]:
    if kind not in ("LESSON", *FURTHER_MODE):
        return []
    return list(dict.fromkeys((STAGE_MODES[stage], FURTHER_MODE.get(kind, STAGE_MODES[stage]))))


def _teachers(work: Work) -> list[Native]:
    roles = ("主讲教师", "教研员", "助教")
    names = (work.lecturer, *work.team[:2])
    return [{"name": name, "role": role, "school": work.school.name} for role, name in zip(roles, names, strict=True)]


def _times(work: Work, kind: str, stamp: Stamp, draw: Draw) -> Mapping[str, object]:
    length = work.seconds if kind in ("LESSON", "LIVE_LESSON", "REPLAY", "RESEARCH") else None
    if kind not in TIMED:
        return {"startsAt": None, "endsAt": None, "durationSeconds": length}
    start = stamp.created // DAY * DAY + draw.between(1, 14) * DAY + draw.pick((1, 2, 6, 7)) * 3_600_000
    return {"startsAt": iso(start), "endsAt": iso(start + work.seconds * 1000), "durationSeconds": length}


def _audience(draw: Draw) -> list[Native]:
    codes = list(PREFECTURES)
    first = draw.below(len(codes))
    chosen = sorted(codes[(first + n) % len(codes)] for n in range(draw.between(1, 3)))
    return [{"code": code, "name": PREFECTURES[code]} for code in chosen]
