"""Rows of the national platform in exactly the recorded shape, with invented content."""

from datetime import UTC, datetime

from connectors.simulators.catalog import Native, Stamp, defect, is_unknown
from connectors.simulators.draw import Draw, digest
from connectors.simulators.national.tags import EDITION, GRADE, SUBJECT, Place, place, strange_tag, tag_list
from connectors.simulators.people import CHONGQING_SCHOOLS, ZIBO_SCHOOLS
from connectors.simulators.simulation import CHINA
from connectors.simulators.works import Part, Work, compose, flagship, head, part, shared_number, shared_work

STAGES = (("小学", 10), ("初中", 7), ("普通高中", 5))
SCHOOLS = CHONGQING_SCHOOLS + ZIBO_SCHOOLS
NOWHERE = "00000000-0000-0000-0000-000000000000"
TYPES = {
    "assets_document": "教材",
    "teachingmaterials": "教材",
    "national_lesson": "国家课",
    "elite_lesson": "精品课",
    "prepare_sub_type": "备课资源",
}
KINDS = {
    Part.LESSON: "national_lesson",
    Part.PLAN: "prepare_sub_type",
    Part.COURSEWARE: "prepare_sub_type",
    Part.SINGLE: "elite_lesson",
}
FORMATS = {"assets_document": "pdf", "national_lesson": "mp4", "elite_lesson": "mp4", "prepare_sub_type": "pptx"}
SUFFIXES = {Part.PLAN: "教学设计", Part.COURSEWARE: "课件"}
DEFECTS: tuple[Native, ...] = (
    {"title": None},
    {"resource_type_code": "mystery_type", "resource_type_code_name": "神秘资源"},
    {"create_time": "2023-02-30T08:00:00.000+0800", "online_time": "2023-02-30T08:00:00.000+0800"},
    {"title": ""},
    {"custom_properties": {"auto_fill_thumb": False, "size": 0, "thumbnails": ["无"]}},
)
UNKNOWNS = ((SUBJECT, "校本综合课"), (EDITION, "山海试验版"), (GRADE, "学生读本"))


def timestamp(instant: int) -> str:
    """Epoch milliseconds as `2024-03-15T14:22:07.930+0800`."""
    seconds, milliseconds = divmod(instant, 1000)
    moment = datetime.fromtimestamp(seconds, UTC).astimezone(CHINA)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds:03d}+0800"


class NationalRecords:
    """The dialect of the national platform; the first `textbooks` rows belong to the module `tch_material`."""

    def __init__(self, seed: int, textbooks: int) -> None:
        self._seed, self.textbooks = seed, textbooks

    def native_id(self, ordinal: int) -> str:
        """A UUID whose last group is the ordinal."""
        text = digest(self._seed, "national-id", ordinal)
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{ordinal:012x}"

    def ordinal(self, native_id: str) -> int:
        """The last group of the UUID."""
        return int(native_id.rpartition("-")[2], 16)

    def kind(self, ordinal: int) -> str:
        """`resource_type_code`."""
        return "assets_document" if ordinal < self.textbooks else KINDS.get(part(ordinal), "teachingmaterials")

    def render(self, ordinal: int, stamp: Stamp) -> Native:
        """One row of a part file."""
        draw, kind, work = Draw(self._seed, "national-record", ordinal), self.kind(ordinal), self._work(ordinal)
        where = place(work.unit, Draw(self._seed, "place", work.checksum))
        native_id = self.native_id(ordinal)
        row: Native = {
            "creator": str(draw.between(10_000_000, 10_009_999)),
            "status": "ONLINE",
            "create_time": timestamp(stamp.created),
            "online_time": timestamp(stamp.created + draw.below(80_000)),
            "update_time": timestamp(stamp.updated),
            "custom_properties": _properties(native_id, draw),
            "resource_custom_properties": _management(draw),
            "title": _title(work, where, kind, ordinal),
            "description": None,
            "id": native_id,
            "resource_type_code": kind,
            "resource_type_code_name": TYPES[kind],
            "language": "zh-CN",
            "tag_list": tag_list(where, draw),
            "chapter_ids": [],
            "teachmeterial_ids": [],
            "chapter_paths": [],
            "container_id": NOWHERE,
            "create_container_id": NOWHERE,
            "ti_items": _files(work, kind, ordinal, draw),
            "version_id": native_id,
            "tenant_id": "0",
        }
        if kind in ("national_lesson", "elite_lesson"):
            people = ((work.school.name, "school"), (work.lecturer, "teacher"))
            row["provider_list"] = [{"name": name, "type": role} for name, role in people]
        if is_unknown(ordinal):
            _strange(row["tag_list"], *UNKNOWNS[ordinal % len(UNKNOWNS)])
        return row | defect(ordinal, DEFECTS)

    def _work(self, ordinal: int) -> Work:
        if ordinal >= self.textbooks and (number := shared_number(ordinal, 3)) is not None:
            return shared_work(self._seed, "national", number, CHONGQING_SCHOOLS)
        key = (self._seed, "national", head(ordinal) if self.kind(ordinal) in FORMATS else ordinal)
        return compose(key, SCHOOLS, STAGES, flagship(ordinal) if ordinal >= self.textbooks else None)


def _title(work: Work, where: Place, kind: str, ordinal: int) -> str:
    if kind in ("assets_document", "teachingmaterials"):
        stage = where.stage.partition("（")[0]
        return f"{stage}{where.subject}{where.edition}{where.grade or ''}{where.volume}"
    return work.title + SUFFIXES.get(part(ordinal), "")


def _properties(native_id: str, draw: Draw) -> Native:
    host = f"https://r{draw.between(1, 3)}-ndr.ykt.cbern.com.cn"
    picture = f"{host}/edu_product/esp/assets/{digest(native_id)}.t/zh-CN/1.jpg"
    return {"auto_fill_thumb": False, "size": 0, "global_resource_id": native_id, "thumbnails": [picture]}


def _management(draw: Draw) -> Native:
    return {
        "version_visible": "RELEASE",
        "resource_source": "CREATE",
        "is_top": 0,
        "admins": [str(draw.between(452_000_000_000, 452_999_999_999))],
        "compound_node": "normal",
    }


def _files(work: Work, kind: str, ordinal: int, draw: Draw) -> list[Native]:
    suffix = FORMATS.get(kind)
    if suffix is None:
        return []
    main = part(ordinal) in (Part.LESSON, Part.SINGLE)
    md5 = work.checksum if main else digest(work.checksum, "national", ordinal)
    path = f"edu_product/esp/assets/{md5}.pkg/{kind}.{suffix}"
    return [
        {
            "ti_format": suffix,
            "ti_size": work.size if main else draw.between(80_000, 60_000_000),
            "ti_md5": md5,
            "ti_file_flag": "source",
            "ti_is_source_file": True,
            "ti_storage": f"cs_path:${{ref-path}}/{path}",
            "ti_storages": [f"https://r{n}-ndr-private.ykt.cbern.com.cn/{path}" for n in (1, 2, 3)],
        }
    ]


def _strange(tags: list[Native], dimension: str, name: str) -> None:
    """Give a row a tag name that no vocabulary knows."""
    tags[:] = [tag for tag in tags if tag["tag_dimension_id"] != dimension]
    tags.append(strange_tag(dimension, name))
