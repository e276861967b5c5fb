"""What is handed out before, during and after a class, as files and as links to the records that hold them."""

from collections.abc import Callable, Mapping

from connectors.simulators.catalog import Native
from connectors.simulators.draw import digest
from connectors.simulators.sichuan.alliances import global_id
from connectors.simulators.works import BLOCK, Part, Work, part

OFFICE = "application/vnd.openxmlformats-officedocument"
DOCX = ("docx", f"{OFFICE}.wordprocessingml.document")
PPTX = ("pptx", f"{OFFICE}.presentationml.presentation")
PDF, VIDEO = ("pdf", "application/pdf"), ("mp4", "video/mp4")

_HEADS = {Part.PLAN: 1, Part.COURSEWARE: 2, Part.ACTIVITY: 3, Part.REPLAY: 1, Part.MICRO: 2}
KINDS: Mapping[Part, Callable[[int], str]] = {
    Part.LESSON: lambda _: "LESSON",
    Part.PLAN: lambda _: "LESSON_PLAN",
    Part.COURSEWARE: lambda ordinal: "TASK_SHEET" if ordinal // BLOCK % 3 == 2 else "COURSEWARE",
    Part.ACTIVITY: lambda _: "RESEARCH",
    Part.LIVE: lambda _: "LIVE_LESSON",
    Part.REPLAY: lambda _: "REPLAY",
    Part.MICRO: lambda _: "EXERCISE",
    Part.SINGLE: lambda _: "LESSON",
}
"""The kind of a record by its place in a block of eight."""
FILES = {
    "LESSON": ("课堂实录", *VIDEO, "during"),
    "LESSON_PLAN": ("教学设计", *DOCX, "before"),
    "COURSEWARE": ("课件", *PPTX, "before"),
    "TASK_SHEET": ("学习任务单", *PDF, "during"),
    "RESEARCH": ("研讨纪要", *PDF, "after"),
    "LIVE_LESSON": ("导学课件", *PPTX, "before"),
    "REPLAY": ("课堂回放", *VIDEO, "during"),
    "EXERCISE": ("同步练习", *PDF, "after"),
}
"""Name, suffix, media type and phase of the main file of each kind."""
_OTHERS = {Part.LESSON: (1, 2, 3), Part.LIVE: (1, 2)}


def cycle_head(ordinal: int) -> int:
    """The ordinal of the lesson or live lesson whose cycle a record belongs to."""
    return ordinal - _HEADS.get(part(ordinal), 0)


def materials(ordinal: int, size: int, work: Work, site: str) -> Native:
    """The files of a record by phase: its own, and for a lesson those of the other records of its cycle."""
    phases: Native = {"before": [], "during": [], "after": []}
    for number in (ordinal, *_others(ordinal, size)):
        name, suffix, media_type, phase = FILES[KINDS[part(number)](number)]
        main = part(number) in (Part.LESSON, Part.SINGLE)
        md5 = work.checksum if main else digest(work.checksum, "sichuan", number)
        phases[phase].append(
            {
                "id": global_id("Material", number + 1),
                "title": f"{work.unit.topic}{name}",
                "url": f"{site}/file/{md5}.{suffix}",
                "mediaType": media_type,
                "size": work.size if main else work.size // (3 if suffix == "mp4" else 40),
                "md5": md5,
                "lessonId": global_id("Lesson", number + 1) if number != ordinal else None,
            }
        )
    return phases


def links(ordinal: int, size: int) -> list[Native]:
    """What the other records of the cycle are to this one."""
    related = [(_relation(number), number) for number in _others(ordinal, size)]
    if (top := cycle_head(ordinal)) != ordinal:
        related.append(("LIVE" if part(ordinal) is Part.REPLAY else "CYCLE", top))
    return [{"relation": relation, "id": global_id("Lesson", number + 1)} for relation, number in related]


def _others(ordinal: int, size: int) -> list[int]:
    return [ordinal + step for step in _OTHERS.get(part(ordinal), ()) if ordinal + step < size]


def _relation(number: int) -> str:
    if part(number) is Part.REPLAY:
        return "REPLAY"
    phase: str = FILES[KINDS[part(number)](number)][3]
    return phase.upper()
