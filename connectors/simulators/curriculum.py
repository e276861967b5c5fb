"""What is taught: units of the curriculum by stage, grade and subject, as data, and how one is drawn."""

import csv
import functools
import importlib.resources
from collections.abc import Mapping
from dataclasses import dataclass

from connectors.simulators.draw import Draw

PYTHAGORAS = "勾股定理"

EDITIONS: Mapping[str, tuple[str, ...]] = {
    "语文": ("统编版",),
    "历史": ("统编版",),
    "道德与法治": ("统编版",),
    "思想政治": ("统编版",),
    "数学": ("人教版", "人教版", "北师大版", "西南大学版", "华东师大版"),
    "英语": ("人教版", "人教版", "外研社版", "重庆大学版"),
    "科学": ("教科版", "教科版", "青岛版", "苏教版"),
    "物理": ("人教版", "人教版", "沪科版", "教科版"),
    "化学": ("人教版", "人教版", "鲁教版"),
    "生物学": ("人教版", "北师大版"),
    "地理": ("人教版", "中图中华地图版"),
    "音乐": ("人音版", "西南大学版"),
    "美术": ("人美版", "西南大学版"),
}
SUBJECT_WEIGHTS = {"语文": 4, "数学": 6, "英语": 4, "物理": 3, "化学": 3}


@dataclass(frozen=True, slots=True)
class Unit:
    """A topic with its place in the curriculum; the labels are those most Chinese platforms use."""

    stage: str
    grade: str
    subject: str
    volume: str
    topic: str


@functools.cache
def units() -> Mapping[str, tuple[Unit, ...]]:
    """Every unit by stage, common subjects repeated by their weight; a row of the table holds several topics."""
    text = importlib.resources.files("connectors.simulators").joinpath("data/curriculum.csv").read_text("utf-8")
    found: dict[str, list[Unit]] = {}
    for row in csv.DictReader(text.splitlines()):
        for topic in row["topics"].split(";"):
            unit = Unit(row["stage"], row["grade"], row["subject"], row["volume"], topic)
            found.setdefault(unit.stage, []).extend([unit] * SUBJECT_WEIGHTS.get(unit.subject, 1))
    return {stage: tuple(members) for stage, members in found.items()}


@functools.cache
def subjects() -> tuple[str, ...]:
    """The 49 subject categories (school subjects, 中职 categories and topics) in the order of the table."""
    return tuple(dict.fromkeys(unit.subject for members in units().values() for unit in members))


@functools.cache
def units_of(subject: str) -> tuple[Unit, ...]:
    """The units of one subject category at every stage."""
    return tuple(unit for members in units().values() for unit in members if unit.subject == subject)


@functools.cache
def pythagoras() -> Unit:
    """勾股定理 of 八年级, which every catalog holds several times."""
    return next(unit for unit in units()["初中"] if unit.topic == PYTHAGORAS)


def draw_unit(draw: Draw, stages: tuple[tuple[str, int], ...]) -> Unit:
    """A unit of a stage drawn by weight."""
    return draw.pick(units()[draw.weighted(stages)])


def draw_edition(draw: Draw, subject: str) -> str | None:
    """An edition that exists for the subject; None where none is usual (中职, topics, 学前)."""
    known = EDITIONS.get(subject)
    return draw.pick(known) if known else None
