"""Records of 重庆云课堂 in its own words: epoch milliseconds, Chinese labels, team roles, delivery channels."""

from collections.abc import Mapping

from connectors.simulators.catalog import DAY, Native, Stamp, defect, is_unknown
from connectors.simulators.curriculum import subjects, units_of
from connectors.simulators.draw import Draw, digest
from connectors.simulators.people import CHONGQING_SCHOOLS, YUZHONG_SCHOOLS
from connectors.simulators.works import (
    BLOCK,
    GENERAL_STAGES,
    Part,
    Work,
    compose,
    flagship,
    head,
    part,
    shared_number,
    shared_work,
    summary,
)

SITE = "https://www.cqyunketang.example"
KINDS: Mapping[Part, tuple[tuple[str, int], ...]] = {
    Part.LESSON: (("优质课程", 6), ("名师课堂", 2), ("名校课堂", 1), ("公开课", 1)),
    Part.PLAN: (("数字教案", 1),),
    Part.COURSEWARE: (("课件", 2), ("学习任务单", 1)),
    Part.ACTIVITY: (("教研活动", 4), ("学术讲座", 2), ("专家课堂", 1), ("项目化学习", 2), ("课程包", 1)),
    Part.LIVE: (("直播课", 1),),
    Part.REPLAY: (("直播回看", 1),),
    Part.MICRO: (("微课", 1),),
    Part.SINGLE: (("优质课程", 1),),
}
TITLES = {
    "数字教案": "{}教案",
    "课件": "{}课件",
    "学习任务单": "{}学习任务单",
    "教研活动": "{}专题研讨",
    "学术讲座": "{}学术讲座",
    "专家课堂": "{}专家讲座",
    "项目化学习": "{}项目化学习",
    "课程包": "{}课程包",
    "直播课": "【直播】{}",
    "直播回看": "【回看】{}",
    "微课": "{}微课",
}
CHANNELS = (["web"], ["web"], ["web", "有线电视"], ["web", "电信IPTV"], ["web", "有线电视", "电信IPTV"])
FILES = {"数字教案": "docx", "课件": "pptx", "学习任务单": "pdf"}
RELATED: Mapping[Part, tuple[tuple[str, int], ...]] = {
    Part.LESSON: (("课前", 1), ("课中", 2)),
    Part.PLAN: (("配套课程", -1),),
    Part.COURSEWARE: (("配套课程", -2),),
    Part.LIVE: (("回看", 1),),
    Part.REPLAY: (("直播", -1),),
}
DEFECTS: tuple[Native, ...] = (
    {"title": ""},
    {"resType": "神秘资源"},
    {"startTime": 1_709_604_600_000, "endTime": 1_709_600_000_000},
    {"title": None},
    {"pageUrl": "待补充"},
    {"createTime": "2024年13月45日"},
)
UNKNOWNS: tuple[Native, ...] = (
    {"subject": "儿童哲学"},
    {"channels": ["web", "卫星直播"]},
    {"edition": "渝教新版"},
    {"stages": ["研学营地"], "grade": None},
)


class ChongqingRecords:
    """The dialect of 重庆云课堂."""

    def __init__(self, seed: int, size: int) -> None:
        self._seed, self._size = seed, size

    def native_id(self, ordinal: int) -> str:
        """`YKT-0000123`."""
        return f"YKT-{ordinal:07d}"

    def ordinal(self, native_id: str) -> int:
        """The number after `YKT-`."""
        if not native_id.startswith("YKT-"):
            raise ValueError(native_id)
        return int(native_id[4:])

    def work(self, ordinal: int) -> Work:
        """The work behind a record; some are those of 渝中 or of the national platform."""
        if (number := shared_number(ordinal, 1)) is not None:
            return shared_work(self._seed, "yuzhong", number, YUZHONG_SCHOOLS)
        if (number := shared_number(ordinal, 3)) is not None:
            return shared_work(self._seed, "national", number, CHONGQING_SCHOOLS)
        key = (self._seed, "chongqing", head(ordinal))
        fixed = flagship(ordinal)
        if part(ordinal) is Part.MICRO:  # in turn, so that none of the 49 categories is missing
            fixed = Draw(*key, "unit").pick(units_of(subjects()[ordinal // BLOCK % len(subjects())]))
        return compose(key, CHONGQING_SCHOOLS, GENERAL_STAGES, fixed)

    def render(self, ordinal: int, stamp: Stamp) -> Native:
        """One entry of `data.list`."""
        work, draw = self.work(ordinal), Draw(self._seed, "chongqing-record", ordinal)
        kind = draw.weighted(KINDS[part(ordinal)])
        record: Native = {
            "resId": self.native_id(ordinal),
            "title": TITLES.get(kind, "{}").format(work.title),
            "resType": kind,
            "stages": [work.unit.stage],
            "grade": work.unit.grade or None,
            "subject": work.unit.subject,
            "edition": work.edition,
            "volume": work.unit.volume or None,
            "intro": summary(work),
            "keywords": f"{work.unit.topic},{work.unit.subject},{kind}",
            "pageUrl": f"{SITE}/resource/{self.native_id(ordinal)}",
            "cover": f"{SITE}/cover/{ordinal}.jpg",
            "baseSchool": {"name": work.school.name, "region": work.school.region, "district": work.school.district},
            "team": _team(work),
            "channels": draw.pick(CHANNELS),
            "program": "成渝教师研修共同体" if draw.chance(1, 12) else None,
            "review": _review(draw, stamp),
            "honors": [{"name": "优质课", "level": "市级", "year": 2024}] if draw.chance(1, 15) else [],
            "relations": self._related(ordinal),
            "viewCount": draw.below(40_000),
            "status": "OFFLINE" if stamp.deleted else "ONLINE",
            "createTime": stamp.created,
            "updateTime": stamp.updated,
        }
        record |= _media(work, kind, ordinal, draw) | _live(work, kind, stamp, draw)
        if is_unknown(ordinal):
            record |= UNKNOWNS[ordinal % len(UNKNOWNS)]
        return record | defect(ordinal, DEFECTS)

    def _related(self, ordinal: int) -> list[Native]:
        links = RELATED.get(part(ordinal), ())
        return [
            {"type": n, "resId": self.native_id(ordinal + step)} for n, step in links if ordinal + step < self._size
        ]


def _team(work: Work) -> list[Native]:
    roles = ("研发团队负责人", "一线指导教师", "技术支持教师")
    school = work.school.name
    return [
        {"role": "课程主讲人", "name": work.lecturer, "school": school},
        *({"role": role, "name": name, "school": school} for role, name in zip(roles, work.team, strict=True)),
    ]


def _review(draw: Draw, stamp: Stamp) -> Native:
    status = draw.weighted((("已通过", 18), ("评审中", 1), ("未评审", 1)))
    done = status == "已通过"
    return {
        "status": status,
        "expertGroup": draw.pick(("基础教学研究所", "职业与成人教育研究所", "德育所", "健康所")) if done else None,
        "standard": "国家课程标准" if done else None,
        "reviewTime": stamp.created - DAY if done else None,
    }


def _media(work: Work, kind: str, ordinal: int, draw: Draw) -> Native:
    suffix = FILES.get(kind, "mp4")
    video = suffix == "mp4"
    main = part(ordinal) in (Part.LESSON, Part.SINGLE)
    md5 = work.checksum if main else digest(work.checksum, ordinal)
    minutes = draw.between(5, 10) * 60 if kind == "微课" else work.seconds
    return {
        "duration": minutes if video else None,
        "files": [
            {
                "name": f"{work.unit.topic}.{suffix}",
                "url": f"{SITE}/file/{md5}.{suffix}",
                "size": work.size if main else draw.between(20_000, 90_000_000),
                "md5": md5,
                "needLogin": draw.chance(1, 4),
            }
        ],
    }


def _live(work: Work, kind: str, stamp: Stamp, draw: Draw) -> Native:
    if kind not in ("直播课", "直播回看", "教研活动", "学术讲座"):
        return {"liveMode": "点播" if kind == "微课" else "录播", "startTime": None, "endTime": None}
    hour = draw.pick((1, 2, 6, 7)) * 3_600_000
    start = stamp.created // DAY * DAY + draw.between(1, 10) * DAY + hour
    mode = "录播" if kind == "直播回看" else draw.pick(("5G直播", "5G直播", "双师课堂"))
    return {"liveMode": mode, "startTime": start, "endTime": start + work.seconds * 1000}
