"""Records of 内江市教育云平台 before LOM or Dublin Core tells them: packages of three schools, rights, recognition."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from connectors.simulators.catalog import DAY, Native, Stamp, defect, is_unknown
from connectors.simulators.chongqing.records import ChongqingRecords
from connectors.simulators.curriculum import Unit, pythagoras, units_of
from connectors.simulators.draw import Draw, digest
from connectors.simulators.neijiang.schools import NEIJIANG_SCHOOLS
from connectors.simulators.people import School, fitting
from connectors.simulators.simulation import CHINA
from connectors.simulators.works import BLOCK, GENERAL_STAGES, Part, Work, compose, head, part, summary

SITE = "https://www.njeducloud.example"
PREFIX = "oai:njeducloud.example:NJ-"
STAGE_NAMES = {"学前教育": "学前", "普通高中": "高中", "教师教育": "教师专业发展"}
AGES = {"学前教育": "3-6", "小学": "6-12", "初中": "12-15", "普通高中": "15-18", "中职": "15-18"}
PACKAGE_SETS = {"语文": "chinese", "数学": "mathematics", "科学": "science", "信息技术": "it"}
"""The subjects of packages that three schools make together, with the names of their sets."""
TYPES = {
    "course": "课程",
    "plan": "教案",
    "lab": "实验材料",
    "assess": "评测工具",
    "research": "研究型课程",
    "vocational": "职业技能课程",
    "package": "跨校共研课程包",
}
TITLES = {
    "plan": "{}教案",
    "lab": "{}实验材料",
    "assess": "{}评测工具",
    "research": "{}研究型课程",
    "package": "{}跨校共研课程包",
}
MEDIA = {
    "plan": ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "lab": ("pdf", "application/pdf"),
    "assess": ("zip", "application/zip"),
    "package": ("zip", "application/zip"),
}
TIERS = (("公开", 4), ("注册用户", 2), ("全市", 6), ("区县", 3), ("本校", 2))
LICENSES = (("知识共享 署名—非商业性使用—相同方式共享 4.0", 3), ("仅限教学使用", 4), ("", 5))
SCOPES = ("选修课程", "实验课程", "校本课程", "学分认定")
DIMENSIONS = ("学习成果", "教师成长", "资源使用效率", "家校社区参与度")
DEFECTS: tuple[Native, ...] = (
    {"title": None},
    {"type": "未归类"},
    {"published": "2023-02-30T08:00:00+08:00"},
    {"title": ""},
    {"page": "待补"},
)
UNKNOWNS: tuple[Native, ...] = (
    {"subject": "甜城文化"},
    {"stage": "研学基地", "grade": None},
    {"edition": "内江乡土教材", "volume": None},
)


def iso(instant: int) -> str:
    """Epoch milliseconds as `2024-03-05T09:30:00+08:00`."""
    return datetime.fromtimestamp(instant // 1000, UTC).astimezone(CHINA).isoformat()


class NeijiangRecords:
    """The dialect of the 内江 platform."""

    def __init__(self, seed: int, size: int) -> None:
        self._seed, self._size = seed, size
        self._chongqing = ChongqingRecords(seed, size)

    def native_id(self, ordinal: int) -> str:
        """The OAI identifier, `oai:njeducloud.example:NJ-000123`."""
        return f"{PREFIX}{ordinal:06d}"

    def ordinal(self, native_id: str) -> int:
        """The number after `NJ-`."""
        if not native_id.startswith(PREFIX):
            raise ValueError(native_id)
        return int(native_id.removeprefix(PREFIX))

    def render(self, ordinal: int, stamp: Stamp) -> Native:
        """What both metadata formats are written from."""
        draw, work = Draw(self._seed, "neijiang-record", ordinal), self._work(ordinal)
        kind = _kind(ordinal, work.unit)
        unit = work.unit
        record: Native = {
            "entry": self.native_id(ordinal).removeprefix("oai:njeducloud.example:"),
            "set": f"package:{PACKAGE_SETS[unit.subject]}" if kind == "package" else kind,
            "title": TITLES.get(kind, "{}").format(unit.topic if kind == "package" else work.title),
            "type": TYPES[kind],
            "description": summary(work),
            "keywords": [unit.topic, unit.subject],
            "stage": STAGE_NAMES.get(unit.stage, unit.stage),
            "age": AGES.get(unit.stage),
            "grade": unit.grade or None,
            "subject": unit.subject,
            "edition": work.edition,
            "volume": unit.volume or None,
            "page": f"{SITE}/resource/{ordinal}",
            "published": iso(stamp.created),
            "updated": iso(stamp.updated),
            "revised": stamp.updated - stamp.created > 20 * DAY,
            "people": _people(work),
            "school": work.school.name,
            "region": work.school.region,
            "rights": _rights(work.school, stamp, draw),
            "relations": self._relations(ordinal, kind),
            "recognitions": self._recognitions(ordinal, kind, stamp, draw),
            "evaluations": _evaluations(kind, stamp, draw),
        }
        record |= _media(work, kind, ordinal)
        if is_unknown(ordinal):
            record |= UNKNOWNS[ordinal % len(UNKNOWNS)]
        return record | defect(ordinal, DEFECTS)

    def _work(self, ordinal: int) -> Work:
        """The work behind a record; one single in four is one of 重庆, and 四川 gives half of these too."""
        here, block = part(ordinal), ordinal // BLOCK
        if _is_shared(ordinal):
            return self._chongqing.work(ordinal)
        key = (self._seed, "neijiang", head(ordinal))
        if here in (Part.LESSON, Part.PLAN, Part.COURSEWARE) or _is_package(ordinal):
            work = compose(key, NEIJIANG_SCHOOLS, GENERAL_STAGES, self._joint_unit(block // 3))
            return replace(work, school=self._joint_schools(block // 3)[block % 3])
        return compose(key, NEIJIANG_SCHOOLS, (("中职", 1),) if here is Part.MICRO else GENERAL_STAGES)

    def _joint_unit(self, group: int) -> Unit:
        """What the three schools of three consecutive blocks work on together."""
        if group % 14 == 3:
            return pythagoras()
        subject = tuple(PACKAGE_SETS)[group % len(PACKAGE_SETS)]
        return Draw(self._seed, "neijiang-group", group).pick(units_of(subject))

    def _joint_schools(self, group: int) -> tuple[School, School, School]:
        schools = fitting(NEIJIANG_SCHOOLS, self._joint_unit(group).stage)
        first = group % len(schools)
        return schools[first], schools[(first + 1) % len(schools)], schools[(first + 2) % len(schools)]

    def _relations(self, ordinal: int, kind: str) -> list[Native]:
        """Packages hold the courses of their three schools, a course its plan and material, a research its test."""
        found: list[tuple[str, int]] = []
        here, lesson = part(ordinal), ordinal - part(ordinal)
        if kind == "package":
            found = [("haspart", lesson + step * BLOCK) for step in range(3)]
        elif here is Part.LESSON:
            package = lesson - lesson // BLOCK % 3 * BLOCK + Part.ACTIVITY
            found = [("haspart", ordinal + 1), ("haspart", ordinal + 2), ("ispartof", package)]
        elif here in (Part.PLAN, Part.COURSEWARE):
            found = [("ispartof", lesson)]
        elif here in (Part.LIVE, Part.REPLAY):
            found = [("haspart", ordinal + 1) if here is Part.LIVE else ("ispartof", ordinal - 1)]
        links = [
            {"kind": name, "catalog": "oai", "entry": self.native_id(other)}
            for name, other in found
            if other < self._size
        ]
        if _is_shared(ordinal):
            links.append({"kind": "isbasedon", "catalog": "重庆云课堂", "entry": self._chongqing.native_id(ordinal)})
        return links

    def _recognitions(self, ordinal: int, kind: str, stamp: Stamp, draw: Draw) -> list[Native]:
        """校际互认: the other two schools recognize a package; a fourth of the courses is recognized by one school."""
        day = iso(stamp.created + draw.between(5, 60) * DAY)[:10]
        if kind == "package":
            _, second, third = self._joint_schools(ordinal // BLOCK // 3)
            states = [(second, "认定"), (third, draw.weighted((("认定", 3), ("部分认定", 1), ("待认定", 1))))]
        elif kind == "course" and draw.chance(1, 4):
            states = [(draw.pick(NEIJIANG_SCHOOLS), draw.weighted((("认定", 4), ("不予认定", 1))))]
        else:
            return []
        return [
            {"school": school.name, "region": school.region, "state": state, "scope": draw.pick(SCOPES), "date": day}
            for school, state in states
        ]


def _is_shared(ordinal: int) -> bool:
    return part(ordinal) is Part.SINGLE and ordinal // BLOCK % 4 == 2


def _is_package(ordinal: int) -> bool:
    return part(ordinal) is Part.ACTIVITY and ordinal // BLOCK % 3 == 0


def _kind(ordinal: int, unit: Unit) -> str:
    """The set of a record, without the subject of a package."""
    match part(ordinal):
        case Part.PLAN:
            return "plan"
        case Part.COURSEWARE:
            return "assess" if unit.subject == "语文" else "lab"
        case Part.ACTIVITY:
            return ("package", "course", "lab")[ordinal // BLOCK % 3]
        case Part.LIVE:
            return "research"
        case Part.REPLAY:
            return "assess"
        case Part.MICRO:
            return "vocational"
        case _:
            return "course"


def _people(work: Work) -> list[Native]:
    names = zip(("研发负责人", "指导教师", "技术支持"), work.team, strict=True)
    return [{"role": "主讲", "name": work.lecturer}, *({"role": role, "name": name} for role, name in names)]


def _rights(school: School, stamp: Stamp, draw: Draw) -> Mapping[str, str]:
    """Permission tier, copyright holder, who may copy and adapt, until when, and a license where there is one."""
    tier = draw.weighted(TIERS)
    year = datetime.fromtimestamp(stamp.created // 1000, UTC).year + draw.between(3, 8)
    rights = {"权限": tier, "版权": school.name, "复制": draw.pick(("全市", "区县", "本校"))}
    rights |= {"改编": draw.pick(("区县", "本校")), "有效期": f"{year}年8月31日"}
    license_name = draw.weighted(LICENSES)
    return rights | ({"许可": license_name} if license_name else {})


def _evaluations(kind: str, stamp: Stamp, draw: Draw) -> list[Native]:
    """第三方评估 and 自评 of a package stay apart."""
    if kind != "package":
        return []
    day, dimension = iso(stamp.created + 90 * DAY)[:10], draw.pick(DIMENSIONS)
    return [
        {"evaluator": who, "dimension": dimension, "score": f"{draw.between(30, 50) / 10:.1f}", "date": day}
        for who in ("第三方评估", "自评")
    ]


def _media(work: Work, kind: str, ordinal: int) -> Native:
    suffix, media = MEDIA.get(kind, ("mp4", "video/mp4"))
    main = part(ordinal) in (Part.LESSON, Part.SINGLE)
    md5 = work.checksum if main else digest(work.checksum, "neijiang", ordinal)
    return {
        "format": media,
        "size": work.size if main else work.size // 9,
        "md5": md5,
        "file": f"{SITE}/file/{md5}.{suffix}",
        "duration": f"PT{work.seconds // 60}M" if suffix == "mp4" else None,
        "learning_time": f"PT{work.seconds // 60 + 10}M",
    }
