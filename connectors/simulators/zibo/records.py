"""Records of 淄博 交互式在线教学系统 in its own words: pinyin names, local times, 五·四 stages, tiers."""

from collections.abc import Mapping
from datetime import UTC, datetime

from connectors.simulators.catalog import DAY, Native, Stamp, defect, is_unknown
from connectors.simulators.draw import Draw, digest
from connectors.simulators.people import ZIBO_RURAL_SCHOOLS, ZIBO_SCHOOLS, School, teacher
from connectors.simulators.simulation import CHINA
from connectors.simulators.works import Part, Work, compose, flagship, head, part, summary

SITE = "https://jiaohu.zbedu.example"
FIRST_ID = 100_001

STAGES = (("小学", 9), ("初中", 11), ("普通高中", 5), ("学前教育", 1))
STAGE_LABELS = {"小学": "小学（五四学制）", "初中": "初中（五四学制）", "普通高中": "高中", "学前教育": "学前"}
KINDS: Mapping[Part, tuple[tuple[str, int], ...]] = {
    Part.LESSON: (("同步课堂", 1),),
    Part.PLAN: (("教学设计", 1),),
    Part.COURSEWARE: (("教学课件", 1),),
    Part.ACTIVITY: (("网络教研", 6005), ("会议活动", 297), ("教师培训", 622), ("互动教研", 147)),
    Part.LIVE: (("直播课堂", 1),),
    Part.REPLAY: (("课堂回放", 1),),
    Part.MICRO: (("微课", 1),),
    Part.SINGLE: (("同步课堂", 1),),
}
"""Research and training in the published proportion of sessions."""
CLASSROOMS = (("名师课堂", 8804), ("名校网络课堂", 4930), ("专递课堂", 4704))
TIERS = (("全市公开", 2 * 2850), ("区县内部", 10189), ("学校内部", 10189))
"""2850 resources are public in the city, 10189 inside a district or a school; the text does not split the latter."""
TITLES = {
    "教学设计": "{}教学设计",
    "教学课件": "{}教学课件",
    "网络教研": "{}网络教研活动",
    "会议活动": "{}工作会议",
    "教师培训": "{}教师培训",
    "互动教研": "{}互动教研",
    "课堂回放": "{}（回放）",
    "微课": "{}微课",
}
SESSIONS = ("直播课堂", "网络教研", "会议活动", "教师培训", "互动教研", "同步课堂")
LINKS: Mapping[Part, tuple[tuple[str, int], ...]] = {
    Part.LESSON: (("课前", 1), ("课前", 2)),
    Part.PLAN: (("对应课程", -1),),
    Part.COURSEWARE: (("对应课程", -2),),
    Part.LIVE: (("课后回放", 1),),
    Part.REPLAY: (("对应直播", -1),),
}
SUFFIXES = {"教学设计": "docx", "教学课件": "pptx"}
DEFECTS: tuple[Native, ...] = (
    {"name": ""},
    {"category": "未分类"},
    {"beginTime": "2024-03-05 10:30:00", "endTime": "2024-03-05 09:30:00"},
    {"name": None},
    {"publishTime": "2023-02-30 08:00:00"},
    {"playUrl": "无"},
)
UNKNOWNS: tuple[Native, ...] = ({"xueke": "齐文化"}, {"jiaocai": "淄博地方教材"}, {"tier": "高新区内部"})


def local(instant: int) -> str:
    """Epoch milliseconds as Chinese time without a zone: `2024-03-05 09:30:00`."""
    return datetime.fromtimestamp(instant // 1000, UTC).astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")


class ZiboRecords:
    """The dialect of the 淄博 system."""

    def __init__(self, seed: int, size: int) -> None:
        self._seed, self._size = seed, size

    def native_id(self, ordinal: int) -> str:
        """A whole number in text."""
        return str(FIRST_ID + ordinal)

    def ordinal(self, native_id: str) -> int:
        """The number less that of the first record."""
        return int(native_id) - FIRST_ID

    def render(self, ordinal: int, stamp: Stamp) -> Native:
        """One entry of `data.rows`."""
        key = (self._seed, "zibo", head(ordinal))
        work = compose(key, ZIBO_SCHOOLS, STAGES, flagship(ordinal))
        draw = Draw(self._seed, "zibo-record", ordinal)
        category = draw.weighted(KINDS[part(ordinal)])
        teaching = part(ordinal) in (Part.LESSON, Part.LIVE, Part.REPLAY, Part.SINGLE)
        classroom = Draw(*key, "classroom").weighted(CLASSROOMS) if teaching else None
        record: Native = {
            "id": FIRST_ID + ordinal,
            "name": TITLES.get(category, "{}").format(work.title),
            "category": category,
            "classroomType": classroom,
            "tier": draw.weighted(TIERS),
            "xueduan": _stage(work),
            "nianji": work.unit.grade or None,
            "xueke": work.unit.subject,
            "jiaocai": work.edition,
            "ceci": work.unit.volume or None,
            "remark": summary(work),
            "speaker": _person(work.lecturer, work.school),
            "school": work.school.name,
            "districtCode": work.school.region,
            "viewers": draw.below(1_740),
            "playUrl": f"{SITE}/play/{FIRST_ID + ordinal}",
            "links": self._links(ordinal),
            "publishTime": local(stamp.created),
            "modifyTime": local(stamp.updated),
        }
        record |= _distance(classroom, draw) | _times(work, category, stamp, draw)
        record |= _attachment(work, category, ordinal)
        if is_unknown(ordinal):
            record |= UNKNOWNS[ordinal % len(UNKNOWNS)]
        return record | defect(ordinal, DEFECTS)

    def _links(self, ordinal: int) -> list[Native]:
        steps = LINKS.get(part(ordinal), ())
        return [{"kind": n, "id": FIRST_ID + ordinal + step} for n, step in steps if ordinal + step < self._size]


def _stage(work: Work) -> str:
    if work.unit.grade == "六年级":
        return "初中（五四学制）"
    return STAGE_LABELS[work.unit.stage]


def _person(name: str, school: School) -> Native:
    return {"name": name, "school": school.name, "districtCode": school.region, "rural": school.rural}


def _distance(classroom: str | None, draw: Draw) -> Native:
    """Rural schools that receive, with their assistants: always for 专递课堂, sometimes for the others."""
    if classroom != "专递课堂" and not (classroom and draw.chance(1, 3)):
        return {"assistants": [], "receivers": []}
    receivers = [draw.pick(ZIBO_RURAL_SCHOOLS) for _ in range(draw.between(1, 2))]
    return {
        "assistants": [_person(teacher(draw.below(10_000)), school) for school in receivers],
        "receivers": [{"school": school.name, "districtCode": school.region} for school in receivers],
    }


def _times(work: Work, category: str, stamp: Stamp, draw: Draw) -> Native:
    minutes = draw.between(6, 12) if category == "微课" else work.seconds // 60
    if category not in SESSIONS:
        timed = category in ("课堂回放", "微课")
        return {"beginTime": None, "endTime": None, "duration": f"{minutes}分钟" if timed else None}
    start = stamp.created // DAY * DAY + draw.between(1, 14) * DAY + draw.pick((1, 2, 6, 7)) * 3_600_000 + 1_800_000
    return {"beginTime": local(start), "endTime": local(start + minutes * 60_000), "duration": f"{minutes}分钟"}


def _attachment(work: Work, category: str, ordinal: int) -> Native:
    suffix = SUFFIXES.get(category)
    if suffix is None:
        return {"attachments": []}
    md5 = digest(work.checksum, ordinal)
    name = f"{work.unit.topic}.{suffix}"
    return {"attachments": [{"fileName": name, "fileUrl": f"{SITE}/attach/{md5}.{suffix}", "fileSize": work.size // 9}]}
