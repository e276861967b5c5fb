"""Records of 渝中区数字教育云平台 in its own words: ids per app, times with +0800, packages."""

from collections.abc import Mapping
from datetime import UTC, datetime

from connectors.simulators.catalog import DAY, Native, Stamp, defect, is_unknown
from connectors.simulators.draw import Draw, digest
from connectors.simulators.people import WUXI_SCHOOL, YUZHONG_SCHOOLS
from connectors.simulators.simulation import CHINA
from connectors.simulators.works import (
    BLOCK,
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
from connectors.simulators.yuzhong.walking import WALKING, walking

SITE = "https://www.yzcloud.example"
STAGES = (("小学", 9), ("初中", 11), ("普通高中", 5), ("学前教育", 2), ("教师教育", 1))
STAGE_NAMES = {
    "学前教育": "kindergarten",
    "小学": "primary",
    "初中": "junior",
    "普通高中": "senior",
    "教师教育": "teacher",
}
EVERY_STAGE = ["kindergarten", "primary", "junior", "senior"]

APPS = ("jpk", "kcy", "zyk", "jyt")
WALKING_APP = "szk"
YEARS = (2021, 2022, 2023, 2024, 2025)
KINDS: Mapping[Part, tuple[tuple[str, int], ...]] = {
    Part.LESSON: (("lesson", 1),),
    Part.PLAN: (("lesson_plan", 1),),
    Part.COURSEWARE: (("courseware", 1),),
    Part.ACTIVITY: (("experiment_talk", 3), ("reading_lesson", 3), ("research", 3), ("package", 2)),
    Part.LIVE: (("live", 1),),
    Part.REPLAY: (("replay", 1),),
    Part.MICRO: (("micro_lesson", 2), ("family_course", 1)),
    Part.SINGLE: (("lesson", 1),),
}
TITLES = {
    "lesson_plan": "{}教学设计",
    "courseware": "{}课件",
    "experiment_talk": "实验说课：{}",
    "reading_lesson": "阅读精品课：{}",
    "research": "{}同步研课",
    "micro_lesson": "{}微课",
    "live": "{}（直播）",
    "replay": "{}（回看）",
}
FAMILY_THEMES = ("亲子沟通", "习惯养成", "青春期陪伴", "入学准备", "手机使用约定", "情绪管理", "家庭阅读")
FAMILY: Native = {"subject": "家庭教育", "stage": EVERY_STAGE, "grade": None, "edition": None, "volume": None}
LABELS = {
    "experiment_talk": "实验说课",
    "reading_lesson": "阅读精品课",
    "lesson": "精品课",
}
RELATED: Mapping[Part, tuple[tuple[str, int], ...]] = {
    Part.LESSON: (("before_class", 1), ("during_class", 2)),
    Part.PLAN: (("lesson", -1),),
    Part.COURSEWARE: (("lesson", -2),),
    Part.LIVE: (("replay", 1),),
    Part.REPLAY: (("live", -1),),
}
TIMED = ("live", "research")
DEFECTS: tuple[Native, ...] = (
    {"title": None},
    {"type": "unclassified"},
    {"starts_at": "2024-03-05T10:30:00+0800", "ends_at": "2024-03-05T09:30:00+0800"},
    {"title": ""},
    {"published_at": "2023-02-31T08:00:00+0800"},
    {"web_url": "/pending"},
)
UNKNOWNS: tuple[Native, ...] = ({"subject": "城市考古"}, {"stage": "community"}, {"edition": "渝中区本教材"})


def iso(instant: int) -> str:
    """Epoch milliseconds as `2024-03-05T09:30:00+0800`."""
    return datetime.fromtimestamp(instant // 1000, UTC).astimezone(CHINA).strftime("%Y-%m-%dT%H:%M:%S%z")


class YuzhongRecords:
    """The dialect of the 渝中 platform."""

    def __init__(self, seed: int, size: int) -> None:
        self._seed, self._size = seed, size

    def reference(self, ordinal: int) -> Native:
        """`{"app": "jpk", "id": "2023-77"}`: the same id occurs in several apps."""
        if ordinal < WALKING:
            return {"app": WALKING_APP, "id": f"2023-{ordinal + 1}"}
        serial, app = divmod(ordinal - WALKING, len(APPS))
        number, year = divmod(serial, len(YEARS))
        return {"app": APPS[app], "id": f"{YEARS[year]}-{number + 1}"}

    def native_id(self, ordinal: int) -> str:
        """App and id joined by a colon."""
        reference = self.reference(ordinal)
        return f"{reference['app']}:{reference['id']}"

    def ordinal(self, native_id: str) -> int:
        """The way back from `jpk:2023-77`."""
        app, _, rest = native_id.partition(":")
        year, _, number = rest.partition("-")
        if app == WALKING_APP:
            return int(number) - 1
        serial = (int(number) - 1) * len(YEARS) + YEARS.index(int(year))
        return WALKING + serial * len(APPS) + APPS.index(app)

    def render(self, ordinal: int, stamp: Stamp) -> Native:
        """One entry of `items`."""
        draw = Draw(self._seed, "yuzhong-record", ordinal)
        work = self._work(ordinal)
        kind = "lesson" if ordinal < WALKING else draw.weighted(KINDS[part(ordinal)])
        record: Native = {
            "id": self.reference(ordinal),
            "title": TITLES.get(kind, "{}").format(work.title),
            "type": kind,
            "stage": STAGE_NAMES[work.unit.stage],
            "grade": work.unit.grade or None,
            "subject": work.unit.subject,
            "edition": work.edition,
            "volume": work.unit.volume or None,
            "abstract": summary(work),
            "tags": [work.unit.topic, work.unit.subject],
            "web_url": f"{SITE}/r/{self.native_id(ordinal).replace(':', '/')}",
            "lecturer": {"name": work.lecturer, "school": work.school.name, "region_code": work.school.region},
            "labels": _labels(kind, draw, stamp),
            "parts": [],
            "related": self._related(ordinal),
            "play_count": draw.below(9_000),
            "published_at": iso(stamp.created),
            "updated_at": iso(stamp.updated),
            "deleted_at": iso(stamp.updated) if stamp.deleted else None,
        }
        record |= _cooperation(draw) | _media(work, kind, ordinal) | _times(work, kind, stamp, draw)
        record |= self._special(ordinal, kind, draw)
        if is_unknown(ordinal):
            record |= UNKNOWNS[ordinal % len(UNKNOWNS)]
        return record | defect(ordinal, DEFECTS)

    def _work(self, ordinal: int) -> Work:
        """The work behind a record; the singles of every fourth block are also in the catalog of 重庆."""
        if (number := shared_number(ordinal, 1)) is not None and ordinal >= WALKING:
            return shared_work(self._seed, "yuzhong", number, YUZHONG_SCHOOLS)
        return compose((self._seed, "yuzhong", head(ordinal)), YUZHONG_SCHOOLS, STAGES, flagship(ordinal))

    def _special(self, ordinal: int, kind: str, draw: Draw) -> Native:
        """行走的思政课, family education and packages with their parts."""
        if ordinal < WALKING:
            return walking(ordinal)
        theme = draw.pick(FAMILY_THEMES)
        about = FAMILY | {"tags": ["家庭教育", theme], "abstract": f"面向全学段家长的“{theme}”指导。"}
        if kind == "family_course":
            return about | {"title": f"家庭教育指导：{theme}"}
        if kind == "package":
            courses = range(ordinal + Part.MICRO - Part.ACTIVITY, self._size, BLOCK)[:3]
            parts = [self.reference(course) for course in courses]
            return about | {"title": f"家庭教育指导课程资源包：{theme}", "parts": parts}
        return {}

    def _related(self, ordinal: int) -> list[Native]:
        links = RELATED.get(part(ordinal), ()) if ordinal >= WALKING else ()
        return [{"rel": n, "ref": self.reference(ordinal + step)} for n, step in links if ordinal + step < self._size]


def _labels(kind: str, draw: Draw, stamp: Stamp) -> list[Native]:
    name = LABELS.get(kind)
    if name is None or (kind == "lesson" and not draw.chance(1, 3)):
        return []
    level, body = draw.weighted(
        ((("区级", "渝中区教师进修学院"), 6), (("市级", "重庆市教育科学研究院"), 3), (("国家级", "教育部"), 1))
    )
    return [{"name": name, "level": level, "awarded_by": body, "awarded_on": iso(stamp.created)[:10]}]


def _cooperation(draw: Draw) -> Native:
    if draw.chance(1, 18):
        return {"cooperation": "渝中—巫溪", "beneficiary_regions": ["500103", WUXI_SCHOOL.region]}
    if draw.chance(1, 18):
        return {"cooperation": "成渝双城教研联盟", "beneficiary_regions": ["500000", "510000"]}
    return {"cooperation": None, "beneficiary_regions": ["500103"]}


def _media(work: Work, kind: str, ordinal: int) -> Native:
    main = part(ordinal) in (Part.LESSON, Part.SINGLE)
    suffix, media = {
        "lesson_plan": ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        "courseware": ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
        "package": ("zip", "application/zip"),
    }.get(kind, ("mp4", "video/mp4"))
    md5 = work.checksum if main else digest(work.checksum, "yuzhong", ordinal)
    size = work.size if main else work.size // 7
    return {
        "duration": f"PT{work.seconds // 60}M" if suffix == "mp4" else None,
        "assets": [{"href": f"{SITE}/assets/{md5}.{suffix}", "mime_type": media, "bytes": size, "md5": md5}],
    }


def _times(work: Work, kind: str, stamp: Stamp, draw: Draw) -> Native:
    if kind not in TIMED:
        return {"starts_at": None, "ends_at": None}
    start = stamp.created // DAY * DAY + draw.between(1, 14) * DAY + draw.pick((1, 2, 6, 7)) * 3_600_000
    return {"starts_at": iso(start), "ends_at": iso(start + work.seconds * 1000)}
