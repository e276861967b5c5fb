"""Training records of 四川云教: followers of anchor lessons, 国培 backbone training, remote teaching as 支教."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from connectors.simulators.catalog import DAY, Native
from connectors.simulators.curriculum import draw_unit
from connectors.simulators.draw import Draw, digest
from connectors.simulators.people import CHONGQING_SCHOOLS
from connectors.simulators.sichuan.alliances import Membership, global_id, memberships, reference, school
from connectors.simulators.sichuan.records import JOINT_PROGRAM, iso
from connectors.simulators.sichuan.schools import STAGE_CODES, anchors, receiving
from connectors.simulators.training import EPOCH, FIRST, JOINT_AT, JOINT_EVERY, SPAN, STATES, training_fact

COUNT = 1_200
PERSONS = 500
BACKBONE = "国培计划：云教骨干教师培训"
HOUR = 3_600_000
TERM = 120 * DAY


@dataclass(frozen=True, slots=True)
class Program:
    """What an activity is: its kind, level, form, role and unit, and how it is recognized."""

    title: str
    kind: str
    level: str
    form: str
    role: str
    unit: str
    recognition: str | None


@dataclass(frozen=True, slots=True)
class Activity:
    """What six teachers took part in; times are epoch milliseconds, `quantity` counts units of its program.

    `host` is the number of the alliance that holds it; None for what is held together with 重庆.
    """

    name: str
    starts: int
    ends: int
    program: Program
    quantity: float
    host: int | None = None


PROGRAMS = (
    (Program("{}同步教研", "教研", "联盟级", "线上直播", "跟学教师", "场", "CREDIT_HOURS"), 5),
    (Program("{}同步研修", "研修", "省级", "混合", "跟学教师", "学时", "CREDIT_HOURS"), 5),
    (Program("{}云教骨干教师培训", "培训", "国家级", "混合", "骨干教师", "学时", "CREDIT_HOURS"), 3),
    (Program("{}远程授课支教", "支教", "省级", "线上直播", "主播教师", "课时", "SUPPORT_TEACHING"), 3),
    (Program("{}云教观课", "听课", "校级", "线上点播", "跟学教师", "场", None), 2),
)
JOINT_LEVELS: Mapping[str, str] = {
    "国家": "国家级",
    "市级": "省级",  # 重庆 is a municipality: its 市级 is the level of a province
    "区级": "县级",
    "集团": "联盟级",
    "校本": "校级",
}


def updated(seed: int, number: int) -> int:
    """When the record with this number was last changed, epoch milliseconds."""
    return _activity(seed, number // 6).ends + (14 if _version(seed, number) == 2 else 1 + number % 4) * DAY


def training_record(seed: int, number: int) -> Native:
    """The record with this number below `COUNT`; six teachers share an activity.

    One activity in ten is one of 重庆 with the same name and times; it carries the program of both.
    """
    activity = _activity(seed, number // 6)
    program = activity.program
    own = Draw(seed, "sichuan", "training", number)
    held = own.pick(_taking_part(seed, activity.host, activity.starts))
    return {
        "id": global_id("TrainingRecord", number + 1),
        "teacherId": f"p-{digest(seed, 'sichuan', 'person', own.below(PERSONS))[:12]}",
        "activity": {
            "id": global_id("Activity", number // 6 + 1),
            "name": activity.name,
            "kind": program.kind,
            "level": program.level,
            "program": JOINT_PROGRAM if activity.host is None else BACKBONE if program.role == "骨干教师" else None,
        },
        "form": program.form,
        "role": program.role,
        "school": _school(program, held),
        "alliance": reference(held.alliance),
        "startsAt": iso(activity.starts),
        "endsAt": iso(activity.ends),
        "quantity": activity.quantity,
        "unit": program.unit,
        "recognition": program.recognition,
        "result": "合格" if own.chance(9, 10) else "不合格",
        "status": own.weighted(STATES),
        "version": _version(seed, number),
        "updatedAt": iso(updated(seed, number)),
    }


def _version(seed: int, number: int) -> int:
    return 2 if Draw(seed, "sichuan", "version", number).chance(1, 20) else 1


def _school(program: Program, held: Membership) -> Native:
    """Remote teaching is recognized for teachers of the anchor school, everything else for those who receive."""
    if program.recognition == "SUPPORT_TEACHING":
        return school(anchors()[held.alliance][1], held.alliance, "AnchorSchool")
    return school(receiving()[held.school][1], held.school, "ReceivingSchool")


@functools.lru_cache(maxsize=256)
def _taking_part(seed: int, host: int | None, instant: int) -> list[Membership]:
    """The memberships that hold on the day of an activity, in its alliance where that has any."""
    day = EPOCH + timedelta(milliseconds=instant)
    current = [held for held in memberships(seed) if held.start <= day <= (held.end or date.max)]
    return [held for held in current if held.alliance == host] or current


@functools.lru_cache(maxsize=256)
def _activity(seed: int, activity: int) -> Activity:
    if activity % JOINT_EVERY == JOINT_AT:
        return _joint(seed, activity)
    draw = Draw(seed, "sichuan", "activity", activity)
    program = draw.weighted(PROGRAMS)
    day = FIRST + timedelta(days=activity * 6 * SPAN // COUNT)
    host = draw.below(len(anchors()))
    stage = next(label for label, code in STAGE_CODES.items() if code == anchors()[host][0])
    subject = draw_unit(draw, ((stage, 1),)).subject
    name = f"{program.title.format(subject)}（{day.year}年第{draw.between(1, 40)}期）"
    starts, hours = (day - EPOCH).days * DAY + draw.pick((1, 6)) * HOUR, draw.between(2, 8)
    if program.unit == "课时":  # a term of teaching for distant schools
        return Activity(name, starts - TERM, starts + hours * HOUR, program, float(draw.between(24, 72)), host)
    quantity = 1.0 if program.unit == "场" else hours + draw.pick((0.0, 0.5))
    return Activity(name, starts, starts + hours * HOUR, program, quantity, host)


def _joint(seed: int, activity: int) -> Activity:
    """The activity of 重庆 with this number, with our units and levels."""
    fact = training_fact(seed, "chongqing", activity * 6, COUNT, CHONGQING_SCHOOLS)
    level = JOINT_LEVELS[fact.level]
    recognition = "SUPPORT_TEACHING" if fact.kind == "支教" else "CREDIT_HOURS"
    program = Program(fact.activity, fact.kind, level, fact.form, "学员", fact.unit, recognition)
    return Activity(fact.activity, fact.starts, fact.ends, program, float(fact.quantity))
