"""Training records of a simulated platform: pseudonymous teachers, five levels including 集团, hours and sessions."""

from dataclasses import dataclass
from datetime import date, timedelta

from connectors.simulators.catalog import DAY
from connectors.simulators.curriculum import subjects
from connectors.simulators.draw import Draw
from connectors.simulators.people import School

FIRST = date(2022, 1, 10)
SPAN = 1_400
EPOCH = date(1970, 1, 1)

JOINT = ("chongqing", "yuzhong")
JOINT_EVERY, JOINT_AT = 10, 3
LEVELS = (("国家", 1), ("市级", 3), ("区级", 5), ("集团", 3), ("校本", 6))
KINDS = (("培训", 6), ("教研", 5), ("研修", 3), ("听课", 3), ("轮岗", 1), ("支教", 1), ("资源研发", 3), ("评审", 1))
FORMS = ("线上直播", "线上点播", "线下", "混合")
ROLES = {"资源研发": ("研发负责人", "主讲", "技术支持"), "评审": ("评委",), "教研": ("学员", "学员", "主讲", "主持")}
STATES = (("认定", 14), ("审核", 2), ("申报", 1), ("驳回", 1), ("撤销", 1))


@dataclass(frozen=True, slots=True)
class TrainingFact:
    """One teacher's part in one activity; `quantity` counts `unit` (学时 or 场), times are epoch milliseconds.

    `version` grows with corrections; a record of version 2 was corrected two weeks after the activity.
    """

    number: int
    teacher: str
    activity_number: int
    activity: str
    kind: str
    level: str
    form: str
    role: str
    school: School
    starts: int
    ends: int
    quantity: str
    unit: str
    passed: bool
    state: str
    version: int
    updated: int


def training_fact(seed: int, code: str, number: int, count: int, schools: tuple[School, ...]) -> TrainingFact:
    """The record with this number, below `count`; six teachers share an activity.

    One activity in ten of 重庆 is reported by 渝中 too: same name, kind, level and times, other pseudonyms.
    """
    activity = number // 6
    joint = code in JOINT and activity % JOINT_EVERY == JOINT_AT
    about = Draw(seed, "joint", activity // JOINT_EVERY) if joint else Draw(seed, code, "activity", activity)
    kind, level, subject = about.weighted(KINDS), about.weighted(LEVELS), about.pick(subjects())
    day = FIRST + timedelta(days=about.below(SPAN) if joint else activity * 6 * SPAN // max(1, count))
    hours = about.between(1, 8)
    starts = (day - EPOCH).days * DAY + about.pick((1, 6)) * 3_600_000
    own = Draw(seed, code, "training", number)
    version = 2 if own.chance(1, 20) else 1
    sessions = kind in ("教研", "听课")
    return TrainingFact(
        number=number,
        teacher=f"T{own.between(2015, 2024)}-{own.between(1, 400)}",
        activity_number=activity,
        activity=f"{subject}{level}{kind}（{day.year}年第{about.between(1, 40)}期）",
        kind=kind,
        level=level,
        form=about.pick(FORMS),
        role=own.pick(ROLES.get(kind, ("学员",))),
        school=own.pick(schools),
        starts=starts,
        ends=starts + hours * 3_600_000,
        quantity="1" if sessions else f"{hours}.{own.pick('05')}",
        unit="场" if sessions else "学时",
        passed=own.chance(9, 10),
        state=own.weighted(STATES),
        version=version,
        updated=starts + (14 if version == 2 else own.between(1, 5)) * DAY,
    )


def training_numbers(
    seed: int, code: str, count: int, schools: tuple[School, ...], since: int | None
) -> list[int] | range:
    """Numbers of the records updated at or after `since` (epoch milliseconds), or of all."""
    if since is None:
        return range(count)
    return [n for n in range(count) if training_fact(seed, code, n, count, schools).updated >= since]
